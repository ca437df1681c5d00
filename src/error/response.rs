//! [`AppError`] as a response: the status, and the error itself in the response's extensions. The error page layer
//! renders the body, because it knows the request id.

use std::sync::Arc;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{AppError, NotAllowed, Outage, Reason, TryLater};

impl AppError {
    /// HTTP status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::StartAgain(again) => match again.reason {
                Reason::SignedOut | Reason::SessionEnded => StatusCode::UNAUTHORIZED,
                Reason::TookTooLong => StatusCode::GONE,
                _ => StatusCode::BAD_REQUEST,
            },
            Self::TryLater(later) => match later.outage {
                Outage::Slow => StatusCode::GATEWAY_TIMEOUT,
                Outage::Down | Outage::Store => StatusCode::SERVICE_UNAVAILABLE,
                Outage::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            },
            Self::NotAllowed {
                why: NotAllowed::Locked,
                ..
            } => StatusCode::TOO_MANY_REQUESTS,
            Self::WrongOrganization { .. }
            | Self::OtherTab { .. }
            | Self::NotAllowed {
                why: NotAllowed::OtherAccount,
                ..
            } => StatusCode::CONFLICT,
            Self::NotAllowed {
                why:
                    NotAllowed::OrganizationGone | NotAllowed::NotOffered | NotAllowed::ConnectionGone,
                ..
            }
            | Self::NotFound
            | Self::NoOrganization { .. } => StatusCode::NOT_FOUND,
            Self::NotAllowed { .. } => StatusCode::FORBIDDEN,
            Self::SessionGone => StatusCode::SEE_OTHER,
            Self::SignOutUnfinished(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ours(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Writes the cause to the log, if it is not there yet.
    pub fn log(&self) {
        match self {
            Self::Ours(cause) => {
                let advice = self.setup_advice();
                let advice = advice.map(|it| format!(", the app is not set up correctly: {it}"));
                tracing::error!(%cause, "request failed{}", advice.unwrap_or_default());
            }
            Self::TryLater(TryLater {
                cause: Some(cause), ..
            })
            | Self::SignOutUnfinished(TryLater {
                cause: Some(cause), ..
            }) => tracing::error!(%cause, "the session store failed"),
            _ => {}
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = match self {
            Self::SessionGone => Redirect::to("/").into_response(),
            _ => self.status().into_response(),
        };
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
