//! `debug.whoami` (fact sheet §5.10).

use serde_json::{Map, json};

use crate::{
    http::api_request::ApiRequest,
    model::{error::Reply, state::State},
};

/// `GET /v1/debug/whoami`: the project that the credentials are of.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn whoami(state: &mut State, _: &ApiRequest) -> Reply {
    Ok(Map::from_iter([
        ("project_id".to_owned(), json!(state.credentials.project_id)),
        ("name".to_owned(), json!("Sandbox")),
    ]))
}
