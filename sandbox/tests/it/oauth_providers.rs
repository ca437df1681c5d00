//! `organizations.members.oauth_providers`. See `docs/stytch.md#provider-tokens`.

use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::shapes::has_exactly;

async fn tokens(lab: &Lab, organization: &str, email: &str, rest: &str) -> Reply {
    let id = text(&lab.member(organization, email)["member_id"]);
    let path = format!("/v1/b2b/organizations/{organization}/members/{id}/oauth_providers/{rest}");
    lab.get(&path).await
}

/// They equal those in the response of the login.
#[tokio::test]
async fn the_tokens_are_those_of_the_last_login() {
    let lab = Lab::start().await;
    let google = || {
        tokens(
            &lab,
            "acme",
            "ada@acme.example",
            "google?include_refresh_token=true",
        )
    };
    google().await.is_error(404, "member_oauth_token_not_found");
    let mut before = String::new();
    for _ in 0..2 {
        lab.world.forget_refresh_tokens("ada@acme.example");
        let login = lab
            .sign_in("google", "ada@acme.example", "acme", json!({}))
            .await
            .ok();
        let answer = google().await.ok();
        has_exactly(
            &answer,
            "status_code request_id provider_type provider_subject id_token scopes access_token access_token_expires_in refresh_token",
        );
        assert_eq!(answer["provider_type"], "Google");
        assert_eq!(answer["provider_subject"], login["provider_subject"]);
        for same in ["access_token", "refresh_token", "scopes"] {
            assert_eq!(answer[same], login["provider_values"][same], "{same}");
        }
        let seconds = answer["access_token_expires_in"].as_i64().expect("seconds");
        assert!((3590..=3600).contains(&seconds), "{seconds}");
        assert_ne!(text(&answer["access_token"]), before);
        before = text(&answer["access_token"]);
        assert!(lab.world.minted_secrets().contains(&before));
    }
    // Other providers and other organizations have no tokens.
    for (organization, provider) in [("acme", "microsoft"), ("oneil", "google")] {
        tokens(&lab, organization, "ada@acme.example", provider)
            .await
            .is_error(404, "member_oauth_token_not_found");
    }
}

/// Discovery responses have no `provider_values`, so this is the way to get the tokens after an organization is chosen.
#[tokio::test]
async fn tokens_of_a_discovery_login_are_stored_for_the_chosen_organization() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    tokens(&lab, "oneil", "ada@acme.example", "google")
        .await
        .is_error(404, "member_oauth_token_not_found");
    lab.exchange(&ist, "oneil").await.ok();
    tokens(&lab, "oneil", "ada@acme.example", "google")
        .await
        .ok();
    tokens(&lab, "acme", "ada@acme.example", "google")
        .await
        .is_error(404, "member_oauth_token_not_found");
}

#[tokio::test]
async fn each_provider_has_its_own_fields() {
    let lab = Lab::start().await;
    let dave = "dave@hooli.example";
    for (provider, fields) in [
        (
            "github",
            "provider_subject provider_tenant_ids access_token scopes",
        ),
        (
            "slack",
            "provider_subject provider_tenant_id access_token scopes bot_access_token bot_scopes",
        ),
        (
            "hubspot",
            "provider_subject provider_tenant_id access_token access_token_expires_in scopes refresh_token",
        ),
    ] {
        lab.sign_in(provider, dave, "hooli", json!({})).await.ok();
        let answer = tokens(&lab, "hooli", dave, provider).await.ok();
        has_exactly(
            &answer,
            "status_code request_id provider_type registrations",
        );
        assert_eq!(answer["registrations"].as_array().map(Vec::len), Some(1));
        has_exactly(&answer["registrations"][0], fields);
    }
    let registration = |answer: Value| answer["registrations"][0].clone();
    let github = registration(tokens(&lab, "hooli", dave, "github").await.ok());
    assert_eq!(github["provider_tenant_ids"], json!(["9001"]));
    let slack = registration(tokens(&lab, "hooli", dave, "slack").await.ok());
    assert_eq!(slack["provider_tenant_id"], "T-HOOLI");
    lab.sign_in("microsoft", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let answer = tokens(&lab, "acme", "ada@acme.example", "microsoft")
        .await
        .ok();
    has_exactly(
        &answer,
        "status_code request_id provider_type provider_subject id_token scopes access_token access_token_expires_in refresh_token",
    );
    assert_eq!(answer["provider_type"], "Microsoft");
}

/// Python sends `True`, and Node `true`.
#[tokio::test]
async fn refresh_tokens_are_returned_only_on_request() {
    let lab = Lab::start().await;
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let refresh = |query: &'static str| {
        let lab = &lab;
        async move {
            tokens(lab, "acme", "ada@acme.example", &format!("google{query}"))
                .await
                .ok()["refresh_token"]
                .clone()
        }
    };
    for query in [
        "",
        "?include_refresh_token=false",
        "?include_refresh_token=False",
    ] {
        assert_eq!(refresh(query).await, Value::Null, "{query}");
    }
    let token = refresh("?include_refresh_token=true").await;
    assert!(token.is_string());
    assert_eq!(
        refresh("?include_refresh_token=True&organization_id=acme").await,
        token
    );
    tokens(
        &lab,
        "acme",
        "ada@acme.example",
        "google?include_refresh_token=1",
    )
    .await
    .is_error(400, "bad_request");
}

