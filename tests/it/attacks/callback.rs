use axum::{Router, extract::State, routing::get};
use proptest::prelude::*;
use stytch_b2b_axum::{
    error::AppError,
    session::{Arrival, BrowserSession},
    sign_in::{Callback, DiscoveryCallback, TokenType},
    state::AppState,
    stytch::{PkceVerifier, pkce, secret::CallbackToken},
};
use stytch_sandbox::{Approval, FaultKind, Flow};
use tower_sessions::Session;
use url::Url;

use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY, Setup, session_of_another_request},
    random,
};

/// C1: an attacker's completed callback opens in the victim's browser.
#[tokio::test]
async fn an_unsolicited_callback_asks_for_confirmation() {
    let app = TestApp::start().await;
    let evil = app.foreign_discovery("mallory@evil.example");
    let mut alice = app.signed_in("acme", "ada@acme.example").await;
    let mut fresh = app.browser();
    app.forget_calls().await;
    for browser in [&mut alice, &mut fresh] {
        browser.get(&evil).await;
        let page = browser.arrive().await;
        assert_eq!(page.path(), "/confirm");
        assert!(page.text().contains("If someone else sent you here"));
    }
    assert!(
        alice
            .page()
            .text()
            .contains("You are signed in to Acme Corp as ada@acme.example")
    );
    assert!(
        alice.get("/org/acme").await.text().contains("Ada Lovelace"),
        "still signed in as herself"
    );
    assert!(app.world.calls().is_empty(), "Stytch was not called");
    // A form on the attacker's page can't confirm it.
    for site in ["cross-site", "same-site"] {
        let forged = fresh
            .request("POST", "/confirm")
            .header("sec-fetch-site", site);
        let forged = forged
            .header("origin", "http://evil.example")
            .send()
            .await
            .unwrap();
        assert_eq!(forged.status(), 403);
    }
    assert!(app.calls(DISCOVERY).is_empty());
    // The token is unspent: its owner can still use it, and so can a visitor who confirms.
    let mut mallory = app.browser();
    mallory.get(&evil).await;
    mallory.arrive().await;
    assert!(
        mallory
            .go("Continue")
            .await
            .text()
            .contains("mallory@evil.example")
    );
}

/// C1: a start URL that was typed by hand has no challenge of the app's, so its callback requires confirmation.
#[tokio::test]
async fn a_start_url_without_a_challenge_requires_confirmation() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let start = ada.get("/start/google").await.location();
    let mut by_hand = start.clone();
    let mut kept: Vec<(String, String)> = start.query_pairs().into_owned().collect();
    kept.retain(|(name, _)| name != "pkce_code_challenge");
    by_hand.query_pairs_mut().clear().extend_pairs(kept);
    let mut elsewhere = app.browser();
    elsewhere.get(by_hand.as_str()).await;
    elsewhere.arrive().await;
    assert_eq!(elsewhere.go("ada@acme.example").await.path(), "/confirm");
    assert_eq!(elsewhere.go("Continue").await.path(), "/organizations");
}

/// C2: a stranger's token arrives while the victim's own sign-in is pending.
#[tokio::test]
async fn an_injected_token_is_refused() {
    let app = TestApp::start().await;
    let other = pkce::challenge(&PkceVerifier::new("an attacker's own verifier"));
    for challenge in [None, Some(other.as_str())] {
        let evil = app.world.approve(Approval {
            flow: Flow::DiscoveryOauth,
            provider: "google",
            email: "mallory@evil.example",
            organization: None,
            pkce_code_challenge: challenge,
        });
        let mut victim = app.browser();
        victim.get("/").await;
        victim.go("Continue with Google").await;
        let own = victim.click("ada@acme.example").await.location();
        let page = victim.get(&evil.redirect_url).await;
        assert_eq!(page.status, 400, "{}", page.text());
        assert!(page.text().contains("can't be finished here"));
        page.action("Start again with Google", &[]);
        assert!(app.calls(DISCOVERY).last().unwrap().body["pkce_code_verifier"].is_string());
        // The visitor's own sign-in can still finish. Afterwards, none is in progress.
        victim.get(own.as_str()).await;
        assert!(victim.arrive().await.text().contains("ada@acme.example"));
        let unsolicited = app.foreign_discovery("mallory@evil.example");
        let next = victim.get(&unsolicited).await;
        assert_eq!(next.location().path(), "/confirm");
    }
}

