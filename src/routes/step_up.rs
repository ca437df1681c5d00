//! `GET /step_up` — the organization wants another first factor before it lets this person in.

use axum::response::Html;

use crate::{
    error::AppError,
    session::BrowserSession,
    views::{self, Shell, StepUpPage},
};

/// Says what is missing. Nobody is signed in, and the intermediate session that came back is kept.
pub async fn page(session: BrowserSession, shell: Shell) -> Result<Html<String>, AppError> {
    let due = session.step_up_due().await?;
    views::render(&StepUpPage { shell, due })
}
