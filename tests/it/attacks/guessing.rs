//! S24: wrong codes in another person's name. Stytch locks a member after ten in a row.

use serde_json::json;
use stytch_sandbox::{Approval, FaultKind, Flow};
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
const SEND: &str = "/v1/b2b/otps/email/login_or_signup";
const SEND_SMS: &str = "/v1/b2b/otps/sms/send";
const IN_A_ROW: &str = "There have been too many wrong codes since your last sign-in";
const USED_UP: &str = "You entered four wrong codes. Request a new code.";

/// Starts an app whose Stytch finds the next codes wrong, and locks no member.
async fn app_with_wrong_codes(call: &str, error_type: &str) -> TestApp {
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

/// The waiting time of a refusal, which is in its header and on its page.
fn wait(page: &Page) -> u64 {
    assert_eq!(page.status, 429, "{}", page.text());
    assert!(page.body.contains("<title>Error: "), "{}", page.text());
    page.header("retry-after").parse().unwrap()
}

/// A stranger's session in Grace's name, by a GitHub account that only claims her address. A code was sent.
async fn claims_to_be_grace(app: &TestApp) -> Browser {
    let mut stranger = at_step_up(app).await;
    stranger
        .post("/step_up/send", &[("way", "email_otp")])
        .await;
    stranger
}

/// Grace's own session, which starts with an email, for a sign-in at Acme.
async fn grace_by_email(app: &TestApp) -> Browser {
    let mut grace = app.browser();
    grace.get("/email").await;
    let address = [("email_address", "grace@acme.example")];
    grace.fill("Email me a code", &address).await;
    grace.arrive().await;
    let code = newest_code(&app.world);
    grace.fill("Continue", &[("code", &code)]).await;
    grace.arrive().await;
    let page = grace.go("Acme Corp").await;
    assert_eq!(page.path(), "/org/acme", "{}", page.text());
    grace
}

/// A stranger's session in Ada's name, by a Google account that may have no Workspace.
async fn claims_to_be_ada(app: &TestApp) -> Browser {
    by_provider(app, "Google", "ada@acme.example").await
}

/// Ada's own session, by Microsoft. Acme requires a code by email.
async fn ada_by_microsoft(app: &TestApp) -> Browser {
    by_provider(app, "Microsoft", "ada@acme.example").await
}

async fn by_provider(app: &TestApp, provider: &str, email: &str) -> Browser {
    let mut browser = app.browser();
    browser.get("/").await;
    browser.go(&format!("Continue with {provider}")).await;
    browser.go(email).await;
    let page = browser.go("Acme Corp").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    browser
}

fn want_an_email_code(app: &TestApp) {
    let rules = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"]});
    app.world.patch_organization("acme", rules);
}

/// S24: after four wrong codes a new one is required, and the page sends it. The old one is no longer checked.
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
    let after = wait(&page);
    assert!((25..=30).contains(&after), "{after}");
    assert!(page.text().contains(USED_UP), "{}", page.text());
    assert_eq!(app.calls(EMAIL).len(), 4);
    // A value that can't be a code uses up no attempt, and the page is the same.
    let page = grace.post("/step_up", &[("code", " ")]).await;
    assert!(page.text().contains(USED_UP), "{}", page.text());
    app.advance(after);
    assert_eq!(wait(&guess(&mut grace, "/step_up", "").await), 1);
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
    let after = wait(&guess(&mut ada, "/mfa", "sms").await);
    assert!((25..=30).contains(&after), "{after}");
    assert_eq!(app.calls(SMS).len(), 4);
    let promises = |page: &Page| page.text().contains("We will send a code");
    let page = ada.get("/mfa").await;
    assert!(!promises(&page), "none is sent yet: {}", page.text());
    app.advance(30);
    assert!(promises(&ada.get("/mfa").await));
    ada.get("/mfa").await;
    ada.go("Send another code").await;
    let code = newest_code(&app.world);
    ada.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(ada.arrive().await.path(), "/org/initech");
}

/// S24: strangers share eight wrong codes per hour for one member, however many sessions they use at once. A visitor
/// who has proved the address has separate attempts.
#[tokio::test]
async fn strangers_share_eight_wrong_codes() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
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
        assert_attempts_used_up(page);
        assert!(
            !page.body.contains("value=\"email_otp\""),
            "a code would be useless"
        );
        page.action("Email me a link", &[]);
    }
    // A new session and a new code change nothing.
    let mut stranger = claims_to_be_grace(&app).await;
    assert_attempts_used_up(&guess(&mut stranger, "/step_up", "").await);
}

