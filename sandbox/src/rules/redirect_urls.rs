//! Chooses a registered redirect URL, and explains why another URL does not match.

use url::Url;

use crate::{
    model::{ApiError, RedirectUrls, project::is_redirect_url},
    rules::redirect_match::{apex, has_placeholder, matches, query_matches},
};

/// The types of redirect URLs.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Login,
    Signup,
    Discovery,
    Invite,
    ResetPassword,
}

/// A redirect URL that is not registered, with the details that explain the mismatch.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// `login`, `signup`, `discovery`
    pub kind: &'static str,
    pub error_type: &'static str,
    pub received: String,
    pub registered: Vec<Registered>,
}

/// A registered URL, and how the received one differs from it.
#[derive(Clone, Debug)]
pub struct Registered {
    pub url: String,
    pub differences: Vec<String>,
}

/// Why there is no redirect URL.
#[derive(Clone, Debug)]
pub enum Refused {
    Error(ApiError),
    Mismatch(Mismatch),
}

impl Kind {
    /// `login`, `signup`, `discovery`
    pub fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Signup => "signup",
            Self::Discovery => "discovery",
            Self::Invite => "invite",
            Self::ResetPassword => "reset_password",
        }
    }

    fn registered(self, urls: &RedirectUrls) -> &[String] {
        match self {
            Self::Login => &urls.login,
            Self::Signup => &urls.signup,
            Self::Discovery => &urls.discovery,
            Self::Invite if urls.invite.is_empty() => &urls.login,
            Self::Invite => &urls.invite,
            Self::ResetPassword => &urls.reset_password,
        }
    }

    fn not_set(self) -> ApiError {
        ApiError::of(match self {
            Self::Login => "no_login_redirect_urls_set",
            Self::Signup => "no_signup_redirect_urls_set",
            Self::Discovery => "no_discovery_redirect_urls_set",
            Self::Invite => "no_invite_redirect_urls_set",
            Self::ResetPassword => "no_password_reset_redirect_url",
        })
    }

    fn malformed(self) -> ApiError {
        ApiError::of(match self {
            Self::Login => "invalid_login_redirect_url",
            Self::Signup => "invalid_signup_redirect_url",
            Self::Discovery => "invalid_discovery_redirect_url",
            Self::Invite => "invalid_invite_redirect_url",
            Self::ResetPassword => "invalid_password_reset_redirect_url",
        })
    }
}

/// The redirect URL of this type: the received one if it is registered, or the default one if none was received. The
/// default is the first URL without placeholders.
pub fn choose(urls: &RedirectUrls, kind: Kind, received: Option<&str>) -> Result<String, Refused> {
    let registered = kind.registered(urls);
    let Some(received) = received else {
        let default = registered.iter().find(|url| !has_placeholder(url)).cloned();
        return default.ok_or_else(|| Refused::Error(kind.not_set()));
    };
    let parsed = Url::parse(received)
        .ok()
        .filter(|_| is_redirect_url(received));
    let Some(parsed) = parsed else {
        return Err(Refused::Error(kind.malformed()));
    };
    if registered.iter().any(|url| matches(url, received)) {
        return Ok(received.to_owned());
    }
    let registered = registered.iter().map(|url| Registered {
        url: url.clone(),
        differences: differences(&parsed, url),
    });
    Err(Refused::Mismatch(Mismatch {
        kind: kind.word(),
        error_type: "no_match_for_provided_oauth_url",
        received: received.to_owned(),
        registered: registered.collect(),
    }))
}

/// URL of the app, derived from its redirect URLs: the origin of the first one without placeholders, or that URL itself
/// if it is a deep link.
pub fn app(urls: &RedirectUrls) -> Option<String> {
    let all = urls.discovery.iter().chain(&urls.login);
    let first = all.into_iter().find(|url| !has_placeholder(url))?;
    let url = Url::parse(first).ok()?;
    Some(match url.scheme() {
        "http" | "https" => format!("{}/", url.origin().ascii_serialization()),
        _ => first.clone(),
    })
}

impl Refused {
    /// The same error with another error type for a mismatch, because the vendor has one for each flow.
    pub fn with_mismatch(mut self, error_type: &'static str) -> Self {
        if let Self::Mismatch(mismatch) = &mut self {
            mismatch.error_type = error_type;
        }
        self
    }

    pub fn error(&self) -> ApiError {
        match self {
            Self::Error(error) => error.clone(),
            Self::Mismatch(mismatch) => ApiError::of(mismatch.error_type),
        }
    }
}

/// Describes how a URL differs from a registered one.
fn differences(received: &Url, registered: &str) -> Vec<String> {
    let Ok(registered) = Url::parse(registered) else {
        return Vec::new();
    };
    let port = |url: &Url| {
        url.port_or_known_default()
            .map(|port| port.to_string())
            .unwrap_or_default()
    };
    let optional = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let host = |url: &Url| apex(url.host_str().unwrap_or_default()).to_owned();
    let is_query_good = query_matches(registered.query(), received.query());
    #[rustfmt::skip] // a table: one part per line
    let parts = [
        ("scheme", received.scheme().to_owned(), registered.scheme().to_owned()),
        ("host", host(received), host(&registered)),
        ("port", port(received), port(&registered)),
        ("path", received.path().to_owned(), registered.path().to_owned()),
        ("query", optional(received.query()), optional(registered.query())),
        ("fragment", optional(received.fragment()), optional(registered.fragment())),
    ];
    let shown = |text: String| {
        if text.is_empty() {
            "none".to_owned()
        } else {
            format!("\u{201c}{text}\u{201d}")
        }
    };
    let differing: Vec<String> = parts
        .into_iter()
        .filter(|(part, received, registered)| {
            received != registered && !(*part == "query" && is_query_good)
        })
        .map(|(part, received, registered)| {
            format!(
                "{part} is {}, registered is {}",
                shown(received),
                shown(registered)
            )
        })
        .collect();
    if differing.is_empty() {
        vec!["the spelling differs; it must be exactly the same".to_owned()]
    } else {
        differing
    }
}
