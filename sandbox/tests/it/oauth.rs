//! `oauth.authenticate` and `oauth.discovery.authenticate`.
//! See `docs/stytch.md#oauth` and `docs/stytch.md#entering-an-organization`.

use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};

const DISCOVERY: &str = "/v1/b2b/oauth/discovery/authenticate";
const OAUTH: &str = "/v1/b2b/oauth/authenticate";

async fn discovery(lab: &Lab, token: &str) -> Reply {
    lab.post(DISCOVERY, json!({ "discovery_oauth_token": token }))
        .await
}

#[tokio::test]
async fn discovery_returns_the_person_and_changes_no_member() {
    let lab = Lab::start().await;
    let before = lab.world.state();
    let answer = lab.discover("slack", "dave@hooli.example").await;
    assert_eq!(answer["email_address"], "dave@hooli.example");
    assert_eq!(answer["full_name"], "Dave Dunn");
    assert_eq!(answer["provider_type"], "Slack");
    assert_eq!(answer["provider_tenant_id"], "T-HOOLI");
    assert_eq!(answer["provider_tenant_ids"], json!(["T-HOOLI"]));
    assert_eq!(text(&answer["intermediate_session_token"]).len(), 44);
    assert_eq!(lab.world.state(), before);
    let answer = lab.discover("google", "ada@acme.example").await;
    assert_eq!(
        (
            &answer["provider_tenant_id"],
            &answer["provider_tenant_ids"]
        ),
        (&json!(""), &json!([]))
    );
}

