//! A stranger makes up organizations while others want to sign in to existing ones.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use serde_json::json;
use stytch_b2b_axum::app;
use stytch_sandbox::{FaultKind, HeldRequest};
use tower::ServiceExt;

use crate::support::{
    Browser, TestApp,
    app::{SEARCH, Setup},
};

const HEADER: &str = "x-forwarded-for";

/// Starts an app with the limits of a real account.
async fn app(fresh_for: u64, setup: Setup) -> TestApp {
    TestApp::with(Setup {
        lookups_fresh_for: Duration::from_secs(fresh_for),
        lookups_a_minute: Some(setup.lookups_a_minute.unwrap_or(60)),
        ..setup
    })
    .await
}

/// Starts one with this many lookups per minute for all clients together.
async fn with_lookups(a_minute: usize) -> TestApp {
    let setup = Setup {
        lookups_a_minute: Some(a_minute),
        ..Setup::default()
    };
    app(30, setup).await
}

async fn status(browser: &mut Browser, path: &str) -> u16 {
    browser.get(path).await.status.as_u16()
}

/// O13: lookups of made-up slugs wait while sign-ins to an existing organization start, with a real account as with a
/// sandbox.
#[tokio::test]
async fn made_up_slugs_do_not_stop_sign_ins() {
    // A real account allows ten made-up slugs per second, and results are kept for half a minute. A sandbox allows 2.5,
    // and keeps results for one second.
    for (fresh_for, made_up, seconds) in [(30, 10, 1), (1, 5, 2)] {
        let app = app(fresh_for, Setup::default()).await;
        let (mut ada, mut stranger) = (app.browser(), app.browser());
        assert_eq!(status(&mut ada, "/org/acme").await, 200);
        let mut refused = 0;
        for n in 0..40 {
            for more in 0..made_up {
                let page = stranger.get(&format!("/org/stranger-{n}-{more}")).await;
                refused += u32::from(page.status == 429);
            }
            let started = ada.get("/org/acme/start/google").await;
            assert_eq!(started.status, 303, "{n}: {}", started.text());
            app.advance_app(seconds);
        }
        assert!(refused > 100, "{refused}");
        let searches = app.calls(SEARCH).len() as u64;
        let minutes = 1 + 40 * seconds / 60;
        assert!(searches <= 60 * minutes, "{searches}");
        // The refusal says when to try again.
        let mut late = app.browser();
        let (mut slug, mut page) = (0, late.get("/org/late").await);
        while page.status != 429 {
            slug += 1;
            page = late.get(&format!("/org/late-{slug}")).await;
        }
        let wait: u64 = page.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        app.advance_app(wait);
        assert_eq!(status(&mut late, "/org/late-again").await, 404);
    }
}

/// O13: an old result is used while the limit refuses, for an hour at most. What the limit allows is looked up again.
#[tokio::test]
async fn old_results_are_used_while_the_limit_refuses() {
    let app = with_lookups(1).await;
    let (mut ada, mut stranger) = (app.browser(), app.browser());
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    app.world
        .patch_organization("acme", json!({"organization_name": "Renamed"}));
    app.advance_app(60);
    assert_eq!(status(&mut stranger, "/org/made-up").await, 404);
    assert!(ada.get("/org/acme").await.text().contains("Acme Corp"));
    app.advance_app(60);
    assert!(ada.get("/org/acme").await.text().contains("Renamed"));
    app.advance_app(3_590);
    assert_eq!(status(&mut stranger, "/org/made-up-too").await, 404);
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    app.advance_app(10);
    assert_eq!(status(&mut ada, "/org/acme").await, 429, "an hour old");
    app.advance_app(60);
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    // The organization is deleted: an old result does not restore it, whatever the limit says.
    let acme = json!({"organization_slug": "acme-before"});
    app.world.patch_organization("acme", acme);
    app.advance_app(60);
    assert_eq!(status(&mut ada, "/org/acme").await, 404);
    assert_eq!(status(&mut ada, "/org/acme").await, 404);
    app.advance_app(2);
    assert_eq!(status(&mut ada, "/org/acme").await, 429);
}

