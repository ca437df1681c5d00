use std::time::Duration;

use serde_json::json;
use stytch_b2b_axum::{
    error::{AppError, Outage},
    limits::{Client, OrganizationCache},
    stytch::{Credentials, Stytch},
};
use stytch_sandbox::{FaultKind, HeldRequest};

use crate::support::{
    TestApp,
    app::{CREATE, SEARCH, Setup},
};

async fn app_with_cache() -> TestApp {
    TestApp::with(Setup {
        lookups_fresh_for: Duration::from_secs(30),
        ..Setup::default()
    })
    .await
}

/// O10: a lookup of a slug is cached for half a minute, or for two seconds if there is no such organization, because it
/// may be created meanwhile.
#[tokio::test]
async fn a_lookup_is_cached() {
    let app = app_with_cache().await;
    let mut browser = app.browser();
    // Time also passes during the requests.
    for (slug, status, requests, still, over) in
        [("acme", 200, 100, 20, 10), ("unknown", 404, 10, 0, 2)]
    {
        app.forget_calls().await;
        for _ in 0..requests {
            assert_eq!(browser.get(&format!("/org/{slug}")).await.status, status);
        }
        app.advance_app(still);
        browser.get(&format!("/org/{slug}")).await;
        assert_eq!(app.calls(SEARCH).len(), 1, "{slug}");
        app.advance_app(over);
        browser.get(&format!("/org/{slug}")).await;
        assert_eq!(app.calls(SEARCH).len(), 2, "{slug}");
    }
    // A failure is not cached.
    app.advance_app(30);
    app.faults(SEARCH, 2, FaultKind::ResetBefore);
    assert_eq!(browser.get("/org/acme").await.status, 503);
    assert_eq!(browser.get("/org/acme").await.status, 200);
}

/// O10: an organization that is created elsewhere is found two seconds after it was missing, or one second with a
/// sandbox.
#[tokio::test]
async fn an_organization_created_elsewhere_is_found() {
    for (cached_for, seconds) in [(30, 2), (1, 1)] {
        let app = TestApp::with(Setup {
            lookups_fresh_for: Duration::from_secs(cached_for),
            ..Setup::default()
        })
        .await;
        let mut browser = app.browser();
        assert_eq!(browser.get("/org/newcomer").await.status, 404);
        app.world
            .add_organization(json!({"name": "Newcomer", "slug": "newcomer"}));
        app.advance_app(seconds);
        let page = browser.get("/org/newcomer").await;
        assert!(page.text().contains("Newcomer"), "{}", page.text());
        assert_eq!(app.calls(SEARCH).len(), 2);
    }
}

/// O10: many concurrent lookups of one slug make one call. Lookups of many slugs are refused above a limit, and are
/// told when to try again.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_lookups_makes_few_calls() {
    let app = TestApp::with(Setup {
        lookups_fresh_for: Duration::from_secs(30),
        // No request gives up before the end.
        deadline: Some(Duration::from_mins(1)),
        ..Setup::default()
    })
    .await;
    let hold = HeldRequest::new();
    app.faults(SEARCH, 1_000, FaultKind::Hold(hold.clone()));
    let visits: Vec<_> = (0..200)
        .map(|n| {
            let mut browser = app.browser();
            let slug = if n % 2 == 0 {
                "acme".to_owned()
            } else {
                format!("random-{n}")
            };
            tokio::spawn(async move { browser.get(&format!("/org/{slug}")).await })
        })
        .collect();
    // Requests for a hundred slugs are refused or wait. A hundred requests for one slug wait for one call.
    let refused = async {
        loop {
            let finished = visits.iter().filter(|visit| visit.is_finished()).count();
            if finished >= 100 + 1 - 32 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), refused)
        .await
        .unwrap();
    assert!(hold.waiting() <= 32, "{}", hold.waiting());
    assert_eq!(
        app.browser().get("/").await.status,
        200,
        "other pages respond"
    );
    hold.release();
    let mut statuses = std::collections::BTreeMap::new();
    for visit in visits {
        let page = visit.await.unwrap();
        if page.status == 429 {
            assert_eq!(page.header("retry-after"), "1");
            assert!(
                page.text().contains("Try again in 1 second."),
                "{}",
                page.text()
            );
        }
        *statuses.entry(page.status.as_u16()).or_insert(0) += 1;
    }
    assert!(
        statuses[&429] >= 100 + 1 - 32 && app.calls(SEARCH).len() <= 32,
        "{statuses:?}"
    );
}

/// O10: an organization that this app creates is found at once.
#[tokio::test]
async fn an_organization_created_here_is_found_at_once() {
    let app = app_with_cache().await;
    assert_eq!(app.browser().get("/org/startup").await.status, 404);
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    assert_eq!(frank.go("Create organization").await.path(), "/org/startup");
    assert_eq!(app.browser().get("/org/startup").await.status, 200);
    assert_eq!(app.calls(CREATE).len(), 1);
}

