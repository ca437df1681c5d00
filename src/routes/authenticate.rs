//! `GET /authenticate` — the browser is back from signing in to one organization, or comes from a link in an e-mail.

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::{CallbackQuery, Came, Options, org};
use crate::{
    error::{AppError, StartAgain},
    session::{
        Begun, Brought, BrowserSession, Callback, OrganizationSummary, Pending, TokenType, Way,
    },
    state::AppState,
    stytch::{
        self, Along, Login, SessionOptions, Stytch, objects::OrganizationId, secret::CallbackToken,
    },
};

const KINDS: [TokenType; 3] = [
    TokenType::Oauth,
    TokenType::Sso,
    TokenType::MultiTenantMagicLinks,
];

/// As [`super::discovery::callback`], for the organization flow: by a provider, by the organization's own SSO or by a
/// link in an e-mail.
pub async fn callback(
    State(app): State<AppState>,
    session: BrowserSession,
    Options(options): Options,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    let (kind, token, slug) = match query.read(&KINDS)? {
        Came::Token(kind, token, slug) => (kind, token, slug),
        Came::Stopped(reason) => {
            let begun = session.cancel(&KINDS).await?.unwrap_or_default();
            return Err(StartAgain::after(reason, &begun));
        }
    };
    match session.take(kind, &token).await? {
        Callback::Begun(it) => {
            finish(&app, &session, options, Arrived::begun(kind, token, *it)).await
        }
        Callback::Again => Ok(Redirect::to(&session.sign_in_state().await?.home())),
        Callback::Unasked => {
            session.park(kind, token, slug).await?;
            Ok(Redirect::to("/confirm"))
        }
    }
}

/// A sign-in to one organization that came back.
pub(super) struct Arrived {
    kind: TokenType,
    token: CallbackToken,
    begun: Begun,
    /// `None` for one that this browser did not begin, which the visitor has confirmed.
    pending: Option<Pending>,
}

impl Arrived {
    fn begun(kind: TokenType, token: CallbackToken, pending: Pending) -> Self {
        Self {
            kind,
            token,
            begun: pending.begun.clone(),
            pending: Some(pending),
        }
    }

    /// From elsewhere; the slug stood in its URL.
    pub(super) fn unasked(kind: TokenType, token: CallbackToken, slug: Option<&str>) -> Self {
        let way = (kind == TokenType::MultiTenantMagicLinks).then_some(Way::Email);
        let begun = slug.map(|slug| Begun::at(slug, way));
        Self {
            kind,
            token,
            begun: begun.unwrap_or_default(),
            pending: None,
        }
    }

    /// The organization whose half-done sign-in this completes, by its slug: where it was begun for that, or by a
    /// link, which can't say what it was sent for.
    fn completes(&self) -> Option<&str> {
        let may = self.begun.step_up || self.kind == TokenType::MultiTenantMagicLinks;
        self.begun.organization.as_deref().filter(|_| may)
    }

    /// The organization that this browser asked for.
    fn asked(&self) -> Option<&OrganizationSummary> {
        self.pending.as_ref()?.organization.as_ref()
    }

    /// A half-done sign-in ends if Stytch knows it no longer; whoever else the visitor is, they stay.
    async fn refused(
        &self,
        app: &AppState,
        session: &BrowserSession,
        error: stytch::Error,
        half_done: bool,
    ) -> AppError {
        let error = if half_done {
            session.refused(error, &self.begun).await
        } else {
            AppError::from(error).beginning_with(&self.begun)
        };
        match (&error, self.asked(), &self.begun.organization) {
            (_, Some(asked), _) => error.at(asked),
            // From elsewhere, and somebody must be asked: by the name of the organization that the link was for.
            (AppError::NotAllowed { .. }, None, Some(slug)) => match org::find(app, slug).await {
                Ok(organization) => error.at(&(&organization).into()),
                Err(_) => error,
            },
            _ => error,
        }
    }
}

/// Spends the token, together with the intermediate session that it completes, if there is one.
pub(super) async fn finish(
    app: &AppState,
    session: &BrowserSession,
    options: SessionOptions,
    came: Arrived,
) -> Result<Redirect, AppError> {
    let due = match came.completes() {
        Some(slug) => session.step_up_at(slug).await?,
        None => None,
    };
    let along = Along {
        pkce_code_verifier: came.pending.as_ref().map(|pending| &pending.verifier),
        intermediate_session_token: due.as_ref().map(|due| &due.unfinished.ist),
        options,
        ..Along::default()
    };
    let answer = match spend(&app.stytch, came.kind, &came.token, &along).await {
        Ok(answer) => answer,
        Err(error) => return Err(came.refused(app, session, error, due.is_some()).await),
    };
    if let Some(asked) = came.asked()
        && asked.organization_id != answer.organization_id
    {
        tracing::warn!(asked = %asked.organization_id, came = %answer.organization_id, "another organization");
        if let Login::SignedIn(unwanted) = answer.login {
            session.revoke(unwanted.session_token);
        }
        return Err(AppError::WrongOrganization {
            asked: asked.clone(),
        });
    }
    let begun = Begun {
        brought: answer.brought.clone(),
        since: due.and_then(|due| due.unfinished.begun.since),
        ..came.begun
    };
    match answer.login {
        Login::SignedIn(member) => {
            let home = session.sign_in_with(&member, answer.brought).await?;
            Ok(Redirect::to(&home))
        }
        Login::StepUp(due) => {
            session.step_up(*due, begun).await?;
            Ok(Redirect::to("/step_up"))
        }
        Login::Mfa(due) => {
            session.mfa(*due, begun).await?;
            Ok(Redirect::to("/mfa"))
        }
    }
}

/// What the three answers have in common.
struct Answer {
    login: Login,
    organization_id: OrganizationId,
    brought: Option<Brought>,
}

/// Each kind of token has a call of its own.
async fn spend(
    stytch: &Stytch,
    kind: TokenType,
    token: &CallbackToken,
    along: &Along<'_>,
) -> stytch::Result<Answer> {
    let (login, organization_id, brought) = match kind {
        TokenType::Sso => {
            let answer = stytch.sso().authenticate(token, along).await?;
            (answer.login, answer.organization_id, None)
        }
        TokenType::MultiTenantMagicLinks => {
            let answer = stytch.magic_links().authenticate(token, along).await?;
            (answer.login, answer.organization_id, None)
        }
        // The last two come to another route.
        TokenType::Oauth | TokenType::DiscoveryOauth | TokenType::Discovery => {
            let answer = stytch.oauth().authenticate(token, along).await?;
            let values = answer.provider_values.as_ref();
            let brought = values.map(|values| Brought::new(answer.provider_type.clone(), values));
            (answer.login, answer.organization_id, brought)
        }
    };
    Ok(Answer {
        login,
        organization_id,
        brought,
    })
}
