//! The consent page: its content, its buttons, and requests that it refuses.

use std::time::Duration;

use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply};

#[tokio::test]
async fn discovery_returns_with_its_token_only() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let reply = consent.choose("ada@acme.example").await;
    assert_eq!(reply.status, 303);
    let (url, token) = reply
        .header("location")
        .split_once("&token=")
        .expect("a token, last by the alphabet");
    assert_eq!(
        url,
        "http://localhost:3000/discovery?stytch_token_type=discovery_oauth"
    );
    assert_eq!(token.len(), 44);
    assert!(
        reply.header("set-cookie").contains("Max-Age=0"),
        "the cookie is removed"
    );
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    let reply = lab
        .post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await;
    assert_eq!(reply.ok()["email_address"], "ada@acme.example");
}

/// Members return to the login URL; new, pending and invited ones return to the signup URL.
#[tokio::test]
async fn organization_logins_return_to_the_url_for_members_or_signups() {
    let lab = Lab::start().await;
    let urls = RedirectUrls {
        login: vec!["http://localhost:3000/in?kept=1".into()],
        signup: vec!["http://localhost:3000/new".into()],
        discovery: vec![],
        invite: vec![],
        reset_password: vec![],
    };
    let lab = Lab {
        world: lab.sandbox.create_world(Seed::Default, urls),
        ..lab
    };
    for (email, expected) in [
        (
            "ada@acme.example",
            "http://localhost:3000/in?kept=1&slug=acme&stytch_token_type=oauth&token=",
        ),
        (
            "carol@initech.example",
            "http://localhost:3000/new?slug=acme&stytch_token_type=oauth&token=",
        ),
        (
            "mallory@evil.example",
            "http://localhost:3000/new?slug=acme&stytch_token_type=oauth&token=",
        ),
    ] {
        let reply = lab
            .begin("google", "start", "slug=acme")
            .await
            .choose(email)
            .await;
        assert!(
            reply.header("location").starts_with(expected),
            "{email}: {}",
            reply.header("location")
        );
    }
}

#[tokio::test]
async fn cancel_returns_without_a_token() {
    let lab = Lab::start().await;
    for (flow, back) in [("discovery/start", "discovery"), ("start", "authenticate")] {
        let consent = lab.begin("google", flow, "slug=acme").await;
        let reply = consent.press("/cancel", "").await;
        assert_eq!(reply.status, 303);
        let expected =
            format!("http://localhost:3000/{back}?error=access_denied&error_description=");
        assert!(
            reply.header("location").starts_with(&expected),
            "{}",
            reply.header("location")
        );
        assert!(!reply.header("location").contains("token"));
        consent
            .press("", "person=person-1")
            .await
            .is_error(400, "oauth_state_used");
    }
}

#[tokio::test]
async fn a_request_can_be_used_for_one_sign_in() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    assert_eq!(consent.choose("ada@acme.example").await.status, 303);
    for (more, form) in [
        ("", "person=person-1"),
        ("/cancel", ""),
        ("/person", "name=A&email=a@b.example"),
    ] {
        consent
            .press(more, form)
            .await
            .is_error(400, "oauth_state_used");
    }
    let page = consent.page().await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("start a new one") && !page.text.contains("<button"));
}

#[tokio::test]
async fn only_the_browser_that_started_can_finish() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let other = lab.begin("google", "discovery/start", "").await;
    for more in ["", "/cancel", "/person"] {
        let without = consent.request(more, "person=person-1");
        Reply::send(without)
            .await
            .is_error(400, "oauth_state_mismatch");
        let foreign = consent
            .request(more, "person=person-1")
            .header("cookie", &other.cookie);
        Reply::send(foreign)
            .await
            .is_error(400, "oauth_state_mismatch");
    }
    let as_page = consent
        .request("", "person=person-1")
        .header("accept", "text/html");
    let page = Reply::send(as_page).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (400, "text/html; charset=utf-8")
    );
    assert!(page.text.contains("oauth_state_mismatch"));
    assert_eq!(
        consent.choose("ada@acme.example").await.status,
        303,
        "an error does not use up the request"
    );
}

#[tokio::test]
async fn posts_from_other_sites_are_refused() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let post = |site: &str| {
        let request = consent
            .request("", "person=person-1")
            .header("cookie", &consent.cookie);
        Reply::send(request.header("sec-fetch-site", site))
    };
    post("cross-site")
        .await
        .is_error(403, "unauthorized_action");
    post("same-site").await.is_error(403, "unauthorized_action");
    assert_eq!(post("same-origin").await.status, 303);
}

