use serde_json::json;

use crate::support::{Page, TestApp};

fn offered(page: &Page) -> Vec<String> {
    let controls = page.controls().into_iter();
    controls
        .filter(|words| words.starts_with("Continue with"))
        .collect()
}

/// The default connection comes first. One click at the identity provider is enough.
#[tokio::test]
async fn sso_signs_in_by_clicking() {
    let app = TestApp::start().await;
    for (connection, factor) in [
        ("Globex Okta", "SSO (SAML)"),
        ("Globex Entra", "SSO (OIDC)"),
    ] {
        let mut bob = app.browser();
        let page = bob.get("/org/globex").await;
        assert_eq!(
            offered(&page)[..2],
            ["Continue with Globex Okta", "Continue with Globex Entra"]
        );
        let start = bob
            .click(&format!("Continue with {connection}"))
            .await
            .location();
        assert_eq!(start.path(), "/v1/public/sso/start");
        assert!(
            start
                .query_pairs()
                .any(|(name, value)| name == "pkce_code_challenge" && value.len() == 43)
        );
        bob.arrive().await;
        let page = bob.go("bob@globex.example").await;
        assert_eq!(page.path(), "/org/globex", "{}", page.text());
        assert!(
            page.text().contains("Bob Slydell") && page.text().contains(factor),
            "{}",
            page.text()
        );
    }
    let calls = app.calls("/v1/b2b/sso/authenticate");
    assert!(
        calls
            .iter()
            .all(|call| call.body["pkce_code_verifier"].is_string())
    );
}

#[tokio::test]
async fn only_the_organizations_own_connections_are_offered() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let connection = "saml-connection-test-00000002-0000-4000-8000-000000000001";
    for path in [
        format!("/org/acme/sso/{connection}"),
        "/org/globex/sso/saml-connection-test-unknown".to_owned(),
        format!("/org/globex/sso/{connection}%2F.."),
    ] {
        assert_eq!(browser.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(browser.cookie(), None);
    app.world
        .patch_organization("globex", json!({"allowed_auth_methods": ["google_oauth"]}));
    assert_eq!(
        offered(&browser.get("/org/globex").await),
        ["Continue with Google"]
    );
    assert_eq!(
        browser
            .get(&format!("/org/globex/sso/{connection}"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn canceling_at_the_identity_provider_leads_back() {
    let app = TestApp::start().await;
    let mut bob = app.browser();
    bob.get("/org/globex").await;
    bob.go("Continue with Globex Okta").await;
    let page = bob.go("Cancel").await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert!(
        page.text().contains("Sign-in was canceled"),
        "{}",
        page.text()
    );
    let again = page.action("Start again with Globex Okta", &[]);
    assert!(
        again
            .url
            .path()
            .starts_with("/org/globex/sso/saml-connection-")
    );
}
