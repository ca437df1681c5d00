//! A sign-in without the page.

use serde_json::json;

use crate::{
    control::{
        error::{ControlError, Reply},
        request::ControlRequest,
    },
    model::Account,
    rules::{
        Approval, Flow, approve,
        sso::{accounts, set_groups},
    },
    world::World,
};

/// `POST …/approve`: what pressing the person's button would have led to, the one-time token and the app's URL with
/// it. Nobody has to have opened a start URL before.
pub fn approve(request: &ControlRequest<'_>) -> Reply {
    const FLOWS: &str = "discovery_oauth, oauth or sso";
    request.only(&[
        "flow",
        "provider",
        "connection_id",
        "email",
        "organization",
        "pkce_code_challenge",
        "groups",
    ])?;
    let world = request.project()?;
    let flow = match request.need_text("flow", FLOWS)? {
        "discovery_oauth" => Flow::DiscoveryOauth,
        "oauth" => Flow::Oauth,
        "sso" => return sso(request, &world),
        _ => return Err(ControlError::field("flow", FLOWS)),
    };
    for field in ["connection_id", "groups"] {
        if request.body.contains_key(field) {
            let expected = "left out: only the flow sso has connections";
            return Err(ControlError::field(field, expected));
        }
    }
    let organization = request.text("organization", "the id or the slug of an organization")?;
    if flow == Flow::DiscoveryOauth && organization.is_some() {
        let expected = "left out: discovery chooses the organization afterwards";
        return Err(ControlError::field("organization", expected));
    }
    let approval = Approval {
        flow,
        provider: request.need_text(
            "provider",
            "one of google, microsoft, github, slack, hubspot",
        )?,
        email: request.need_text("email", "the address of a person of this project")?,
        organization,
        pkce_code_challenge: request
            .text("pkce_code_challenge", "a PKCE challenge of 43 characters")?,
    };
    let approved = approve::approve(&mut world.lock(), approval)
        .map_err(|refusal| ControlError::field(refusal.field, refusal.expected))?;
    let body = json!({ "token": approved.token, "redirect_url": approved.redirect_url });
    Ok((200, body))
}

/// A sign-in through a connection, whose organization needs no name.
fn sso(request: &ControlRequest<'_>, world: &World) -> Reply {
    for field in ["provider", "organization"] {
        if request.body.contains_key(field) {
            let expected = "left out: the connection says it";
            return Err(ControlError::field(field, expected));
        }
    }
    let connection_id = request.need_text("connection_id", "the id of an active SSO connection")?;
    let email = request.need_text("email", "an address that the connection's IdP knows")?;
    let challenge = request.text("pkce_code_challenge", "a PKCE challenge of 43 characters")?;
    let groups = request.texts("groups", "a list of the person's groups at the IdP")?;
    if let Some(groups) = groups {
        let mut state = world.lock();
        let known = accounts(&state, connection_id);
        let theirs = |it: &&Account| it.email.eq_ignore_ascii_case(email);
        if let Some(account) = known.iter().find(theirs) {
            set_groups(&mut state, account, groups);
        }
    }
    let approved = approve::approve_sso(&mut world.lock(), connection_id, email, challenge)
        .map_err(|refusal| ControlError::field(refusal.field, refusal.expected))?;
    let body = json!({ "token": approved.token, "redirect_url": approved.redirect_url });
    Ok((200, body))
}