#[tokio::test]
async fn a_forged_person_is_refused() {
    let lab = Lab::start().await;
    let consent = lab.begin("slack", "discovery/start", "").await;
    // Unknown, empty, and Ada, who has no Slack account.
    for form in [
        "person=person-99",
        "person=",
        "",
        "person=person-1",
        "email=ada@acme.example",
    ] {
        consent.press("", form).await.is_error(400, "bad_request");
    }
    assert_eq!(consent.choose("dave@hooli.example").await.status, 303);
}

#[tokio::test]
async fn requests_expire_after_ten_minutes() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    lab.world.advance(Duration::from_secs(599));
    assert_eq!(consent.page().await.status, 200);
    lab.world.advance(Duration::from_secs(1));
    let page = consent.page().await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(page.text.contains("start a new one"));
    consent
        .press("", "person=person-1")
        .await
        .is_error(400, "oauth_invalid_state");
    assert_eq!(lab.open("/_sandbox/oauth/unknown").await.status, 404);
}

#[tokio::test]
async fn the_page_has_a_button_with_the_address_for_each_person() {
    let lab = Lab::start().await;
    let page = lab
        .begin("microsoft", "discovery/start", "")
        .await
        .page()
        .await;
    let buttons: Vec<&str> = page
        .text
        .split("<button")
        .filter(|it| it.contains("name=\"person\""))
        .collect();
    let has =
        |button: &str, name: &str, email: &str| button.contains(name) && button.contains(email);
    assert_eq!(buttons.len(), 2, "Ada and Carol have Microsoft accounts");
    assert!(has(buttons[0], "Ada Lovelace", "ada@acme.example"));
    assert!(has(buttons[1], "Carol Danvers", "carol@initech.example"));
    assert!(page.text.contains("Sandbox"));
}

#[tokio::test]
async fn the_page_shows_the_request() {
    let lab = Lab::start().await;
    let query = "slug=acme&custom_scopes=read:org+admin&provider_prompt=consent\
                 &pkce_code_challenge=hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";
    let page = lab.begin("github", "start", query).await.page().await.text;
    for shown in [
        "read:user user:email read:org admin",
        "prompt=consent",
        "with a challenge",
        "http://localhost:3000/authenticate",
        "Acme Corp",
    ] {
        assert!(page.contains(shown), "{shown} is missing in {page}");
    }
    assert!(
        !page.contains("hODA6vqpWjTCk"),
        "the challenge itself is not shown"
    );
    let page = lab
        .begin("github", "discovery/start", "")
        .await
        .page()
        .await
        .text;
    assert!(
        page.contains("without a challenge") && page.contains("read:org"),
        "the missing scope is explained"
    );
}

#[tokio::test]
async fn the_person_in_the_login_hint_is_first() {
    let lab = Lab::start().await;
    let page = lab
        .begin(
            "google",
            "discovery/start",
            "provider_login_hint=Hal@hooli.example",
        )
        .await
        .page()
        .await
        .text;
    let (hal, ada) = (
        page.find("hal@hooli.example"),
        page.find("ada@acme.example"),
    );
    assert!(hal.is_some() && hal < ada);
    assert_eq!(page.matches("suggested</span>").count(), 1);
    let page = lab
        .begin(
            "google",
            "discovery/start",
            "provider_login_hint=new@x.example",
        )
        .await
        .page()
        .await
        .text;
    assert!(
        page.contains("value=\"new@x.example\""),
        "the form is filled in"
    );
}

#[tokio::test]
async fn pages_have_security_headers() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let css = Reply::send(lab.http.get(format!("{}/_sandbox/sandbox.css", lab.url))).await;
    assert_eq!(
        (css.status, css.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
    let icon = Reply::send(lab.http.get(format!("{}/_sandbox/icon.svg", lab.url))).await;
    assert_eq!(
        (icon.status, icon.header("content-type")),
        (200, "image/svg+xml")
    );
    for page in [
        consent.page().await,
        lab.open("/_sandbox/oauth/unknown").await,
        consent.press("/person", "").await,
    ] {
        assert_eq!(
            page.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            "without form-action: the form ends on the app"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert!(
            !page.text.contains("<script")
                && !page.text.contains(" style=")
                && !page.text.contains("https://")
        );
    }
}
