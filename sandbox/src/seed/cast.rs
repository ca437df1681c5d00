//! The contents of a seed.

use std::sync::Arc;

use crate::model::{Locks, Member, Organization, PasswordSettings, Person, Policy, RedirectUrls};

/// A seed's contents, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) members: Vec<Member>,
    pub(crate) people: Vec<Person>,
    pub(crate) redirect_urls: Option<RedirectUrls>,
    pub(crate) locks: Option<Locks>,
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) passwords: Option<PasswordSettings>,
    pub(crate) sms_prefixes: Option<Vec<String>>,
    pub(crate) rate_limits: Option<bool>,
}
