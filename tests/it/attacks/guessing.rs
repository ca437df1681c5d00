//! S24: wrong codes in another person's name. Stytch locks a member after ten in a row.

use serde_json::json;
use stytch_sandbox::FaultKind;
use tokio::task::JoinSet;

use crate::{
    routes::{
        mfa::{at_mfa, newest_code, recovery_codes},
        step_up::at_step_up,
    },
    support::{Browser, Page, TestApp},
};

const EMAIL: &str = "/v1/b2b/otps/email/authenticate";
const SMS: &str = "/v1/b2b/otps/sms/authenticate";
const TOTP: &str = "/v1/b2b/totp/authenticate";
const RECOVERY: &str = "/v1/b2b/recovery_codes/recover";
const USED_UP: &str = "You need a new code. All four attempts at this one are used up.";

/// An app whose Stytch finds the next codes wrong, and locks nobody.
async fn wrong(call: &str, error_type: &str) -> TestApp {
    let app = TestApp::start().await;
    let kind = FaultKind::Error {
        status: 404,
        error_type: error_type.into(),
        message: String::new(),
    };
    app.faults(call, 1_000, kind);
    app
}

async fn guess(browser: &mut Browser, path: &str, method: &str) -> Page {
    let fields = [("method", method), ("code", "000000")];
    browser.post(path, &fields).await
}

/// The time that a refusal tells, in its header and on its page.
fn wait(page: &Page) -> u64 {
    assert_eq!(page.status, 429, "{}", page.text());
    assert!(page.body.contains("<title>Error: "), "{}", page.text());
    page.header("retry-after").parse().unwrap()
}

/// A session in Grace's name, by an account at GitHub that only claims her address; and a code was sent.
async fn claims_to_be_grace(app: &TestApp) -> Browser {
    let mut stranger = at_step_up(app).await;
    stranger
        .post("/step_up/send", &[("way", "email_otp")])
        .await;
    stranger
}

/// Grace herself came by Google, and Acme wants an email code.
async fn grace_by_google(app: &TestApp) -> Browser {
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with Google").await;
    grace.go("grace@acme.example").await;
    let page = grace.go("Acme Corp").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    grace
}

fn want_an_email_code(app: &TestApp) {
    let rules = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"]});
    app.world.patch_organization("acme", rules);
}

/// S24: after four wrong codes, a new one is needed, and the page sends it. The old one is not judged any more.
#[tokio::test]
async fn a_code_has_four_attempts() {
    let app = TestApp::start().await;
    let mut grace = claims_to_be_grace(&app).await;
    for n in 1..=4 {
        grace.get("/step_up").await;
        let page = grace.fill("Sign in with the code", &[("code", "000000")]);
        let page = page.await;
        assert_eq!(page.status, 422, "{}", page.text());
        assert_eq!(page.text().contains(USED_UP), n == 4, "{}", page.text());
        assert_eq!(page.body.contains("id=\"code\""), n < 4);
    }
    let old = newest_code(&app.world);
    let page = grace.post("/step_up", &[("code", &old)]).await;
    assert!((590..=600).contains(&wait(&page)));
    assert!(page.text().contains(USED_UP), "{}", page.text());
    assert_eq!(app.calls(EMAIL).len(), 4);
    // A code that can be none costs no attempt, and the page is the same.
    let page = grace.post("/step_up", &[("code", " ")]).await;
    assert!(page.text().contains(USED_UP), "{}", page.text());
    app.advance(30);
    let page = grace.get("/step_up").await;
    assert!(page.text().contains(USED_UP), "{}", page.text());
    grace.go("Send another code").await;
    let new = newest_code(&app.world);
    grace.fill("Sign in with the code", &[("code", &new)]).await;
    assert_eq!(grace.arrive().await.path(), "/org/acme");
}

/// S24: the same for a code by SMS.
#[tokio::test]
async fn a_code_by_sms_has_four_attempts() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    for n in 1..=4 {
        let page = guess(&mut ada, "/mfa", "sms").await;
        assert_eq!(page.text().contains(USED_UP), n == 4, "{}", page.text());
        assert_eq!(page.body.contains("id=\"sms\""), n < 4);
    }
    wait(&guess(&mut ada, "/mfa", "sms").await);
    assert_eq!(app.calls(SMS).len(), 4);
    app.advance(30);
    ada.get("/mfa").await;
    ada.go("Send another code").await;
    let code = newest_code(&app.world);
    ada.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(ada.arrive().await.path(), "/org/initech");
}

