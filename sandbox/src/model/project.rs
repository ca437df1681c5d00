//! What a project has in the vendor's dashboard: credentials and registered redirect URLs.

use std::{ops::RangeInclusive, sync::Arc};

use url::Url;

use crate::model::{PasswordSettings, Policy, ids};

/// What a project has in its dashboard: the server API wants the first two, start URLs the third.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// `project-test-<uuid>`
    pub project_id: String,
    /// `secret-test-…`
    pub secret: String,
    /// `public-token-test-<uuid>`
    pub public_token: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Those of the embedded world: pinned, published and therefore no secret.
    pub(crate) fn embedded() -> Self {
        Self {
            project_id: "project-test-5a4db0c5-0000-4000-8000-000000000001".to_owned(),
            secret: "secret-test-c2FuZGJveC1vbmx5LXRoaXMtaXMtbm90LWEtc2VjcmV0".to_owned(),
            public_token: "public-token-test-5a4db0c5-0000-4000-8000-000000000002".to_owned(),
        }
    }

    pub(crate) fn fresh() -> Self {
        Self {
            project_id: ids::mint("project"),
            secret: ids::secret(),
            public_token: ids::mint("public-token"),
        }
    }
}

/// The redirect URLs that a project has registered, by type. The first of each that has no placeholder is the default.
///
/// In a query, `name={}` takes any value: `http://localhost:3000/authenticate?next_route={}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedirectUrls {
    /// Where members come back.
    pub login: Vec<String>,
    /// Where new members come back.
    pub signup: Vec<String>,
    /// Where discovery comes back.
    pub discovery: Vec<String>,
    /// Where those come back who were invited. Empty: where members do.
    pub invite: Vec<String>,
    /// Where those come back who set a new password.
    pub reset_password: Vec<String>,
}

/// When a project locks a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Wrong codes in a row that lock a member, 1 to 100.
    pub attempts: u32,
    /// For so many minutes, 5 to 10,080 (a week).
    pub minutes: u32,
}

impl Locks {
    /// The fields in a seed and in a request, each with the bounds of the vendor's dashboard.
    pub const FIELDS: [(&str, RangeInclusive<u32>); 2] =
        [("attempts", 1..=100), ("minutes", 5..=10_080)];
}

impl Default for Locks {
    /// The vendor's defaults: ten wrong codes, an hour.
    fn default() -> Self {
        Self {
            attempts: 10,
            minutes: 60,
        }
    }
}

/// What a beginning of phone numbers must be.
pub const SMS_PREFIX: &str =
    "the beginning of phone numbers, such as +44: a plus sign and 1 to 6 digits";

/// Whether it is the beginning of phone numbers.
pub fn is_sms_prefix(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (1..=6).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// How a project is set up, besides what its seed holds.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSettings {
    /// The registered redirect URLs.
    pub redirect_urls: RedirectUrls,
    /// When it locks a member; `None` for what the seed says, or the default.
    pub locks: Option<Locks>,
    /// Its RBAC policy; `None` for what the seed says, or the default.
    pub rbac_policy: Option<Arc<Policy>>,
    /// Its rules for passwords; `None` for what the seed says, or the default.
    pub passwords: Option<PasswordSettings>,
    /// How the phone numbers begin that it sends text messages to, such as `+44`; `None` for what the seed says, or `+1`, which
    /// is the United States and Canada.
    pub sms_prefixes: Option<Vec<String>>,
    /// Whether it has the vendor's rate limits; `None` for what the seed says, or [`Limits`](crate::Limits).
    pub rate_limits: Option<bool>,
}

impl From<RedirectUrls> for ProjectSettings {
    fn from(redirect_urls: RedirectUrls) -> Self {
        Self {
            redirect_urls,
            ..Self::default()
        }
    }
}

impl RedirectUrls {
    /// Those of a new project of an app at this URL: `/authenticate` is the default of every type, as at the vendor, and
    /// `/discovery` may be used for discovery.
    pub fn of_new_project(app_url: &str) -> Self {
        let own = Self::of_app(app_url);
        Self {
            discovery: [own.login.clone(), own.discovery].concat(),
            ..own
        }
    }

    /// These URLs for every type.
    pub fn for_all(urls: &[String]) -> Self {
        Self {
            login: urls.to_vec(),
            signup: urls.to_vec(),
            discovery: urls.to_vec(),
            invite: urls.to_vec(),
            reset_password: urls.to_vec(),
        }
    }

    /// Those of the reference app at this URL: `/authenticate` for login, signup, invitations and passwords,
    /// `/discovery` for discovery.
    pub fn of_app(app_url: &str) -> Self {
        let app_url = app_url.trim_end_matches('/');
        let authenticate = format!("{app_url}/authenticate");
        Self {
            login: vec![authenticate.clone()],
            invite: vec![authenticate.clone()],
            reset_password: vec![authenticate.clone()],
            signup: vec![authenticate],
            discovery: vec![format!("{app_url}/discovery")],
        }
    }
}

impl Default for RedirectUrls {
    /// Those of a new project whose app is at `http://localhost:3000`.
    fn default() -> Self {
        Self::of_new_project("http://localhost:3000")
    }
}

/// What a redirect URL must be.
pub const REDIRECT_URL: &str = "a URL with a host that begins with http://, https:// or your app's own scheme, such as slack://";

/// Schemes that browsers themselves act upon. No app can be there.
const NOT_OF_APPS: [&str; 11] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Whether an app could be there: on the web, or behind a deep link such as `slack://auth/callback`.
pub fn is_redirect_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.has_host() && !NOT_OF_APPS.contains(&url.scheme()))
}

/// A URL for [`Options::redirect_urls`](crate::Options::redirect_urls), as it was given. The error is for people.
pub fn redirect_url(text: &str) -> Result<String, String> {
    if is_redirect_url(text) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not {REDIRECT_URL}"))
    }
}

/// The URL with these parameters added in alphabetical order, its own kept.
pub fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    match Url::parse(url) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(sorted);
            url.into()
        }
        Err(_) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_sorted_and_the_urls_own_stay() {
        let url = with_parameters(
            "http://localhost:3000/a?x=1",
            &[("token", "t"), ("slug", "a b")],
        );
        assert_eq!(url, "http://localhost:3000/a?x=1&slug=a+b&token=t");
    }
}