/// C2: the challenge is removed from the start URL, or replaced.
#[tokio::test]
async fn a_rewritten_start_url_is_refused() {
    let app = TestApp::start().await;
    let other = pkce::challenge(&PkceVerifier::new("an attacker's own verifier"));
    for replacement in [None, Some(other.as_str())] {
        let mut victim = app.browser();
        let start = victim.get("/start/google").await.location();
        let mut rewritten = start.clone();
        rewritten
            .query_pairs_mut()
            .clear()
            .extend_pairs(start.query_pairs().filter_map(|(name, value)| {
                match (&*name, replacement) {
                    ("pkce_code_challenge", None) => None,
                    ("pkce_code_challenge", Some(other)) => Some((name, other.into())),
                    _ => Some((name, value)),
                }
            }));
        victim.get(rewritten.as_str()).await;
        victim.arrive().await;
        let page = victim.go("ada@acme.example").await;
        assert_eq!(page.status, 400, "{}", page.text());
        assert_eq!(victim.get("/organizations").await.status, 400);
    }
}

/// C3: the verifier leaves the server only for Stytch.
#[tokio::test]
async fn verifiers_are_unique_and_never_shown() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let mut seen = Vec::new();
    for _ in 0..3 {
        ada.get("/").await;
        seen.push(format!("{:?}", ada.click("Continue with Google").await));
        ada.arrive().await;
        seen.push(format!("{:?}", ada.click("ada@acme.example").await));
        seen.push(format!("{:?}", ada.arrive().await));
    }
    let calls = app.calls(DISCOVERY);
    let verifiers: Vec<&str> = calls
        .iter()
        .map(|call| call.body["pkce_code_verifier"].as_str().unwrap())
        .collect();
    assert_eq!(verifiers.len(), 3);
    assert!(verifiers[0] != verifiers[1] && verifiers[1] != verifiers[2]);
    let logs = crate::support::logs::text();
    for verifier in verifiers {
        assert!(!seen.iter().any(|page| page.contains(verifier)) && !logs.contains(verifier));
    }
}

/// C4: the visitor returns from the provider before and after the limit.
#[tokio::test]
async fn a_pending_sign_in_expires_after_ten_minutes() {
    for (seconds, expected) in [(599, 303), (600, 410)] {
        let app = TestApp::start().await;
        let mut ada = app.browser();
        ada.get("/").await;
        ada.go("Continue with Google").await;
        app.advance_app(seconds);
        let back = ada.click("ada@acme.example").await;
        assert_eq!(back.location().path(), "/discovery");
        let page = ada.follow().await;
        assert_eq!(page.status, expected, "after {seconds} seconds");
        assert_eq!(app.calls(DISCOVERY).len(), usize::from(expected == 303));
        if expected == 410 {
            page.action("Start again with Google", &[]);
        }
    }
}

