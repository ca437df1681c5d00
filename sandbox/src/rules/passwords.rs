//! Checks, sets and removes passwords. Each member has a password, or in a project with passwords across organizations,
//! each address.

use crate::{
    model::{ApiError, Login, Member, Password, Proof, State, ids, lookup, token_fates::Fate},
    rules::{locks, password_strength::is_breached},
};

/// The member's password.
pub fn of<'a>(state: &'a State, member: &Member) -> Option<&'a Password> {
    let password = state.factors.passwords.get(&owner(state, member))?;
    let is_theirs = member.text("member_password_id") == password.id;
    let is_shared = state.passwords.cross_org_passwords_enabled && password.is_everywhere;
    (is_theirs || is_shared).then_some(password)
}

/// The key under which a member's password is stored: the member id or the address.
pub fn owner(state: &State, member: &Member) -> String {
    if state.passwords.cross_org_passwords_enabled {
        member.email().to_lowercase()
    } else {
        member.id().to_owned()
    }
}

/// Checks the member's password and returns its id. A wrong password counts towards a lock. A correct one does not
/// reset the count, because an attacker who knows it could otherwise guess second factors without limit.
pub fn prove(state: &mut State, member_id: &str, text: &str) -> Result<String, ApiError> {
    locks::check(state, member_id)?;
    let member = state.need_member(member_id)?;
    let password = of(state, member).ok_or_else(|| ApiError::of("member_password_not_found"))?;
    if !password.hash.fits(text) {
        let wrong = Err(ApiError::of("unauthorized_credentials"));
        return locks::count(state, member_id, wrong);
    }
    check_reset(state, password, text)?;
    let id = password.id.clone();
    if let Some(member) = state.member_mut(member_id) {
        member.set("member_password_id", id.clone());
    }
    Ok(id)
}

/// Refuses a correct password that must be reset, because a reset was required or the password was breached.
pub fn check_reset(state: &State, password: &Password, text: &str) -> Result<(), ApiError> {
    let settings = &state.passwords;
    let breached = settings.check_breach_on_authentication && is_breached(settings, text);
    if password.must_reset || breached {
        return Err(ApiError::of("member_reset_password"));
    }
    Ok(())
}

/// The id of the member's password, or a new id for a first password.
pub fn next_id(state: &State, member: &Member) -> String {
    of(state, member).map_or_else(|| ids::mint("member-password"), |it| it.id.clone())
}

/// Sets the member's password. Invalidates earlier links to reset it, and intermediate sessions with the old password
/// except `kept`.
pub fn set(state: &mut State, member_id: &str, id: &str, text: &str, kept: Option<&str>) {
    let Some(member) = state.member(member_id) else {
        return;
    };
    let (owner, email) = (owner(state, member), member.email().to_owned());
    let password = Password::new(id.to_owned(), text);
    state.factors.passwords.insert(owner, password);
    let shared = state.passwords.cross_org_passwords_enabled;
    if shared {
        mark_everywhere(state, &email, id);
    } else if let Some(member) = state.member_mut(member_id) {
        member.set("member_password_id", id);
    }
    spend_resets(state, &email, (!shared).then_some(member_id));
    forget_logins(state, id, kept);
}

/// Sets the password of the address for all organizations.
pub fn set_shared(state: &mut State, email: &str, text: &str) -> String {
    let known = state.factors.passwords.get(email);
    let id = known.map_or_else(|| ids::mint("member-password"), |it| it.id.clone());
    let password = Password::new(id.clone(), text);
    state.factors.passwords.insert(email.to_owned(), password);
    mark_everywhere(state, email, &id);
    spend_resets(state, email, None);
    forget_logins(state, &id, None);
    id
}

/// Writes the id of the address's password into every member with the address.
pub fn mark_everywhere(state: &mut State, email: &str, id: &str) {
    for member_id in with_address(state, email) {
        if let Some(member) = state.member_mut(&member_id) {
            member.set("member_password_id", id);
        }
    }
}

/// The ids of the members with this address, in all organizations.
pub fn with_address(state: &State, email: &str) -> Vec<String> {
    let members = state.members.with_key(&lookup::email(email));
    let theirs = members
        .filter(|it| it.status() != "deleted" && it.email().eq_ignore_ascii_case(email))
        .map(|it| it.id().to_owned());
    theirs.collect()
}

/// Removes the password with this id, and the intermediate sessions with it. Sessions stay.
pub fn forget(state: &mut State, id: &str) {
    state.factors.passwords.retain(|_, it| it.id != id);
    let members = state.members.with_key(&lookup::password(id));
    let holders: Vec<String> = members
        .filter(|it| it.text("member_password_id") == id)
        .map(|it| it.id().to_owned())
        .collect();
    for member_id in holders {
        if let Some(member) = state.member_mut(&member_id) {
            member.set("member_password_id", "");
        }
    }
    forget_logins(state, id, None);
}

/// Ends the member's sessions except this one.
pub fn end_sessions(state: &mut State, member_id: &str, except: Option<&str>) {
    state.end_sessions(|it| it.member_id == member_id && Some(it.id.as_str()) != except);
}

/// A login by password. `organization_id` is the organization in which it counts; `None` for discovery.
pub fn login(state: &State, id: &str, email: &str, organization_id: Option<&str>) -> Login {
    Login {
        subject: id.to_owned(),
        proves_email: false,
        only_in: organization_id.map(str::to_owned),
        ..Login::by_email(Proof::Password, email, state.now())
    }
}

/// Invalidates the links with which this password could be reset. `member_id` is `None` for all members with the
/// address.
fn spend_resets(state: &mut State, email: &str, member_id: Option<&str>) {
    let mut spent = Vec::new();
    for (token, link) in &mut state.factors.links {
        let is_theirs = member_id.is_none() || link.member_id.as_deref() == member_id;
        let is_reset = link.kind.is_reset() && !link.used;
        if is_reset && is_theirs && link.email.eq_ignore_ascii_case(email) {
            link.used = true;
            spent.push(token.clone());
        }
    }
    for token in spent {
        state.end_token(&token, Fate::Ended);
    }
}

/// Removes the intermediate sessions with this password except `kept`.
fn forget_logins(state: &mut State, id: &str, kept: Option<&str>) {
    state.end_intermediates(|token, it| {
        let mut logins = it.logins.iter();
        Some(token) != kept
            && logins.any(|login| login.proof == Proof::Password && login.subject == id)
    });
}
