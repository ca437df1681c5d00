//! The state of all factors besides OAuth: the inbox, sent links and codes, authenticator apps, SSO connections. It is
//! a part of [`crate::model::state::State`], under its lock.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::model::{
    Account, Code, Link, OidcToken, Password, Recipient, SsoConnection, SsoRequest, SsoToken, Totp,
    email_update::EmailUpdate, inbox::Inbox,
};

/// The state of all factors besides OAuth.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    pub inbox: Inbox,
    pub links: HashMap<String, Link>,
    /// The latest code of each recipient.
    #[serde(with = "pairs")]
    pub codes: HashMap<Recipient, Code>,
    pub totps: HashMap<String, Totp>,
    /// By member id, or by lowercase address in a project with passwords across organizations.
    pub passwords: HashMap<String, Password>,
    /// Pending changes of address, by member id.
    pub email_updates: HashMap<String, EmailUpdate>,
    /// Number of consecutive wrong codes, by member id.
    pub wrong_codes: HashMap<String, u32>,
    /// End of a lock, by member id.
    pub locks: HashMap<String, OffsetDateTime>,
    /// People who were added on an IdP's page, or whose groups were set by a test.
    pub accounts: Vec<Account>,
    /// The connections that were created or changed through the API.
    pub connections: Vec<SsoConnection>,
    /// Tokens that OIDC identity providers issued to members.
    pub oidc_tokens: Vec<OidcToken>,
    /// Requests to sign in through a connection, by id.
    pub sso_requests: HashMap<String, SsoRequest>,
    /// One-time tokens that were not used yet.
    pub sso_tokens: HashMap<String, SsoToken>,
}

impl Factors {
    /// An empty state whose inbox keeps this number of messages.
    pub fn new(most_messages: usize) -> Self {
        Self {
            inbox: Inbox::new(most_messages),
            links: HashMap::new(),
            codes: HashMap::new(),
            totps: HashMap::new(),
            passwords: HashMap::new(),
            email_updates: HashMap::new(),
            wrong_codes: HashMap::new(),
            locks: HashMap::new(),
            accounts: Vec::new(),
            connections: Vec::new(),
            oidc_tokens: Vec::new(),
            sso_requests: HashMap::new(),
            sso_tokens: HashMap::new(),
        }
    }
}

/// Serializes a map as a list of pairs, because keys of JSON objects must be strings.
mod pairs {
    use std::{collections::HashMap, hash::Hash};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(
        map: &HashMap<impl Serialize, impl Serialize>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'de, D, K, V>(deserializer: D) -> Result<HashMap<K, V>, D::Error>
    where
        D: Deserializer<'de>,
        K: Deserialize<'de> + Eq + Hash,
        V: Deserialize<'de>,
    {
        let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}
