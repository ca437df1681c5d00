//! The redirect URLs that a project accepts, according to the vendor's page about them: query parameters with any
//! value, deep links, `www.`, and the defaults of a new project.

use serde_json::json;
use stytch_sandbox::{Options, RedirectUrls, Sandbox, Seed};

use super::{
    control::{control, refused},
    lab::{Lab, Reply},
};

const NEXT: &str = "http://localhost:3000/authenticate?from=mail&next_route={}";

/// A lab whose project has these URLs, the same for each type.
async fn lab(urls: &[&str]) -> Lab {
    let lab = Lab::start().await;
    let urls: Vec<String> = urls.iter().map(|&url| url.to_owned()).collect();
    let urls = RedirectUrls {
        login: urls.clone(),
        signup: urls.clone(),
        discovery: urls.clone(),
        invite: urls.clone(),
        reset_password: urls,
    };
    let world = lab.sandbox.create_world(Seed::Default, urls);
    Lab { world, ..lab }
}

async fn start(lab: &Lab, url: &str) -> Reply {
    let token = lab.credentials().public_token;
    let url = url::form_urlencoded::byte_serialize(url.as_bytes()).collect::<String>();
    let path = "/v1/b2b/public/oauth/google/discovery/start";
    let query = format!("public_token={token}&discovery_redirect_url={url}");
    Reply::send(lab.http.get(format!("{}{path}?{query}", lab.url))).await
}

/// In each flow, the redirect has the value that the app gave.
#[tokio::test]
async fn a_registered_placeholder_accepts_any_value() {
    let lab = lab(&["http://localhost:3000/authenticate", NEXT]).await;
    let given = "http://localhost:3000/authenticate?from=mail&next_route=%2Fa%3Fb%3D1";
    let encoded: String = url::form_urlencoded::byte_serialize(given.as_bytes()).collect();
    let consent = lab
        .begin(
            "google",
            "start",
            &format!("slug=acme&login_redirect_url={encoded}"),
        )
        .await;
    let reply = consent.choose("ada@acme.example").await;
    assert!(
        reply
            .header("location")
            .starts_with(&format!("{given}&slug=acme&stytch_token_type=oauth&token=")),
        "{}",
        reply.header("location")
    );
    let page = lab
        .idp(&format!(
            "organization_id=globex&signup_redirect_url={encoded}"
        ))
        .await;
    let reply = page
        .press("/person", "name=N&email=n%40globex.example")
        .await;
    assert!(
        reply
            .header("location")
            .starts_with(&format!("{given}&slug=globex")),
        "{}",
        reply.header("location")
    );
    let more = json!({ "login_redirect_url": given });
    lab.magic_token("acme", "ada@acme.example", more).await;
    let (url, _) = lab.follow("ada@acme.example").await;
    assert!(url.starts_with(&format!("{given}&slug=acme")), "{url}");
    let more = json!({ "invite_redirect_url": given });
    lab.invite("acme", "new@elsewhere.example", more).await.ok();
    let (url, _) = lab.follow("new@elsewhere.example").await;
    assert!(url.starts_with(&format!("{given}&slug=acme")), "{url}");
    assert_eq!(start(&lab, given).await.status, 302);
}

/// The rest of the query must equal the registered one.
#[tokio::test]
async fn a_placeholder_accepts_only_its_own_value() {
    let lab = lab(&[NEXT, "http://localhost:3000/exact?a=1"]).await;
    for url in [
        "http://localhost:3000/authenticate",
        "http://localhost:3000/authenticate?from=mail",
        "http://localhost:3000/authenticate?from=mail&next_route",
        "http://localhost:3000/authenticate?from=mail&next_route=",
        "http://localhost:3000/authenticate?from=mail&other=x",
        "http://localhost:3000/authenticate?from=else&next_route=x",
        "http://localhost:3000/authenticate?next_route=x&from=mail",
        "http://localhost:3000/authenticate?from=mail&next_route=x&more=1",
        "http://localhost:3000/authenticate?from=mail&next_route=x#part",
        "http://localhost:3000/else?from=mail&next_route=x",
        "http://localhost:3001/authenticate?from=mail&next_route=x",
        "http://localhost:3000/exact?a=2",
        "http://localhost:3000/exact?a=1&b=2",
        "http://localhost:3000/exact?a={}",
    ] {
        let reply = start(&lab, url).await;
        assert_eq!(reply.status, 400, "{url}");
        reply.is_error(400, "no_match_for_provided_oauth_url");
    }
    assert_eq!(
        start(&lab, "http://localhost:3000/exact?a=1").await.status,
        302
    );
}

/// A URL with a placeholder can't be the default, because the value would be missing.
#[tokio::test]
async fn the_default_is_the_first_url_without_a_placeholder() {
    let only = lab(&[NEXT]).await;
    let body = json!({ "email_address": "ada@acme.example" });
    let send = "/v1/b2b/magic_links/email/discovery/send";
    only.post(send, body.clone())
        .await
        .is_error(400, "no_discovery_redirect_urls_set");
    let both = lab(&[NEXT, "http://localhost:3000/second"]).await;
    both.post(send, body).await.ok();
    let (url, _) = both.follow("ada@acme.example").await;
    assert!(url.starts_with("http://localhost:3000/second?"), "{url}");
}