/// O13: an outage is not a limit: while Stytch is down, no sign-in starts with an old result. When Stytch refuses
/// because of its own limit, the old result is used.
#[tokio::test]
async fn old_results_are_not_used_during_an_outage() {
    let app = app(30, Setup::default()).await;
    let mut ada = app.browser();
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    app.advance_app(30);
    app.faults(SEARCH, 2, FaultKind::ResetBefore);
    assert_eq!(status(&mut ada, "/org/acme").await, 503);
    let too_many = FaultKind::Status {
        status: 429,
        headers: Vec::new(),
        body: None,
    };
    app.faults(SEARCH, 2, too_many);
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    assert_eq!(status(&mut ada, "/org/globex").await, 429);
}

/// O13: creating or changing an organization makes all cached results old, and they are still used while the limit
/// refuses.
#[tokio::test]
async fn a_change_keeps_cached_organizations_usable() {
    let app = with_lookups(6).await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let (mut bob, mut stranger) = (app.browser(), app.browser());
    assert_eq!(status(&mut bob, "/org/globex").await, 200);
    ada.go("Turn off joining by email domain").await;
    for n in 0..5 {
        stranger.get(&format!("/org/made-up-{n}")).await;
    }
    for _ in 0..5 {
        assert_eq!(status(&mut bob, "/org/globex").await, 200);
        ada.get("/org/acme").await;
        ada.go("Let people at acme.example join").await;
        ada.go("Turn off joining by email domain").await;
    }
    assert_eq!(app.calls(SEARCH).len(), 6);
}

/// O13: slow lookups of made-up slugs leave room for those of organizations that exist.
#[tokio::test(flavor = "multi_thread")]
async fn slow_lookups_of_made_up_slugs_leave_room() {
    let setup = Setup {
        lookups_a_minute: Some(1_000),
        deadline: Some(Duration::from_mins(1)),
        ..Setup::default()
    };
    let app = app(30, setup).await;
    let mut ada = app.browser();
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    app.advance_app(30);
    let hold = HeldRequest::new();
    app.faults(SEARCH, 24, FaultKind::Hold(hold.clone()));
    let visits: Vec<_> = (0..24)
        .map(|n| {
            let mut browser = app.browser();
            tokio::spawn(async move { status(&mut browser, &format!("/org/slow-{n}")).await })
        })
        .collect();
    let all_held = async {
        while hold.waiting() < 24 {
            tokio::task::yield_now().await;
        }
    };
    let bound = Duration::from_secs(20);
    tokio::time::timeout(bound, all_held).await.unwrap();
    let calls = app.calls(SEARCH).len();
    assert_eq!(status(&mut app.browser(), "/org/made-up").await, 429);
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    let more = app.calls(SEARCH).len() - calls;
    assert_eq!(more, 1, "looked up again, and not taken from the cache");
    hold.release();
    for visit in visits {
        assert_eq!(visit.await.unwrap(), 404);
    }
}

/// O13: the limit of a client comes first, so that what it refuses costs other clients nothing. Made-up values of the
/// header, and other addresses of one IPv6 network, are the same client.
#[tokio::test]
async fn each_client_has_its_own_limit() {
    let app = app(
        30,
        Setup {
            client_ip_header: Some(HEADER),
            ..Setup::default()
        },
    )
    .await;
    let from = |address: &str| app.browser().with_client_ip(HEADER, address);
    for n in 0..100 {
        let (mut v4, mut v6) = (
            from(&format!("198.51.100.{n}, 203.0.113.7")),
            from(&format!("2001:db8:1:2::{n}")),
        );
        let expected = if n < 20 { 404 } else { 429 };
        assert_eq!(status(&mut v4, &format!("/org/four-{n}")).await, expected);
        if n < 10 {
            assert_eq!(status(&mut v6, &format!("/org/six-{n}")).await, 404);
        }
    }
    // Of the 40 lookups for made-up slugs, 10 are left.
    let mut other = from("203.0.113.8");
    for n in 0..10 {
        assert_eq!(status(&mut other, &format!("/org/other-{n}")).await, 404);
    }
    assert_eq!(status(&mut other, "/org/other").await, 429);
    // Known slugs have another third of the limit.
    let calls = app.calls(SEARCH).len();
    assert_eq!(calls, 40);
    app.advance_app(60);
    let mut ada = from("203.0.113.9");
    assert_eq!(status(&mut ada, "/org/acme").await, 200);
    for n in 0..19 {
        assert_eq!(status(&mut ada, &format!("/org/ada-{n}")).await, 404);
    }
    app.advance_app(30);
    let started = status(&mut ada, "/org/acme/start/google").await;
    assert_eq!(
        started, 303,
        "even for a client that has used up its lookups"
    );
}

