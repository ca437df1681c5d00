//! Which SSO connections there are, and whom their identity providers know (fact sheet §5.3, §6.6).

use crate::model::{Account, Connection, State, sso::connections_of};

/// The active connection with this id.
pub fn connection(state: &State, id: &str) -> Option<Connection> {
    let mut all = state.organizations.iter().flat_map(connections_of);
    all.find(|connection| connection.id == id && !id.is_empty())
}

/// The people whom the connection's IdP knows: those who were added on its page, and the members who came through
/// it before.
pub fn accounts(state: &State, connection_id: &str) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let members = state.members.iter().filter(|it| it.status() != "deleted");
    for member in members {
        for registration in member.sso_registrations() {
            let text = |key: &str| registration[key].as_str().unwrap_or_default().to_owned();
            accounts.push(Account {
                id: text("registration_id"),
                connection_id: text("connection_id"),
                name: member.text("name").to_owned(),
                email: member.email().to_owned(),
                external_id: text("external_id"),
            });
        }
    }
    for added in &state.factors.accounts {
        if !accounts.iter().any(|it| it.is_same_as(added)) {
            accounts.push(added.clone());
        }
    }
    accounts.retain(|account| account.connection_id == connection_id);
    accounts
}