/// Checks that no waiting time is offered, and that the page names what helps.
fn assert_attempts_used_up(page: &Page) {
    assert_eq!(page.status, 429, "{}", page.text());
    assert_eq!(page.header("retry-after"), "");
    assert!(page.text().contains(IN_A_ROW), "{}", page.text());
    assert!(!page.text().contains("Try again in"), "{}", page.text());
    let way = page.action("sign in by email", &[]);
    assert_eq!(way.url.path(), "/email");
}

/// S24: a visitor who has proved the address still has attempts.
#[tokio::test]
async fn a_proved_address_has_separate_attempts() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
    want_an_email_code(&app);
    for n in 0..9 {
        let mut stranger = claims_to_be_ada(&app).await;
        let page = guess(&mut stranger, "/step_up", "").await;
        assert_eq!(page.status, if n < 8 { 422 } else { 429 });
    }
    app.world.clear_faults();
    let mut ada = ada_by_microsoft(&app).await;
    ada.go("Email me a code").await;
    let wrong = guess(&mut ada, "/step_up", "").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let code = newest_code(&app.world);
    ada.get("/step_up").await;
    ada.fill("Sign in with the code", &[("code", &code)]).await;
    assert_eq!(ada.arrive().await.path(), "/org/acme");
}

/// S24: Stytch counts wrong codes in a row, however much time passes. After eight, strangers have no attempts until the
/// member has signed in.
#[tokio::test]
async fn waiting_gives_strangers_no_new_attempts() {
    let app = TestApp::start().await;
    want_an_email_code(&app);
    for _ in 0..2 {
        let mut stranger = claims_to_be_grace(&app).await;
        for _ in 0..4 {
            assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
        }
    }
    app.advance(3_600);
    let mut stranger = claims_to_be_grace(&app).await;
    for _ in 0..2 {
        assert_attempts_used_up(&guess(&mut stranger, "/step_up", "").await);
    }
    assert_eq!(app.calls(EMAIL).len(), 8);
    assert_eq!(app.calls(SEND).len(), 2, "a code would be useless");
    let page = stranger.get("/step_up").await;
    assert!(page.text().contains(IN_A_ROW), "{}", page.text());
    grace_by_email(&app).await;
    // The sign-in has ended the row of wrong codes.
    let mut stranger = claims_to_be_grace(&app).await;
    assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
}

/// S24: a right code ends the row of wrong ones, even while a second factor is missing.
#[tokio::test]
async fn a_right_code_ends_the_row_of_wrong_codes() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
    let rules = json!({
        "auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"],
        "mfa_policy": "REQUIRED_FOR_ALL",
    });
    app.world.patch_organization("acme", rules);
    for _ in 0..8 {
        let mut stranger = claims_to_be_ada(&app).await;
        assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
    }
    app.advance(3_600);
    let mut stranger = claims_to_be_ada(&app).await;
    assert_attempts_used_up(&guess(&mut stranger, "/step_up", "").await);
    app.world.clear_faults();
    let mut ada = ada_by_microsoft(&app).await;
    ada.go("Email me a code").await;
    let code = newest_code(&app.world);
    ada.fill("Sign in with the code", &[("code", &code)]).await;
    assert_eq!(ada.arrive().await.path(), "/mfa");
    assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
}

/// S24: signing in again in the same browser gives no new attempts at the same code.
#[tokio::test]
async fn signing_in_again_gives_no_new_attempts() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
    let mut stranger = claims_to_be_grace(&app).await;
    for n in 0..6 {
        if n == 2 || n == 4 {
            stranger.get("/org/acme/start/github").await;
            stranger.arrive().await;
            let page = stranger.go("grace@acme.example").await;
            assert_eq!(page.path(), "/step_up", "{}", page.text());
        }
        let page = guess(&mut stranger, "/step_up", "").await;
        let expected = if n < 4 { 422 } else { 429 };
        assert_eq!(page.status, expected, "{n}: {}", page.text());
    }
    app.advance(30);
    stranger
        .post("/step_up/send", &[("way", "email_otp")])
        .await;
    assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
}

/// S24: while no code can be entered, none is sent by email.
#[tokio::test]
async fn a_code_that_could_not_be_entered_is_not_sent() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
    want_an_email_code(&app);
    let mut ada = ada_by_microsoft(&app).await;
    let form = [("way", "email_otp")];
    for sent in [1, 2, 2] {
        ada.post("/step_up/send", &form).await;
        assert_eq!(app.calls(SEND).len(), sent);
        for _ in 0..4 {
            guess(&mut ada, "/step_up", "").await;
        }
        app.advance(30);
    }
    let page = ada.get("/step_up").await;
    assert!(
        page.text().contains("Try again in 59 minutes"),
        "{}",
        page.text()
    );
}

