//! A stranger starts so many sign-ins that the memory for them is full.

use stytch_b2b_axum::session::store::{IN_PROGRESS, RANK};
use time::Duration;
use tower_sessions::session::{Id, Record};

use super::tabs::callbacks;
use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY, Setup},
};

/// Starts an app with two megabytes for pending sign-ins, and two for those in progress.
async fn app_with_little_memory() -> TestApp {
    TestApp::with(Setup {
        session_memory_mb: "16",
        ..Setup::default()
    })
    .await
}

/// Starts twice the sign-ins for which there is room, one second after everything that was started before.
async fn flood(app: &TestApp) {
    flood_of(app, None, 11).await;
}

/// Stores twice the records of this rank for which there is room.
async fn flood_of(app: &TestApp, rank: Option<&str>, minutes: i64) {
    app.advance_app(1);
    let (text, most) = ("x".repeat(250), 10_000);
    let before = app.state.store.len();
    for _ in 0..most {
        let mut record = Record {
            id: Id::default(),
            data: [("browser".to_owned(), text.clone().into())].into(),
            expiry_date: app.state.clock.now() + Duration::minutes(minutes),
        };
        let rank = rank.map(|rank| (RANK.to_owned(), rank.into()));
        record.data.extend(rank);
        app.state.store.put(&record).await;
    }
    let kept = app.state.store.len();
    assert!(kept < before + most / 2, "{kept} records in two megabytes");
}

/// Whether a text makes a false claim about a sign-in that was started here a moment ago, and forgotten.
fn is_untrue(text: &str) -> bool {
    let untrue = [
        "not started in this browser",
        "was not started",
        "Your sign-in has expired",
        "was already used",
        "You were signed out",
        "perhaps because you started another one",
    ];
    untrue.iter().any(|words| text.contains(words))
}

/// P17: a visitor who is at the provider during a flood gets a true explanation, and can start again. The callback does
/// not sign the visitor in, whether or not it is confirmed.
#[tokio::test]
async fn a_forgotten_sign_in_gets_a_true_explanation() {
    for (start, call, end) in [
        ("/start/google", DISCOVERY, "/organizations"),
        ("/org/acme/start/google", AUTHENTICATE, "/org/acme"),
    ] {
        let app = app_with_little_memory().await;
        let mut ada = app.browser();
        let [callback] = callbacks(&mut ada, [start]).await;
        flood(&app).await;
        ada.get(callback.as_str()).await;
        let page = ada.arrive().await;
        assert_eq!((page.path(), page.status.as_u16()), ("/confirm", 200));
        assert!(page.text().contains("lost on our side"), "{}", page.text());
        assert!(!is_untrue(&page.text()), "{}", page.text());
        page.action("Start again", &[]);
        assert!(app.calls(call).is_empty(), "no token is spent");
        // Stytch requires the verifier, which is forgotten too.
        let refused = ada.go("Continue").await;
        assert_eq!(refused.status, 400);
        assert!(
            refused.text().contains("a sign-in can be lost on our side"),
            "{}",
            refused.text()
        );
        assert!(!is_untrue(&refused.text()), "{}", refused.text());
        assert_eq!(ada.get("/member").await.status, 401);
        ada.get(start).await;
        ada.arrive().await;
        assert_eq!(ada.go("ada@acme.example").await.path(), end);
    }
}

/// P17: the same for what else an anonymous visitor has open: a confirmation page, and a code by email.
#[tokio::test]
async fn forgotten_confirmations_and_codes_get_a_true_explanation() {
    let app = app_with_little_memory().await;
    let mut confirming = app.browser();
    confirming
        .get(&app.foreign_login("ada@acme.example", "acme"))
        .await;
    confirming.arrive().await;
    let mut codes = app.browser();
    codes.get("/email").await;
    let send = [("email_address", "frank@startup.example"), ("way", "code")];
    codes.post("/email", &send).await;
    codes.arrive().await;
    flood(&app).await;
    for (page, way) in [
        (confirming.click("Continue").await, "Back to sign-in"),
        (
            codes.fill("Continue", &[("code", "123456")]).await,
            "Start again by email",
        ),
    ] {
        assert_eq!(page.status, 400);
        assert!(page.text().contains("lost on our side"), "{}", page.text());
        assert!(!is_untrue(&page.text()), "{}", page.text());
        page.action(way, &[]);
    }
    assert!(app.calls(AUTHENTICATE).is_empty());
    let page = codes.get("/email").await;
    assert!(
        page.text().contains("We will email you a code or a link"),
        "{}",
        page.text()
    );
}

/// P17, S17: a flood evicts neither a member, even one whose session is about to end, nor a visitor who has verified an
/// address or lacks only a factor. A flood of the latter, which requires accounts, does not evict a member either.
#[tokio::test]
async fn a_flood_does_not_evict_verified_visitors() {
    let app = app_with_little_memory().await;
    let mut member = app.signed_in("acme", "ada@acme.example").await;
    // No page renews this session before the second flood.
    let mut idle = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(55 * 60);
    let choosing = app.choosing("ada@acme.example").await;
    let mut incomplete = app.choosing("ada@acme.example").await;
    incomplete.go("Sign in to Initech").await;
    flood(&app).await;
    assert_eq!(member.get("/member").await.status, 200);
    for (mut browser, path) in [(choosing, "/organizations"), (incomplete, "/mfa")] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    flood_of(&app, Some(IN_PROGRESS), 21).await;
    assert_eq!(idle.get("/member").await.status, 200);
}

/// P17: the sign-ins of a flood are forgotten in order of arrival, and the latest one can finish.
#[tokio::test]
async fn the_latest_sign_in_of_a_flood_finishes() {
    let app = app_with_little_memory().await;
    flood(&app).await;
    let mut ada = app.browser();
    let [callback] = callbacks(&mut ada, ["/start/google"]).await;
    ada.get(callback.as_str()).await;
    assert_eq!(ada.arrive().await.path(), "/organizations");
}
