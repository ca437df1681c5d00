//! What the vendor's dashboard has for a project: credentials, redirect URLs and settings.

use std::{ops::RangeInclusive, sync::Arc};

use url::Url;

use crate::model::{PasswordSettings, Policy, ids};

/// A project's credentials. The server API requires the first two, and start URLs the third.
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
    /// The credentials of the first world, which are fixed and published, and therefore not secret.
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

/// The registered redirect URLs of a project, by type. The first URL of a type without a placeholder is the default.
///
/// In a query, `name={}` accepts any value: `http://localhost:3000/authenticate?next_route={}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedirectUrls {
    /// URLs to which members return.
    pub login: Vec<String>,
    /// URLs to which new members return.
    pub signup: Vec<String>,
    /// URLs to which discovery returns.
    pub discovery: Vec<String>,
    /// URLs to which invited people return. If empty, those for members are used.
    pub invite: Vec<String>,
    /// URLs to which links to set a password lead.
    pub reset_password: Vec<String>,
}

/// The rules for locking a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Number of consecutive wrong codes that lock a member, 1 to 100.
    pub attempts: u32,
    /// Duration of a lock in minutes, 5 to 10,080 (a week).
    pub minutes: u32,
}

impl Locks {
    /// The fields in a seed or a request, with the bounds of the vendor's dashboard.
    pub const FIELDS: [(&str, RangeInclusive<u32>); 2] =
        [("attempts", 1..=100), ("minutes", 5..=10_080)];
}

impl Default for Locks {
    /// The vendor's defaults: ten wrong codes, one hour.
    fn default() -> Self {
        Self {
            attempts: 10,
            minutes: 60,
        }
    }
}

/// Description of a valid prefix of phone numbers, for error messages.
pub const SMS_PREFIX: &str =
    "the beginning of phone numbers, such as +44: a plus sign and 1 to 6 digits";

/// Whether the text is a valid prefix of phone numbers.
pub fn is_sms_prefix(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (1..=6).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The settings of a project besides its seed.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSettings {
    /// The registered redirect URLs.
    pub redirect_urls: RedirectUrls,
    /// The rules for locks; `None` for those of the seed, or the default.
    pub locks: Option<Locks>,
    /// The RBAC policy; `None` for that of the seed, or the default.
    pub rbac_policy: Option<Arc<Policy>>,
    /// The rules for passwords; `None` for those of the seed, or the default.
    pub passwords: Option<PasswordSettings>,
    /// Prefixes of the phone numbers that the project sends text messages to, such as `+44`; `None` for those of the
    /// seed, or `+1`, which is the United States and Canada.
    pub sms_prefixes: Option<Vec<String>>,
    /// Whether the vendor's rate limits apply; `None` for the setting of the seed, or of [`Limits`](crate::Limits).
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
    /// The URLs of a new project of an app at this URL: `/authenticate` is the default of every type, as at the vendor,
    /// and `/discovery` is also registered for discovery.
    pub fn of_new_project(app_url: &str) -> Self {
        let own = Self::of_app(app_url);
        Self {
            discovery: [own.login.clone(), own.discovery].concat(),
            ..own
        }
    }

    /// The same URLs for every type.
    pub fn for_all(urls: &[String]) -> Self {
        Self {
            login: urls.to_vec(),
            signup: urls.to_vec(),
            discovery: urls.to_vec(),
            invite: urls.to_vec(),
            reset_password: urls.to_vec(),
        }
    }

    /// The URLs of the reference app at this URL: `/authenticate` for login, signup, invitations and passwords, and
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
    /// The URLs of a new project whose app is at `http://localhost:3000`.
    fn default() -> Self {
        Self::of_new_project("http://localhost:3000")
    }
}

/// Description of a valid redirect URL, for error messages.
pub const REDIRECT_URL: &str = "a URL with a host that begins with http://, https:// or your app's own scheme, such as slack://";

/// Schemes that browsers handle themselves, so no app can use them.
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

/// Whether the URL can lead to an app: on the web, or by a deep link such as `slack://auth/callback`.
pub fn is_redirect_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.has_host() && !NOT_OF_APPS.contains(&url.scheme()))
}

/// Checks a URL for [`Options::redirect_urls`](crate::Options::redirect_urls), and returns it unchanged. The error is a
/// sentence for people.
pub fn redirect_url(text: &str) -> Result<String, String> {
    if is_redirect_url(text) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not {REDIRECT_URL}"))
    }
}

/// The URL with these parameters added in alphabetical order after its own.
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