/// S24: nor is one sent by SMS, neither to the known phone nor to another one.
#[tokio::test]
async fn an_sms_that_could_not_be_used_is_not_sent() {
    let app = app_with_wrong_codes(SMS, "otp_code_not_found").await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let form = [("phone_number", "+15555550177")];
    for sent in [1, 2, 2] {
        ada.post("/mfa/sms", &form).await;
        assert_eq!(app.calls(SEND_SMS).len(), sent);
        for _ in 0..4 {
            guess(&mut ada, "/mfa", "sms").await;
        }
        app.advance(30);
    }
    ada.post("/mfa/sms", &[]).await;
    assert_eq!(app.calls(SEND_SMS).len(), 2);
    let page = ada.get("/mfa").await;
    assert!(page.text().contains("Try again in 59 minutes"));
    assert!(!page.text().contains("Another phone"), "{}", page.text());
    // A sign-in without a known phone says so, too.
    ada.post("/logout", &[]).await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    assert!(!ada.page().body.contains("phone_number"));
    assert!(ada.page().text().contains("too many wrong codes"));
    ada.post("/mfa/sms", &form).await;
    assert_eq!(app.calls(SEND_SMS).len(), 2);
}

/// S24: the waiting time in a refusal is right.
#[tokio::test]
async fn after_an_hour_eight_attempts_are_available() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
    for _ in 0..2 {
        let mut stranger = claims_to_be_grace(&app).await;
        for _ in 0..4 {
            assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
        }
        grace_by_email(&app).await;
    }
    let mut stranger = at_step_up(&app).await;
    let after = wait(&guess(&mut stranger, "/step_up", "").await);
    app.advance(after - 10);
    let mut stranger = at_step_up(&app).await;
    let after = wait(&guess(&mut stranger, "/step_up", "").await);
    assert!((1..=10).contains(&after), "{after}");
    app.advance(after);
    assert_eq!(guess(&mut stranger, "/step_up", "").await.status, 422);
}

/// S24: wrong codes in the member's own sessions are limited, too, and leave fewer to strangers, because Stytch counts
/// all of them.
#[tokio::test]
async fn wrong_codes_stay_below_the_lock_of_stytch() {
    let app = app_with_wrong_codes(EMAIL, "otp_code_not_found").await;
    want_an_email_code(&app);
    let mut ada = ada_by_microsoft(&app).await;
    for _ in 0..3 {
        assert_eq!(guess(&mut ada, "/step_up", "").await.status, 422);
    }
    let mut strangers = [claims_to_be_ada(&app).await, claims_to_be_ada(&app).await];
    let mut statuses = Vec::new();
    for n in 0..8 {
        let page = guess(&mut strangers[n % 2], "/step_up", "").await;
        statuses.push(page.status.as_u16());
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429, 429]);
    assert_eq!(app.calls(EMAIL).len(), 8);
    for expected in [422, 422, 422, 422, 422, 429] {
        let mut ada = ada_by_microsoft(&app).await;
        assert_eq!(guess(&mut ada, "/step_up", "").await.status, expected);
    }
}

/// S24: codes of an authenticator app and recovery codes can't be sent again. Each kind has four attempts in five
/// minutes.
#[tokio::test]
async fn app_codes_have_four_attempts_in_five_minutes() {
    let app = app_with_wrong_codes(TOTP, "unable_to_authenticate_totp").await;
    let recovery_code = recovery_codes(&app).await[0].clone();
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    for n in 1..=4 {
        let page = guess(&mut carol, "/mfa", "totp").await;
        assert_eq!(page.status, 422);
        assert_eq!(page.body.contains("id=\"totp\""), n < 4, "{n}");
        assert!(page.body.contains("id=\"recovery\""));
    }
    let text = carol.page().text();
    assert!(text.contains("Try again in 5 minutes"), "{text}");
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
        .fill(
            "Sign in with the recovery code",
            &[("code", &recovery_code)],
        )
        .await;
    assert_eq!(carol.arrive().await.path(), "/org/initech");
}