/// C5, C6: of two requests with the same token, even at two instances, only one sends it to Stytch.
#[tokio::test]
async fn only_one_request_sends_a_token() {
    async fn claims(
        State(app): State<AppState>,
        tower: Session,
        session: BrowserSession,
    ) -> String {
        session.sign_in_state().await.unwrap();
        let claim = async |session: &BrowserSession| {
            let token = CallbackToken::new("token");
            let claimed = session.claim(TokenType::DiscoveryOauth, None, &token);
            claimed.await.unwrap()
        };
        let faster = tokio::spawn(async move {
            let session = session_of_another_request(&app, &tower).await;
            assert!(matches!(claim(&session).await, Arrival::Started(_)));
        });
        faster.await.unwrap();
        match claim(&session).await {
            Arrival::Started(_) => "sent twice".to_owned(),
            Arrival::Reload => "a reload".to_owned(),
            Arrival::Unsolicited => "unsolicited".to_owned(),
        }
    }
    let app = TestApp::with(Setup {
        more: Router::new().route("/claims", get(claims)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.browser();
    ada.get("/start/google").await;
    assert_eq!(ada.get("/claims").await.body, "a reload");
}

/// C1: a confirmation does not count for a callback that arrives while the confirmation is stored.
#[tokio::test]
async fn a_confirmation_does_not_count_for_a_later_callback() {
    async fn confirms(
        State(app): State<AppState>,
        tower: Session,
        session: BrowserSession,
    ) -> Result<String, AppError> {
        let asked = session.unsolicited().await.unwrap().fingerprint();
        let faster = tokio::spawn(async move {
            let session = session_of_another_request(&app, &tower).await;
            let other = DiscoveryCallback::Oauth(CallbackToken::new("mallory's"));
            let other = Callback::Discovery(other);
            let held = session.hold_for_confirmation(other, None).await;
            let _ = held.unwrap();
        });
        faster.await.unwrap();
        let taken = session.take_unsolicited(&asked).await?;
        Ok(format!("{}", taken.is_some()))
    }
    let app = TestApp::with(Setup {
        more: Router::new().route("/yes", get(confirms)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.browser();
    ada.get(&app.foreign_discovery("ada@acme.example")).await;
    let page = ada.get("/yes").await;
    assert_eq!((page.status.as_u16(), page.location().path()), (303, "/"));
    assert_eq!(ada.get("/confirm").await.status, 400, "under a new id");
}

/// C5: reloading, the history, and "back" open the callback URL again.
#[tokio::test]
async fn a_replayed_callback_redirects_home() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let callback = ada.click("ada@acme.example").await.location();
    for _ in 0..3 {
        let page = ada.get(callback.as_str()).await;
        assert_eq!(page.location().path(), "/organizations");
    }
    assert_eq!(app.calls(DISCOVERY).len(), 1);
    ada.follow().await;
    ada.go("Sign in to Acme Corp").await;
    assert_eq!(
        ada.get(callback.as_str()).await.location().path(),
        "/org/acme"
    );
    assert_eq!(app.calls(DISCOVERY).len(), 1);
}

/// C7, C8: prefetches and HEAD requests neither start nor complete a sign-in.
#[tokio::test]
async fn only_a_click_starts_or_completes_a_sign_in() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let callback = ada.click("ada@acme.example").await.location();
    let callback = format!("{}?{}", callback.path(), callback.query().unwrap());
    let before = app.state.store.dump();
    app.forget_calls().await;
    for path in [
        "/start/google",
        "/org/acme/start/google",
        "/authenticate?x",
        callback.as_str(),
    ] {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch;anonymous-client-ip"),
            ("purpose", "prefetch"),
            ("purpose", "Prefetch"),
            ("x-moz", "prefetch"),
            ("sec-purpose", "prerender"),
            ("x-purpose", "preview"),
        ] {
            let response = ada
                .request("GET", path)
                .header(name, value)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 503, "{path} {value}");
            assert_eq!(response.headers()["vary"], "Sec-Purpose");
            assert_eq!(response.headers()["cache-control"], "no-store");
            assert!(response.headers().get("set-cookie").is_none());
        }
        for method in ["HEAD", "OPTIONS"] {
            let response = ada.request(method, path).send().await.unwrap();
            assert_eq!(response.status(), 405, "{method} {path}");
            assert!(response.headers().get("set-cookie").is_none());
        }
    }
    assert_eq!(app.state.store.dump(), before);
    assert!(app.world.calls().is_empty());
    assert_eq!(
        ada.follow().await.location().path(),
        "/organizations",
        "the click still works"
    );
}

/// C11: if two sign-ins to one organization are pending, canceling offers to restart the one that was started last.
#[tokio::test]
async fn canceling_offers_the_latest_start_again() {
    let app = TestApp::start().await;
    let starts = ["Continue with Google", "Continue with Globex Okta"];
    for (first, last) in [(starts[0], starts[1]), (starts[1], starts[0])] {
        let mut bob = app.browser();
        for start in [first, last] {
            bob.get("/org/globex").await;
            bob.click(start).await;
            app.advance(1);
        }
        let page = bob.get("/authenticate?error=access_denied").await;
        let again = last.replace("Continue", "Start again");
        assert_eq!(page.status, 400, "{}", page.text());
        page.action(&again, &[]);
    }
}

/// C11: if a callback has both a token and an error, the token counts.
#[tokio::test]
async fn a_token_takes_precedence_over_an_error() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let callback = ada.click("ada@acme.example").await.location();
    ada.get(&format!("{callback}&error=access_denied")).await;
    assert_eq!(ada.page().location().path(), "/organizations");
}

/// A sign-in that fails at another organization does not end the member's session.
#[tokio::test]
async fn a_failed_callback_does_not_sign_the_member_out() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.get("/org/oneil").await;
    ada.go("Continue with Google").await;
    app.fault(
        AUTHENTICATE,
        FaultKind::Error {
            status: 404,
            error_type: "session_not_found".into(),
            message: String::new(),
        },
    );
    assert_eq!(ada.go("ada@acme.example").await.status, 401);
    assert_eq!(ada.get("/member").await.status, 200, "still at Acme Corp");
}

