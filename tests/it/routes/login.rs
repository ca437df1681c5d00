use crate::support::{
    Browser, TestApp,
    app::{EXCHANGE, SWITCH},
};

/// Deletes an organization, as an administrator does at Stytch.
async fn delete(app: &TestApp, slug: &str) {
    let organizations = app.world.state()["organizations"].clone();
    let mut organizations = organizations.as_array().unwrap().iter();
    let found = organizations.find(|it| it["organization_slug"] == slug);
    let id = found.unwrap()["organization_id"].as_str().unwrap();
    let path = format!("/v1/b2b/organizations/{id}");
    let pinned = app.world.credentials();
    let request = reqwest::Client::new().delete(app.stytch_url.join(&path).unwrap());
    let request = request.basic_auth(&pinned.project_id, Some(&pinned.secret));
    assert_eq!(request.send().await.unwrap().status(), 200);
}

async fn press(browser: &mut Browser, words: &str) {
    let page = browser.click(words).await;
    assert_eq!(page.status, 404, "{}", page.text());
    let text = page.text();
    assert!(!text.contains("address of this page"), "{text}");
    assert!(text.contains("Acme Corp was deleted"), "{text}");
}

/// An organization is deleted while the visitor chooses. The list is one click away.
#[tokio::test]
async fn a_deleted_organization_leads_back_to_the_list() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    delete(&app, "acme").await;
    press(&mut ada, "Sign in to Acme Corp").await;
    let page = ada.go("Your organizations").await;
    assert_eq!(page.path(), "/organizations");
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(app.calls(EXCHANGE).len(), 1);
    // The rest of the list still works.
    let page = ada.go("Sign in to O'Neil").await;
    assert_eq!(page.path(), "/org/oneil", "{}", page.text());
}

/// The same for a member who switches. The member stays signed in.
#[tokio::test]
async fn a_member_stays_when_another_organization_is_deleted() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("oneil", "ada@acme.example").await;
    ada.go("Switch organization").await;
    delete(&app, "acme").await;
    let page = ada.click("Switch to Acme Corp").await;
    assert_eq!(page.status, 404, "{}", page.text());
    assert!(
        page.text()
            .contains("This organization is not in your list")
    );
    assert!(app.calls(SWITCH).is_empty());
    let page = ada.go("Your organizations").await;
    assert!(!page.text().contains("Acme Corp"), "{}", page.text());
    assert_eq!(ada.get("/org/oneil").await.status, 200);
}

/// The same while a factor is missing. There is no list any more, and the sign-in ends.
#[tokio::test]
async fn a_sign_in_to_a_deleted_organization_ends() {
    let app = TestApp::start().await;
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    assert_eq!(grace.go("Acme Corp").await.path(), "/step_up");
    delete(&app, "acme").await;
    let again = grace.clone();
    press(&mut grace, "Email me a code").await;
    assert_eq!(grace.cookie(), None);
    assert_eq!(grace.go("Back to sign-in").await.path(), "/");
    // Another tab is told that no sign-in is in progress.
    let page = again.clone().get("/step_up").await;
    assert_eq!(page.status, 400, "{}", page.text());
}

/// A connection is removed while the visitor is at the identity provider.
#[tokio::test]
async fn a_removed_connection_is_explained() {
    let app = TestApp::start().await;
    let mut bob = app.browser();
    bob.get("/org/globex").await;
    bob.go("Continue with Globex Okta").await;
    app.fault(
        "/v1/b2b/sso/authenticate",
        stytch_sandbox::FaultKind::Error {
            status: 404,
            error_type: "sso_connection_not_found".into(),
            message: String::new(),
        },
    );
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.status, 404, "{}", page.text());
    let text = page.text();
    assert!(text.contains("Globex removed it"), "{text}");
    assert_eq!(bob.go("Go to Globex").await.path(), "/org/globex");
}
