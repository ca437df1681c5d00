//! Roles and groups, for tests in this process.

use serde_json::Value;

use crate::{
    model::{Account, ids},
    rules::{
        policy,
        sso::{accounts, connection, idp, set_groups},
    },
    world::World,
};

impl World {
    /// Replaces the project's RBAC policy: `roles`, `resources` and `scopes` in the format of `GET
    /// /v1/b2b/rbac/policy`.
    ///
    /// # Panics
    /// If the policy is invalid, or lacks a role that a member has.
    pub fn set_rbac_policy(&self, policy: &Value) {
        let read = policy::read(policy);
        let set = read.and_then(|read| policy::set(&mut self.lock(), read));
        if let Err(mistake) = set {
            panic!(
                "rbac_policy: {} must be {}",
                mistake.field, mistake.expected
            );
        }
    }

    /// Adds a person to the IdP of an SSO connection, as the form on its page does. The person stays there even if the
    /// member is deleted.
    ///
    /// # Panics
    /// If the connection is not active.
    pub fn add_to_idp(&self, connection_id: &str, name: &str, email: &str) {
        let mut state = self.lock();
        let idp = connection(&state, connection_id).and_then(|it| idp(&state, &it.id));
        let (idp, _) = idp.unwrap_or_else(|| panic!("{connection_id} is no active connection"));
        let known = accounts(&state, connection_id)
            .into_iter()
            .find(|account| account.email.eq_ignore_ascii_case(email));
        let email = email.to_lowercase();
        let account = known.unwrap_or_else(|| Account {
            id: ids::mint("account"),
            connection_id: idp,
            name: name.to_owned(),
            external_id: email.clone(),
            email,
            groups: Vec::new(),
        });
        let groups = account.groups.clone();
        set_groups(&mut state, &account, groups);
    }

    /// Replaces a person's groups at the IdP of an SSO connection, effective from the next login.
    ///
    /// # Panics
    /// If the IdP does not know the address.
    pub fn set_idp_groups(&self, connection_id: &str, email: &str, groups: &[&str]) {
        let mut state = self.lock();
        let account = accounts(&state, connection_id)
            .into_iter()
            .find(|account| account.email.eq_ignore_ascii_case(email))
            .unwrap_or_else(|| panic!("the IdP of {connection_id} does not know {email}"));
        let groups = groups.iter().map(|&group| group.to_owned()).collect();
        set_groups(&mut state, &account, groups);
    }
}
