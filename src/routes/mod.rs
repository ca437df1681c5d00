//! The handlers. The first line of each file names its URLs. A handler checks the request, reads the session, calls
//! Stytch, decides by the outcome, saves the session and responds, in this order.
//!
//! The header of each file lists what its handlers need and which layers they rely on. All of them rely on *the layers
//! of every page*:
//!
//! - tower-sessions' layer with `session_cookie` around it (otherwise there is no session, or its changes are lost),
//! - `error_page` (otherwise an error is a bare status and its cause is not logged),
//! - `request_id` (otherwise requests are not logged, or with the URL's query), `headers` (otherwise pages can be
//!   framed and cached), `host` (otherwise cookies are set for host names that callbacks don't return to),
//! - `whole_body` for forms (otherwise an incomplete form keeps its request open),
//! - `CatchPanicLayer` (otherwise a panic closes the connection without a page),
//! - `mount` below a path (otherwise redirects lead to pages that don't exist).
//!
//! [`crate::app`] adds the layers. `docs/copying.md` describes each layer, and how to leave out a flow.

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
pub mod return_to;
pub mod sso;
pub mod start;
pub mod step_up;
pub mod step_up_sso;
pub mod step_up_start;
pub mod switch;

use serde::Deserialize;

/// A form with a code, as the visitor typed it.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
}

impl CodeForm {
    /// The code without spaces and hyphens, in ASCII digits.
    pub fn code(&self) -> String {
        pasted::code(&self.code)
    }
}
