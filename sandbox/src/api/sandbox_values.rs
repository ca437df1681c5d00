//! The values for which the vendor's test environment always returns the same response, from its page "Sandbox values"
//! for B2B: an address, an organization, and tokens of magic links. They change nothing in the world, and no email is
//! sent.
//!
//! The response to the successful token has a member of that organization and a session, neither of which exists in any
//! world. The session's JWT has no roles and a valid signature, because the tests of the vendor's .NET SDK check it.

use serde_json::{Map, Value, json};

use crate::{
    api::primary::Before,
    http::ApiRequest,
    model::{
        ApiError, Login, Member, Organization, Proof, Reply, Session, State,
        clock::{TEN_MINUTES, wire},
        fields::fields,
        ids,
        session::Factor,
    },
    rules::entry::DEFAULT_MINUTES,
};

const EMAIL: &str = "sandbox@stytch.com";
const ORGANIZATION: &str = "organization-test-007d9d4a-deac-4a87-ba0a-e6e8afba4d4b";
/// An id of the sandbox's own, because the vendor's page names none.
const MEMBER: &str = "member-test-5a4db0c5-0000-4000-8000-000000000003";
const EMAIL_ID: &str = "email-test-5a4db0c5-0000-4000-8000-000000000004";
/// A token that always succeeds.
const SUCCEEDS: &str = "DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=";
/// A token that always counts as used up.
const USED_UP: &str = "3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=";
// The third token on the page, `CprTtwhn…`, is always unknown, so it needs no code here.

/// Whether the email of the request goes to the sample address in the sample organization.
pub fn is_to_sample(request: &ApiRequest) -> Result<bool, ApiError> {
    Ok(is_sample_address(request)? && request.text("organization_id")? == Some(ORGANIZATION))
}

/// Whether the email of the request goes to the sample address.
pub fn is_sample_address(request: &ApiRequest) -> Result<bool, ApiError> {
    Ok(request.text("email_address")? == Some(EMAIL))
}

/// `member_id`, `member` and `organization` for an email that is not sent.
pub fn sent(state: &State) -> Map<String, Value> {
    let (organization, member) = sample(state);
    fields(
        json!({ "member_id": MEMBER, "member": member.object(), "organization": organization.object() }),
    )
}

/// What `magic_links.authenticate` returns for this token; `None` for a token that is not a sandbox value.
pub fn authenticated(state: &mut State, token: &str, before: &Before) -> Option<Reply> {
    match token {
        SUCCEEDS => Some(Ok(sample_session(state, before))),
        USED_UP => Some(Err(ApiError::of("unable_to_auth_magic_link"))),
        _ => None,
    }
}

/// The same for `magic_links.discovery.authenticate`: an intermediate session that no other call accepts.
pub fn discovered(state: &mut State, token: &str) -> Option<Reply> {
    match token {
        SUCCEEDS => Some(Ok(fields(json!({
            "intermediate_session_token": ids::token(),
            "intermediate_session_token_expires_at": wire(state.now() + TEN_MINUTES),
            "email_address": EMAIL,
            "discovered_organizations": [],
        })))),
        USED_UP => Some(Err(ApiError::of("unable_to_auth_magic_link"))),
        _ => None,
    }
}

fn sample_session(state: &mut State, before: &Before) -> Map<String, Value> {
    let (organization, member) = sample(state);
    let now = state.now();
    let factor = Factor {
        login: Login::by_email(Proof::MagicLink, EMAIL, now),
        registration_id: member.email_id.clone(),
        created_at: now,
    };
    let minutes = before.requested.minutes.unwrap_or(DEFAULT_MINUTES);
    let mut session = Session::new(&member, vec![factor], now, minutes);
    session.custom_claims.clone_from(&before.requested.claims);
    let jwt = session.jwt(
        &state.credentials.project_id,
        state.clock,
        &state.keys,
        &organization,
        &member,
    );
    state.minted.push(session.token.clone());
    state.minted.push(jwt.clone());
    let mut answer = sent(state);
    answer.extend(fields(json!({
        "organization_id": ORGANIZATION,
        "method_id": member.email_id,
        "reset_sessions": false,
        "member_authenticated": true,
        "intermediate_session_token": "",
        "intermediate_session_token_expires_at": null,
        "primary_required": null,
        "mfa_required": null,
        "member_device": null,
        "session_token": session.token,
        "session_jwt": jwt,
        "member_session": session.object(&organization, &member),
    })));
    answer
}

fn sample(state: &State) -> (Organization, Member) {
    let now = state.now();
    let organization = Organization::new(ORGANIZATION, "Sandbox values", "sandbox-values", now);
    let mut member = Member::new(MEMBER, ORGANIZATION, EMAIL, "", now);
    EMAIL_ID.clone_into(&mut member.email_id);
    member.set("status", "active");
    member.set("email_address_verified", true);
    member.set("roles", json!([]));
    (organization, member)
}
