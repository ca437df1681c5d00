//! A sign-in without the page.

use serde_json::{Value, json};

use crate::{
    control::{error::ControlError, request::Ask},
    rules::approve::{self, Approval, Flow},
    world::World,
};

/// `POST …/approve`: what pressing the person's button would have led to, the one-time token and the app's URL with
/// it. Nobody has to have opened a start URL before.
pub fn approve(ask: &Ask<'_>) -> Result<(u16, Value), ControlError> {
    const FLOWS: &str = "discovery_oauth, oauth or sso";
    ask.only(&[
        "flow",
        "provider",
        "connection_id",
        "email",
        "organization",
        "pkce_code_challenge",
    ])?;
    let world = ask.project()?;
    let flow = match ask.need_text("flow", FLOWS)? {
        "discovery_oauth" => Flow::DiscoveryOauth,
        "oauth" => Flow::Oauth,
        "sso" => return sso(ask, &world),
        _ => return Err(ControlError::field("flow", FLOWS)),
    };
    if ask.body.contains_key("connection_id") {
        let expected = "left out: only the flow sso has connections";
        return Err(ControlError::field("connection_id", expected));
    }
    let organization = ask.text("organization", "the id or the slug of an organization")?;
    if flow == Flow::DiscoveryOauth && organization.is_some() {
        let expected = "left out: discovery chooses the organization afterwards";
        return Err(ControlError::field("organization", expected));
    }
    let approval = Approval {
        flow,
        provider: ask.need_text(
            "provider",
            "one of google, microsoft, github, slack, hubspot",
        )?,
        email: ask.need_text("email", "the address of a person of this project")?,
        organization,
        pkce_code_challenge: ask
            .text("pkce_code_challenge", "a PKCE challenge of 43 characters")?,
    };
    let approved = approve::approve(&mut world.lock(), approval)
        .map_err(|refusal| ControlError::field(refusal.field, refusal.expected))?;
    let body = json!({ "token": approved.token, "redirect_url": approved.redirect_url });
    Ok((200, body))
}

/// A sign-in through a connection, whose organization needs no name.
fn sso(ask: &Ask<'_>, world: &World) -> Result<(u16, Value), ControlError> {
    for field in ["provider", "organization"] {
        if ask.body.contains_key(field) {
            let expected = "left out: the connection says it";
            return Err(ControlError::field(field, expected));
        }
    }
    let connection_id = ask.need_text("connection_id", "the id of an active SSO connection")?;
    let email = ask.need_text("email", "an address that the connection's IdP knows")?;
    let challenge = ask.text("pkce_code_challenge", "a PKCE challenge of 43 characters")?;
    let approved = approve::approve_sso(&mut world.lock(), connection_id, email, challenge)
        .map_err(|refusal| ControlError::field(refusal.field, refusal.expected))?;
    let body = json!({ "token": approved.token, "redirect_url": approved.redirect_url });
    Ok((200, body))
}
