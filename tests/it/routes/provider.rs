use crate::support::TestApp;

#[tokio::test]
async fn the_tokens_of_the_provider_are_shown_masked() {
    let app = TestApp::start().await;
    for (provider, email, slug) in [
        ("Google", "ada@acme.example", "acme"),
        ("Microsoft", "ada@acme.example", "acme"),
        ("GitHub", "dave@hooli.example", "hooli"),
        ("Slack", "dave@hooli.example", "hooli"),
        ("HubSpot", "dave@hooli.example", "hooli"),
    ] {
        let mut person = app.browser();
        person.get(&format!("/org/{slug}")).await;
        person.go(&format!("Continue with {provider}")).await;
        assert_eq!(person.go(email).await.path(), format!("/org/{slug}"));
        let page = person.go(&format!("{provider} tokens")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains("Access token …"), "{}", page.text());
        assert!(page.text().contains("Scopes "), "{}", page.text());
        assert!(page.text().contains("Tokens that came with your sign-in"));
        assert!(
            page.text()
                .contains("in provider_values when you signed in with "),
            "{}",
            page.text()
        );
        for secret in app.world.minted_secrets() {
            assert!(!page.body.contains(&secret));
            assert!(
                secret.len() < 8
                    || !app.state.store.dump().contains(&secret)
                    || is_session(&secret, &app),
                "{provider}: kept"
            );
        }
    }
}

/// The store contains session tokens, and none of a provider.
fn is_session(secret: &str, app: &TestApp) -> bool {
    let dump = app.state.store.dump();
    ["session_token", "session_jwt", "verifier"]
        .iter()
        .any(|key| dump.contains(&format!("\"{key}\":\"{secret}\"")))
}

/// Discovery returns no provider tokens, but Stytch has them.
#[tokio::test]
async fn discovery_returns_no_provider_tokens() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    ada.go("Sign in to Acme Corp").await;
    let page = ada.go("Google tokens").await;
    assert!(
        page.text()
            .contains("None. Stytch returns them only when you sign in with a provider"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("expires in"), "{}", page.text());
}

/// Stytch is called each time, so a member whose session was revoked is signed out at once (S11).
#[tokio::test]
async fn stytch_is_called_each_time() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    assert_eq!(ada.get("/org/acme/provider/google").await.status, 200);
    app.world.revoke_all_sessions();
    assert_eq!(
        ada.get("/org/acme").await.status,
        200,
        "the JWT is still valid"
    );
    let page = ada.get("/org/acme/provider/google").await;
    assert_eq!(page.status, 401, "{}", page.text());
    assert!(page.text().contains("Your session expired"));
    assert_eq!(ada.cookie(), None);
}

#[tokio::test]
async fn without_a_sign_in_there_are_no_provider_tokens() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.get("/org/acme/provider/github").await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert_eq!(
        page.action("Start again with GitHub", &[]).url.path(),
        "/org/acme/start/github"
    );
    assert_eq!(ada.get("/org/acme/provider/unknown").await.status, 404);
    assert_eq!(ada.get("/member").await.status, 200);
    let page = ada.get("/org/globex/provider/google").await;
    assert_eq!(page.status, 409, "{}", page.text());
    assert_eq!(
        app.browser().get("/org/acme/provider/google").await.status,
        401
    );
}

/// A second factor does not lose the tokens that came with the first one.
#[tokio::test]
async fn mfa_keeps_the_provider_tokens() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/org/initech").await;
    ada.go("Continue with Google").await;
    assert_eq!(ada.go("ada@acme.example").await.path(), "/mfa");
    let code = app.world.messages()[0].code.clone().unwrap();
    ada.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    ada.arrive().await;
    let page = ada.go("Google tokens").await;
    assert!(
        page.text()
            .contains("in provider_values when you signed in with Google."),
        "{}",
        page.text()
    );
}
