//! What the example must not do without the visitor's own click: spend a token, or sign the visitor in.

use std::time::Duration;

use reqwest::StatusCode;
use stytch_b2b_axum::stytch::{AuthenticateOptions, PkceVerifier, pkce, secret::CallbackToken};
use stytch_sandbox::FaultKind;
use url::Url;

use super::{Example, GLOBEX, assert_failed, challenge, stytch};
use crate::support::{
    Browser,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE},
};

const NOT_STARTED: &str = "No sign-in is in progress here. Start again.";

fn token(callback: &str) -> CallbackToken {
    let url = Url::parse(callback).unwrap();
    let mut query = url.query_pairs();
    let (_, token) = query.find(|(name, _)| name == "token").unwrap();
    CallbackToken::new(token)
}

/// Goes to the consent page, and returns the callback URL of the person's button.
async fn callback(browser: &mut Browser, start: &str, email: &str) -> String {
    browser.get(start).await;
    browser.arrive().await;
    browser.click(email).await.location().to_string()
}

/// Login CSRF: a stranger's completed sign-in opens in the visitor's browser.
#[tokio::test]
async fn unsolicited_callbacks_spend_nothing() {
    let example = Example::start().await;
    let callbacks = [
        example.approve("mallory@evil.example", None, None),
        example.approve("bob@globex.example", Some("globex"), None),
    ];
    let mut ada = example.signed_in().await;
    example.world.clear_calls();
    for callback in &callbacks {
        let mut fresh = example.browser();
        assert_failed(&fresh.get(callback).await, 400, NOT_STARTED);
        assert_eq!(fresh.cookie(), None);
        assert_failed(&ada.get(callback).await, 400, NOT_STARTED);
    }
    assert!(example.world.calls().is_empty(), "Stytch was not called");
    let text = "You are signed in to Acme Corp as ada@acme.example.";
    assert!(ada.get("/dashboard").await.text().contains(text));
    // The tokens still work for their owners.
    let base_url = Url::parse(&example.world.base_url()).unwrap();
    let stytch = stytch(&example.world, base_url);
    let discovery = token(&callbacks[0]);
    let found = stytch
        .oauth()
        .discovery_authenticate(&discovery, None)
        .await;
    found.unwrap();
    let (oauth, options) = (token(&callbacks[1]), AuthenticateOptions::default());
    stytch.oauth().authenticate(&oauth, &options).await.unwrap();
}

/// A pending sign-in of one flow does not permit a callback of the other.
#[tokio::test]
async fn a_pending_sign_in_counts_for_its_own_flow() {
    let example = Example::start().await;
    let mut ada = example.browser();
    ada.get("/start/google").await;
    let other = example.approve("ada@acme.example", Some("acme"), None);
    assert_failed(&ada.get(&other).await, 400, NOT_STARTED);
    let mut ada = example.browser();
    ada.get("/org/acme/start/google").await;
    let other = example.approve("ada@acme.example", None, None);
    assert_failed(&ada.get(&other).await, 400, NOT_STARTED);
    assert!(example.calls(DISCOVERY).is_empty() && example.calls(AUTHENTICATE).is_empty());
}

/// PKCE: a stranger's token arrives while the visitor's own sign-in is pending.
#[tokio::test]
async fn an_injected_token_is_refused() {
    let example = Example::start().await;
    let strangers = pkce::challenge(&PkceVerifier::new("a stranger's own verifier"));
    for challenge in [None, Some(strangers.as_str())] {
        let mut ada = example.browser();
        ada.get("/start/google").await;
        let injected = example.approve("mallory@evil.example", None, challenge);
        assert_failed(&ada.get(&injected).await, 403, "Stytch refused this.");
        assert_eq!(ada.get("/organizations").await.status, 400);
        ada.get("/org/acme/start/google").await;
        let injected = example.approve("ada@acme.example", Some("acme"), challenge);
        assert_failed(&ada.get(&injected).await, 403, "Stytch refused this.");
        assert_eq!(ada.get("/dashboard").await.status, 401);
    }
}

