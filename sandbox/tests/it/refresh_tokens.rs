//! Refresh tokens of logins. Google issues one after its consent screen.

use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Lab, text};

const ADA: &str = "ada@acme.example";

/// Signs in with these parameters of the start URL, and returns `provider_values`.
async fn sign_in(lab: &Lab, provider: &str, email: &str, slug: &str, more: &str) -> Value {
    let parameters = format!("slug={slug}{more}");
    let consent = lab.begin(provider, "start", &parameters).await;
    let reply = consent.choose(email).await;
    let location = reply.header("location").to_owned();
    let (_, token) = location.rsplit_once("&token=").expect("a token");
    let body = json!({ "oauth_token": token });
    lab.post("/v1/b2b/oauth/authenticate", body).await.ok()["provider_values"].clone()
}

async fn stored(lab: &Lab, organization: &str, provider: &str) -> Value {
    let id = text(&lab.member(organization, ADA)["member_id"]);
    let path = format!(
        "/v1/b2b/organizations/{organization}/members/{id}/oauth_providers/{provider}?include_refresh_token=true"
    );
    lab.get(&path).await.json()
}

#[tokio::test]
async fn google_issues_one_at_the_first_login_only() {
    let lab = Lab::start().await;
    let first = sign_in(&lab, "google", ADA, "acme", "").await;
    assert!(first["refresh_token"].is_string());
    for more in [
        "",
        "&provider_prompt=select_account",
        "&provider_prompt=consents",
        "&provider_login_hint=consent",
    ] {
        let later = sign_in(&lab, "google", ADA, "acme", more).await;
        assert_eq!(later["refresh_token"], Value::Null, "{more}");
        assert_ne!(later["access_token"], first["access_token"]);
    }
    // The account decides, and discovery counts too.
    let discovered = lab.discover("google", "bob@globex.example").await;
    assert_eq!(discovered["status_code"], 200);
    let bob = sign_in(&lab, "google", "bob@globex.example", "globex", "").await;
    assert_eq!(bob["refresh_token"], Value::Null);
    let another = sign_in(&lab, "google", "carol@initech.example", "initech", "").await;
    assert!(another["refresh_token"].is_string());
}

#[tokio::test]
async fn google_issues_one_when_the_app_prompts_for_consent() {
    let lab = Lab::start().await;
    let mut tokens = vec![];
    for more in [
        "",
        "&provider_prompt=consent",
        "&provider_prompt=select_account%20consent",
    ] {
        tokens.push(text(
            &sign_in(&lab, "google", ADA, "acme", more).await["refresh_token"],
        ));
        let newest = tokens.last().expect("one");
        assert_eq!(
            stored(&lab, "acme", "google").await["refresh_token"],
            json!(newest)
        );
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

/// The refresh token of the first login still refreshes later access tokens.
#[tokio::test]
async fn a_stored_one_stays_after_a_login_without_one() {
    let lab = Lab::start().await;
    let first = sign_in(&lab, "google", ADA, "acme", "").await;
    let second = sign_in(&lab, "google", ADA, "acme", "").await;
    let kept = stored(&lab, "acme", "google").await;
    assert_eq!(kept["refresh_token"], first["refresh_token"]);
    assert_eq!(kept["access_token"], second["access_token"]);
    lab.world.advance(Duration::from_hours(1));
    assert_ne!(
        stored(&lab, "acme", "google").await["access_token"],
        second["access_token"]
    );
}

/// Each member has only the tokens of their own logins.
#[tokio::test]
async fn a_member_of_another_organization_has_none() {
    let lab = Lab::start().await;
    sign_in(&lab, "google", ADA, "acme", "").await;
    sign_in(&lab, "google", ADA, "oneil", "").await;
    assert_eq!(
        stored(&lab, "oneil", "google").await["refresh_token"],
        Value::Null
    );
    lab.world.advance(Duration::from_hours(1));
    assert_eq!(
        stored(&lab, "oneil", "google").await["error_type"],
        "missing_oauth_refresh_token"
    );
    assert_eq!(stored(&lab, "acme", "google").await["status_code"], 200);
}

/// The other providers have no consent screen.
#[tokio::test]
async fn microsoft_and_hubspot_issue_one_each_time_and_github_and_slack_none() {
    let lab = Lab::start().await;
    for _ in 0..2 {
        let microsoft = sign_in(&lab, "microsoft", ADA, "acme", "").await;
        assert!(microsoft["refresh_token"].is_string());
        for (provider, gives) in [("hubspot", true), ("github", false), ("slack", false)] {
            let values = sign_in(&lab, provider, "dave@hooli.example", "hooli", "").await;
            assert_eq!(values["refresh_token"].is_string(), gives, "{provider}");
        }
    }
}
