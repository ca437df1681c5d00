//! Who is signed in, as an argument: a handler that takes [`CurrentMember`] is a private page.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{BrowserSession, SignedInMember};
use crate::{
    error::{AppError, Reason, StartAgain},
    state::AppState,
};

/// The signed-in member. Costs no call to Stytch but about every five minutes, see [`super::refresh`].
pub struct CurrentMember(pub SignedInMember);

impl FromRequestParts<AppState> for CurrentMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let session = BrowserSession::from_request_parts(parts, state).await?;
        match session.member().await? {
            Some(member) => Ok(Self(member)),
            None => Err(StartAgain::plain(Reason::SignedOut)),
        }
    }
}
