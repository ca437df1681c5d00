use serde_json::json;

use crate::support::{
    TestApp,
    app::{LIST, REVOKE, SWITCH},
};

#[tokio::test]
async fn switching_exchanges_the_session() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let before = ada.cookie();
    let page = ada.go("Switch organization").await;
    assert_eq!(page.path(), "/organizations");
    assert!(
        !page
            .controls()
            .iter()
            .any(|words| words == "Switch to Acme Corp"),
        "not to the current organization"
    );
    let page = ada.go("Switch to O'Neil").await;
    assert_eq!(page.path(), "/org/oneil", "{}", page.text());
    assert_ne!(ada.cookie(), before, "a new session id");
    app.settle().await;
    assert_eq!(
        app.calls(REVOKE).len(),
        1,
        "the earlier session is ended at Stytch"
    );
    assert_eq!(app.world.state()["sessions"].as_array().unwrap().len(), 1);
    assert!(
        ada.get("/org/acme")
            .await
            .text()
            .contains("Sign in to Acme Corp")
    );
}

/// Switching goes through the second factor of the target. The earlier session ends when that starts.
#[tokio::test]
async fn switching_goes_through_mfa() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.get("/organizations").await;
    let page = ada.go("Switch to Initech").await;
    assert_eq!(page.path(), "/mfa", "{}", page.text());
    assert_eq!(ada.get("/member").await.status, 401);
    app.settle().await;
    assert_eq!(app.calls(REVOKE).len(), 1);
    ada.get("/mfa").await;
    let code = app.world.messages()[0].code.clone().unwrap();
    ada.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(ada.arrive().await.path(), "/org/initech");
}

/// Switching goes through a step-up if the target does not accept the member's method.
#[tokio::test]
async fn switching_goes_through_step_up() {
    let app = TestApp::start().await;
    app.world.patch_organization("oneil", json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["microsoft_oauth", "email_otp"]}));
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.get("/organizations").await;
    let page = ada.go("Switch to O'Neil").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    ada.go("Continue with Microsoft").await;
    let page = ada.go("ada@acme.example").await;
    assert_eq!(page.path(), "/org/oneil", "{}", page.text());
}

/// SSO counts only in its own organization, so another one requires a first factor.
#[tokio::test]
async fn sso_does_not_count_in_another_organization() {
    let app = TestApp::start().await;
    app.world
        .add_member("acme", json!({"email_address": "bob@globex.example"}));
    let mut bob = app.browser();
    bob.get("/org/globex").await;
    bob.go("Continue with Globex Okta").await;
    bob.go("bob@globex.example").await;
    bob.get("/organizations").await;
    let page = bob.go("Switch to Acme Corp").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    app.settle().await;
    assert_eq!(app.calls(REVOKE).len(), 1, "the earlier session is ended");
    bob.go("Continue with Google").await;
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.path(), "/org/acme", "{}", page.text());
    assert_eq!(bob.get("/member").await.status, 200);
}

/// O2: only organizations that Stytch lists for this member.
#[tokio::test]
async fn only_listed_organizations_can_be_switched_to() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    for wanted in [
        "organization-test-00000002-0000-4000-8000-000000000000",
        "oneil",
        "x",
        "..%2F..",
    ] {
        let path = format!("/login/{wanted}");
        assert_eq!(ada.get(&path).await.status, 404, "{path}");
        assert_eq!(
            ada.post(&path, &[("here", "acme")]).await.status,
            404,
            "{path}"
        );
    }
    assert!(app.calls(SWITCH).is_empty());
    // A link asks first.
    let page = ada
        .get("/login/organization-test-00000006-0000-4000-8000-000000000000")
        .await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(app.calls(SWITCH).is_empty());
    assert!(
        page.text()
            .contains("If you continue, you will be signed out of it")
    );
    assert_eq!(ada.go("Switch to O'Neil").await.path(), "/org/oneil");
}

/// In the current organization, nothing is exchanged.
#[tokio::test]
async fn switching_to_the_current_organization_makes_no_call() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let before = ada.cookie();
    let state = app.world.state();
    let organizations = state["organizations"].as_array().unwrap();
    let mut acme = organizations
        .iter()
        .filter(|it| it["organization_slug"] == "acme");
    let acme = acme.next().unwrap()["organization_id"].as_str().unwrap();
    let page = ada
        .post(&format!("/login/{acme}"), &[("here", "acme")])
        .await;
    assert_eq!(page.location().path(), "/org/acme");
    assert!(app.calls(SWITCH).is_empty());
    assert_eq!(ada.cookie(), before);
}

#[tokio::test]
async fn an_invitation_is_accepted_by_switching() {
    let app = TestApp::start().await;
    app.world.add_member(
        "globex",
        json!({"email_address": "ada@acme.example", "status": "invited"}),
    );
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.get("/organizations").await;
    let page = ada.go("Accept the invitation to Globex").await;
    assert_eq!(page.path(), "/org/globex", "{}", page.text());
}

/// Stytch has ended the session meanwhile.
#[tokio::test]
async fn an_ended_session_can_not_switch() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.world.revoke_all_sessions();
    let page = ada.get("/organizations").await;
    assert_eq!(page.status, 401, "{}", page.text());
    assert!(page.text().contains("Your session expired"));
    assert_eq!(ada.cookie(), None);
    assert_eq!(app.calls(LIST).len(), 1);
}

/// S11: a session ends twelve hours after the first factor, however often the member has switched since.
#[tokio::test]
async fn switching_does_not_extend_a_session() {
    for through in ["", "a second factor", "another first factor"] {
        let app = TestApp::start().await;
        let mut ada = app.signed_in("acme", "ada@acme.example").await;
        for _ in 0..13 {
            app.advance(50 * 60);
            assert_eq!(ada.get("/member").await.status, 200);
        }
        ada.get("/organizations").await;
        if through == "another first factor" {
            let rule =
                json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["microsoft_oauth"]});
            app.world.patch_organization("oneil", rule);
            ada.get("/organizations").await;
            ada.go("Switch to O'Neil").await;
            ada.go("Continue with Microsoft").await;
            ada.go("ada@acme.example").await;
        } else if through == "a second factor" {
            ada.go("Switch to Initech").await;
            let code = app.world.messages()[0].code.clone().unwrap();
            ada.fill("Sign in with the SMS code", &[("code", &code)])
                .await;
        } else {
            ada.go("Switch to O'Neil").await;
        }
        assert_eq!(ada.get("/member").await.status, 200);
        app.advance(50 * 60);
        assert_eq!(ada.get("/member").await.status, 200, "11 h 40 min");
        app.advance(21 * 60);
        assert_eq!(
            ada.get("/member").await.status,
            401,
            "12 h 1 min through {through:?}"
        );
    }
}
