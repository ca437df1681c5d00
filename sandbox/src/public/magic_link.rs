//! `GET /v1/magic_links/redirect`: where the links in emails lead first. See `docs/stytch.md#the-redirect-back`.

use crate::{
    http::{Answer, Incoming, answer, auth::by_public_token},
    model::{ApiError, project::with_parameters},
    public::pages,
    rules::Refused,
    world::sandbox::Sandbox,
};

/// Leads the browser to the app. Nothing is spent here, so a scanner that follows links spends nothing; and a link
/// that was used or has expired leads there too: `magic_links.authenticate` then returns the error to the app. Where it
/// leads was decided when it was sent: of the query only the tokens are read.
pub fn follow(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match target(sandbox, request) {
        Ok(url) => answer::redirect(302, &url),
        Err(error) => pages::refused(request, &Refused::Error(error)),
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
