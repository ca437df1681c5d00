//! This machine's clock differs from Stytch's.

use crate::{
    routes::{mfa::at_mfa, step_up::at_step_up},
    support::{TestApp, app::SESSION, logs},
};

const ELEVEN_MINUTES: u64 = 660;
const HOUR: u64 = 3600;

/// Sets the app's clock this many seconds ahead of Stytch's, or behind it.
fn set_wrong(app: &TestApp, is_ahead: bool, seconds: u64) {
    if is_ahead {
        app.advance_app(seconds);
    } else {
        app.set_app_back(seconds);
    }
}

/// Whether a line of the log names this difference, within the duration of a call.
fn is_logged(seconds: i64) -> bool {
    let text = logs::text();
    let mut logged = text.split("ahead_seconds=").skip(1).filter_map(|rest| {
        let number = rest
            .split(|c: char| c != '-' && !c.is_ascii_digit())
            .next()?;
        number.parse::<i64>().ok()
    });
    logged.any(|logged| (logged - seconds).abs() <= 4)
}

/// S21: both flows end signed in, and pages need no call to Stytch.
#[tokio::test]
async fn sign_in_works_with_a_wrong_clock() {
    for (is_ahead, seconds) in [
        (true, ELEVEN_MINUTES),
        (false, ELEVEN_MINUTES),
        (true, HOUR),
        (false, HOUR),
        (true, 24 * HOUR),
    ] {
        let app = TestApp::start().await;
        set_wrong(&app, is_ahead, seconds);
        let mut discovering = app.choosing("ada@acme.example").await;
        let page = discovering.go("Sign in to Acme Corp").await;
        assert_eq!(page.path(), "/org/acme", "{is_ahead} {seconds}");
        let mut going_there = app.signed_in("acme", "ada@acme.example").await;
        for browser in [&mut discovering, &mut going_there] {
            for path in ["/org/acme", "/member"] {
                assert_eq!(browser.get(path).await.status, 200, "{is_ahead} {seconds}");
            }
        }
        assert!(app.calls(SESSION).is_empty(), "{is_ahead} {seconds}");
        let seconds = i64::try_from(seconds).unwrap();
        assert!(is_logged(if is_ahead { seconds } else { -seconds }));
    }
}

/// S21: the same for a sign-in that requires another factor.
#[tokio::test]
async fn steps_work_with_a_wrong_clock() {
    for (is_ahead, seconds) in [(true, ELEVEN_MINUTES), (false, HOUR), (true, HOUR)] {
        let app = TestApp::start().await;
        set_wrong(&app, is_ahead, seconds);
        let grace = at_step_up(&app).await;
        assert_eq!(grace.page().path(), "/step_up", "{is_ahead} {seconds}");
        let mut carol = at_mfa(&app, "carol@initech.example").await;
        assert_eq!(carol.get("/mfa").await.status, 200, "{is_ahead} {seconds}");
    }
}

/// S21, S4, S11: lifetimes are the same as with a right clock.
#[tokio::test]
async fn lifetimes_are_the_same_with_a_wrong_clock() {
    for (is_ahead, seconds) in [
        (true, ELEVEN_MINUTES),
        (false, ELEVEN_MINUTES),
        (true, HOUR),
    ] {
        let app = TestApp::start().await;
        set_wrong(&app, is_ahead, seconds);
        let mut ada = app.choosing("ada@acme.example").await;
        let mut member = app.signed_in("acme", "ada@acme.example").await;
        app.advance(595);
        assert_eq!(ada.get("/organizations").await.status, 200, "{seconds}");
        app.advance(10);
        assert_eq!(ada.get("/organizations").await.status, 410, "{seconds}");
        // A member who stays away for the whole hour is signed out afterwards.
        app.advance(HOUR - 605 - 5);
        assert_eq!(member.clone().get("/").await.location().path(), "/org/acme");
        app.advance(10);
        assert_eq!(
            member.get("/").await.status,
            200,
            "the start page: {seconds}"
        );
    }
}

/// S21: half a minute is not a difference to report.
#[tokio::test]
async fn a_small_difference_is_not_logged() {
    let app = TestApp::start().await;
    app.advance_app(25);
    app.signed_in("acme", "ada@acme.example").await;
    assert!(!is_logged(25));
}
