//! What a world keeps for the factors besides OAuth: the inbox, links and codes on their way, authenticator apps,
//! SSO connections. One value in [`crate::model::state::State`], under its lock.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::model::{
    Account, Code, Link, OidcToken, Password, Recipient, SsoConnection, SsoRequest, SsoToken, Totp,
    email_update::EmailUpdate, inbox::Inbox,
};

/// All of it.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    pub inbox: Inbox,
    pub links: HashMap<String, Link>,
    /// The latest code of everybody who got one.
    #[serde(with = "pairs")]
    pub codes: HashMap<Recipient, Code>,
    pub totps: HashMap<String, Totp>,
    /// By member id, or by address in lower case in a project with passwords across organizations.
    pub passwords: HashMap<String, Password>,
    /// Changes of address on their way, by member id.
    pub email_updates: HashMap<String, EmailUpdate>,
    /// How many wrong codes in a row, by member id.
    pub wrong_codes: HashMap<String, u32>,
    /// When a lock ends, by member id.
    pub locks: HashMap<String, OffsetDateTime>,
    /// People who were added on an IdP's page, or whose groups a test set.
    pub accounts: Vec<Account>,
    /// The connections that the API made or changed.
    pub connections: Vec<SsoConnection>,
    /// What OIDC identity providers gave out at the logins of members.
    pub oidc_tokens: Vec<OidcToken>,
    /// Requests to sign in through a connection, by id.
    pub sso_requests: HashMap<String, SsoRequest>,
    /// Tokens on their way to the app.
    pub sso_tokens: HashMap<String, SsoToken>,
}

impl Factors {
    /// None yet, with room for so many messages.
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

/// A map whose keys are no texts, as a list of pairs: JSON has no such map.
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
