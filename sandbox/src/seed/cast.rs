//! The contents of a seed.

use std::{collections::BTreeMap, sync::Arc};

use time::OffsetDateTime;

use crate::model::{
    Account, Locks, Member, Organization, Password, PasswordSettings, Person, Policy, RedirectUrls,
    SsoConnection, Totp,
};

/// The checked contents of a seed.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) members: Vec<Member>,
    pub(crate) people: Vec<Person>,
    pub(crate) redirect_urls: Option<RedirectUrls>,
    pub(crate) locks: Option<Locks>,
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) password_settings: Option<PasswordSettings>,
    pub(crate) sms_prefixes: Option<Vec<String>>,
    pub(crate) rate_limits: Option<bool>,
    pub(crate) connections: Vec<SsoConnection>,
    /// People of identity providers.
    pub(crate) accounts: Vec<Account>,
    /// Authenticator apps by member id. For members without an entry, the app's secret is derived from the registration
    /// id.
    pub(crate) totps: BTreeMap<String, Totp>,
    /// Passwords by member id, or by address.
    pub(crate) passwords: BTreeMap<String, Password>,
    /// End of a lock, by member id.
    pub(crate) locks_end: BTreeMap<String, OffsetDateTime>,
}

/// Shows only the number of entries, because the contents include passwords and second factors.
impl std::fmt::Debug for Cast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cast")
            .field("organizations", &self.organizations.len())
            .field("members", &self.members.len())
            .field("people", &self.people.len())
            .finish_non_exhaustive()
    }
}
