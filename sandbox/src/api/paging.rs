//! `cursor`, `limit` and `results_metadata` of the search calls. See `docs/stytch.md#organizations`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{http::ApiRequest, model::ApiError};

/// The requested page of a search: 100 results by default, at most 1000.
pub struct Page {
    start: usize,
    limit: usize,
}

impl Page {
    pub fn read(request: &ApiRequest) -> Result<Self, ApiError> {
        let limit = match request.integer("limit")? {
            None => 100,
            Some(limit) if (1..=1000).contains(&limit) => usize::try_from(limit).unwrap_or(1000),
            Some(_) => return Err(ApiError::bad_request("limit must be between 1 and 1000.")),
        };
        let start = request.text("cursor")?.map_or(Ok(0), read_cursor)?;
        Ok(Self { start, limit })
    }

    /// The results on this page, and the vendor's `results_metadata`.
    pub fn cut<'a, T>(&self, found: &'a [T]) -> (&'a [T], Value) {
        let start = self.start.min(found.len());
        let next = found.len().min(start + self.limit);
        let next_cursor =
            (next < found.len()).then(|| URL_SAFE_NO_PAD.encode(format!("sandbox:{next}")));
        let metadata = json!({ "total": found.len(), "next_cursor": next_cursor });
        (&found[start..next], metadata)
    }
}

fn read_cursor(cursor: &str) -> Result<usize, ApiError> {
    let text = URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let start = text.and_then(|text| {
        text.strip_prefix("sandbox:")
            .and_then(|number| number.parse().ok())
    });
    start.ok_or_else(|| ApiError::of("user_search_invalid_cursor"))
}
