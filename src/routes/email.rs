//! `GET`+`POST /email` — Discovery by e-mail: a link or a code to any address. `POST /email/code` takes the code; a link
//! comes back to [`super::discovery`].

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Options,
    code::{CodeForm, Fault, fault},
};
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{Begun, BrowserSession, Emailed, wait_after},
    state::AppState,
    stytch::{Result as StytchResult, SessionOptions},
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
    let asked = Emailed {
        email_address: form.email_address.trim().to_owned(),
        is_code: matches!(form.way, EmailWay::Code),
        at: app.clock.now(),
    };
    if asked.email_address.is_empty() {
        let fault = Fault::new("email_address", "Type your e-mail address.");
        let page = show(&app, shell, None, fault)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let before = session.emailed().await?;
    if before.is_some_and(|before| too_soon(&before, &asked)) {
        return Ok(Redirect::to("/email").into_response());
    }
    match send_by(&app, &asked, &options).await {
        Ok(()) => {
            session.remember_email(Some(asked)).await?;
            Ok(Redirect::to("/email").into_response())
        }
        Err(error) => match fault("email_address", &error) {
            Some(fault) => {
                let typed = form.email_address;
                let page = show(&app, shell, None, Fault { typed, ..fault })?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(AppError::from(error).beginning_with(&Begun::by_email())),
        },
    }
}

/// Takes the code: an address is proved, nobody is signed in, and an organization must be chosen.
pub async fn code(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let emailed = session.emailed().await?.filter(|emailed| emailed.is_code);
    let Some(emailed) = emailed else {
        return Err(StartAgain::after(Reason::TookTooLong, &Begun::by_email()));
    };
    let otps = app.stytch.otps();
    match otps
        .discovery_authenticate(&emailed.email_address, &form.code())
        .await
    {
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

/// The same to the same address a moment ago: a second press, or a reload.
fn too_soon(before: &Emailed, asked: &Emailed) -> bool {
    let same = before.is_code == asked.is_code && before.email_address == asked.email_address;
    same && wait_after(Some(before.at), asked.at) > 0
}

async fn send_by(app: &AppState, asked: &Emailed, options: &SessionOptions) -> StytchResult<()> {
    let (email, locale) = (&asked.email_address, options.email_locale());
    if asked.is_code {
        return app.stytch.otps().send_discovery(email, locale).await;
    }
    let back = app.url("/discovery");
    app.stytch
        .magic_links()
        .send_discovery(email, &back, locale)
        .await
}

fn show(
    app: &AppState,
    shell: Shell,
    emailed: Option<Emailed>,
    fault: Fault,
) -> Result<Html<String>, AppError> {
    views::render(&EmailPage::new(shell, emailed, fault, app.clock.now()))
}
