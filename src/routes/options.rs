//! The extractor [`Options`]: session length and language, for calls that can sign a visitor in.
//!
//! - Needs: [`Context`].

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use crate::{error::AppError, session::Context, stytch::SessionOptions, web::language};

/// An argument of every handler that can sign a visitor in: the length of the member session, and the language in which
/// Stytch writes to the visitor.
pub struct Options(pub SessionOptions);

impl<S: Sync> FromRequestParts<S> for Options
where
    Context: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        Ok(Self(SessionOptions {
            session_duration_minutes: Some(Context::from_ref(state).minutes),
            locale: language::locale(&parts.headers),
            ..SessionOptions::default()
        }))
    }
}
