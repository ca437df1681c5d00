//! The signed-in member, as an argument of handlers. A handler with [`CurrentMember`] as an argument is a private page.
//!
//! The JWT was verified when it arrived. Until it expires, a page needs neither a signature check nor a call. After
//! that, the app asks Stytch, which returns a new JWT and extends the session.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use super::{browser_session::BrowserSession, context::Context};
use crate::{
    error::{AppError, Reason},
    sign_in::{SignIn, SignedInMember},
    stytch::Slug,
};

/// The signed-in member. If the visitor is not signed in, the response is 401.
pub struct CurrentMember(pub Arc<SignedInMember>);

impl<S: Sync> FromRequestParts<S> for CurrentMember
where
    Context: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let session = BrowserSession::from_request_parts(parts, state).await?;
        match session.member().await? {
            Some(member) => Ok(Self(member)),
            None => Err(AppError::start_again(Reason::SignedOut)),
        }
    }
}

impl BrowserSession {
    /// The signed-in member; `None` if the visitor is not signed in.
    ///
    /// # Errors
    /// "Signed out" if Stytch has ended the session; "locked" if Stytch has locked the member; "try later" if Stytch
    /// does not respond and the JWT expired at least five minutes ago.
    pub async fn member(&self) -> Result<Option<Arc<SignedInMember>>, AppError> {
        let SignIn::Member(member) = self.sign_in_state().await? else {
            return Ok(None);
        };
        if member.is_vouched(self.now()) {
            return Ok(Some(member));
        }
        let session = self.clone();
        let renewal = self.to_completion(async move {
            let renewals = &session.context().renewals;
            let ask = || session.renew_once();
            renewals.once(&member.session_token, ask).await
        });
        renewal.await.map(Some)
    }

    /// The member of this organization, after asking Stytch. Use it for pages that show secrets, and for forms that
    /// change settings. If Stytch does not respond, this returns an error.
    ///
    /// # Errors
    /// "Other tab" if the session belongs to another organization; "signed out" for the same reason as in
    /// [`Self::member`]; "try later" if Stytch does not respond.
    pub async fn member_now(&self, slug: &str) -> Result<Arc<SignedInMember>, AppError> {
        let SignIn::Member(member) = self.sign_in_state().await? else {
            return Err(AppError::start_again(Reason::SignedOut));
        };
        check_organization(&member, slug)?;
        let (session, stale_until) = (self.clone(), self.now());
        self.to_completion(async move { session.authenticate(member, stale_until).await })
            .await
    }

    /// Starts the work at once, in a separate task, because Stytch's response must be stored even if the browser disconnects meanwhile.
    fn to_completion(
        &self,
        renewal: impl Future<Output = Result<Arc<SignedInMember>, AppError>> + Send + 'static,
    ) -> impl Future<Output = Result<Arc<SignedInMember>, AppError>> {
        let task = self.context().spawn(renewal);
        async { task.await.map_err(AppError::ours)? }
    }
}

/// Checks that a page or form belongs to the organization of the session.
///
/// # Errors
/// "Other tab" if it belongs to another organization.
pub fn check_organization(member: &SignedInMember, slug: &str) -> Result<(), AppError> {
    if member.organization.organization_slug == *slug {
        return Ok(());
    }
    Err(AppError::OtherTab {
        here: member.organization.clone(),
        there: Slug::new(slug),
    })
}
