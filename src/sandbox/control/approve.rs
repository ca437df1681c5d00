//! A sign-in without the page.

use serde_json::{Value, json};

use super::error::ControlError;
use super::request::Ask;
use crate::sandbox::public::approve::{self, Approval, Flow};

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
        "sso" => {
            return Err(ControlError::plain(
                501,
                "sandbox_not_implemented",
                "The sandbox cannot approve the flow sso yet; discovery_oauth and oauth work.",
            ));
        }
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
