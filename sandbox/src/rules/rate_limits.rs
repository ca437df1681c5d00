//! The vendor's documented rate limits: for both searches, for migrated passwords, and for links to one address.
//! Windows are fixed, as at the vendor, and measured by the world's clock.

use serde_json::{Map, Value};

use crate::model::{ApiError, State};

/// Paths with what is counted, the length of a window in seconds, and the number of calls in it.
const LIMITS: [(&str, By, i64, u32); 6] = [
    ("/v1/b2b/organizations/search", By::Path, 60, 100),
    ("/v1/b2b/organizations/members/search", By::Path, 60, 100),
    ("/v1/b2b/passwords/migrate", By::Path, 1, 100),
    (
        "/v1/b2b/magic_links/email/login_or_signup",
        By::Address,
        1,
        1,
    ),
    ("/v1/b2b/magic_links/email/invite", By::Address, 1, 1),
    (
        "/v1/b2b/magic_links/email/discovery/send",
        By::Address,
        1,
        1,
    ),
];

#[derive(Clone, Copy)]
enum By {
    Path,
    /// One count for each address over all endpoints, including those of the browser SDK.
    Address,
}

/// Counts the call, and refuses it if the window is full. Projects without rate limits refuse nothing.
pub fn check(state: &mut State, path: &str, body: &Map<String, Value>) -> Result<(), ApiError> {
    let now = state.now().unix_timestamp();
    let Some(rates) = &mut state.rates else {
        return Ok(());
    };
    let server = path.strip_prefix("/sdk").unwrap_or(path);
    let is_it = |limit: &(&str, By, i64, u32)| {
        limit.0 == path || matches!(limit.1, By::Address) && limit.0 == server
    };
    let Some((path, by, seconds, most)) = LIMITS.into_iter().find(is_it) else {
        return Ok(());
    };
    let what = match by {
        By::Path => path.to_owned(),
        By::Address => match body.get("email_address").and_then(Value::as_str) {
            Some(email) => email.to_lowercase(),
            None => return Ok(()), // the handler refuses this
        },
    };
    if rates.count(what, now, seconds, most) {
        Ok(())
    } else {
        Err(ApiError::of("too_many_requests"))
    }
}
