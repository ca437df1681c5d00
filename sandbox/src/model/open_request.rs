//! The common part of all requests that wait on a page for a person to press a button.

use time::OffsetDateTime;

use crate::model::{clock::TEN_MINUTES, ids};

/// The identity of a request on a page. It is kept on the server, because nothing that a form posts back is trusted.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// The project's id, a dot, and a token.
    pub id: String,
    /// The cookie value of the browser that started it.
    pub cookie: String,
    pub expires_at: OffsetDateTime,
    pub used: bool,
}

impl OpenRequest {
    /// A new request in this project, open for ten minutes.
    pub fn new(project_id: &str, now: OffsetDateTime) -> Self {
        Self {
            id: format!("{project_id}.{}", ids::token()),
            cookie: ids::token(),
            expires_at: now + TEN_MINUTES,
            used: false,
        }
    }

    /// The project of the request with this id.
    pub fn project_id(id: &str) -> &str {
        id.split_once('.').map_or("", |(project_id, _)| project_id)
    }

    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }
}
