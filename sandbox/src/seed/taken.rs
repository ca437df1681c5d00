//! What the entries of a seed have taken so far, so that each new entry is compared with all others at once.

use std::collections::{HashMap, HashSet};

/// Ids, slugs and addresses that are taken.
#[derive(Default)]
pub struct Taken {
    pub organization_ids: HashSet<String>,
    /// The ids of organizations, and their external ids, which no slug may equal.
    pub references: HashSet<String>,
    /// Each organization's place in the list, by its slug.
    pub slugs: HashMap<String, usize>,
    /// Slugs in lower case: no two organizations have the same.
    pub lower_slugs: HashSet<String>,
    pub person_ids: HashSet<String>,
    /// Each person's place in the list, by the address in lower case.
    pub people: HashMap<String, usize>,
    pub member_ids: HashSet<String>,
    /// The place of an organization, and a member's address in lower case.
    pub members: HashSet<(usize, String)>,
}
