//! `GET`+`POST /email` — Discovery by e-mail: a link or a code to any address. `POST /email/code` takes the code; a link
//! comes back to [`super::discovery`].

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{
    Options,
    code::{CodeForm, Fault, fault},
};
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{Begun, BrowserSession, Emailed, wait_after},
    state::AppState,
    stytch::{SessionOptions, pkce},
    views::{self, EmailPage, Shell},
};

/// Where to, and what.
#[derive(Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email_address: String,
    way: EmailWay,
}

/// A link opens in any browser; a code is for this one.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EmailWay {
    Link,
    Code,
}

/// Asks for the address, and once something is on its way, for the code.
pub async fn page(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let emailed = session.emailed().await?;
    show(&app, shell, emailed, Fault::default())
}

/// Sends. Whether anybody knows the address is not told: a stranger may have typed it.
pub async fn send(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<EmailForm>,
) -> Result<Response, AppError> {
    let (typed, now) = (form.email_address.trim(), app.clock.now());
    let before = session.emailed().await?;
    let before = before.filter(|before| before.email_address == typed);
    let mut emailed = before.unwrap_or_else(|| Emailed::to(typed));
    if wait_after(*form.way.sent_at(&mut emailed), now) > 0 {
        return Ok(Redirect::to("/email").into_response());
    }
    match send_by(&app, form.way, typed, &options).await {
        Ok(()) => {
            form.way.sent(&mut emailed, now);
            session.remember_email(emailed).await?;
            Ok(Redirect::to("/email").into_response())
        }
        Err(Refused::Fault(status, fault)) => {
            let page = show(&app, shell, Some(Emailed::to(typed)), fault)?;
            Ok((status, page).into_response())
        }
        Err(Refused::Error(error)) => Err(error.beginning_with(&Begun::by_email())),
    }
}

/// Takes the code: an address is proved, nobody is signed in, and an organization must be chosen.
pub async fn code(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let emailed = session.emailed().await?;
    let Some(emailed) = emailed.filter(|it| it.code_sent_at.is_some()) else {
        return Err(StartAgain::after(Reason::TookTooLong, &Begun::by_email()));
    };
    // Six digits can be guessed by who may try for ever. Another code is another mail, and those are counted too.
    if app.tries.take(&emailed.code_id, app.clock.now()).is_err() {
        let page = show(&app, shell, Some(emailed), TRIED_OUT)?;
        return Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response());
    }
    let (address, otps) = (&emailed.email_address, app.stytch.otps());
    match otps.discovery_authenticate(address, &form.code()).await {
        Ok(found) => {
            session.choose(found, Begun::by_email()).await?;
            Ok(Redirect::to("/organizations").into_response())
        }
        Err(error) => match fault("code", &error) {
            Some(fault) => {
                let page = show(&app, shell, Some(emailed), fault)?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(AppError::from(error).beginning_with(&Begun::by_email())),
        },
    }
}

const TRIED_OUT: Fault = Fault {
    at: "code",
    words: "Too many tries. Have a new code sent.",
};

/// Why nothing was sent.
enum Refused {
    /// The form comes back with what was typed.
    Fault(StatusCode, Fault),
    Error(AppError),
}

impl EmailWay {
    fn sent(self, emailed: &mut Emailed, now: OffsetDateTime) {
        *self.sent_at(emailed) = Some(now);
        if matches!(self, Self::Code) {
            emailed.code_id = pkce::random();
        }
    }

    fn sent_at(self, emailed: &mut Emailed) -> &mut Option<OffsetDateTime> {
        match self {
            Self::Code => &mut emailed.code_sent_at,
            Self::Link => &mut emailed.link_sent_at,
        }
    }
}

async fn send_by(
    app: &AppState,
    way: EmailWay,
    email: &str,
    options: &SessionOptions,
) -> Result<(), Refused> {
    let fault_at_it = |status, words| {
        let at = "email_address";
        Refused::Fault(status, Fault { at, words })
    };
    if email.is_empty() {
        let words = "Type your e-mail address.";
        return Err(fault_at_it(StatusCode::UNPROCESSABLE_ENTITY, words));
    }
    // Anybody can type anybody's address here, as often as they like.
    let turn = app.mail.take(&email.to_lowercase(), app.clock.now());
    turn.map_err(Refused::Error)?;
    let locale = options.email_locale();
    let sent = match way {
        EmailWay::Code => app.stytch.otps().send_discovery(email, locale).await,
        EmailWay::Link => {
            let (links, back) = (app.stytch.magic_links(), app.url("/discovery"));
            links.send_discovery(email, &back, locale).await
        }
    };
    sent.map_err(|error| match fault("email_address", &error) {
        Some(fault) => Refused::Fault(StatusCode::UNPROCESSABLE_ENTITY, fault),
        None if error.may_have_happened() => fault_at_it(
            AppError::from(error).status(),
            "Stytch does not answer. Look into your mail, or try again in a moment.",
        ),
        None => Refused::Error(error.into()),
    })
}

fn show(
    app: &AppState,
    shell: Shell,
    emailed: Option<Emailed>,
    fault: Fault,
) -> Result<Html<String>, AppError> {
    views::render(&EmailPage::new(shell, emailed, fault, app.clock.now()))
}
