//! The start endpoints. See `docs/stytch.md#start-urls`.

use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply};

async fn start(lab: &Lab, path_and_query: &str) -> Reply {
    Reply::send(
        lab.http
            .get(format!("{}/v1/b2b/public/oauth/{path_and_query}", lab.url)),
    )
    .await
}

#[tokio::test]
async fn a_valid_start_url_redirects_to_the_consent_page_with_a_cookie() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    for provider in ["google", "microsoft", "github", "slack", "hubspot"] {
        for flow in ["discovery/start?x=1", "start?slug=acme"] {
            let reply = start(&lab, &format!("{provider}/{flow}&public_token={token}")).await;
            assert_eq!(reply.status, 302, "{provider} {flow}: {}", reply.text);
            let body = reply.json();
            assert_eq!(body["status_code"], 200);
            let page = format!("{}{}", lab.url, reply.header("location"));
            assert_eq!(body["redirect_url"], page);
            let path = reply.header("location");
            assert!(path.starts_with("/_sandbox/oauth/"));
            let cookie = reply.header("set-cookie");
            assert!(
                cookie.ends_with(&format!(
                    "; Path={path}; Max-Age=600; HttpOnly; SameSite=Lax"
                )),
                "{cookie}"
            );
            assert_eq!(lab.open(path).await.status, 200);
        }
    }
}

#[tokio::test]
async fn the_public_token_is_checked() {
    let lab = Lab::start().await;
    start(&lab, "google/discovery/start")
        .await
        .is_error(400, "public_token_required");
    start(&lab, "google/discovery/start?public_token=")
        .await
        .is_error(400, "public_token_required");
    start(&lab, "google/discovery/start?public_token=abc")
        .await
        .is_error(400, "invalid_public_token_id");
    let unknown = "public-token-test-11111111-1111-4111-8111-111111111111";
    let reply = start(
        &lab,
        &format!("google/discovery/start?public_token={unknown}"),
    )
    .await;
    reply.is_error(404, "public_token_not_found");
}

#[tokio::test]
async fn unknown_providers_are_unknown_routes() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    for provider in ["gitlab", "Google", "google%20"] {
        let reply = start(
            &lab,
            &format!("{provider}/start?slug=acme&public_token={token}"),
        )
        .await;
        reply.is_error(404, "route_not_found");
    }
}

#[tokio::test]
async fn exactly_one_organization_locator_is_required() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let id = "organization-test-00000001-0000-4000-8000-000000000000";
    let begin =
        |rest: String| start_owned(&lab, format!("google/start?public_token={token}{rest}"));
    begin(String::new())
        .await
        .is_error(400, "missing_oauth_organization_locator");
    begin(format!("&slug=acme&organization_id={id}"))
        .await
        .is_error(400, "too_many_oauth_organization_locators");
    begin("&slug=nowhere".into())
        .await
        .is_error(404, "organization_not_found");
    begin("&organization_id=nowhere".into())
        .await
        .is_error(404, "organization_not_found");
    for good in [
        "&slug=acme".to_owned(),
        "&organization_id=acme".to_owned(),
        format!("&organization_id={id}"),
    ] {
        assert_eq!(begin(good.clone()).await.status, 302, "{good}");
    }
}

async fn start_owned(lab: &Lab, path_and_query: String) -> Reply {
    start(lab, &path_and_query).await
}

#[tokio::test]
async fn pkce_challenges_must_be_a_sha256() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let good = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";
    let padded = format!("{good}=");
    let plus = good.replace('_', "%2B");
    for bad in ["", "short", &padded, &plus] {
        let reply = start(
            &lab,
            &format!("google/discovery/start?public_token={token}&pkce_code_challenge={bad}"),
        )
        .await;
        reply.is_error(400, "invalid_pkce_code_challenge");
    }
    let reply = start(
        &lab,
        &format!("google/discovery/start?public_token={token}&pkce_code_challenge={good}"),
    )
    .await;
    assert_eq!(reply.status, 302);
}

#[tokio::test]
async fn redirect_urls_must_match_exactly_and_by_type() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let discovery = |url: &'static str| {
        start_owned(
            &lab,
            format!("google/discovery/start?public_token={token}&discovery_redirect_url={url}"),
        )
    };
    assert_eq!(
        discovery("http://localhost:3000/discovery").await.status,
        302
    );
    for url in [
        "http://localhost:3001/discovery",
        "https://localhost:3000/discovery",
        "http://127.0.0.1:3000/discovery",
        "http://localhost:3000/discovery/",
        "http://localhost:3000/discovery%3Fx=1",
        "http://localhost:3000/authenticate", // registered for another type
        "http://LOCALHOST:3000/discovery",
    ] {
        let reply = discovery(url).await;
        reply.is_error(400, "no_match_for_provided_oauth_url");
    }
    for url in ["nonsense", "javascript:alert(1)", "/discovery"] {
        discovery(url)
            .await
            .is_error(400, "invalid_discovery_redirect_url");
    }
    // If both are in the request, both must be registered.
    for (login, signup, expected) in [
        (
            "http://localhost:3000/authenticate",
            "http://localhost:3000/welcome",
            "no_match_for_provided_oauth_url",
        ),
        (
            "http://localhost:3000/welcome",
            "http://localhost:3000/authenticate",
            "no_match_for_provided_oauth_url",
        ),
        (
            "nonsense",
            "http://localhost:3000/authenticate",
            "invalid_login_redirect_url",
        ),
        (
            "http://localhost:3000/authenticate",
            "nonsense",
            "invalid_signup_redirect_url",
        ),
    ] {
        let query = format!("slug=acme&login_redirect_url={login}&signup_redirect_url={signup}");
        start(&lab, &format!("google/start?public_token={token}&{query}"))
            .await
            .is_error(400, expected);
    }
}