/// C9: a link scanner opens the link first, without cookies.
#[tokio::test]
async fn a_link_scanner_spends_no_token() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let callback = ada.click("ada@acme.example").await.location();
    let mut scanner = app.browser();
    assert_eq!(
        scanner.get(callback.as_str()).await.location().path(),
        "/confirm"
    );
    scanner.arrive().await;
    assert!(app.calls(DISCOVERY).is_empty());
    assert_eq!(ada.follow().await.location().path(), "/organizations");
}

/// C10: malformed and contradictory callback URLs.
#[tokio::test]
async fn malformed_callbacks_are_refused_without_a_call() {
    let app = TestApp::start().await;
    let token = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";
    let long = "x".repeat(8 * 1024);
    let mut browsers = [app.browser(), app.browser(), app.browser()];
    browsers[1].get("/start/google").await;
    browsers[2].get("/org/acme/start/google").await;
    app.forget_calls().await;
    for browser in &mut browsers {
        for (path, own, other, elsewhere) in [
            (
                "/discovery",
                "discovery_oauth",
                "oauth",
                "multi_tenant_magic_links",
            ),
            ("/authenticate", "oauth", "discovery_oauth", "discovery"),
        ] {
            for query in [
                String::new(),
                format!("token={token}"),
                format!("stytch_token_type=&token={token}"),
                format!("stytch_token_type={other}&token={token}"),
                format!("stytch_token_type={elsewhere}&token={token}"),
                format!("stytch_token_type=multi_tenant_passwords&token={token}"),
                format!("stytch_token_type={own}"),
                format!("stytch_token_type={own}&token="),
                format!("stytch_token_type={own}&token={long}"),
                format!("stytch_token_type={own}&token={token}&token={token}"),
                format!("stytch_token_type={own}&stytch_token_type={own}&token={token}"),
            ] {
                let page = browser.get(&format!("{path}?{query}")).await;
                assert_eq!(page.status, 400, "{path}?{query}");
                assert!(!page.controls().is_empty(), "a way back");
                assert!(!page.body.contains(token));
            }
        }
    }
    assert!(app.world.calls().is_empty());
}

/// C10: anyone can write the slug in a callback URL. Only a value that can be a slug becomes part of the app's links.
#[tokio::test]
async fn a_malformed_slug_is_in_no_link() {
    let app = TestApp::start().await;
    for (slug, leads) in [
        ("acme", "/org/acme"),
        ("%2F..%2F..%2Fevil", "/"),
        ("a%22%3E", "/"),
        ("", "/"),
    ] {
        let mut browser = app.browser();
        let url = format!("/authenticate?stytch_token_type=sso&token=x&slug={slug}");
        browser.get(&url).await;
        browser.arrive().await;
        let page = browser.go("Continue").await;
        assert_eq!(page.status, 400, "{}", page.text());
        assert_eq!(page.action("Start again", &[]).url.path(), leads, "{slug}");
    }
}

