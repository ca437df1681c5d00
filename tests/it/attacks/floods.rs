//! A stranger starts so many sign-ins that the memory for them is full.

use stytch_b2b_axum::session::store::{IN_PROGRESS, RANK};
use time::Duration;
use tower_sessions::session::{Id, Record};

use super::tabs::callbacks;
use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY, Setup},
};

/// Two megabytes for pending sign-ins, and two for those in progress.
async fn small() -> TestApp {
    TestApp::with(Setup {
        session_memory_mb: "16",
        ..Setup::default()
    })
    .await
}

/// Twice the sign-ins for which there is room, started a second later than whatever was started before.
async fn flood(app: &TestApp) {
    flood_of(app, None, 11).await;
}

/// Twice the records of this rank for which there is room.
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

/// Whether a text claims what is not so for a sign-in that was started here, a moment ago, and forgotten.
fn is_untrue(text: &str) -> bool {
    let untrue = [
        "not started in this browser",
        "was not started",
        "took too long",
        "was already used",
        "You were signed out",
        "perhaps because you started another one",
    ];
    untrue.iter().any(|words| text.contains(words))
}

/// P17: a visitor who is at the provider when a flood comes is told what is true, and can start again. Whether the
/// callback is pressed on or not, nobody is signed in by it.
#[tokio::test]
async fn a_forgotten_sign_in_is_told_what_is_true() {
    for (start, call, end) in [
        ("/start/google", DISCOVERY, "/organizations"),
        ("/org/acme/start/google", AUTHENTICATE, "/org/acme"),
    ] {
        let app = small().await;
        let mut ada = app.browser();
        let [callback] = callbacks(&mut ada, [start]).await;
        flood(&app).await;
        ada.get(callback.as_str()).await;
        let page = ada.arrive().await;
        assert_eq!((page.path(), page.status.as_u16()), ("/confirm", 200));
        assert!(
            page.text().contains("or we no longer have it"),
            "{}",
            page.text()
        );
        assert!(!is_untrue(&page.text()), "{}", page.text());
        page.action("Start again", &[]);
        assert!(app.calls(call).is_empty(), "no token is spent");
        // Stytch wants the verifier, which is forgotten too.
        let refused = ada.go("Continue").await;
        assert_eq!(refused.status, 400);
        assert!(
            refused.text().contains("We may also have had to forget it"),
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

/// P17: the same for what else an anonymous visitor has open: a question, and a code by email.
#[tokio::test]
async fn forgotten_questions_and_codes_are_told_what_is_true() {
    let app = small().await;
    let mut asked = app.browser();
    asked
        .get(&app.foreign_login("ada@acme.example", "acme"))
        .await;
    asked.arrive().await;
    let mut codes = app.browser();
    codes.get("/email").await;
    let send = [("email_address", "frank@startup.example"), ("way", "code")];
    codes.post("/email", &send).await;
    codes.arrive().await;
    flood(&app).await;
    for (page, way) in [
        (asked.click("Continue").await, "Back to sign-in"),
        (
            codes.fill("Continue", &[("code", "123456")]).await,
            "Start again by email",
        ),
    ] {
        assert_eq!(page.status, 400);
        assert!(
            page.text().contains("or we no longer have it"),
            "{}",
            page.text()
        );
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

/// P17, S17: a flood costs neither a member, whose session is about to end, nor a visitor who has come as far as a
/// verified address or a missing factor. Nor does a flood of the latter, which takes accounts, cost a member.
#[tokio::test]
async fn a_flood_costs_nobody_who_has_proved_something() {
    let app = small().await;
    let mut member = app.signed_in("acme", "ada@acme.example").await;
    // Not renewed by a page before the second flood.
    let mut idle = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(55 * 60);
    let choosing = app.choosing("ada@acme.example").await;
    let mut due = app.choosing("ada@acme.example").await;
    due.go("Sign in to Initech").await;
    flood(&app).await;
    assert_eq!(member.get("/member").await.status, 200);
    for (mut browser, path) in [(choosing, "/organizations"), (due, "/mfa")] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    flood_of(&app, Some(IN_PROGRESS), 21).await;
    assert_eq!(idle.get("/member").await.status, 200);
}

/// P17: a flood is forgotten in the order in which it came, and the latest sign-in can finish.
#[tokio::test]
async fn the_latest_sign_in_of_a_flood_finishes() {
    let app = small().await;
    flood(&app).await;
    let mut ada = app.browser();
    let [callback] = callbacks(&mut ada, ["/start/google"]).await;
    ada.get(callback.as_str()).await;
    assert_eq!(ada.arrive().await.path(), "/organizations");
}