/// S24: a code that Stytch has not checked is no attempt: Stytch was busy, or the setup is wrong, or the member has no
/// such factor. A lost response counts as an attempt.
#[tokio::test]
async fn only_a_checked_code_is_an_attempt() {
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

/// S24: a right code uses up no attempt, however often a member signs in.
#[tokio::test]
async fn right_codes_use_up_no_attempts() {
    let app = TestApp::start().await;
    for _ in 0..9 {
        let mut ada = at_mfa(&app, "ada@acme.example").await;
        let code = newest_code(&app.world);
        ada.fill("Sign in with the SMS code", &[("code", &code)])
            .await;
        assert_eq!(ada.arrive().await.path(), "/org/initech");
    }
}

/// S24: a session proves the address if it has a factor with which Stytch considers the address verified, even one from
/// an earlier step.
#[tokio::test]
async fn only_some_factors_prove_the_address() {
    let app = TestApp::start().await;
    let states = || {
        let dump = app.state.store.dump();
        let is = |value| dump.contains(&format!("\"is_proven\":{value}"));
        (is("true"), is("false"))
    };
    // Google without a Workspace does not prove the address.
    let mut erin = app.choosing("erin@freemail.example").await;
    erin.go("Create an organization").await;
    assert_eq!(erin.go("Create organization").await.path(), "/step_up");
    assert_eq!(states(), (false, true));
    erin.post("/logout", &[]).await;
    // A code by email proves it, even while a second factor is missing.
    app.world
        .patch_organization("acme", json!({"mfa_policy": "REQUIRED_FOR_ALL"}));
    let mut grace = claims_to_be_grace(&app).await;
    assert_eq!(states(), (false, true));
    grace.get("/step_up").await;
    let code = newest_code(&app.world);
    grace
        .fill("Sign in with the code", &[("code", &code)])
        .await;
    assert_eq!(grace.arrive().await.path(), "/mfa");
    assert_eq!(states(), (true, false));
    grace.post("/logout", &[]).await;
    // So does a link.
    let mut grace = at_step_up(&app).await;
    grace.go("Email me a link").await;
    grace
        .get(&app.world.messages()[0].link.clone().unwrap())
        .await;
    grace.arrive().await;
    assert_eq!(grace.go("Continue").await.path(), "/mfa");
    assert_eq!(states(), (true, false));
    grace.post("/logout", &[]).await;
    // So do the factors of a member who switches.
    let mut ada = app.signed_in("oneil", "ada@acme.example").await;
    ada.go("Switch organization").await;
    assert_eq!(ada.go("Switch to Initech").await.path(), "/mfa");
    assert_eq!(states(), (true, false));
}

/// S24: the same holds for a sign-in that was started elsewhere. Google proves the address only of Workspace accounts,
/// and nothing tells which accounts those are. Where Google alone was not enough, it proves no address.
#[tokio::test]
async fn only_some_providers_prove_the_address() {
    let one = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"]});
    let two = json!({"mfa_policy": "REQUIRED_FOR_ALL"});
    for (provider, name, flow, rules, expected) in [
        (
            "google",
            "ada",
            Flow::DiscoveryOauth,
            &one,
            ("/step_up", false),
        ),
        (
            "microsoft",
            "ada",
            Flow::DiscoveryOauth,
            &one,
            ("/step_up", true),
        ),
        (
            "github",
            "grace",
            Flow::DiscoveryOauth,
            &one,
            ("/step_up", false),
        ),
        ("google", "ada", Flow::Oauth, &two, ("/mfa", true)),
        ("microsoft", "ada", Flow::Oauth, &two, ("/mfa", true)),
        ("github", "grace", Flow::Oauth, &two, ("/step_up", false)),
    ] {
        let app = TestApp::start().await;
        app.world.patch_organization("acme", rules.clone());
        let is_discovery = matches!(flow, Flow::DiscoveryOauth);
        let approved = app.world.approve(Approval {
            flow,
            provider,
            email: &format!("{name}@acme.example"),
            organization: (!is_discovery).then_some("acme"),
            pkce_code_challenge: None,
        });
        let mut browser = app.browser();
        browser.get(&approved.redirect_url).await;
        browser.arrive().await;
        let mut page = browser.go("Continue").await;
        if is_discovery {
            page = browser.go("Acme Corp").await;
        }
        let dump = app.state.store.dump();
        let is_proven = dump.contains("\"is_proven\":true");
        assert_eq!((page.path(), is_proven), expected, "{provider}: {dump}");
    }
}

/// S24: the same holds for a member who switches.
#[tokio::test]
async fn a_switch_keeps_what_the_session_proved() {
    let app = TestApp::start().await;
    let rules = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"]});
    app.world.patch_organization("initech", rules);
    let mut ada = app.signed_in("oneil", "ada@acme.example").await;
    ada.go("Switch organization").await;
    let page = ada.go("Switch to Initech").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    let dump = app.state.store.dump();
    assert!(dump.contains("\"is_proven\":false"), "{dump}");
}
