//! A stranger makes up organizations, and others want to sign in to those that exist.

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

/// An app with the limits of a real one.
async fn app(fresh_for: u64, setup: Setup) -> TestApp {
    TestApp::with(Setup {
        look_ups_fresh_for: Duration::from_secs(fresh_for),
        look_ups_a_minute: Some(setup.look_ups_a_minute.unwrap_or(60)),
        ..setup
    })
    .await
}

/// With so many lookups a minute for all clients together.
async fn with_look_ups(a_minute: usize) -> TestApp {
    let setup = Setup {
        look_ups_a_minute: Some(a_minute),
        ..Setup::default()
    };
    app(30, setup).await
}

async fn status(browser: &mut Browser, path: &str) -> u16 {
    browser.get(path).await.status.as_u16()
}

/// O13: made-up slugs wait, and sign-ins to an organization that exists start meanwhile, with a real account as with a
/// sandbox.
#[tokio::test]
async fn made_up_slugs_stop_no_sign_in() {
    // Ten made-up slugs in a second and results that are kept for half a minute; and 2.5 and one second.
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
        // The page that refuses says when to come back.
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

/// O13: what is old is used while the limit refuses, for an hour at most, and what the limit allows is looked up again.
#[tokio::test]
async fn old_results_are_used_while_the_limit_refuses() {
    let app = with_look_ups(1).await;
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
    // It is deleted: no old result comes back, whatever the limit says.
    let acme = json!({"organization_slug": "acme-before"});
    app.world.patch_organization("acme", acme);
    app.advance_app(60);
    assert_eq!(status(&mut ada, "/org/acme").await, 404);
    assert_eq!(status(&mut ada, "/org/acme").await, 404);
    app.advance_app(2);
    assert_eq!(status(&mut ada, "/org/acme").await, 429);
}

/// O13: an outage is no limit: nobody starts a sign-in with an old result when Stytch is down. When Stytch itself refuses
/// because of its own limit, the old result is used.
#[tokio::test]
async fn old_results_hide_no_outage() {
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

/// O13: somebody who creates or changes an organization makes all others old, and they are still used while the limit
/// refuses.
#[tokio::test]
async fn a_change_forgets_no_organization() {
    let app = with_look_ups(6).await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let (mut bob, mut stranger) = (app.browser(), app.browser());
    assert_eq!(status(&mut bob, "/org/globex").await, 200);
    ada.go("Stop letting colleagues in").await;
    for n in 0..5 {
        stranger.get(&format!("/org/made-up-{n}")).await;
    }
    for _ in 0..5 {
        assert_eq!(status(&mut bob, "/org/globex").await, 200);
        ada.get("/org/acme").await;
        ada.go("Let colleagues in").await;
        ada.go("Stop letting colleagues in").await;
    }
    assert_eq!(app.calls(SEARCH).len(), 6);
}

/// O13: slow lookups of made-up slugs leave room for those of organizations that exist.
#[tokio::test(flavor = "multi_thread")]
async fn slow_lookups_leave_room() {
    let setup = Setup {
        look_ups_a_minute: Some(1_000),
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

/// O13: a client's own limit comes first, so that what it refuses costs the others nothing. Made-up values of the header and
/// other addresses of one IPv6 network are the same client.
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
    // Of the 40 turns for made-up slugs, 10 are left.
    let mut other = from("203.0.113.8");
    for n in 0..10 {
        assert_eq!(status(&mut other, &format!("/org/other-{n}")).await, 404);
    }
    assert_eq!(status(&mut other, "/org/other").await, 429);
    // The known ones are another third.
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
    assert_eq!(started, 303, "also for a client without turns");
}

/// O13: without a header, nothing that a client sends counts, and a private peer has no limit of its own.
#[tokio::test]
async fn a_header_that_nobody_named_does_not_count() {
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

/// O13: the server tells the peer. A request without the header did not come through the proxy, and counts for the peer.
#[tokio::test]
async fn a_request_past_the_proxy_counts_for_the_peer() {
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

/// O13: the router works behind another server too. If it adds axum's `ConnectInfo`, clients have their own limits.
#[tokio::test]
async fn another_server_may_tell_the_peer() {
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

/// O8, O13: while the limit refuses, a slug that nobody has looked up gets the same response whether it exists or not.
#[tokio::test]
async fn refusals_look_the_same() {
    let app = with_look_ups(1).await;
    let mut stranger = app.browser();
    assert_eq!(status(&mut stranger, "/org/made-up").await, 404);
    let mut texts = Vec::new();
    for slug in ["globex", "nobody", "GLOBEX"] {
        let page = stranger.get(&format!("/org/{slug}")).await;
        assert_eq!(page.status, 429);
        let id = page.header("x-request-id").to_owned();
        let text = page.body.replace(&id, "").replace(slug, "");
        texts.push(text.replace(page.header("retry-after"), ""));
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
}
