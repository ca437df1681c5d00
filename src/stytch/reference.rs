//! Names and documentation pages of the vendor's API, for people who look at a call.

/// The name of a call in Stytch's SDKs, and its documentation.
#[derive(Debug, PartialEq, Eq)]
pub struct SdkMethod {
    /// The method of the vendor's SDKs, such as `oauth.discovery.authenticate`.
    pub name: &'static str,
    /// URL of the call's page in Stytch's documentation. `None` if we do not know of one.
    pub page: Option<&'static str>,
}

/// A row: HTTP method, path with `*` for each variable segment, name, page.
type Row = (&'static str, &'static str, SdkMethod);

const fn row(
    http: &'static str,
    path: &'static str,
    name: &'static str,
    page: Option<&'static str>,
) -> Row {
    (http, path, SdkMethod { name, page })
}

macro_rules! page {
    ($page:literal) => {
        Some(concat!("https://stytch.com/docs/b2b/api/", $page))
    };
}

/// Every call of this client.
#[rustfmt::skip]
static ROWS: &[Row] = &[
    row("POST", "/v1/b2b/oauth/discovery/authenticate", "oauth.discovery.authenticate", page!("authenticate-discovery-oauth")),
    row("POST", "/v1/b2b/oauth/authenticate", "oauth.authenticate", page!("authenticate-oauth")),
    row("POST", "/v1/b2b/sso/authenticate", "sso.authenticate", page!("sso-authenticate")),
    row("POST", "/v1/b2b/discovery/organizations", "discovery.organizations.list", page!("list-discovered-organizations")),
    row("POST", "/v1/b2b/discovery/organizations/create", "discovery.organizations.create", page!("create-organization-via-discovery")),
    row("POST", "/v1/b2b/discovery/intermediate_sessions/exchange", "discovery.intermediate_sessions.exchange", page!("exchange-intermediate-session")),
    row("POST", "/v1/b2b/sessions/authenticate", "sessions.authenticate", page!("authenticate-session")),
    row("POST", "/v1/b2b/sessions/exchange", "sessions.exchange", page!("exchange-session")),
    row("POST", "/v1/b2b/sessions/revoke", "sessions.revoke", page!("revoke-session")),
    row("GET", "/v1/b2b/sessions/jwks/*", "sessions.get_jwks", None),
    row("POST", "/v1/b2b/organizations/search", "organizations.search", page!("search-organizations")),
    row("PUT", "/v1/b2b/organizations/*", "organizations.update", page!("update-organization")),
    row("GET", "/v1/b2b/organizations/*/member", "organizations.members.get", page!("get-member")),
    row("DELETE", "/v1/b2b/organizations/*/members/mfa_phone_numbers/*", "organizations.members.delete_mfa_phone_number", page!("delete-member-mfa-phone-number")),
    row("GET", "/v1/b2b/organizations/*/members/*/oauth_providers/google", "organizations.members.oauth_providers.google", None),
    row("GET", "/v1/b2b/organizations/*/members/*/oauth_providers/microsoft", "organizations.members.oauth_providers.microsoft", None),
    row("GET", "/v1/b2b/organizations/*/members/*/oauth_providers/github", "organizations.members.oauth_providers.github", None),
    row("GET", "/v1/b2b/organizations/*/members/*/oauth_providers/slack", "organizations.members.oauth_providers.slack", None),
    row("GET", "/v1/b2b/organizations/*/members/*/oauth_providers/hubspot", "organizations.members.oauth_providers.hubspot", None),
    row("POST", "/v1/b2b/otps/sms/send", "otps.sms.send", page!("otp-sms-send")),
    row("POST", "/v1/b2b/otps/sms/authenticate", "otps.sms.authenticate", page!("authenticate-otp-sms")),
    row("POST", "/v1/b2b/totp", "totps.create", page!("totp-create")),
    row("POST", "/v1/b2b/totp/authenticate", "totps.authenticate", page!("authenticate-totp")),
    row("POST", "/v1/b2b/recovery_codes/recover", "recovery_codes.recover", page!("recovery-codes-recover")),
    row("POST", "/v1/b2b/magic_links/email/login_or_signup", "magic_links.email.login_or_signup", page!("send-login-signup-email")),
    row("POST", "/v1/b2b/magic_links/email/discovery/send", "magic_links.email.discovery.send", page!("send-discovery-email")),
    row("POST", "/v1/b2b/magic_links/authenticate", "magic_links.authenticate", page!("authenticate-magic-link")),
    row("POST", "/v1/b2b/magic_links/discovery/authenticate", "magic_links.discovery.authenticate", page!("authenticate-discovery-magic-link")),
    row("POST", "/v1/b2b/otps/email/login_or_signup", "otps.email.login_or_signup", None),
    row("POST", "/v1/b2b/otps/email/discovery/send", "otps.email.discovery.send", page!("send-discovery-email-otp")),
    row("POST", "/v1/b2b/otps/email/authenticate", "otps.email.authenticate", page!("authenticate-email-otp")),
    row("POST", "/v1/b2b/otps/email/discovery/authenticate", "otps.email.discovery.authenticate", page!("authenticate-discovery-email-otp")),
];

/// The SDK method for this HTTP method and path, with or without a query. `None` for a call that this client does not
/// make.
pub fn sdk_method(http: &str, path: &str) -> Option<&'static SdkMethod> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |pattern: &str| {
        let (mut left, mut right) = (pattern.split('/'), path.split('/'));
        loop {
            match (left.next(), right.next()) {
                (None, None) => return true,
                (Some("*"), Some(_)) => {}
                (Some(a), Some(b)) if a == b => {}
                _ => return false,
            }
        }
    };
    let found = ROWS
        .iter()
        .find(|(method, pattern, _)| *method == http && fits(pattern));
    found.map(|(_, _, method)| method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_the_names_of_the_sdks() {
        let name = |http, path| sdk_method(http, path).map(|method| method.name);
        assert_eq!(
            name("POST", "/v1/b2b/oauth/discovery/authenticate"),
            Some("oauth.discovery.authenticate")
        );
        assert_eq!(
            name("GET", "/v1/b2b/organizations/o-1/member?member_id=m-1"),
            Some("organizations.members.get")
        );
        assert_eq!(
            name("POST", "/v1/b2b/organizations/search"),
            Some("organizations.search")
        );
        assert_eq!(name("GET", "/v1/b2b/organizations/search"), None);
        assert_eq!(name("POST", "/v1/b2b/totp/authenticate/more"), None);
    }
}
