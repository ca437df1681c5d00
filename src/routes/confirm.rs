//! `GET`+`POST /confirm`: asks the visitor whether to continue a callback that matches no pending sign-in of this
//! browser.
//!
//! Sign-ins are started elsewhere by an identity provider's portal and by links in emails. They are also started by an
//! attacker who wants the visitor to work in the attacker's account. Only the visitor can tell the difference.
//!
//! - Needs: [`Stytch`], [`OrganizationLookups`], [`BrowserSession`], [`Options`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain confirms), `detached`
//!   (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click signs the visitor out),
//!   `one_at_a_time` (otherwise two tabs that submit at once sign the visitor out).

use axum::{
    Form,
    extract::State,
    response::{Html, Redirect},
};
use serde::Deserialize;

use super::{
    authenticate::{self, ReturnedSignIn},
    discovery,
    options::Options,
};
use crate::{
    error::AppError,
    limits::OrganizationLookups,
    session::BrowserSession,
    sign_in::{Callback, DiscoveryCallback, OrganizationCallback, Origin, SentEmail, StartMethod},
    stytch::{Slug, Stytch},
    views::{self, ConfirmPage, Shell},
};

/// The callback that the page asked about.
#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(default)]
    which: String,
}

/// Shows the question. This does not use the token and does not change the session.
pub async fn ask(session: BrowserSession, shell: Shell) -> Result<Html<String>, AppError> {
    let held = session.unsolicited().await?;
    views::render(&ConfirmPage {
        shell,
        sign_in: session.sign_in_state().await?,
        by_link: held.is_link(),
        token_type: held.token_type(),
        is_second: held.is_second,
        slug: held.slug.clone(),
        fingerprint: held.fingerprint(),
        form_id: views::form_id(),
    })
}

/// Continues the callback. After a temporary failure that certainly did not use the token, the visitor can confirm again.
pub async fn confirm(
    State(stytch): State<Stytch>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<ConfirmForm>,
) -> Result<Redirect, AppError> {
    let Some(held) = session.take_unsolicited(&form.which).await? else {
        return session.to_home().await;
    };
    let finished = match &held.callback {
        Callback::Discovery(callback) => {
            let sent = session.sent_email().await?;
            let origin = discovery_origin(callback, sent.as_ref());
            discovery::finish(&stytch, &session, callback, None, origin).await
        }
        Callback::Organization(callback) => {
            let sign_in = confirmed(callback, held.slug.as_ref());
            authenticate::finish(
                &stytch,
                &organizations,
                &session,
                options,
                callback,
                sign_in,
            )
            .await
        }
    };
    if let Err(AppError::TryLater(later)) = &finished
        && !later.may_have_happened
    {
        session.hold_again(&held).await?;
    }
    finished
}

/// The origin of a Discovery callback without a pending sign-in. A link in an email never has a pending sign-in, even if
/// this browser requested the email.
fn discovery_origin(callback: &DiscoveryCallback, sent: Option<&SentEmail>) -> Origin {
    match callback {
        // A link that this browser requested leads back to the private page that the visitor opened first.
        DiscoveryCallback::MagicLink(_) => sent.map_or_else(Origin::email, SentEmail::origin),
        DiscoveryCallback::Oauth(_) => Origin::default(),
    }
}

/// What is known about the start of a sign-in to one organization. The slug is from the callback's URL.
fn confirmed(callback: &OrganizationCallback, slug: Option<&Slug>) -> ReturnedSignIn {
    let is_link = matches!(callback, OrganizationCallback::MagicLink(_));
    let method = is_link.then_some(StartMethod::Email);
    ReturnedSignIn {
        origin: slug.map_or_else(Origin::default, |slug| Origin::organization(slug, method)),
        verifier: None,
        requested: None,
        confirmed: slug.cloned(),
    }
}