/// S24: strangers have eight wrong codes in an hour for one member, whatever number of sessions they use at once. Whoever
/// has proved the address has attempts of their own.
#[tokio::test]
async fn strangers_share_eight_wrong_codes() {
    let app = wrong(EMAIL, "otp_code_not_found").await;
    let mut sessions = Vec::new();
    for _ in 0..12 {
        sessions.push(at_step_up(&app).await);
    }
    let mut all = JoinSet::new();
    for mut stranger in sessions.clone() {
        all.spawn(async move { guess(&mut stranger, "/step_up", "").await });
    }
    let pages = all.join_all().await;
    let refused: Vec<_> = pages.iter().filter(|page| page.status == 429).collect();
    assert_eq!(refused.len(), 4);
    assert_eq!(app.calls(EMAIL).len(), 8);
    for page in refused {
        assert!((3_590..=3_600).contains(&wait(page)));
        assert!(
            page.text()
                .contains("You can enter another one in 60 minutes")
        );
        assert!(
            !page.body.contains("value=\"email_otp\""),
            "no use in a code"
        );
        page.action("E-mail me a link", &[]);
    }
    // A new session and a new code change nothing.
    let mut stranger = claims_to_be_grace(&app).await;
    wait(&guess(&mut stranger, "/step_up", "").await);
    app.world.clear_faults();
    want_an_email_code(&app);
    let mut grace = grace_by_google(&app).await;
    grace.go("E-mail me a code").await;
    let wrong = guess(&mut grace, "/step_up", "").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let code = newest_code(&app.world);
    grace.get("/step_up").await;
    grace
        .fill("Sign in with the code", &[("code", &code)])
        .await;
    assert_eq!(grace.arrive().await.path(), "/org/acme");
}

/// S24: the time that a refusal tells is right.
#[tokio::test]
async fn after_an_hour_there_are_eight_again() {
    let app = wrong(EMAIL, "otp_code_not_found").await;
    for _ in 0..2 {
        let mut stranger = claims_to_be_grace(&app).await;
        for _ in 0..4 {
            assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
        }
    }
    let mut stranger = claims_to_be_grace(&app).await;
    let after = wait(&guess(&mut stranger, "/step_up", "").await);
    app.advance(after - 10);
    let mut stranger = at_step_up(&app).await;
    let after = wait(&guess(&mut stranger, "/step_up", "").await);
    assert!((1..=10).contains(&after), "{after}");
    app.advance(after);
    assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
}

/// S24: wrong codes of the member's own sessions are limited, too, and leave fewer to strangers, because Stytch counts
/// all of them.
#[tokio::test]
async fn all_wrong_codes_stay_below_the_lock() {
    let app = wrong(EMAIL, "otp_code_not_found").await;
    want_an_email_code(&app);
    let mut grace = grace_by_google(&app).await;
    for _ in 0..3 {
        assert_eq!(guess(&mut grace, "/step_up", "").await.status, 422);
    }
    let mut strangers = [at_step_up(&app).await, at_step_up(&app).await];
    let mut statuses = Vec::new();
    for n in 0..8 {
        let page = guess(&mut strangers[n % 2], "/step_up", "").await;
        statuses.push(page.status.as_u16());
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429, 429]);
    assert_eq!(app.calls(EMAIL).len(), 8);
    for expected in [422, 422, 422, 422, 422, 429] {
        let mut grace = grace_by_google(&app).await;
        assert_eq!(guess(&mut grace, "/step_up", "").await.status, expected);
    }
}

/// S24: codes of an app and recovery codes can't be sent again. Each kind has four attempts in five minutes.
#[tokio::test]
async fn codes_of_an_app_have_four_attempts_in_five_minutes() {
    let app = wrong(TOTP, "unable_to_authenticate_totp").await;
    let recovery_code = recovery_codes(&app).await[0].as_str().unwrap().to_owned();
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    for n in 1..=4 {
        let page = guess(&mut carol, "/mfa", "totp").await;
        assert_eq!(page.status, 422);
        assert_eq!(page.body.contains("id=\"totp\""), n < 4, "{n}");
        assert!(page.body.contains("id=\"recovery\""));
    }
    let text = carol.page().text();
    assert!(
        text.contains("You can enter another one in 5 minutes"),
        "{text}"
    );
    app.advance(100);
    let after = wait(&guess(&mut carol, "/mfa", "totp").await);
    assert!((195..=200).contains(&after), "{after}");
    assert_eq!(app.calls(TOTP).len(), 4);
    app.advance(after - 1);
    wait(&guess(&mut carol, "/mfa", "totp").await);
    app.advance(1);
    assert_eq!(guess(&mut carol, "/mfa", "totp").await.status, 422);
    carol.get("/mfa").await;
    carol
        .fill("Use a recovery code", &[("code", &recovery_code)])
        .await;
    assert_eq!(carol.arrive().await.path(), "/org/initech");
}

