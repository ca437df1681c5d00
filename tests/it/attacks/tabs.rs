//! Sign-ins that are in progress in several tabs of one browser.

use axum::{Router, extract::State, routing::get};
use stytch_b2b_axum::{
    session::BrowserSession,
    sign_in::{OrganizationSummary, Origin, PendingSignIn, TokenType},
    state::AppState,
    stytch::{OrganizationId, Slug, pkce},
};
use stytch_sandbox::{FaultKind, HeldRequest};
use url::Url;

use crate::support::{
    Browser, TestApp,
    app::{AUTHENTICATE, DISCOVERY, Setup},
};

/// Starts sign-ins in as many tabs, and then approves each. Returns the callbacks, which no tab has followed yet.
pub async fn callbacks<const N: usize>(ada: &mut Browser, starts: [&str; N]) -> [Url; N] {
    let mut leaving = Vec::new();
    for start in starts {
        leaving.push(ada.get(start).await.location());
    }
    let mut callbacks = Vec::new();
    for url in leaving {
        ada.get(url.as_str()).await;
        ada.arrive().await;
        callbacks.push(ada.click("ada@acme.example").await.location());
    }
    callbacks.try_into().unwrap()
}

/// C16: of two Discovery sign-ins, the later start finishes even if the earlier one returns first.
#[tokio::test]
async fn the_later_discovery_finishes_if_it_returns_second() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let [first, second] = callbacks(&mut ada, ["/start/google", "/start/google"]).await;
    let page = ada.get(first.as_str()).await;
    assert_eq!(page.status, 400);
    assert!(
        page.text()
            .contains("A newer sign-in replaces an older one")
    );
    page.action("Start again with Google", &[]);
    let reload = ada.get(first.as_str()).await;
    assert_eq!(
        reload.location().path(),
        "/",
        "the same token is not sent again"
    );
    assert_eq!(app.calls(DISCOVERY).len(), 1);
    assert_eq!(
        ada.get(second.as_str()).await.location().path(),
        "/organizations"
    );
    assert_eq!(ada.follow().await.status, 200);
}

/// C16: the later start returns first and finishes. The earlier one leads to its page, and spends nothing.
#[tokio::test]
async fn the_later_discovery_finishes_if_it_returns_first() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let [first, second] = callbacks(&mut ada, ["/start/google", "/start/microsoft"]).await;
    assert_eq!(
        ada.get(second.as_str()).await.location().path(),
        "/organizations"
    );
    ada.get(first.as_str()).await;
    let page = ada.arrive().await;
    assert_eq!(page.path(), "/confirm");
    assert!(page.text().contains("If someone else sent you here"));
    assert!(
        page.text()
            .contains("another sign-in in progress as ada@acme.example")
    );
    assert_eq!(app.calls(DISCOVERY).len(), 1);
    // A visitor who continues nevertheless is told the rule, and loses nothing.
    let mut insists = ada.clone();
    let refused = insists.go("Continue").await;
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .text()
            .contains("A newer sign-in replaces an older one")
    );
    let page = ada.go("Go back to that sign-in").await;
    assert_eq!(page.path(), "/organizations");
    assert_eq!(ada.go("Sign in to Acme Corp").await.path(), "/org/acme");
}

/// C16: sign-ins to two organizations both finish, in either order, by OAuth and by SSO.
#[tokio::test]
async fn sign_ins_to_two_organizations_both_finish() {
    let app = TestApp::start().await;
    for in_order in [true, false] {
        let mut ada = app.browser();
        let starts = ["/org/acme/start/google", "/org/oneil/start/google"];
        let [acme, oneil] = callbacks(&mut ada, starts).await;
        let mut pairs = [(acme, "/org/acme"), (oneil, "/org/oneil")];
        if !in_order {
            pairs.reverse();
        }
        for (callback, page) in pairs {
            assert_eq!(ada.get(callback.as_str()).await.location().path(), page);
            assert_eq!(ada.follow().await.status, 200);
            assert!(ada.page().text().contains("You are signed in"));
        }
    }
}

/// C16: two sign-ins to one organization: as in Discovery, the later start finishes.
#[tokio::test]
async fn of_two_sign_ins_to_one_organization_the_later_finishes() {
    let app = TestApp::start().await;
    for is_first_back_first in [true, false] {
        let mut ada = app.browser();
        let start = "/org/acme/start/google";
        let [first, second] = callbacks(&mut ada, [start, start]).await;
        if is_first_back_first {
            let page = ada.get(first.as_str()).await;
            assert_eq!(page.status, 400);
            page.action("Start again with Google", &[]);
        }
        assert_eq!(
            ada.get(second.as_str()).await.location().path(),
            "/org/acme"
        );
        if !is_first_back_first {
            ada.get(first.as_str()).await;
            let page = ada.arrive().await;
            assert_eq!(page.path(), "/confirm");
            page.action("Stay signed in", &[]);
        }
        assert_eq!(ada.get("/member").await.status, 200);
    }
}

/// C16: a callback that names no organization belongs to the latest start.
#[tokio::test]
async fn a_callback_without_a_slug_belongs_to_the_latest_start() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let starts = ["/org/oneil/start/google", "/org/acme/start/google"];
    let [_, mut acme] = callbacks(&mut ada, starts).await;
    let kept: Vec<_> = acme.query_pairs().into_owned().collect();
    let kept = kept.into_iter().filter(|(name, _)| name != "slug");
    acme.query_pairs_mut().clear().extend_pairs(kept);
    assert_eq!(ada.get(acme.as_str()).await.location().path(), "/org/acme");
}

