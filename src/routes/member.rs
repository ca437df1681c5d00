//! `GET /member`: the signed-in member, as JSON.
//!
//! - Needs: [`CurrentMember`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{error::AppError, session::CurrentMember};

/// Responds 200 with member, organization and session, without tokens, or 401 with `{"error": "signed_out"}`.
pub async fn member(member: Result<CurrentMember, AppError>) -> Result<Response, AppError> {
    let member = match member {
        Ok(CurrentMember(member)) => member,
        Err(AppError::StartAgain(_)) => {
            let body = Json(json!({"error": "signed_out"}));
            return Ok((StatusCode::UNAUTHORIZED, body).into_response());
        }
        Err(error) => return Err(error),
    };
    Ok(Json(member.without_tokens()).into_response())
}
