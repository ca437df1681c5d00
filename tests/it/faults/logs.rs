use stytch_b2b_axum::sandbox::FaultKind;

use crate::support::{
    TestApp,
    app::{DISCOVERY, EXCHANGE},
    logs,
};

/// V1: everything that this process logs at TRACE, this suite's other tests included, holds no secret.
#[tokio::test]
async fn no_secret_is_logged() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.fault("/v1/b2b/discovery/organizations/create", FaultKind::Garbage);
    frank.click("Create organization").await;
    let mut carol = app.choosing("carol@initech.example").await;
    carol.go("Sign in to Initech").await;
    let mut parked = app.browser();
    parked
        .get(&app.foreign_discovery("mallory@evil.example"))
        .await;
    parked.arrive().await;
    app.fault(EXCHANGE, FaultKind::ResetMid);
    app.choosing("ada@acme.example")
        .await
        .click("Sign in to Acme Corp")
        .await;
    let mut leaving = ada.clone();
    leaving.go("Sign out").await;

    let log = logs::text();
    assert!(
        log.len() > 10_000 && log.contains("TRACE") && log.contains("/discovery"),
        "the log is there"
    );
    let mut secrets = app.world.minted_secrets();
    assert!(secrets.len() > 10);
    for browser in [&ada, &frank, &carol, &parked] {
        secrets.extend(browser.seen_cookies.iter().cloned());
    }
    let calls = app.world.calls();
    let verifiers = calls
        .iter()
        .filter_map(|call| call.body["pkce_code_verifier"].as_str());
    secrets.extend(verifiers.map(str::to_owned));
    for address in [
        "ada@acme.example",
        "frank@startup.example",
        "mallory@evil.example",
        "Ada Lovelace",
    ] {
        secrets.push(address.into());
    }
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{}… is in the log: {line:?}", &secret[..8]);
    }
}

/// V1: what strangers send can't forge a line.
#[tokio::test]
async fn log_lines_can_not_be_forged() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser
        .get("/forged%0A2026-01-01T00:00:00Z%20ERROR%20forged%1b[31m")
        .await;
    let evil = FaultKind::Error {
        status: 400,
        error_type: "evil\n2026-01-01T00:00:00Z ERROR forged \u{1b}[31m".into(),
        message: String::new(),
    };
    browser.get("/").await;
    browser.go("Continue with Google").await;
    app.fault(DISCOVERY, evil);
    assert_eq!(browser.go("ada@acme.example").await.status, 500);
    let log = logs::text();
    assert!(log.contains("/forged%0A"));
    assert!(
        !log.lines().any(|line| line.starts_with("2026-01-01")),
        "a forged line"
    );
    assert!(!log.contains('\u{1b}'));
}
