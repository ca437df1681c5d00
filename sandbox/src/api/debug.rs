//! `debug.whoami`. See `docs/stytch.md#roles`.

use serde_json::json;

use crate::{
    http::ApiRequest,
    model::{Reply, State, fields::fields},
};

/// `GET /v1/debug/whoami`: returns the project to which the credentials belong.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn whoami(state: &mut State, _: &ApiRequest) -> Reply {
    Ok(fields(
        json!({ "project_id": state.credentials.project_id, "name": "Sandbox" }),
    ))
}