/// A token of another type, or none, is not sent to Stytch, and the pending sign-in stays.
#[tokio::test]
async fn a_wrong_token_type_spends_nothing() {
    let example = Example::start().await;
    for (start, own) in [
        ("/start/google", "discovery_oauth"),
        ("/org/acme/start/google", "oauth"),
    ] {
        let mut ada = example.browser();
        let callback = callback(&mut ada, start, "ada@acme.example").await;
        example.world.clear_calls();
        let own = format!("stytch_token_type={own}");
        for wrong in [
            "discovery_oauth",
            "oauth",
            "discovery",
            "sso",
            "magic_links",
            "",
        ] {
            let wrong = format!("stytch_token_type={wrong}");
            if wrong != own {
                let url = callback.replace(&own, &wrong);
                assert_failed(&ada.get(&url).await, 400, NOT_STARTED);
            }
        }
        let path = callback.split('?').next().unwrap();
        for query in [
            "",
            "?error=access_denied",
            &format!("?{own}"),
            &format!("?{own}&token="),
        ] {
            assert_failed(&ada.get(&format!("{path}{query}")).await, 400, NOT_STARTED);
        }
        assert!(example.world.calls().is_empty());
        assert_eq!(ada.get(&callback).await.status, StatusCode::SEE_OTHER);
    }
}

/// Link checkers send HEAD, and browsers prefetch. Neither is a click.
#[tokio::test]
async fn only_a_click_starts_or_completes_a_sign_in() {
    let example = Example::start().await;
    for start in ["/start/google", "/org/acme/start/google"] {
        let fresh = example.browser();
        let head = fresh.request("HEAD", start).send().await.unwrap();
        assert_eq!(head.status(), 405);
        assert_eq!(head.headers()["allow"], "GET");
        assert!(head.headers().get("set-cookie").is_none());
        let prefetch = fresh
            .request("GET", start)
            .header("sec-purpose", "prefetch");
        let prefetch = prefetch.send().await.unwrap();
        assert_eq!(prefetch.status(), 503);
        assert!(prefetch.headers().get("set-cookie").is_none());

        let mut ada = example.browser();
        let callback = callback(&mut ada, start, "ada@acme.example").await;
        example.world.clear_calls();
        let head = ada.request("HEAD", &callback).send().await.unwrap();
        assert_eq!(head.status(), 405);
        let purpose = "prefetch;prerender";
        let prefetch = ada.request("GET", &callback).header("sec-purpose", purpose);
        assert_eq!(prefetch.send().await.unwrap().status(), 503);
        assert!(example.world.calls().is_empty());
        assert_eq!(ada.get(&callback).await.status, StatusCode::SEE_OTHER);
    }
}