/// S24: what Stytch has not judged is no attempt: it was busy, or the setup is wrong, or the member has no such factor. A lost
/// response is one.
#[tokio::test]
async fn only_what_was_judged_is_an_attempt() {
    let refused = |error_type: &str| FaultKind::Error {
        status: 404,
        error_type: error_type.into(),
        message: String::new(),
    };
    let busy = FaultKind::Status {
        status: 429,
        headers: Vec::new(),
        body: None,
    };
    for (kind, counts) in [
        (busy, false),
        (FaultKind::ResetBefore, true),
        (refused("recovery_codes_not_found"), false),
        (refused("unauthorized_credentials"), false),
        (FaultKind::ResetAfter, true),
        (refused("unable_to_authenticate_recovery_code"), true),
        (refused("something_new"), true),
    ] {
        let app = TestApp::start().await;
        app.faults(RECOVERY, 9, kind.clone());
        let mut carol = at_mfa(&app, "carol@initech.example").await;
        for _ in 0..9 {
            let fields = [("method", "recovery"), ("code", "00000000")];
            carol.post("/mfa", &fields).await;
        }
        let judged = app.calls(RECOVERY).len();
        assert_eq!(judged, if counts { 4 } else { 9 }, "{kind:?}");
    }
}

/// S24: a right code costs no attempt, however often a member signs in.
#[tokio::test]
async fn right_codes_cost_nothing() {
    let app = TestApp::start().await;
    for _ in 0..9 {
        let mut ada = at_mfa(&app, "ada@acme.example").await;
        let code = newest_code(&app.world);
        ada.fill("Sign in with the SMS code", &[("code", &code)])
            .await;
        assert_eq!(ada.arrive().await.path(), "/org/initech");
    }
}

/// S24: which sessions prove the address: those with a factor by which Stytch takes it as verified. One that was given
/// before counts, too.
#[tokio::test]
async fn which_sessions_prove_the_address() {
    let app = TestApp::start().await;
    let states = || {
        let dump = app.state.store.dump();
        let is = |value| dump.contains(&format!("\"is_proven\":{value}"));
        (is("true"), is("false"))
    };
    // Google without a Workspace proves no address.
    let mut erin = app.choosing("erin@freemail.example").await;
    erin.go("Create an organization").await;
    assert_eq!(erin.go("Create organization").await.path(), "/step_up");
    assert_eq!(states(), (false, true));
    erin.post("/logout", &[]).await;
    // A code by email does, also before a second factor.
    app.world
        .patch_organization("acme", json!({"mfa_policy": "REQUIRED_FOR_ALL"}));
    let mut grace = claims_to_be_grace(&app).await;
    assert_eq!(states(), (false, false));
    grace.get("/step_up").await;
    let code = newest_code(&app.world);
    grace
        .fill("Sign in with the code", &[("code", &code)])
        .await;
    assert_eq!(grace.arrive().await.path(), "/mfa");
    assert_eq!(states(), (true, false));
    grace.post("/logout", &[]).await;
    // Or a link.
    let mut grace = at_step_up(&app).await;
    grace.go("E-mail me a link").await;
    grace
        .get(&app.world.messages()[0].link.clone().unwrap())
        .await;
    grace.arrive().await;
    assert_eq!(grace.go("Continue").await.path(), "/mfa");
    assert_eq!(states(), (true, false));
    grace.post("/logout", &[]).await;
    // And so do the factors of a member who switches.
    let mut ada = app.signed_in("oneil", "ada@acme.example").await;
    ada.go("Switch organization").await;
    assert_eq!(ada.go("Switch to Initech").await.path(), "/mfa");
    assert_eq!(states(), (true, false));
}