#[tokio::test]
async fn an_expired_access_token_is_refreshed() {
    let lab = Lab::start().await;
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let google = || async {
        tokens(
            &lab,
            "acme",
            "ada@acme.example",
            "google?include_refresh_token=true",
        )
        .await
        .ok()
    };
    let first = google().await;
    lab.world.advance(Duration::from_mins(59));
    let later = google().await;
    assert_eq!(later["access_token"], first["access_token"]);
    assert!(later["access_token_expires_in"].as_i64().expect("seconds") <= 60);
    lab.world.advance(Duration::from_mins(1));
    let fresh = google().await;
    assert_ne!(fresh["access_token"], first["access_token"]);
    assert_eq!(fresh["refresh_token"], first["refresh_token"]);
    assert!(fresh["access_token_expires_in"].as_i64().expect("seconds") > 3590);
    assert!(
        lab.world
            .minted_secrets()
            .contains(&text(&fresh["access_token"]))
    );
    // Slack's tokens do not expire.
    lab.sign_in("slack", "dave@hooli.example", "hooli", json!({}))
        .await
        .ok();
    let slack = tokens(&lab, "hooli", "dave@hooli.example", "slack")
        .await
        .ok();
    lab.world.advance(Duration::from_hours(24));
    assert_eq!(
        tokens(&lab, "hooli", "dave@hooli.example", "slack")
            .await
            .ok()["registrations"],
        slack["registrations"]
    );
}

/// It refuses if the tokens or the account no longer exist.
#[tokio::test]
async fn a_provider_can_refuse_to_refresh() {
    let lab = Lab::start().await;
    let google = || tokens(&lab, "acme", "ada@acme.example", "google");
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    lab.world.forget_refresh_tokens("ada@acme.example");
    google().await.ok();
    lab.world.advance(Duration::from_hours(1));
    google().await.is_error(400, "missing_oauth_refresh_token");
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    lab.world.remove_person("ada@acme.example");
    google().await.ok();
    lab.world.advance(Duration::from_hours(1));
    google()
        .await
        .is_error(400, "unable_to_refresh_oauth_token");
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let lab = Lab::start().await;
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let id = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    for (path, error) in [
        (
            format!("acme/members/{id}/oauth_providers/myspace"),
            "route_not_found",
        ),
        (
            format!("nobody/members/{id}/oauth_providers/google"),
            "organization_not_found",
        ),
        (
            format!("globex/members/{id}/oauth_providers/google"),
            "member_not_found",
        ),
        (
            "acme/members/member-test-x/oauth_providers/google".to_owned(),
            "member_not_found",
        ),
    ] {
        lab.get(&format!("/v1/b2b/organizations/{path}"))
            .await
            .is_error(404, error);
    }
    // The tokens of a deleted member stay deleted after a reactivation.
    let path = format!("/v1/b2b/organizations/acme/members/{id}");
    lab.delete(&path).await.ok();
    lab.get(&format!("{path}/oauth_providers/google"))
        .await
        .is_error(404, "member_not_found");
    lab.put(&format!("{path}/reactivate"), json!({})).await.ok();
    lab.get(&format!("{path}/oauth_providers/google"))
        .await
        .is_error(404, "member_oauth_token_not_found");
}
