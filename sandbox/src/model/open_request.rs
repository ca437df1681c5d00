//! What every request has that waits on a page for somebody to press a button.

use time::OffsetDateTime;

use crate::model::{clock::TEN_MINUTES, ids};

/// The identity of a request on a page. It is kept on the server: nothing that a form posts back is trusted.
#[derive(Clone)]
pub struct OpenRequest {
    pub id: String,
    /// The value of the cookie of the browser that began it.
    pub cookie: String,
    pub expires_at: OffsetDateTime,
    pub used: bool,
}

impl OpenRequest {
    /// A new one, open for ten minutes.
    pub fn new(now: OffsetDateTime) -> Self {
        Self {
            id: ids::token(),
            cookie: ids::token(),
            expires_at: now + TEN_MINUTES,
            used: false,
        }
    }

    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }
}
