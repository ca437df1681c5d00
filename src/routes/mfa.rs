//! `GET /mfa` — a second factor is due.

use axum::response::Html;

use crate::{
    error::AppError,
    session::BrowserSession,
    views::{self, MfaPage, Shell},
};

/// Says what is missing. Nobody is signed in, and the intermediate session that came back is kept.
pub async fn page(session: BrowserSession, shell: Shell) -> Result<Html<String>, AppError> {
    let due = session.mfa_due().await?;
    views::render(&MfaPage { shell, due })
}
