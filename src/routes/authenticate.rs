//! `GET /authenticate`: the browser returns from signing in to one organization, or from a link in an email.
//!
//! - Needs: [`Stytch`], [`OrganizationLookups`], [`BrowserSession`], [`Options`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise HEAD and prefetch spend the token,
//!   and the `Referer` of an error page contains it), `detached` (otherwise a disconnect loses the sign-in after
//!   the token was spent), `replay` (otherwise a second click signs the visitor out), `one_at_a_time` (otherwise
//!   a callback that another tab sends while Stytch handles this one looks unsolicited), and a log without
//!   query strings, as `request_id` writes it (they contain tokens).

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::{callback_query::CallbackQuery, options::Options};
use crate::{
    error::AppError,
    limits::OrganizationLookups,
    session::{Arrival, BrowserSession},
    sign_in::{
        Callback, OrganizationCallback, OrganizationSummary, Origin, PendingSignIn, ProviderTokens,
        TokenType,
    },
    stytch::{
        self, AuthenticateOptions, Login, OrganizationId, PkceVerifier, Provider, SessionOptions,
        Slug, Stytch,
    },
};

/// The same as [`super::discovery::callback`], for a sign-in to one organization.
pub async fn callback(
    State(stytch): State<Stytch>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    Options(options): Options,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    let slug = query.slug();
    if let Some(reason) = query.stopped() {
        let types = [TokenType::Oauth, TokenType::Sso];
        let error = session.stopped(&types, slug.as_ref(), reason);
        return Err(error.await?);
    }
    let callback = query.organization()?;
    match session
        .claim(callback.token_type(), slug.as_ref(), callback.token())
        .await?
    {
        Arrival::Started(pending) => {
            let sign_in = ReturnedSignIn::of(&pending);
            let finished = finish(
                &stytch,
                &organizations,
                &session,
                options,
                &callback,
                sign_in,
            );
            let finished = finished.await;
            session.with_setup_hint(&pending, finished)
        }
        Arrival::Reload => session.to_home().await,
        Arrival::Unsolicited => {
            let callback = Callback::Organization(callback);
            session.hold_for_confirmation(callback, slug).await
        }
    }
}

/// A sign-in to one organization that has returned from Stytch, and what is known about its start.
pub(super) struct ReturnedSignIn {
    pub(super) origin: Origin,
    pub(super) verifier: Option<PkceVerifier>,
    /// The organization that this browser requested; `None` for a sign-in that it did not start.
    pub(super) requested: Option<OrganizationSummary>,
    /// The organization that the visitor has confirmed. It comes from the callback URL, so the token may be for another
    /// organization.
    pub(super) confirmed: Option<Slug>,
}

impl ReturnedSignIn {
    fn of(pending: &PendingSignIn) -> Self {
        Self {
            origin: pending.origin.clone(),
            verifier: Some(pending.verifier.clone()),
            requested: pending.organization.clone(),
            confirmed: None,
        }
    }

    /// The requested or confirmed organization, if the response is about a different one.
    fn wrong_organization(&self, answer: &Answer) -> Option<OrganizationSummary> {
        let is_other = |it: &&OrganizationSummary| it.organization_id != answer.organization_id;
        let slug = &answer.login.organization().organization_slug;
        let confirmed = self
            .confirmed
            .as_ref()
            .filter(|confirmed| *confirmed != slug);
        let confirmed = confirmed.map(|confirmed| OrganizationSummary {
            organization_id: OrganizationId::default(),
            organization_name: confirmed.to_string(),
            organization_slug: confirmed.clone(),
        });
        self.requested
            .as_ref()
            .filter(is_other)
            .cloned()
            .or(confirmed)
    }

    /// Organization of the step-up that this callback may complete: the organization for which the sign-in was started
    /// or, for a link, the organization that the link names. A link does not say whether it was sent for a step-up.
    fn completes(&self, callback: &OrganizationCallback) -> Option<&Slug> {
        let may = self.origin.step_up || matches!(callback, OrganizationCallback::MagicLink(_));
        self.origin.organization.as_ref().filter(|_| may)
    }
}