/// O13: without a configured header, nothing that a client sends counts, and a private peer has no limit of its own.
#[tokio::test]
async fn a_header_that_is_not_configured_does_not_count() {
    let app = app(30, Setup::default()).await;
    for n in 0..41 {
        let address = if n % 2 == 0 {
            "203.0.113.7".to_owned()
        } else {
            format!("203.0.113.{n}")
        };
        let mut browser = app.browser().with_client_ip(HEADER, &address);
        let expected = if n < 40 { 404 } else { 429 };
        assert_eq!(
            status(&mut browser, &format!("/org/made-up-{n}")).await,
            expected
        );
    }
}

/// O13: the server knows the peer. A request without the header did not come through the proxy, and counts for the
/// peer.
#[tokio::test]
async fn a_request_without_the_header_counts_for_the_peer() {
    let app = app(
        30,
        Setup {
            client_ip_header: Some(HEADER),
            ..Setup::default()
        },
    )
    .await;
    for n in 0..21 {
        let mut browser = app.browser();
        if n % 2 == 0 {
            browser = browser.with_client_ip(HEADER, "unknown");
        }
        let expected = if n < 20 { 404 } else { 429 };
        assert_eq!(
            status(&mut browser, &format!("/org/made-up-{n}")).await,
            expected
        );
    }
}

/// O13: the router works with another server, too. If that server adds axum's `ConnectInfo`, clients have their own
/// limits.
#[tokio::test]
async fn connect_info_of_another_server_is_used() {
    let app = app(30, Setup::default()).await;
    let router = app::router(app.state.app.clone());
    let host = app.url.trim_start_matches("http://");
    let get = |path: String, peer: Option<[u8; 4]>| {
        let request = Request::get(path).header("host", host);
        let mut request = request.body(Body::empty()).unwrap();
        if let Some(peer) = peer {
            let peer = ConnectInfo(SocketAddr::from((peer, 4711)));
            request.extensions_mut().insert(peer);
        }
        let router = router.clone();
        async move { router.oneshot(request).await.unwrap().status() }
    };
    for n in 0..21 {
        let expected = if n < 20 {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::TOO_MANY_REQUESTS
        };
        let status = get(format!("/org/made-up-{n}"), Some([203, 0, 113, 7])).await;
        assert_eq!(status, expected, "{n}");
    }
    for n in 0..20 {
        let status = get(format!("/org/unknown-{n}"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{n}");
    }
}

/// O8, O13: while the limit refuses, a slug that is not cached gets the same response whether it exists or not.
#[tokio::test]
async fn refusals_do_not_reveal_whether_a_slug_exists() {
    let app = with_lookups(1).await;
    let mut stranger = app.browser();
    assert_eq!(status(&mut stranger, "/org/made-up").await, 404);
    let mut texts = Vec::new();
    for slug in ["globex", "unknown", "GLOBEX"] {
        let page = stranger.get(&format!("/org/{slug}")).await;
        assert_eq!(page.status, 429);
        let id = page.header("x-request-id").to_owned();
        let text = page.body.replace(&id, "").replace(slug, "");
        texts.push(text.replace(page.header("retry-after"), ""));
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
}
