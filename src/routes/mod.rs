//! One file per URL. A handler refuses, takes, calls, decides, saves and responds, in this order.
//!
//! The header of each file lists what its handlers need and which layers they rely on. All of them rely on *the layers
//! of every page*:
//!
//! - tower-sessions' layer with `session_cookie` around it (otherwise there is no session, or its changes are lost),
//! - `error_page` (otherwise an error is a bare status and its cause is not logged),
//! - `request_id` (otherwise there is no log line without the URL's query), `headers` (otherwise pages can be framed
//!   and cached), `host` (otherwise cookies are set on names to which no callback returns),
//! - `whole_body` for forms (otherwise half a form holds its request open),
//! - `mount` below a path (otherwise redirects lead to pages that don't exist).
//!
//! [`crate::app`] puts the layers around all of them; `docs/copying.md` tells more about each, and how to leave a flow
//! out.

pub mod authenticate;
pub mod callback_query;
pub mod confirm;
pub mod create_org;
pub mod discovery;
pub mod email;
pub mod health;
pub mod home;
pub mod jit;
pub mod login;
pub mod logout;
pub mod member;
pub mod mfa;
pub mod options;
pub mod org;
pub mod organizations;
pub mod pasted;
pub mod provider;
pub mod sso;
pub mod start;
pub mod step_up;
pub mod step_up_sso;
pub mod step_up_start;
pub mod switch;

use serde::Deserialize;

/// A code as people type it.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
}

impl CodeForm {
    /// The six digits.
    pub fn code(&self) -> String {
        pasted::code(&self.code)
    }
}
