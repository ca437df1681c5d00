//! SSO connections, and the accounts at their identity providers. See `docs/stytch.md#sso` and
//! `docs/stytch.md#sso-connections`.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use serde_json::{Value, json};

use crate::{
    model::{
        Account, Connection, Login, Organization, Proof, SsoConnection, SsoKind, State,
        clock::wire, fields::fields, lookup, sso::connections_of,
    },
    rules::sso_roles,
};

/// The active connection with this id. An external one must lead to an active one.
pub fn connection(state: &State, id: &str) -> Option<Connection> {
    let found = active(state, id)?;
    idp(state, id).map(|_| found)
}

/// Whether the login is not by SSO, or its connection is still active.
pub fn is_good(state: &State, login: &Login) -> bool {
    match &login.proof {
        Proof::Sso { connection_id, .. } => connection(state, connection_id).is_some(),
        _ => true,
    }
}

fn active(state: &State, id: &str) -> Option<Connection> {
    let organizations = state.organizations.with_key(&lookup::connection(id));
    let mut all = organizations.flat_map(connections_of);
    all.find(|connection| connection.id == id && !id.is_empty())
}

/// The SAML or OIDC connection behind a connection, and its protocol: the connection itself, or the active one of another
/// organization that an external one leads to.
pub fn idp(state: &State, connection_id: &str) -> Option<(String, SsoKind)> {
    let kind = |id: &str| {
        if id.starts_with("saml-") {
            SsoKind::Saml
        } else {
            SsoKind::Oidc
        }
    };
    let own = stored(state, connection_id).filter(|it| it.kind() == "external");
    let Some(external) = own else {
        return Some((connection_id.to_owned(), kind(connection_id)));
    };
    let leads_to = external.text("external_connection_id");
    active(state, leads_to).map(|it| (it.id, kind(leads_to)))
}

/// The connection's configuration, if it was created or changed through the API.
pub fn stored<'a>(state: &'a State, id: &str) -> Option<&'a SsoConnection> {
    let mut all = state.factors.connections.iter();
    all.find(|connection| connection.id() == id)
}

/// The connection of any kind. `None` if it does not belong to the organization.
pub fn configured(state: &State, organization: &Organization, id: &str) -> Option<SsoConnection> {
    all_of(state, organization)
        .into_iter()
        .find(|connection| connection.id() == id)
}

/// All connections of the organization, including pending ones, in the order of creation.
pub fn all_of(state: &State, organization: &Organization) -> Vec<SsoConnection> {
    let own = |it: &&SsoConnection| it.organization_id() == organization.id();
    let stored: Vec<&SsoConnection> = state.factors.connections.iter().filter(own).collect();
    let mut all: Vec<SsoConnection> = connections_of(organization)
        .iter()
        .filter(|active| stored.iter().all(|it| it.id() != active.id))
        .map(SsoConnection::stand_in)
        .collect();
    all.extend(stored.into_iter().cloned());
    all
}

/// Stores the connection, activates it if it is complete, and updates the members' roles.
pub fn keep(state: &mut State, connection: SsoConnection) {
    let organization_id = connection.organization_id().to_owned();
    if connection.is_complete() {
        list_as_active(state, &connection);
    }
    let all = &mut state.factors.connections;
    match all.iter_mut().find(|it| it.id() == connection.id()) {
        Some(known) => *known = connection,
        None => all.push(connection),
    }
    sso_roles::assign_to_all(state, &organization_id);
}

