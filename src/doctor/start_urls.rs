//! Checks with start URLs, which need no person: the public token, the registered redirect URLs, and the providers.

use url::Url;

use super::{
    ask::{Ask, Project},
    report::Report,
};
use crate::{config::Config, stytch::Provider};

const REDIRECT_URLS: &str = "https://stytch.com/dashboard/redirect-urls";

/// A challenge without a verifier. Only its form matters, because no sign-in is finished.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Opens the Discovery start URL of each provider, and with the first provider that works, the start URL of an
/// organization with its redirect URLs.
pub async fn check(
    report: &mut Report,
    ask: &mut Ask,
    config: &Config,
    project: &Project,
    organization_id: Option<String>,
) {
    let start = Start { config, project };
    let Some(first) = config.providers.first().copied() else {
        return report.skipped("public_token", "OAUTH_PROVIDERS names no provider");
    };
    if !public_token(report, ask, &start, first).await {
        return;
    }
    let mut working = None;
    for provider in &config.providers {
        if is_enabled(report, ask, &start, *provider).await {
            working = working.or(Some(*provider));
        }
    }
    let Some(provider) = working else {
        return report.skipped("redirect_urls", "no provider works");
    };
    discovery(report, ask, &start, provider).await;
    organization(report, ask, &start, provider, organization_id).await;
    report.cannot_tell(
        "redirect_url_invite",
        format!(
            "only an invitation can show whether {} is registered with the type Invite: look at {REDIRECT_URLS}",
            start.redirect_url("authenticate")
        ),
    );
}

struct Start<'a> {
    config: &'a Config,
    project: &'a Project,
}

impl Start<'_> {
    fn redirect_url(&self, page: &str) -> String {
        let app_url = self.config.app_url.as_str().trim_end_matches('/');
        format!("{app_url}/{page}")
    }

    /// A start URL. Without redirect URLs, Stytch uses the default of their type.
    fn url(&self, provider: Provider, path: &str, parameters: &[(&str, &str)]) -> Url {
        let path = format!("/v1/b2b/public/oauth/{}/{path}", provider.slug());
        let mut url = self
            .project
            .public_url
            .join(&path)
            .expect("an origin and a path");
        url.query_pairs_mut()
            .append_pair("public_token", &self.project.credentials.public_token)
            .append_pair("pkce_code_challenge", CHALLENGE)
            .extend_pairs(parameters);
        url
    }
}

/// Whether the public token belongs to a project. Any response other than a refusal of the token means that it does.
async fn public_token(
    report: &mut Report,
    ask: &mut Ask,
    start: &Start<'_>,
    provider: Provider,
) -> bool {
    let url = start.url(provider, "discovery/start", &[]);
    match ask.get(url).await {
        Err(reason) => {
            let origin = start.project.public_url.origin().ascii_serialization();
            report.wrong(
                "public_token",
                format!("{origin}, where browsers are sent, does not respond: {reason}"),
            );
            false
        }
        Ok(response)
            if matches!(
                response.error_type(),
                "invalid_public_token_id" | "public_token_not_found"
            ) =>
        {
            report.wrong(
                "public_token",
                format!(
                    "{}. Copy STYTCH_PUBLIC_TOKEN again from https://stytch.com/dashboard/api-keys, from the same page as the secret",
                    response.failure()
                ),
            );
            false
        }
        Ok(response) if response.status.is_server_error() => {
            report.cannot_tell(
                "public_token",
                format!(
                    "{}. Stytch may have an outage: https://status.stytch.com",
                    response.failure()
                ),
            );
            false
        }
        Ok(_) => {
            report.ok("public_token", "a start URL with it responds");
            true
        }
    }
}

async fn is_enabled(
    report: &mut Report,
    ask: &mut Ask,
    start: &Start<'_>,
    provider: Provider,
) -> bool {
    let name = format!("provider_{}", provider.slug());
    match ask.get(start.url(provider, "discovery/start", &[])).await {
        Err(reason) => report.cannot_tell(name, reason),
        Ok(response) if response.status.is_redirection() => {
            report.ok(name, "enabled");
            return true;
        }
        Ok(response) if response.status.is_server_error() || response.status == 429 => {
            report.cannot_tell(name, response.failure());
        }
        Ok(response) if is_about_urls(response.error_type()) => {
            // The provider is enabled; only the default redirect URL is missing.
            report.ok(name, "enabled");
            return true;
        }
        Ok(response) => report.wrong(
            name,
            format!(
                "{}. Set it up in the dashboard under OAuth, or remove it from OAUTH_PROVIDERS",
                response.failure()
            ),
        ),
    }
    false
}

/// Whether an error is about a redirect URL: one that is not registered, or a default that is missing.
fn is_about_urls(error_type: &str) -> bool {
    error_type == "no_match_for_provided_oauth_url" || error_type.contains("redirect_url")
}

async fn discovery(report: &mut Report, ask: &mut Ask, start: &Start<'_>, provider: Provider) {
    let url = start.redirect_url("discovery");
    let at = start.url(
        provider,
        "discovery/start",
        &[("discovery_redirect_url", &url)],
    );
    registered(report, ask, "redirect_url_discovery", at, &url, "Discovery").await;
}

async fn organization(
    report: &mut Report,
    ask: &mut Ask,
    start: &Start<'_>,
    provider: Provider,
    organization_id: Option<String>,
) {
    let url = start.redirect_url("authenticate");
    let types = [
        ("redirect_url_login", "login_redirect_url", "Login"),
        ("redirect_url_signup", "signup_redirect_url", "Signup"),
    ];
    for (name, parameter, kind) in types {
        let Some(id) = &organization_id else {
            report.cannot_tell(
                name,
                format!("the project has no organization to ask with. {url} must be registered with the type {kind} at {REDIRECT_URLS}"),
            );
            continue;
        };
        let at = start.url(
            provider,
            "start",
            &[("organization_id", id), (parameter, &url)],
        );
        if registered(report, ask, name, at, &url, kind).await == Registered::OtherProject {
            return report.wrong(
                "public_token",
                "an organization of the project is unknown with STYTCH_PUBLIC_TOKEN: it belongs to another project than \
                 STYTCH_PROJECT_ID and STYTCH_SECRET. Copy all three from the same page",
            );
        }
    }
}

#[derive(PartialEq, Eq)]
enum Registered {
    OtherProject,
    Told,
}

/// Reports whether the redirect URL is registered, unless the project of the public token does not know the
/// organization.
async fn registered(
    report: &mut Report,
    ask: &mut Ask,
    name: &str,
    at: Url,
    url: &str,
    kind: &str,
) -> Registered {
    match ask.get(at).await {
        Err(reason) => report.cannot_tell(name, reason),
        Ok(response) if response.error_type() == "organization_not_found" => {
            return Registered::OtherProject;
        }
        Ok(response) if response.status.is_redirection() => {
            report.ok(name, format!("{url} is registered with the type {kind}"));
        }
        Ok(response) if is_about_urls(response.error_type()) => report.wrong(
            name,
            format!(
                "{}. Add {url} with the type {kind} at {REDIRECT_URLS}",
                response.failure()
            ),
        ),
        Ok(response) => report.cannot_tell(name, response.failure()),
    }
    Registered::Told
}