/// Spends the token and stores the outcome. During a step-up, its intermediate session token is sent along. A sign-in for
/// another organization than the requested or confirmed one is refused.
pub(super) async fn finish(
    stytch: &Stytch,
    organizations: &OrganizationLookups,
    session: &BrowserSession,
    options: SessionOptions,
    callback: &OrganizationCallback,
    sign_in: ReturnedSignIn,
) -> Result<Redirect, AppError> {
    let due = match sign_in.completes(callback) {
        Some(slug) => session.step_up_at(slug).await?,
        None => None,
    };
    let options = AuthenticateOptions {
        pkce_code_verifier: sign_in.verifier.as_ref(),
        intermediate_session_token: due.as_ref().map(|due| &due.partial.ist),
        options,
        ..AuthenticateOptions::default()
    };
    let answer = match authenticate(stytch, callback, &options).await {
        Ok(answer) => answer,
        Err(error) => {
            let is_due = due.is_some();
            return Err(refused(organizations, session, &sign_in, is_due, error).await);
        }
    };
    if let Some(asked) = sign_in.wrong_organization(&answer) {
        tracing::warn!(asked = %asked.organization_id, received = %answer.organization_id, "the sign-in is for a different organization than requested or named in the link; refusing it");
        if let Login::SignedIn(unwanted) = answer.login {
            session.revoke(unwanted.session_token);
        }
        return Err(AppError::WrongOrganization { asked });
    }
    let before = due.map(|due| due.partial.origin).unwrap_or_default();
    let is_oauth = matches!(callback, OrganizationCallback::Oauth(_));
    let origin = Origin {
        is_proven: (before.proves_address() || !is_oauth).then_some(true),
        used_provider: answer.provider,
        provider_tokens: answer.provider_tokens.or(before.provider_tokens),
        since: before.since,
        return_to: sign_in.origin.return_to.or(before.return_to),
        ..sign_in.origin
    };
    session.arrive(answer.login, origin).await
}

/// Converts Stytch's error to the one that the visitor sees. Ends a step-up in progress if Stytch no longer knows it,
/// and leaves the session unchanged otherwise.
async fn refused(
    organizations: &OrganizationLookups,
    session: &BrowserSession,
    sign_in: &ReturnedSignIn,
    is_due: bool,
    error: stytch::Error,
) -> AppError {
    let error = if is_due {
        session.refused(error, &sign_in.origin).await
    } else {
        AppError::from(error).with_origin(&sign_in.origin)
    };
    match (&error, &sign_in.requested, &sign_in.origin.organization) {
        (_, Some(asked), _) => error.at(asked),
        // The visitor must ask an administrator, so the page names the organization of the link.
        (AppError::NotAllowed { .. }, None, Some(slug)) => {
            match organizations.find(slug.as_str()).await {
                Ok(organization) => error.at(&(&organization).into()),
                Err(_) => error,
            }
        }
        _ => error,
    }
}

/// The common part of the three calls' responses.
struct Answer {
    login: Login,
    organization_id: OrganizationId,
    provider: Option<Provider>,
    provider_tokens: Option<ProviderTokens>,
}

/// Calls Stytch's authenticate endpoint for this type of token.
async fn authenticate(
    stytch: &Stytch,
    callback: &OrganizationCallback,
    options: &AuthenticateOptions<'_>,
) -> stytch::Result<Answer> {
    let (mut provider, mut provider_tokens) = (None, None);
    let (login, organization_id) = match callback {
        OrganizationCallback::Oauth(token) => {
            let it = stytch.oauth().authenticate(token, options).await?;
            let values = it.provider_values.as_ref();
            provider = Provider::of_type(&it.provider_type);
            provider_tokens = values.map(|values| ProviderTokens::new(it.provider_type, values));
            (it.login, it.organization_id)
        }
        OrganizationCallback::Sso(token) => {
            let it = stytch.sso().authenticate(token, options).await?;
            (it.login, it.organization_id)
        }
        OrganizationCallback::MagicLink(token) => {
            let it = stytch.magic_links().authenticate(token, options).await?;
            (it.login, it.organization_id)
        }
    };
    Ok(Answer {
        login,
        organization_id,
        provider,
        provider_tokens,
    })
}