/// C16: canceling in one tab does not affect the other, and neither does a stranger's link that says "canceled".
#[tokio::test]
async fn canceling_in_one_tab_keeps_the_sign_in_of_the_other() {
    let app = TestApp::start().await;
    for (path, start, home) in [
        ("/discovery", "/start/google", "/organizations"),
        ("/authenticate", "/org/acme/start/google", "/org/acme"),
    ] {
        let mut ada = app.browser();
        let [callback] = callbacks(&mut ada, [start]).await;
        let page = ada.get(&format!("{path}?error=access_denied")).await;
        assert_eq!(page.status, 400);
        page.action("Start again with Google", &[]);
        assert_eq!(ada.get(callback.as_str()).await.location().path(), home);
    }
}

/// C16: after a restart with the store in memory, and in another browser, the page makes no false claim.
#[tokio::test]
async fn a_callback_after_a_restart_gets_a_true_explanation() {
    let mut app = TestApp::start().await;
    let mut ada = app.browser();
    let [callback] = callbacks(&mut ada, ["/start/google"]).await;
    app.restart().await;
    for browser in [&mut ada, &mut app.browser()] {
        browser.get(callback.as_str()).await;
        let page = browser.arrive().await;
        assert_eq!(page.path(), "/confirm");
        let text = page.text();
        assert!(text.contains("If someone else sent you here"));
        assert!(!text.contains("not started in this browser"), "{text}");
        let refused = browser.go("Continue").await;
        assert!(
            refused
                .text()
                .contains("in the browser where you started it")
        );
    }
}

/// C4, C16: after ten minutes neither of two sign-ins finishes.
#[tokio::test]
async fn after_ten_minutes_neither_sign_in_finishes() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let starts = ["/org/acme/start/google", "/org/oneil/start/google"];
    let both = callbacks(&mut ada, starts).await;
    app.advance_app(600);
    for callback in both {
        let page = ada.get(callback.as_str()).await;
        assert_eq!(page.status, 410);
        page.action("Start again with Google", &[]);
    }
    assert!(app.calls(AUTHENTICATE).is_empty());
}

/// S17, C16: one session keeps at most eight pending sign-ins, the latest ones.
#[tokio::test]
async fn a_session_keeps_eight_pending_sign_ins() {
    async fn starts(State(app): State<AppState>, session: BrowserSession) -> String {
        for n in 0..100 {
            let pending = PendingSignIn {
                token_type: TokenType::Oauth,
                verifier: pkce::verifier(),
                started_at: app.context().clock.now(),
                origin: Origin::default(),
                organization: Some(OrganizationSummary {
                    organization_id: OrganizationId::new(format!("id-{n}")),
                    organization_name: String::new(),
                    organization_slug: Slug::new(format!("slug-{n}")),
                }),
            };
            session.start(&pending).await.unwrap();
        }
        String::new()
    }
    let app = TestApp::with(Setup {
        more: Router::new().route("/starts", get(starts)),
        ..Setup::default()
    })
    .await;
    app.browser().get("/starts").await;
    let stored = app.state.store.dump();
    let kept = (0..100).filter(|n| stored.contains(&format!("\"id-{n}\"")));
    assert_eq!(kept.collect::<Vec<_>>(), (92..100).collect::<Vec<_>>());
}

/// C16: the callback of the later start arrives while that of the earlier one is at Stytch.
#[tokio::test]
async fn of_two_concurrent_callbacks_the_later_start_finishes() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let [first, second] = callbacks(&mut ada, ["/start/google", "/start/google"]).await;
    let hold = HeldRequest::new();
    app.fault(DISCOVERY, FaultKind::Hold(hold.clone()));
    let mut other_tab = ada.clone();
    let judged = tokio::spawn(async move { other_tab.get(first.as_str()).await });
    hold.reached().await;
    let finishes = async {
        ada.get(second.as_str()).await;
        ada.arrive().await
    };
    let lets_go = async {
        tokio::task::yield_now().await;
        hold.release();
    };
    let (page, ()) = tokio::join!(finishes, lets_go);
    assert_eq!((page.path(), page.status.as_u16()), ("/organizations", 200));
    assert_eq!(judged.await.unwrap().status, 400);
}

/// C2, C16: neither an invalid token nor an outage costs the visitor the pending sign-in.
#[tokio::test]
async fn an_invalid_token_leaves_the_sign_in_pending() {
    let app = TestApp::start().await;
    for (path, token_type, start, end) in [
        (
            "/discovery",
            "discovery_oauth",
            "/start/google",
            "/organizations",
        ),
        (
            "/authenticate",
            "oauth",
            "/org/acme/start/google",
            "/org/acme",
        ),
    ] {
        let mut ada = app.browser();
        let [own] = callbacks(&mut ada, [start]).await;
        let old = format!("{path}?stytch_token_type={token_type}&token=old");
        assert_eq!(ada.get(&old).await.status, 400);
        let call = if path == "/discovery" {
            DISCOVERY
        } else {
            AUTHENTICATE
        };
        app.fault(call, FaultKind::ResetBefore);
        let down = ada.get(&old.replace("old", "older")).await;
        assert_eq!(down.status, 503, "{}", down.text());
        assert_eq!(ada.get(own.as_str()).await.location().path(), end);
    }
}

/// C16: a completed sign-in is no longer pending. A later one that starts in the portal of the identity provider
/// requires confirmation.
#[tokio::test]
async fn a_complete_sign_in_is_not_pending() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let [callback] = callbacks(&mut ada, ["/org/acme/start/google"]).await;
    ada.get(callback.as_str()).await;
    ada.arrive().await;
    ada.get(&app.foreign_login("ada@acme.example", "acme"))
        .await;
    assert_eq!(ada.arrive().await.path(), "/confirm");
    assert_eq!(ada.go("Continue").await.path(), "/org/acme");
}