/// Writes the connection's entry into its organization's `sso_active_connections`.
fn list_as_active(state: &mut State, connection: &SsoConnection) {
    let provider = match connection.kind() {
        "external" => {
            let leads_to = active(state, connection.text("external_connection_id"));
            leads_to.map_or_else(String::new, |it| it.identity_provider)
        }
        _ => connection.text("identity_provider").to_owned(),
    };
    let entry = json!({
        "connection_id": connection.id(),
        "display_name": connection.text("display_name"),
        "identity_provider": provider,
    });
    change_active(state, connection.organization_id(), |entries| {
        let known = entries
            .iter_mut()
            .find(|it| it["connection_id"] == connection.id());
        match known {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    });
}

/// Changes the list of an organization's active connections.
fn change_active(state: &mut State, organization_id: &str, change: impl FnOnce(&mut Vec<Value>)) {
    let now = wire(state.now());
    if let Some(organization) = state.organization_mut(organization_id) {
        let active = organization.value("sso_active_connections").as_array();
        let mut entries = active.cloned().unwrap_or_default();
        change(&mut entries);
        organization.merge(fields(
            json!({ "sso_active_connections": entries, "updated_at": now }),
        ));
    }
}

/// Removes the connection, the members' registrations with it, their roles and sessions by it, and the external
/// connections that lead to it.
pub fn forget(state: &mut State, organization_id: &str, id: &str) {
    change_active(state, organization_id, |entries| {
        entries.retain(|entry| entry["connection_id"] != id);
    });
    if let Some(organization) = state.organization_mut(organization_id) {
        let allowed = organization.list("sso_jit_provisioning_allowed_connections");
        let allowed: Vec<&str> = allowed.into_iter().filter(|it| *it != id).collect();
        let mut changed = fields(json!({ "sso_jit_provisioning_allowed_connections": allowed }));
        if organization.text("sso_default_connection_id") == id {
            changed.insert("sso_default_connection_id".to_owned(), Value::Null);
        }
        organization.merge(changed);
    }
    state.factors.connections.retain(|it| it.id() != id);
    state.end_sessions(|session| session.came_through(id));
    let tokens = &mut state.factors.oidc_tokens;
    tokens.retain(|it| it.connection_id != id);
    state.change_members_of(organization_id, |member| member.forget_sso(id));
    sso_roles::assign_to_all(state, organization_id);
    for (organization_id, external) in leading_to(state, id) {
        forget(state, &organization_id, &external);
    }
}

/// Removes all connections of an organization that is deleted.
pub fn forget_all(state: &mut State, organization: &Organization) {
    for connection in all_of(state, organization) {
        forget(state, organization.id(), connection.id());
    }
}

/// The external connections that lead to this one, each with its organization.
fn leading_to(state: &State, id: &str) -> Vec<(String, String)> {
    state
        .factors
        .connections
        .iter()
        .filter(|it| it.text("external_connection_id") == id)
        .map(|it| (it.organization_id().to_owned(), it.id().to_owned()))
        .collect()
}

/// The accounts at the connection's IdP: people who were added on its page, and members who have signed in through it.
pub fn accounts(state: &State, connection_id: &str) -> Vec<Account> {
    let Some((idp, _)) = idp(state, connection_id) else {
        return Vec::new();
    };
    let mut through = leading_to(state, &idp);
    through.push((String::new(), idp.clone()));
    let through: HashSet<&str> = through.iter().map(|(_, id)| id.as_str()).collect();
    let mut accounts: Vec<Account> = Vec::new();
    // Positions by the IdP's id, because an IdP may have thousands of accounts.
    let mut places: HashMap<String, usize> = HashMap::new();
    let members = state.members.iter().filter(|it| it.status() != "deleted");
    for member in members {
        for registration in member.sso_registrations() {
            let connection = registration["connection_id"].as_str();
            if !connection.is_some_and(|id| through.contains(id)) {
                continue;
            }
            let text = |key: &str| registration[key].as_str().unwrap_or_default().to_owned();
            let groups = registration["sso_attributes"]["groups"].as_array();
            let groups = groups.into_iter().flatten().filter_map(Value::as_str);
            let account = Account {
                id: text("registration_id"),
                connection_id: idp.clone(),
                name: member.text("name").to_owned(),
                email: member.email().to_owned(),
                external_id: text("external_id"),
                groups: groups.map(str::to_owned).collect(),
            };
            let external_id = account.external_id.to_ascii_lowercase();
            if let Entry::Vacant(free) = places.entry(external_id) {
                free.insert(accounts.len());
                accounts.push(account);
            }
        }
    }
    for added in &state.factors.accounts {
        if added.connection_id != idp {
            continue;
        }
        match places.entry(added.external_id.to_ascii_lowercase()) {
            Entry::Occupied(place) => accounts[*place.get()].groups.clone_from(&added.groups),
            Entry::Vacant(free) => {
                free.insert(accounts.len());
                accounts.push(added.clone());
            }
        }
    }
    accounts
}

/// Adds the account to the IdP, unless it exists.
pub fn keep_account(state: &mut State, account: &Account) {
    let is_known = accounts(state, &account.connection_id)
        .iter()
        .any(|it| it.is_same_as(account) && it.name == account.name && it.groups == account.groups);
    if is_known {
        return;
    }
    let all = &mut state.factors.accounts;
    match all.iter_mut().find(|it| it.is_same_as(account)) {
        Some(known) => known.clone_from(account),
        None => all.push(account.clone()),
    }
}

/// Replaces the person's groups at the IdP, effective from the next login.
pub fn set_groups(state: &mut State, account: &Account, groups: Vec<String>) {
    let all = &mut state.factors.accounts;
    match all.iter_mut().find(|it| it.is_same_as(account)) {
        Some(known) => known.groups = groups,
        None => all.push(Account {
            groups,
            ..account.clone()
        }),
    }
}
