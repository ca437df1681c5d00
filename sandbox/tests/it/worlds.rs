//! Isolation of worlds, and their methods for tests.

use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, text};

#[tokio::test]
async fn worlds_do_not_affect_each_other() {
    let lab = Lab::start().await;
    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    let other = Lab {
        world,
        sandbox: lab.sandbox.clone(),
        url: lab.url.clone(),
        http: lab.http.clone(),
    };
    let before = other.world.state();
    assert_eq!(before, lab.world.state(), "the same cast with the same ids");

    let token = lab.discovery_token("google", "frank@startup.example");
    let body = json!({ "discovery_oauth_token": token });
    other
        .post("/v1/b2b/oauth/discovery/authenticate", body)
        .await
        .is_error(400, "oauth_token_not_found");
    let ist = lab.ist("google", "frank@startup.example").await;
    other
        .exchange(&ist, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
    lab.create(json!({ "intermediate_session_token": ist, "organization_slug": "only-here" }))
        .await
        .ok();
    lab.world.advance(std::time::Duration::from_hours(1));
    assert_eq!(other.world.state(), before);
    assert!(lab.world.now() - other.world.now() > time::Duration::minutes(59));
    other
        .get("/v1/b2b/organizations/only-here")
        .await
        .is_error(404, "organization_not_found");
    let paths: Vec<String> = other
        .world
        .calls()
        .into_iter()
        .map(|call| call.path)
        .collect();
    assert_eq!(paths.len(), 3, "its own calls only: {paths:?}");
}

#[tokio::test]
async fn people_are_added_to_one_world_only() {
    let lab = Lab::start().await;
    lab.begin("google", "discovery/start", "")
        .await
        .press("/person", "name=S&email=s%40x.example&workspace=yes")
        .await;
    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    let other = Lab { world, ..lab };
    assert!(
        !other
            .begin("google", "discovery/start", "")
            .await
            .page()
            .await
            .text
            .contains("s@x.example")
    );
}

#[tokio::test]
async fn an_empty_world_is_empty() {
    let lab = Lab::start().await;
    let world = lab
        .sandbox
        .create_world(Seed::Empty, RedirectUrls::of_app("http://localhost:4000/"));
    assert_eq!(
        world.state(),
        json!({ "organizations": [], "members": [], "sessions": [] })
    );
    let lab = Lab { world, ..lab };
    let reply = lab
        .begin("google", "discovery/start", "")
        .await
        .press("/cancel", "")
        .await;
    assert!(
        reply
            .header("location")
            .starts_with("http://localhost:4000/discovery?")
    );
}

#[tokio::test]
async fn the_first_worlds_credentials_are_fixed() {
    let (first, second) = (
        Lab::start().await.credentials(),
        Lab::start().await.credentials(),
    );
    assert_eq!(first.project_id, second.project_id);
    assert_eq!(first.secret, second.secret);
    assert_eq!(
        first.public_token,
        "public-token-test-5a4db0c5-0000-4000-8000-000000000002"
    );
    assert!(
        !format!("{first:?}").contains(&first.secret),
        "Debug does not show the secret"
    );
}

#[tokio::test]
async fn calls_are_logged_with_the_response() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    lab.world.clear_calls();
    let answer = lab.exchange(&ist, "acme").await.ok();
    lab.exchange(&ist, "acme").await;
    lab.get(&format!(
        "/v1/b2b/sessions/jwks/{}",
        lab.credentials().project_id
    ))
    .await;
    lab.open("/_sandbox/health").await;
    let calls = lab.world.calls();
    assert_eq!(calls.len(), 3, "pages are not API calls");
    assert_eq!(
        (
            calls[0].method.as_str(),
            calls[0].status,
            &calls[0].error_type
        ),
        ("POST", 200, &None)
    );
    assert_eq!(
        calls[0].path,
        "/v1/b2b/discovery/intermediate_sessions/exchange"
    );
    assert_eq!(calls[0].request_id, text(&answer["request_id"]));
    assert_eq!(calls[0].body["organization_id"], "acme");
    assert_eq!(
        (calls[1].status, calls[1].error_type.as_deref()),
        (404, Some("intermediate_session_not_found"))
    );
    assert_eq!((calls[2].method.as_str(), calls[2].status), ("GET", 200));
}

#[tokio::test]
async fn every_issued_secret_is_recorded() {
    let lab = Lab::start().await;
    let token = lab.discovery_token("google", "ada@acme.example");
    let login = lab
        .post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await
        .ok();
    let session = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let microsoft = lab
        .sign_in("microsoft", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let waiting = lab
        .sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .ok();
    let minted = lab.world.minted_secrets();
    let values = &session["provider_values"];
    for secret in [
        &json!(lab.credentials().secret),
        &json!(token),
        &login["intermediate_session_token"],
        &waiting["intermediate_session_token"],
        &session["session_token"],
        &session["session_jwt"],
        &values["access_token"],
        &microsoft["provider_values"]["refresh_token"],
        &microsoft["provider_values"]["id_token"],
    ] {
        assert!(minted.contains(&text(secret)), "{secret} is missing");
    }
}
