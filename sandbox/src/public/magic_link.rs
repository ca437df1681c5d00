//! `GET /v1/magic_links/redirect`: the URL of links in emails, which redirects to the app. See
//! `docs/stytch.md#the-redirect-back`.

use crate::{
    http::{Answer, Incoming, answer, auth::by_public_token},
    model::{ApiError, project::with_parameters},
    public::pages,
    rules::Refused,
    world::sandbox::Sandbox,
};

/// Redirects to the app. It does not use up the link, because scanners follow links in emails. Used and expired links
/// redirect too, and `magic_links.authenticate` returns the error to the app. The target was chosen when the link was
/// sent, so only the tokens are read from the query.
pub fn follow(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match target(sandbox, request) {
        Ok(url) => answer::redirect(302, &url),
        Err(error) => pages::refused(sandbox, request, &Refused::Error(error)),
    }
}

fn target(sandbox: &Sandbox, request: &Incoming) -> Result<String, ApiError> {
    let public_token = request.parameter("public_token").unwrap_or_default();
    let world = by_public_token(sandbox, public_token)?;
    let token = request.parameter("token").unwrap_or_default();
    let state = world.lock();
    let link = state
        .factors
        .links
        .get(token)
        .ok_or_else(|| ApiError::of("magic_link_not_found"))?;
    Ok(with_parameters(&link.redirect_url, &link.parameters(token)))
}