/// O10: so is one that it may have created or changed.
#[tokio::test]
async fn a_possible_change_is_looked_up_again() {
    let app = app_with_cache().await;
    let mut visitor = app.browser();
    assert_eq!(visitor.get("/org/startup").await.status, 404);
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.fault(CREATE, FaultKind::ResetAfter);
    assert_eq!(frank.go("Create organization").await.status, 503);
    assert_eq!(visitor.get("/org/startup").await.status, 200);
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.forget_calls().await;
    visitor.get("/org/acme").await;
    assert_eq!(app.calls(SEARCH).len(), 0);
    ada.go("Turn off joining by email domain").await;
    visitor.get("/org/acme").await;
    assert_eq!(app.calls(SEARCH).len(), 1);
}

/// O10, O13: the cache holds a thousand organizations, those that were used last. Made-up slugs displace none of them.
#[tokio::test]
async fn cached_lookups_are_limited_in_number() {
    let app = TestApp::start().await;
    let (stytch, clock) = (app.state.stytch.clone(), app.state.clock.clone());
    let cache = OrganizationCache::new(
        stytch,
        clock,
        Duration::from_hours(1),
        usize::MAX,
        usize::MAX,
    );
    cache.find(&Client::UNKNOWN, "acme").await.unwrap();
    for number in 1..1000 {
        let slug = format!("made-up-{number}");
        app.world
            .add_organization(json!({"name": slug, "slug": slug}));
        cache.find(&Client::UNKNOWN, &slug).await.unwrap();
    }
    for number in 0..1_100 {
        let slug = format!("nothing-{number}");
        cache.find(&Client::UNKNOWN, &slug).await.unwrap_err();
    }
    app.forget_calls().await;
    cache.find(&Client::UNKNOWN, "acme").await.unwrap();
    assert_eq!(app.calls(SEARCH).len(), 0, "there is room for all");
    app.world
        .add_organization(json!({"name": "One more", "slug": "one-more"}));
    for slug in ["one-more", "acme", "made-up-2"] {
        cache.find(&Client::UNKNOWN, slug).await.unwrap();
    }
    assert_eq!(app.calls(SEARCH).len(), 1, "only the new one");
    cache.find(&Client::UNKNOWN, "made-up-1").await.unwrap();
    assert_eq!(app.calls(SEARCH).len(), 2, "not used for the longest time");
}

/// O9: a cached organization permits nothing, because Stytch checks the rules again.
#[tokio::test]
async fn rules_that_change_after_the_lookup_apply() {
    let app = app_with_cache().await;
    let mut bob = app.browser();
    bob.get("/org/globex").await;
    app.world
        .patch_organization("globex", json!({"allowed_auth_methods": ["sso"]}));
    bob.go("Continue with Google").await;
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.status, 403, "{}", page.text());
}

/// O10: made-up slugs make a limited number of calls per minute. Cached ones are served meanwhile.
#[tokio::test]
async fn made_up_slugs_make_a_limited_number_of_calls() {
    let app = TestApp::with(Setup {
        lookups_fresh_for: Duration::from_secs(30),
        lookups_a_minute: Some(6),
        ..Setup::default()
    })
    .await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/org/acme").await.status, 200);
    for n in 0..10 {
        let status = browser.get(&format!("/org/random-{n}")).await.status;
        assert_eq!(status, if n < 3 { 404 } else { 429 });
    }
    assert_eq!(browser.get("/org/acme").await.status, 200);
    assert_eq!(app.calls(SEARCH).len(), 4);
    app.advance_app(60);
    assert_eq!(browser.get("/org/random-9").await.status, 404);
}

/// O10: a lookup that never reached Stytch does not count toward the limit.
#[tokio::test]
async fn a_lookup_that_never_reached_stytch_does_not_count() {
    let app = TestApp::start().await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let pinned = app.world.credentials();
    let credentials = Credentials::new(
        pinned.project_id.clone(),
        pinned.secret.clone(),
        pinned.public_token.clone(),
    );
    let stytch = Stytch::new(
        credentials,
        nowhere.parse().unwrap(),
        Duration::from_secs(1),
    );
    let clock = app.state.clock.clone();
    let cache = OrganizationCache::new(stytch.unwrap(), clock, Duration::ZERO, 2, 2);
    for n in 0..5 {
        let Err(AppError::TryLater(later)) = cache.find(&Client::UNKNOWN, "acme").await else {
            panic!("found");
        };
        assert_eq!(later.outage, Outage::Down, "{n}");
    }
}
