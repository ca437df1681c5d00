//! Errors of calls, by what the *caller* can do.

use std::time::Duration;

/// The result of every call.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call. It contains no secrets: no body, URL or header. `Display` is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Stytch refused the call. `error_type` is stable, see <https://stytch.com/docs/b2b/api/errors>.
    #[error("rejected with {status} {error_type} ({request_id})")]
    Rejected {
        /// HTTP status, 400 to 499 but not 429.
        status: u16,
        /// The vendor's identifier, such as `oauth_token_not_found`.
        error_type: String,
        /// Stytch's id of the request, which its support asks for.
        request_id: String,
    },
    /// Too many calls (429). The call had no effect.
    #[error("rate limited: {error_type} ({request_id})")]
    RateLimited {
        /// Value of `Retry-After`, if the vendor sent one.
        after: Option<Duration>,
        /// `too_many_requests`, or `user_lock_limit_reached` for a locked member.
        error_type: String,
        /// Stytch's id of the request, which its support asks for.
        request_id: String,
    },
    /// No response in time. The call may have had its effect.
    #[error("no response within the deadline")]
    TimedOut,
    /// No response, or a response with status 5xx.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// For the log.
        reason: String,
        /// False only if it is certain that the request did not reach Stytch.
        may_have_happened: bool,
    },
    /// A response that can't be read: not JSON, a missing field, a redirect, or more than 1 MiB. The call may have had
    /// its effect.
    #[error("unreadable response: status {status}, {bytes} bytes ({request_id}): {reason}")]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// Number of bytes received.
        bytes: usize,
        /// Stytch's id of the request; empty if it could not be read.
        request_id: String,
        /// The field or position of the fault, without any text of the response.
        reason: String,
    },
    /// The response is about a different organization than requested. Nothing in it is used.
    #[error("the response is about another organization")]
    OtherOrganization,
}

impl Error {
    /// The vendor's identifier, if there is one.
    pub fn error_type(&self) -> Option<&str> {
        match self {
            Self::Rejected { error_type, .. } | Self::RateLimited { error_type, .. } => {
                Some(error_type)
            }
            _ => None,
        }
    }

    /// Whether Stytch refused *our* credentials. Such an error says nothing about the visitor.
    pub fn refuses_us(&self) -> bool {
        let Self::Rejected {
            status, error_type, ..
        } = self
        else {
            return false;
        };
        matches!(
            (status, error_type.as_str()),
            (401, "" | "unauthorized_credentials")
                | (
                    _,
                    "invalid_authorization_header"
                        | "invalid_project_id_authentication"
                        | "invalid_secret_authentication"
                )
        )
    }

    /// Whether it is certain that the call did not reach Stytch, and so does not count for Stytch's rate limits.
    pub fn never_reached_stytch(&self) -> bool {
        matches!(
            self,
            Self::Unavailable {
                may_have_happened: false,
                ..
            }
        )
    }

    /// Whether the call may have had its effect although it failed.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Rejected { .. } | Self::RateLimited { .. } => false,
            Self::Unavailable {
                may_have_happened, ..
            } => *may_have_happened,
            Self::TimedOut | Self::Unreadable { .. } | Self::OtherOrganization => true,
        }
    }
}