#[tokio::test]
async fn www_is_ignored_and_other_subdomains_are_not() {
    let lab = lab(&["https://app.example/in", "https://www.other.example/in"]).await;
    for good in [
        "https://www.app.example/in",
        "https://app.example/in",
        "https://other.example/in",
    ] {
        assert_eq!(start(&lab, good).await.status, 302, "{good}");
    }
    for bad in [
        "https://www2.app.example/in",
        "https://a.app.example/in",
        "https://www.www.app.example/in",
        "https://wwwapp.example/in",
        "http://www.app.example/in",
        "https://www.app.example/in/",
    ] {
        let reply = start(&lab, bad).await;
        assert_eq!(reply.status, 400, "{bad}");
        reply.is_error(400, "no_match_for_provided_oauth_url");
    }
}

/// Apps on phones and desktops have their own scheme.
#[tokio::test]
async fn a_deep_link_leads_to_the_app() {
    let deep = "slack://auth/callback";
    let lab = lab(&[deep]).await;
    let consent = lab.begin("google", "start", "slug=acme").await;
    let reply = consent.choose("ada@acme.example").await;
    assert!(
        reply
            .header("location")
            .starts_with("slack://auth/callback?slug=acme&stytch_token_type=oauth&token="),
        "{}",
        reply.header("location")
    );
    lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let (url, _) = lab.follow("ada@acme.example").await;
    assert!(url.starts_with("slack://auth/callback?"), "{url}");
    assert_eq!(start(&lab, deep).await.status, 302);
    for other in [
        "slack://auth/else",
        "slack://www.auth/callback",
        "teams://auth/callback",
    ] {
        start(&lab, other)
            .await
            .is_error(400, "no_match_for_provided_oauth_url");
    }
}

/// Browsers handle some schemes themselves.
#[tokio::test]
async fn schemes_of_browsers_are_not_deep_links() {
    let lab = Lab::start().await;
    for url in [
        "javascript://localhost/%0Aalert(1)",
        "JavaScript://localhost/x",
        "data://localhost/x",
        "vbscript://localhost/x",
        "file://localhost/etc/passwd",
        "slack:callback",
        "slack:///callback",
    ] {
        let body = json!({ "redirect_urls": { "login": [url] } });
        let reply = control(&lab, reqwest::Method::POST, "/projects", Some(body)).await;
        assert_eq!(reply.status, 400, "{url}");
        refused(&reply, 400, "redirect_urls.login[0]");
        let seed = format!("[redirect_urls]\nlogin = ['{url}']\n");
        assert!(Seed::from_toml(&seed).is_err(), "{url}");
        start(&lab, url)
            .await
            .is_error(400, "invalid_discovery_redirect_url");
    }
}

/// The default of a new project is `/authenticate`, as at the vendor.
#[tokio::test]
async fn new_projects_and_the_reference_app_have_their_default_urls() {
    let (authenticate, discovery) = (
        "http://localhost:4000/authenticate",
        "http://localhost:4000/discovery",
    );
    for (is_reference_app, expected) in [
        (true, vec![discovery]),
        (false, vec![authenticate, discovery]),
    ] {
        let sandbox = Sandbox::with(Options {
            app_url: "http://localhost:4000/".to_owned(),
            is_reference_app,
            ..Options::default()
        });
        let urls = sandbox.world().redirect_urls();
        assert_eq!(urls.discovery, expected);
        for others in [urls.login, urls.signup, urls.invite] {
            assert_eq!(others, [authenticate]);
        }
    }

    let lab = Lab::start().await;
    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    let lab = Lab { world, ..lab };
    let consent = lab.begin("google", "discovery/start", "").await;
    let reply = consent.choose("ada@acme.example").await;
    assert!(
        reply
            .header("location")
            .starts_with("http://localhost:3000/authenticate?stytch_token_type=discovery_oauth"),
        "{}",
        reply.header("location")
    );
    assert_eq!(
        start(&lab, "http://localhost:3000/discovery").await.status,
        302
    );
    let query = "slug=acme&login_redirect_url=http://localhost:3000/discovery";
    let token = lab.credentials().public_token;
    let path = format!("/v1/b2b/public/oauth/google/start?public_token={token}&{query}");
    Reply::send(lab.http.get(format!("{}{path}", lab.url)))
        .await
        .is_error(400, "no_match_for_provided_oauth_url");
}

/// Parts that match are not mentioned.
#[tokio::test]
async fn the_page_names_only_the_parts_that_differ() {
    let lab = lab(&["https://www.app.example/in?next={}"]).await;
    let token = lab.credentials().public_token;
    let url = "https%3A%2F%2Fapp.example%2Fout%3Fnext%3Dx";
    let path = "/v1/b2b/public/oauth/google/discovery/start";
    let page = lab
        .open(&format!(
            "{path}?public_token={token}&discovery_redirect_url={url}"
        ))
        .await
        .text;
    assert!(page.contains("path is"), "{page}");
    assert!(
        !page.contains("query is") && !page.contains("host is"),
        "{page}"
    );
}