/// A form of another site, or of another origin on the same host.
#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let example = Example::start().await;
    let ada = example.signed_in().await;
    let frank = example.choosing("frank@startup.example").await;
    example.world.clear_calls();
    for site in ["cross-site", "same-site"] {
        for (browser, path) in [
            (&ada, "/logout"),
            (&frank, "/create_org"),
            (&frank, "/login/x"),
        ] {
            let forged = browser.request("POST", path).header("sec-fetch-site", site);
            let forged = forged.header("content-type", "application/x-www-form-urlencoded");
            let forged = forged.body("name=Forged&slug=forged").send().await.unwrap();
            assert_eq!(forged.status(), 403, "{path}");
        }
    }
    // Older browsers send no `Sec-Fetch-Site`.
    let forged = ada
        .request("POST", "/logout")
        .header("origin", "http://evil.example");
    assert_eq!(forged.send().await.unwrap().status(), 403);
    assert!(example.world.calls().is_empty());
    assert_eq!(ada.clone().get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn a_pending_sign_in_expires_after_ten_minutes() {
    let example = Example::start().await;
    for (start, token_type) in [
        ("/start/google", "discovery_oauth"),
        ("/org/acme/start/google", "oauth"),
    ] {
        let mut ada = example.browser();
        let in_time = callback(&mut ada, start, "ada@acme.example").await;
        example
            .age(&ada, token_type, Duration::from_secs(590))
            .await;
        assert_eq!(ada.get(&in_time).await.status, StatusCode::SEE_OTHER);

        let mut ada = example.browser();
        let late = callback(&mut ada, start, "ada@acme.example").await;
        example.age(&ada, token_type, Duration::from_mins(10)).await;
        example.world.clear_calls();
        assert_failed(&ada.get(&late).await, 400, NOT_STARTED);
        assert!(example.world.calls().is_empty());
    }
}

/// After a reload the visitor starts again or goes on where they were. Stytch is not called twice.
#[tokio::test]
async fn a_callback_works_once() {
    let example = Example::start().await;
    let mut ada = example.browser();
    let url = callback(&mut ada, "/start/google", "ada@acme.example").await;
    assert_eq!(ada.get(&url).await.status, StatusCode::SEE_OTHER);
    assert_failed(&ada.get(&url).await, 400, NOT_STARTED);
    assert_eq!(example.calls(DISCOVERY).len(), 1);
    assert_eq!(ada.get("/organizations").await.status, 200);

    let url = callback(&mut ada, "/org/acme/start/google", "ada@acme.example").await;
    assert_eq!(ada.get(&url).await.status, StatusCode::SEE_OTHER);
    assert_failed(&ada.get(&url).await, 400, NOT_STARTED);
    assert_eq!(example.calls(AUTHENTICATE).len(), 1);
    assert_eq!(ada.get("/dashboard").await.status, 200);
}

/// tower-sessions saves nothing if the response is a 5xx. The verifier is used up nevertheless.
#[tokio::test]
async fn a_verifier_works_once_even_if_stytch_fails() {
    let example = Example::start().await;
    for (start, path) in [
        ("/start/google", DISCOVERY),
        ("/org/acme/start/google", AUTHENTICATE),
    ] {
        let mut ada = example.browser();
        let url = callback(&mut ada, start, "ada@acme.example").await;
        example.fault(path, FaultKind::ResetBefore);
        assert_failed(&ada.get(&url).await, 503, "Sign-in is not available.");
        assert_failed(&ada.get(&url).await, 400, NOT_STARTED);
        assert_eq!(example.calls(path).len(), 1);
    }
}

/// The last start of a flow wins: an earlier one's token no longer fits the verifier.
#[tokio::test]
async fn an_earlier_start_does_not_count() {
    let example = Example::start().await;
    let mut ada = example.browser();
    let earlier = callback(&mut ada, "/start/google", "ada@acme.example").await;
    ada.get("/start/google").await;
    assert_failed(&ada.get(&earlier).await, 403, "Stytch refused this.");
}

/// A token for another organization than the visitor asked for, with the right challenge.
#[tokio::test]
async fn another_organizations_callback_is_refused() {
    let example = Example::start().await;
    let mut ada = example.browser();
    let start = ada.get("/org/acme/start/google").await;
    let challenge = challenge(&start);
    let other = example.approve("ada@acme.example", Some("oneil"), Some(&challenge));
    let page = ada.get(&other).await;
    assert_failed(&page, 409, "The sign-in was for another organization.");
    assert_eq!(example.calls(AUTHENTICATE).len(), 1, "Stytch signed in");
    assert_eq!(ada.get("/dashboard").await.status, 401);
}

/// Only what the list shows can be chosen, because the visitor can post any id.
#[tokio::test]
async fn an_organization_that_was_not_offered_is_refused() {
    let example = Example::start().await;
    let mut ada = example.choosing("ada@acme.example").await;
    assert!(!ada.page().body.contains(GLOBEX));
    let page = ada.post(&format!("/login/{GLOBEX}"), &[]).await;
    assert_failed(&page, 404, "There is no such organization.");
    assert!(example.calls(EXCHANGE).is_empty());
    assert_eq!(ada.get("/dashboard").await.status, 401);
}

#[tokio::test]
async fn no_step_works_without_the_one_before() {
    let example = Example::start().await;
    let mut ada = example.signed_in().await;
    let mut fresh = example.browser();
    example.world.clear_calls();
    for browser in [&mut fresh, &mut ada] {
        for path in ["/organizations", "/create_org"] {
            assert_failed(&browser.get(path).await, 400, NOT_STARTED);
        }
        let create = [("name", "Startup"), ("slug", "startup")];
        assert_failed(
            &browser.post("/create_org", &create).await,
            400,
            NOT_STARTED,
        );
        let login = browser.post(&format!("/login/{GLOBEX}"), &[]).await;
        assert_failed(&login, 400, NOT_STARTED);
    }
    assert!(example.calls(CREATE).is_empty() && example.calls(EXCHANGE).is_empty());
}