/// C11: canceling at the provider leads back to the start in both flows.
#[tokio::test]
async fn canceling_leads_back_to_the_start() {
    let app = TestApp::start().await;
    for (home, flow) in [
        ("/", "/start/google"),
        ("/org/acme", "/org/acme/start/google"),
    ] {
        let mut ada = app.browser();
        ada.get(home).await;
        ada.go("Continue with Google").await;
        let page = ada.go("Cancel").await;
        assert_eq!(page.status, 400);
        assert!(
            page.text().contains("Sign-in was canceled"),
            "{}",
            page.text()
        );
        let again = page.action("Start again with Google", &[]);
        assert_eq!(again.url.path(), flow);
        let others = page.action("Other ways to sign in", &[]);
        assert_eq!(others.url.path(), home);
    }
    let mut browser = app.browser();
    let page = browser
        .get("/discovery?error=access_denied&error_description=Call+0900+now")
        .await;
    assert_eq!(page.status, 400);
    assert!(
        !page.body.contains("0900"),
        "a stranger's text is not shown"
    );
    assert_eq!(browser.cookie(), None);
}

/// C12: no page is shown on a URL with a token. (C13: `Browser` checks the status 303 and the headers of every
/// response.)
#[tokio::test]
async fn callbacks_redirect_to_a_url_without_a_token() {
    let app = TestApp::start().await;
    for url in [
        app.foreign_discovery("ada@acme.example"),
        app.foreign_login("ada@acme.example", "acme"),
    ] {
        let mut browser = app.browser();
        let page = browser.get(&url).await;
        assert_eq!(page.status, 303);
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.location().query(), None);
        assert!(page.body.is_empty());
    }
    let mut ada = app.browser();
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    ada.click("ada@acme.example").await;
    let done = ada.follow().await;
    assert_eq!(done.location().query(), None);
    // An error page on a URL with a token contains only links, and sends no referrer.
    let page = ada
        .get("/authenticate?stytch_token_type=oauth&token=")
        .await;
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(!page.body.contains("<form"));
}

/// C14: unknown providers get a 404. The known ones lead to Stytch, with a challenge.
#[tokio::test]
async fn start_urls_lead_only_to_stytch() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for provider in [
        "evil",
        "GOOGLE",
        "google%2F..",
        "google%3Fx=y",
        "google%23",
        "%F0%9F%A6%80",
        "google%00",
    ] {
        assert_eq!(
            browser.get(&format!("/start/{provider}")).await.status,
            404,
            "{provider}"
        );
        assert_eq!(
            browser
                .get(&format!("/org/acme/start/{provider}"))
                .await
                .status,
            404,
            "{provider}"
        );
    }
    assert_eq!(browser.cookie(), None);
    for provider in ["google", "microsoft", "github", "slack", "hubspot"] {
        let discovery = browser.get(&format!("/start/{provider}")).await.location();
        assert_eq!(
            discovery.path(),
            format!("/v1/b2b/public/oauth/{provider}/discovery/start")
        );
        let organization = browser
            .get(&format!("/org/acme/start/{provider}"))
            .await
            .location();
        assert_eq!(
            organization.path(),
            format!("/v1/b2b/public/oauth/{provider}/start")
        );
        for url in [discovery, organization] {
            assert!(url.as_str().starts_with("http://127.0.0.1:"));
            let challenge = url
                .query_pairs()
                .find(|(name, _)| name == "pkce_code_challenge")
                .unwrap()
                .1;
            assert_eq!(challenge.len(), 43);
        }
    }
}

proptest! {
    #![proptest_config(random(64))]

    /// C14: whatever characters a slug has, it does not change the structure of a URL.
    #[test]
    fn slugs_never_change_the_structure_of_a_url(slug in ".{1,60}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = TestApp::start().await;
            let mut url = Url::parse(&app.url).unwrap();
            url.path_segments_mut().unwrap().extend(["org", &slug, "start", "google"]);
            let page = app.browser().get(url.as_str()).await;
            // The URL parser removes a slug of dots, as a browser does.
            prop_assert!(page.status == 404 || page.path() != url.path(), "{}", page.status);
            prop_assert!(app.calls(AUTHENTICATE).is_empty());
            Ok(())
        })?;
    }
}
