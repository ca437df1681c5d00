//! The ids, slugs and addresses that a seed has used so far, for a quick check of duplicates.

use std::collections::{HashMap, HashSet};

/// Used ids, slugs and addresses.
#[derive(Default)]
pub struct Taken {
    pub organization_ids: HashSet<String>,
    /// Ids and external ids of organizations, which slugs must not equal.
    pub references: HashSet<String>,
    /// Position of each organization, by slug.
    pub slugs: HashMap<String, usize>,
    /// Lowercase slugs, which must be unique.
    pub lower_slugs: HashSet<String>,
    pub person_ids: HashSet<String>,
    /// Position of each person, by lowercase address.
    pub people: HashMap<String, usize>,
    pub member_ids: HashSet<String>,
    /// Position of the organization and lowercase address of each member.
    pub members: HashSet<(usize, String)>,
}
