//! `GET /member`: who is signed in, for a program.
//!
//! - Needs: [`CurrentMember`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::{error::AppError, session::CurrentMember};

/// 200 with member, organization and session; 401 with `{"error": "signed_out"}`. Holds no token.
pub async fn member(member: Result<CurrentMember, AppError>) -> Result<Response, AppError> {
    let member = match member {
        Ok(CurrentMember(member)) => member,
        Err(AppError::StartAgain(_)) => {
            let body = Json(json!({"error": "signed_out"}));
            return Ok((StatusCode::UNAUTHORIZED, body).into_response());
        }
        Err(error) => return Err(error),
    };
    let time = |at: time::OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let body = json!({
        "organization": member.organization,
        "member": member.member,
        "session": {
            "member_session_id": member.member_session_id,
            "started_at": time(member.started_at),
            "expires_at": time(member.until),
            "authentication_factors": member.factors,
        },
    });
    Ok(Json(body).into_response())
}
