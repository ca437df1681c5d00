//! `passwords.migrate`: imports a password hash of another system.

use serde_json::{Value, json};

use crate::{
    api::{member_fields as fields, metadata, password_hashes, recipient},
    http::ApiRequest,
    model::{
        ApiError, Member, Organization, Password, PasswordHash, Reply, State, clock::wire, ids,
    },
    rules::{passwords, role_sessions, roles},
};

/// `POST /v1/b2b/passwords/migrate`: takes an address, an organization and a hash, and returns the member, who is
/// created if necessary. The address counts as verified.
pub fn migrate(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let email = recipient::address(request)?;
    let hash = password_hashes::read(request)?;
    let keeps_sessions = request.flag("preserve_existing_sessions")?.unwrap_or(false);
    let known = state.member_by_email(organization.id(), &email).cloned();
    let created = known.is_none();
    let before = match known {
        Some(member) => member,
        None => new_member(state, organization, request)?,
    };
    let mut member = before.clone();
    write_fields(state, organization, request, &mut member)?;
    let password = password_of(state, &member, hash)?;
    member.set("member_password_id", password.id.clone());
    member.set("email_address_verified", true);
    member.set("updated_at", wire(state.now()));

    let id = member.id().to_owned();
    let owner = passwords::owner(state, &member);
    state.factors.passwords.insert(owner, password);
    if !keeps_sessions {
        role_sessions::end(state, &before, &member);
    }
    match state.member_mut(&id) {
        Some(row) => *row = member,
        None => {
            roles::add_member(state, member);
        }
    }
    let mut answer = recipient::member_fields(state, &id);
    answer.insert("member_created".into(), json!(created));
    Ok(answer)
}

/// The password for the member. If the address has one for all organizations, the hash must be the same.
fn password_of(state: &State, member: &Member, hash: PasswordHash) -> Result<Password, ApiError> {
    let exists = || ApiError::of("password_already_exists");
    if passwords::of(state, member).is_some() {
        return Err(exists());
    }
    if state.passwords.cross_org_passwords_enabled
        && let Some(shared) = state
            .factors
            .passwords
            .get(&passwords::owner(state, member))
    {
        return if shared.hash == hash {
            Ok(shared.clone())
        } else {
            Err(exists())
        };
    }
    Ok(Password {
        id: ids::mint("member-password"),
        hash,
        must_reset: false,
        is_everywhere: false,
    })
}

fn new_member(
    state: &State,
    organization: &Organization,
    request: &ApiRequest,
) -> Result<Member, ApiError> {
    let email = fields::email(state, organization, request, "")?;
    let mut member = Member::minted(organization.id(), email, "", state.now());
    member.set("status", "active");
    if let Some(id) = fields::external_id(state, organization, request, "")? {
        member.set("external_id", id);
    }
    Ok(member)
}

/// Writes the fields of the request into the member, new or not.
fn write_fields(
    state: &State,
    organization: &Organization,
    request: &ApiRequest,
    member: &mut Member,
) -> Result<(), ApiError> {
    if let Some(name) = request.text("name")? {
        member.set("name", name);
    }
    for kind in ["trusted_metadata", "untrusted_metadata"] {
        let known: Value = member.value(kind).clone();
        if let Some(metadata) = metadata::merged(request, kind, &known)? {
            member.set(kind, metadata);
        }
    }
    let verified = request.flag("set_phone_number_verified")?.unwrap_or(false);
    if let Some(phone) = fields::phone(state, organization, request, member.id())? {
        let known = member.text("mfa_phone_number");
        if !known.is_empty() && known != phone {
            return Err(ApiError::of("duplicate_member_phone_number_for_member"));
        }
        let was_verified = known == phone && member.is("mfa_phone_number_verified");
        member.set("mfa_phone_number", phone);
        member.set("mfa_phone_number_verified", verified || was_verified);
    }
    if let Some(given) = fields::roles(&state.policy, organization, request)? {
        roles::assign_directly(member, &given);
    }
    Ok(())
}
