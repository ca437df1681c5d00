//! `organizations.members.update`. The action names are from the field documentation of the vendor's Rust SDK.

use serde_json::{Map, Value, json};

use crate::{
    api::{
        member_fields as fields,
        members::{change, need_member},
        metadata,
    },
    http::ApiRequest,
    model::{ApiError, Member, Organization, Reply, State},
    rules::{Rights, addresses::move_to, email_updates, role_sessions, roles},
};

/// The action for each field that members may also change on themselves.
const OWN: &[(&str, &str)] = &[
    ("name", "update.info.name"),
    ("untrusted_metadata", "update.info.untrusted-metadata"),
    ("mfa_phone_number", "update.info.mfa-phone"),
    ("mfa_enrolled", "update.settings.mfa-enrolled"),
    ("default_mfa_method", "update.settings.default-mfa-method"),
];

/// The action for each field that requires the right over all members, even for a member's own field.
const OTHERS: &[(&str, &str)] = &[
    ("is_breakglass", "update.settings.is-breakglass"),
    ("roles", "update.settings.roles"),
    ("preserve_existing_sessions", "update.settings.roles"),
    ("email_address", "update.info.email"),
    ("unlink_email", "update.info.email"),
];

/// `PUT …/members/{member_id}`: takes the fields to change and returns the member. Omitted fields stay. With a member's
/// session, it requires that member's right to change each field.
pub fn update(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    let member = need_member(state, organization, request.part("member_id"))?;
    check_rights(state, request, &rights, member)?;
    let wanted = Wanted::read(state, request, organization, member)?;

    let id = member.id().to_owned();
    let (organization, before) = (organization.clone(), member.clone());
    let keeps_sessions = wanted.keeps_sessions;
    if wanted.email.is_some() {
        email_updates::cancel(state, &id);
    }
    let answer = change(state, &id, |member| {
        if let Some((email, unlink)) = &wanted.email {
            move_to(member, email, *unlink);
        }
        for (key, value) in wanted.fields {
            member.set(&key, value);
        }
        if let Some(given) = &wanted.roles {
            roles::assign_directly(member, given);
        }
        roles::assign(&organization, member);
    })?;
    if !keeps_sessions && let Some(after) = state.member(&id).cloned() {
        role_sessions::end(state, &before, &after);
    }
    Ok(answer)
}

fn check_rights(
    state: &State,
    request: &ApiRequest,
    rights: &Rights,
    member: &Member,
) -> Result<(), ApiError> {
    if request.gives("trusted_metadata") || request.gives("external_id") {
        rights.project_only()?;
    }
    for (field, action) in OWN {
        if request.gives(field) {
            rights.need_on(state, member.id(), action)?;
        }
    }
    for (field, action) in OTHERS {
        if request.gives(field) {
            rights.need(state, "stytch.member", action)?;
        }
    }
    let oneself = matches!(rights, Rights::Member { member_id, .. } if member_id == member.id());
    // A call that changes nothing still returns the member.
    if !oneself && ![OWN, OTHERS].concat().iter().any(|it| request.gives(it.0)) {
        rights.need(state, "stytch.member", "search")?;
    }
    if oneself && request.gives("email_address") {
        return Err(ApiError::of("member_cannot_update_their_email_address"));
    }
    Ok(())
}

/// The checked changes of a request.
struct Wanted {
    fields: Map<String, Value>,
    /// The new address, and whether the old one is unlinked instead of retired.
    email: Option<(String, bool)>,
    roles: Option<Vec<String>>,
    /// Whether to keep sessions by an SSO connection that assigns a removed role.
    keeps_sessions: bool,
}

impl Wanted {
    fn read(
        state: &State,
        request: &ApiRequest,
        organization: &Organization,
        member: &Member,
    ) -> Result<Self, ApiError> {
        let mut wanted = Map::new();
        let mut keep = |name: &str, value: Value| wanted.insert(name.to_owned(), value);
        if let Some(name) = request.raw_text("name")? {
            keep("name", json!(name));
        }
        for kind in ["trusted_metadata", "untrusted_metadata"] {
            if let Some(metadata) = metadata::merged(request, kind, member.value(kind))? {
                keep(kind, metadata);
            }
        }
        for flag in ["is_breakglass", "mfa_enrolled"] {
            if let Some(value) = request.flag(flag)? {
                keep(flag, json!(value));
            }
        }
        let keeps_sessions = request.flag("preserve_existing_sessions")?.unwrap_or(false);
        if let Some(phone) = fields::phone(state, organization, request, member.id())? {
            if member.status() != "active" {
                return Err(ApiError::of("action_available_only_for_active_members"));
            }
            if !member.text("mfa_phone_number").is_empty() {
                return Err(ApiError::of("duplicate_member_phone_number_for_member"));
            }
            keep("mfa_phone_number", json!(phone));
            keep("mfa_phone_number_verified", json!(false));
        }
        if let Some(method) = request.raw_text("default_mfa_method")? {
            if !matches!(method, "sms_otp" | "totp") {
                return Err(ApiError::of("invalid_mfa_default_method"));
            }
            keep("default_mfa_method", json!(method));
        }
        if let Some(id) = fields::external_id(state, organization, request, member.id())? {
            keep("external_id", json!(id));
        }
        let unlink = request.flag("unlink_email")?.unwrap_or(false);
        let email = if request.gives("email_address") {
            let email = fields::email(state, organization, request, member.id())?;
            (!email.eq_ignore_ascii_case(member.email())).then(|| (email.to_lowercase(), unlink))
        } else {
            None
        };
        let roles = fields::roles(&state.policy, organization, request)?
            .map(|roles| roles.into_iter().map(str::to_owned).collect());
        Ok(Self {
            fields: wanted,
            email,
            roles,
            keeps_sessions,
        })
    }
}