/// The page for a redirect URL that is not registered leads to the form that registers it, in the same project.
#[tokio::test]
async fn a_page_about_a_redirect_url_leads_to_the_form() {
    let lab = Lab::start().await;
    let urls = stytch_sandbox::RedirectUrls::default();
    let world = lab
        .sandbox
        .create_world(stytch_sandbox::Seed::Default, urls);
    let (id, token) = (
        &world.credentials().project_id,
        &world.credentials().public_token,
    );
    let begin = |url: &str| {
        format!(
            "/v1/b2b/public/oauth/google/discovery/start?public_token={token}&discovery_redirect_url={url}"
        )
    };
    let page = lab.open(&begin("http://localhost:1/wrong")).await;
    let form = format!("<a href=\"/_sandbox/console/{id}/redirect_urls\">Edit redirect URLs</a>");
    assert!(page.text.contains(&form), "{}", page.text);
    let page = lab.open(&begin("nonsense")).await;
    let console = "<a href=\"/_sandbox/\">Open the console</a>";
    assert!(page.text.contains(console), "{}", page.text);
}

#[tokio::test]
async fn without_registered_urls_start_urls_are_refused() {
    let lab = Lab::start().await;
    let none = RedirectUrls {
        login: vec![],
        signup: vec![],
        discovery: vec![],
        invite: vec![],
        reset_password: vec![],
    };
    let token = lab
        .sandbox
        .create_world(Seed::Default, none)
        .credentials()
        .public_token
        .clone();
    let reply = start(
        &lab,
        &format!("google/discovery/start?public_token={token}"),
    )
    .await;
    reply.is_error(400, "no_discovery_redirect_urls_set");
    start(
        &lab,
        &format!("google/start?slug=acme&public_token={token}"),
    )
    .await
    .is_error(400, "no_login_redirect_urls_set");

    let half = RedirectUrls {
        signup: vec![],
        ..RedirectUrls::default()
    };
    let token = lab
        .sandbox
        .create_world(Seed::Default, half)
        .credentials()
        .public_token
        .clone();
    start(
        &lab,
        &format!("google/start?slug=acme&public_token={token}"),
    )
    .await
    .is_error(400, "no_signup_redirect_urls_set");
}

#[tokio::test]
async fn browsers_see_how_the_redirect_url_differs() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let received = "http://localhost:3001/discovery%3Fa%3D%3Cb%3E";
    let reply = lab
        .open(&format!("/v1/b2b/public/oauth/google/discovery/start?public_token={token}&discovery_redirect_url={received}"))
        .await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (400, "text/html; charset=utf-8")
    );
    for shown in [
        "http://localhost:3001/discovery?a=",
        "http://localhost:3000/discovery",
        "3001",
        "no_match_for_provided_oauth_url",
    ] {
        assert!(
            reply.text.contains(shown),
            "{shown} is missing in {}",
            reply.text
        );
    }
    assert!(
        reply.text.contains("port is")
            && reply.text.contains("query is")
            && !reply.text.contains("host is")
    );
    assert!(!reply.text.contains("<b>"), "what was received is escaped");
}

/// The vendor's guide has one path without `b2b`.
#[tokio::test]
async fn the_path_in_a_vendor_guide_works_too() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    for flow in ["discovery/start?", "start?slug=acme&"] {
        let url = format!(
            "{}//v1/public/oauth/google/{flow}public_token={token}",
            lab.url
        );
        assert_eq!(Reply::send(lab.http.get(url)).await.status, 302);
    }
}

/// The allowed methods are checked when the token is used.
#[tokio::test]
async fn a_method_that_is_not_allowed_can_still_start() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "start", "slug=vandelay").await;
    let reply = consent.choose("carol@initech.example").await;
    let token = reply
        .header("location")
        .rsplit_once("token=")
        .expect("a token")
        .1
        .to_owned();
    let reply = lab
        .post(
            "/v1/b2b/oauth/authenticate",
            json!({ "oauth_token": token }),
        )
        .await;
    reply.is_error(403, "operation_restricted_by_organization_auth_methods");
}
