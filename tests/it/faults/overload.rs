//! Stytch is slow, and many visitors want to sign in.

use std::time::Duration;

use stytch_sandbox::{Approval, FaultKind, Flow, HeldRequest};

use crate::support::{
    Browser, TestApp,
    app::{DISCOVERY, Setup},
};

const MOST_IN_FLIGHT: u32 = 100;

/// V12: 500 concurrent sign-ins while Stytch does not respond. Stytch sees a hundred of them, and everything that does
/// not call Stytch works. When Stytch responds again, all sign-ins are served.
#[tokio::test]
async fn a_slow_vendor_does_not_block_other_requests() {
    // A long limit, because this test is about which requests wait, not about how long.
    let app = TestApp::with(Setup {
        deadline: Some(Duration::from_mins(10)),
        ..Setup::default()
    })
    .await;
    let mut member = app.signed_in("acme", "ada@acme.example").await;
    let mut leaving = app.signed_in("globex", "bob@globex.example").await;
    let mut ready = Vec::new();
    let stranger = app.browser();
    for _ in 0..500 {
        let mut browser = stranger.clone();
        let start = browser.get("/start/google").await.location();
        let mut pairs = start.query_pairs();
        let challenge = pairs.find(|(name, _)| name == "pkce_code_challenge");
        let approved = app.world.approve(Approval {
            flow: Flow::DiscoveryOauth,
            provider: "google",
            email: "frank@startup.example",
            organization: None,
            pkce_code_challenge: challenge.map(|(_, value)| value.into_owned()).as_deref(),
        });
        ready.push((browser, approved.redirect_url));
    }
    let hold = HeldRequest::new();
    app.faults(DISCOVERY, 1000, FaultKind::HoldAfter(hold.clone()));
    let mut waiting = Vec::new();
    for (mut browser, callback) in ready {
        waiting.push(tokio::spawn(async move { browser.get(&callback).await }));
    }
    // Each of them is inside a handler.
    while app.state.tasks.len() < 500 || hold.waiting() < MOST_IN_FLIGHT {
        tokio::task::yield_now().await;
    }
    let styles = probe(&mut app.browser(), "/").await;
    assert_eq!(app.browser().get(&styles).await.status, 200);
    for path in ["/health/live", "/health/ready", "/confirm"] {
        let status = app.browser().get(path).await.status;
        assert!(status == 200 || path == "/confirm" && status == 400);
    }
    assert!(
        member
            .get("/org/acme")
            .await
            .text()
            .contains("You are signed in")
    );
    let page = leaving.click("Sign out").await;
    assert_eq!(
        page.location().query(),
        Some("signed_out=here"),
        "signed out here while Stytch does not respond"
    );
    assert_eq!(hold.waiting(), MOST_IN_FLIGHT);
    hold.release();
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap().location().path(), "/organizations");
    }
}

/// The stylesheet of a page that must be there.
async fn probe(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200);
    let (_, rest) = page.body.split_once("rel=\"stylesheet\" href=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}
