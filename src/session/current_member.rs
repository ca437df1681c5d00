//! Who is signed in, as an argument: a handler that takes [`CurrentMember`] is a private page.

use axum::{extract::FromRequestParts, http::request::Parts};
use time::Duration;

use super::{BrowserSession, Rotate, SignIn, SignedInMember, state::Kept};
use crate::{
    error::{AppError, Reason, StartAgain},
    state::AppState,
    stytch::{Error, SessionOptions, SignedIn},
};

/// How long a member whose JWT has run out is still let in while Stytch does not answer: the vendor's failure never
/// signs anybody out.
const STALE: Duration = Duration::minutes(5);

/// The signed-in member.
///
/// While the session JWT lives it vouches for the session: it came from Stytch by TLS and never left the server. Once
/// it has run out, Stytch is asked, which renews the JWT and extends the session.
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

impl BrowserSession {
    /// The signed-in member, checked; `None` when nobody is signed in.
    ///
    /// # Errors
    /// "Signed out" when Stytch no longer knows the session; "try later" when it has not answered for five minutes.
    pub async fn member(&self) -> Result<Option<SignedInMember>, AppError> {
        let SignIn::Member(member) = self.sign_in_state().await? else {
            return Ok(None);
        };
        if member.jwt_until > self.now() {
            return Ok(Some(*member));
        }
        let options = SessionOptions {
            session_duration_minutes: Some(self.app.session_minutes),
            ..SessionOptions::default()
        };
        let answer = self
            .app
            .stytch
            .sessions()
            .authenticate(&member.session_token, &options)
            .await;
        match answer {
            Ok(renewed) => self.renew(&member, &renewed).await.map(Some),
            Err(Error::Rejected { error_type, .. }) if ends_session(&error_type) => {
                self.end().await?;
                Err(StartAgain::plain(Reason::SessionEnded))
            }
            Err(_) if self.now() < member.jwt_until + STALE => Ok(Some(*member)),
            Err(error) => Err(AppError::from(error)),
        }
    }

    /// The same member in the same session: no new session id.
    async fn renew(
        &self,
        before: &SignedInMember,
        renewed: &SignedIn,
    ) -> Result<SignedInMember, AppError> {
        let member = SignedInMember::new(renewed, self.now());
        if member.organization.organization_id != before.organization.organization_id {
            return Err(AppError::from(Error::OtherOrganization));
        }
        let kept_member = member.clone();
        let change = |kept: &mut Kept| kept.sign_in = SignIn::Member(Box::new(kept_member));
        self.write(Rotate::No, change).await?;
        Ok(member)
    }
}

/// Whether Stytch has said that there is no such session. A wrong secret, for one, says nothing about the visitor.
fn ends_session(error_type: &str) -> bool {
    matches!(error_type, "session_not_found" | "invalid_session_token")
}