/// GitHub lists organizations only with the scope `read:org`.
#[tokio::test]
async fn github_tenants_require_their_scope() {
    let lab = Lab::start().await;
    for (query, tenants) in [("", json!([])), ("custom_scopes=read:org", json!(["9001"]))] {
        let reply = lab
            .begin("github", "discovery/start", query)
            .await
            .choose("dave@hooli.example")
            .await;
        let token = reply
            .header("location")
            .rsplit_once("token=")
            .expect("a token")
            .1;
        assert_eq!(
            discovery(&lab, token).await.ok()["provider_tenant_ids"],
            tenants,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_members_login_starts_a_session_and_returns_the_providers_tokens() {
    let lab = Lab::start().await;
    let started = lab.world.now();
    let answer = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(
        answer["organization_id"],
        lab.organization("acme")["organization_id"]
    );
    assert_eq!(
        answer["member_id"],
        lab.member("acme", "ada@acme.example")["member_id"]
    );
    assert_eq!(answer["provider_type"], "Google");
    assert_eq!(answer["provider_subject"], "google-00000001");
    assert_eq!(answer["reset_sessions"], false);
    assert_eq!(answer["intermediate_session_token"], "");
    assert_eq!(answer["intermediate_session_token_expires_at"], Value::Null);
    assert_eq!(
        answer["provider_values"]["scopes"],
        json!(["openid", "email", "profile"])
    );
    for issued in ["access_token", "refresh_token", "expires_at"] {
        assert!(answer["provider_values"][issued].is_string(), "{issued}");
    }
    let session = &answer["member_session"];
    assert_eq!(session["roles"], json!(["stytch_member", "stytch_admin"]));
    assert_eq!(session["organization_slug"], "acme");
    let factor = &session["authentication_factors"][0];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("oauth"), &json!("oauth_google"))
    );
    assert_eq!(
        factor["google_oauth_factor"]["provider_subject"],
        "google-00000001"
    );
    let lasts = minutes(&session["started_at"], &session["expires_at"]);
    assert_eq!(lasts, 60, "the default");
    assert!(started.unix_timestamp() <= seconds(&session["started_at"]));
}

#[tokio::test]
async fn factors_contain_their_tenants() {
    let lab = Lab::start().await;
    for (provider, key, tenant) in [
        (
            "slack",
            "slack_oauth_factor",
            json!({ "provider_tenant_id": "T-HOOLI" }),
        ),
        (
            "hubspot",
            "hubspot_oauth_factor",
            json!({ "provider_tenant_id": "7007" }),
        ),
        (
            "github",
            "github_oauth_factor",
            json!({ "provider_tenant_ids": ["9001"] }),
        ),
    ] {
        let answer = lab
            .sign_in(provider, "dave@hooli.example", "hooli", json!({}))
            .await
            .ok();
        let factor = &answer["member_session"]["authentication_factors"][0][key];
        for (name, value) in tenant.as_object().expect("an object") {
            assert_eq!(&factor[name], value, "{factor}");
        }
    }
}

#[tokio::test]
async fn invalid_durations_claims_and_locales_do_not_use_up_the_token() {
    let lab = Lab::start().await;
    let token = lab.oauth_token("google", "ada@acme.example", "acme");
    let long = "x".repeat(4096);
    for (more, error) in [
        (
            json!({ "session_duration_minutes": 4 }),
            "invalid_session_duration_minutes",
        ),
        (
            json!({ "session_duration_minutes": 527_041 }),
            "invalid_session_duration_minutes",
        ),
        (json!({ "session_duration_minutes": "60" }), "bad_request"),
        (json!({ "session_duration_minutes": 60.5 }), "bad_request"),
        (json!({ "locale": "xx" }), "invalid_locale"),
        (
            json!({ "session_custom_claims": { "a": long } }),
            "custom_claims_too_large",
        ),
        (
            json!({ "session_custom_claims": { "https://stytch.com/session": 1 } }),
            "stytch_claims_in_custom_claims",
        ),
        (json!({ "session_custom_claims": [] }), "bad_request"),
        (json!({ "session_token": "short" }), "invalid_session_token"),
        (
            json!({ "session_jwt": "no.jwt.here" }),
            "unable_to_parse_session_jwt",
        ),
        (
            json!({ "intermediate_session_token": "short" }),
            "invalid_session_token",
        ),
    ] {
        let mut body = more.clone();
        body["oauth_token"] = json!(token);
        lab.post(OAUTH, body).await.is_error(400, error);
    }
    let claims = json!({ "team": "a", "iss": "ignored", "exp": 1, "gone": null });
    let body = json!({ "oauth_token": token, "session_duration_minutes": 5, "locale": "pt-br", "session_custom_claims": claims });
    let answer = lab.post(OAUTH, body).await.ok();
    let session = &answer["member_session"];
    assert_eq!(session["custom_claims"], json!({ "team": "a" }));
    assert_eq!(minutes(&session["started_at"], &session["expires_at"]), 5);
}

#[tokio::test]
async fn a_login_can_be_added_to_a_session() {
    let lab = Lab::start().await;
    let (session_token, session_jwt) = lab.adas_session().await;
    for more in [
        json!({ "session_token": session_token }),
        json!({ "session_jwt": session_jwt }),
    ] {
        let answer = lab
            .sign_in("microsoft", "ada@acme.example", "acme", more)
            .await
            .ok();
        assert_eq!(answer["session_token"], *session_token, "the same session");
        let factors = answer["member_session"]["authentication_factors"]
            .as_array()
            .expect("factors")
            .clone();
        let methods: Vec<&Value> = factors
            .iter()
            .map(|factor| &factor["delivery_method"])
            .collect();
        assert_eq!(methods, ["oauth_google", "oauth_microsoft"]);
    }
    let expires_at = async |more: Value| {
        let answer = lab
            .sign_in("google", "ada@acme.example", "acme", more)
            .await
            .ok();
        text(&answer["member_session"]["expires_at"])
    };
    let before = expires_at(json!({ "session_token": session_token })).await;
    lab.world.advance(Duration::from_mins(2));
    assert_eq!(
        expires_at(json!({ "session_token": session_token })).await,
        before,
        "without a duration, the expiry does not change"
    );
    let longer = json!({ "session_token": session_token, "session_duration_minutes": 90 });
    assert!(expires_at(longer).await > before);
    let more = json!({ "session_token": session_token, "session_jwt": session_jwt });
    lab.sign_in("google", "ada@acme.example", "acme", more)
        .await
        .is_error(400, "too_many_session_arguments");
    let more = json!({ "session_token": session_token });
    lab.sign_in("google", "ada@acme.example", "oneil", more)
        .await
        .is_error(400, "member_session_member_id_mismatch");
    let more = json!({ "session_token": "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J" });
    lab.sign_in("google", "ada@acme.example", "acme", more)
        .await
        .is_error(404, "session_not_found");
}

fn seconds(at: &Value) -> i64 {
    let at = time::OffsetDateTime::parse(&text(at), &time::format_description::well_known::Rfc3339);
    at.expect("RFC 3339").unix_timestamp()
}

fn minutes(from: &Value, to: &Value) -> i64 {
    (seconds(to) - seconds(from)) / 60
}
