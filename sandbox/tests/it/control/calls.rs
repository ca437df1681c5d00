//! The log of calls: masked bodies, and explanations of tokens.

use reqwest::Method;
use serde_json::{Value, json};

use super::{good, look, steer};
use crate::lab::{Lab, Reply, text};

const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";
const OAUTH: &str = "/v1/b2b/oauth/authenticate";
const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";
const SESSION: &str = "/v1/b2b/sessions/authenticate";

async fn last(lab: &Lab) -> Value {
    let calls = look(lab, "calls").await;
    let calls = calls["calls"].as_array().expect("calls");
    calls.last().expect("a call").clone()
}

/// The call's only explanation.
#[track_caller]
fn token(call: &Value) -> &Value {
    assert_eq!(call["tokens"].as_array().map(Vec::len), Some(1), "{call}");
    &call["tokens"][0]
}

/// Asserts that the token in this field was used by the call with this response.
#[track_caller]
fn is_by(call: &Value, field: &str, outcome: &str, path: &str, answer: &Value) {
    let token = token(call);
    assert_eq!(
        (&token["field"], &token["outcome"]),
        (&json!(field), &json!(outcome)),
        "{token}"
    );
    assert_eq!(token["by"], format!("POST {path}"));
    assert_eq!(token["request_id"], answer["request_id"]);
    assert!(text(&token["at"]).ends_with('Z'));
    let text = text(&token["explanation"]);
    let id = answer["request_id"].as_str().expect("an id");
    let is_own = call["request_id"] == answer["request_id"];
    assert!(
        is_own || text.starts_with(field) && text.contains(path) && text.contains(id),
        "{text}"
    );
}

#[tokio::test]
async fn a_used_token_is_explained() {
    let lab = Lab::start().await;
    let oauth = lab.oauth_token("google", "ada@acme.example", "acme");
    let body = json!({ "oauth_token": oauth });
    let first = lab.post(OAUTH, body.clone()).await.ok();
    assert_eq!(last(&lab).await["tokens"], json!([]));
    let again = lab.post(OAUTH, body).await;
    again.is_error(400, "oauth_token_not_found");
    is_by(&last(&lab).await, "oauth_token", "used", OAUTH, &first);

    let ist = lab.ist("google", "ada@acme.example").await;
    let first = lab.exchange(&ist, "acme").await.ok();
    lab.exchange(&ist, "acme").await;
    is_by(
        &last(&lab).await,
        "intermediate_session_token",
        "used",
        EXCHANGE,
        &first,
    );

    let link = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let first = lab.spend_link(&link).await.ok();
    lab.spend_link(&link).await;
    let path = "/v1/b2b/magic_links/authenticate";
    is_by(&last(&lab).await, "magic_links_token", "used", path, &first);

    let sso = lab.sso_token(crate::sso::SAML, "bob@globex.example");
    let first = lab.spend_sso(&sso, json!({})).await.ok();
    lab.spend_sso(&sso, json!({})).await;
    is_by(
        &last(&lab).await,
        "sso_token",
        "used",
        "/v1/b2b/sso/authenticate",
        &first,
    );
}

/// The explanation is on the same call.
#[tokio::test]
async fn a_refused_login_says_that_it_used_the_token() {
    let lab = Lab::start().await;
    let oauth = lab.oauth_token("github", "dave@hooli.example", "acme");
    let refused = lab.post(OAUTH, json!({ "oauth_token": oauth })).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let call = last(&lab).await;
    is_by(&call, "oauth_token", "used", OAUTH, &refused.json());
    let text = text(&token(&call)["explanation"]);
    assert!(text.ends_with("by this call"), "{text}");
}

#[tokio::test]
async fn a_wrong_verifier_is_explained() {
    let lab = Lab::start().await;
    let approve = json!({ "flow": "oauth", "provider": "google", "email": "ada@acme.example",
        "organization": "acme", "pkce_code_challenge": CHALLENGE });
    let sso = json!({ "flow": "sso", "connection_id": crate::sso::SAML, "email": "bob@globex.example",
        "pkce_code_challenge": CHALLENGE });
    for (approve, field, path) in [
        (approve, "oauth_token", OAUTH),
        (sso, "sso_token", "/v1/b2b/sso/authenticate"),
    ] {
        let approved = good(&steer(&lab, "approve", approve).await);
        let mut body = json!({ field: approved["token"], "pkce_code_verifier": "wrong" });
        let wrong = lab.post(path, body.clone()).await;
        wrong.is_error(400, "pkce_mismatch");
        body["pkce_code_verifier"] = json!(VERIFIER);
        assert_eq!(lab.post(path, body).await.status, 400);
        is_by(
            &last(&lab).await,
            field,
            "wrong_verifier",
            path,
            &wrong.json(),
        );
    }
    let more = json!({ "pkce_code_challenge": CHALLENGE });
    let link = lab.magic_token("acme", "ada@acme.example", more).await;
    let path = "/v1/b2b/magic_links/authenticate";
    let body = json!({ "magic_links_token": link, "pkce_code_verifier": "wrong" });
    let wrong = lab.post(path, body.clone()).await.json();
    lab.post(path, body).await;
    is_by(
        &last(&lab).await,
        "magic_links_token",
        "wrong_verifier",
        path,
        &wrong,
    );
}

#[tokio::test]
async fn an_expired_token_is_explained() {
    let lab = Lab::start().await;
    let (session, jwt) = lab.adas_session().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    let link = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let oauth = lab.oauth_token("google", "ada@acme.example", "acme");
    lab.world.advance(std::time::Duration::from_hours(2));
    for forgets in [false, true] {
        if forgets {
            lab.ist("google", "bob@globex.example").await; // creates tokens, which removes expired ones
        }
        for (path, field, token_text) in [
            (SESSION, "session_token", &session),
            (SESSION, "session_jwt", &jwt),
            (EXCHANGE, "intermediate_session_token", &ist),
            (
                "/v1/b2b/magic_links/authenticate",
                "magic_links_token",
                &link,
            ),
            (OAUTH, "oauth_token", &oauth),
        ] {
            let body = json!({ field: token_text, "organization_id": "acme" });
            assert!(lab.post(path, body).await.status >= 400, "{field}");
            let call = last(&lab).await;
            let token = token(&call);
            assert_eq!(token["outcome"], "expired", "{call}");
            assert_eq!(token["request_id"], Value::Null);
            assert!(text(&token["explanation"]).contains(&text(&token["at"])));
        }
    }
}

/// This works for the session's token and its JWT.
#[tokio::test]
async fn an_ended_session_is_explained() {
    let lab = Lab::start().await;
    let (session, jwt) = lab.adas_session().await;
    let id = lab.member("acme", "ada@acme.example")["member_id"].clone();
    let revoke = "/v1/b2b/sessions/revoke";
    let revoked = lab.post(revoke, json!({ "member_id": id })).await.ok();
    for (field, token) in [("session_token", &session), ("session_jwt", &jwt)] {
        lab.post(SESSION, json!({ field: token }))
            .await
            .is_error(404, "session_not_found");
        is_by(&last(&lab).await, field, "ended", revoke, &revoked);
    }
    // Also as the session in a header.
    let call = lab.call(Method::GET, "/v1/b2b/organizations/acme");
    let reply = Reply::send(call.header("X-Stytch-Member-Session", &session)).await;
    if reply.status >= 400 {
        is_by(
            &last(&lab).await,
            "X-Stytch-Member-Session",
            "ended",
            revoke,
            &revoked,
        );
    }
}

#[tokio::test]
async fn a_token_of_another_project_is_explained() {
    let lab = Lab::start().await;
    let (session, jwt) = lab.adas_session().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    let first = lab.credentials().project_id;
    let world = lab.sandbox.create_world(
        stytch_sandbox::Seed::Default,
        stytch_sandbox::RedirectUrls::default(),
    );
    let other = Lab { world, ..lab };
    for (path, field, token_text) in [
        (SESSION, "session_token", session.as_str()),
        (SESSION, "session_jwt", &jwt),
        (EXCHANGE, "intermediate_session_token", &ist),
    ] {
        let body = json!({ field: token_text, "organization_id": "acme" });
        assert!(other.post(path, body).await.status >= 400, "{field}");
        let call = last(&other).await;
        let token = token(&call);
        assert_eq!(token["outcome"], "other_project", "{call}");
        assert_eq!(token["project_id"], first);
        assert!(text(&token["explanation"]).contains(&first));
    }
    let unknown = json!({ "session_token": "x".repeat(44) });
    other
        .post(SESSION, unknown)
        .await
        .is_error(404, "session_not_found");
    assert_eq!(token(&last(&other).await)["outcome"], "unknown");
}

/// After a reset, only the project of a token is known.
#[tokio::test]
async fn a_token_from_before_a_reset_is_explained() {
    let lab = Lab::start().await;
    let (session, jwt) = lab.adas_session().await;
    good(&steer(&lab, "reset", json!({})).await);
    for (field, token_text) in [("session_token", session), ("session_jwt", jwt)] {
        assert!(lab.post(SESSION, json!({ field: token_text })).await.status >= 400);
        let call = last(&lab).await;
        assert_eq!(token(&call)["outcome"], "earlier", "{call}");
        assert!(text(&token(&call)["explanation"]).contains("reset"));
    }
}

/// Lists a start, its page, the button and the link in an email, each with its parameters.
#[tokio::test]
async fn browser_routes_are_listed() {
    let lab = Lab::start().await;
    let consent = lab
        .begin(
            "google",
            "discovery/start",
            "provider_login_hint=ada%40acme.example",
        )
        .await;
    consent.page().await;
    consent.choose("ada@acme.example").await;
    let page = consent.page().await;
    assert_eq!(page.status, 400, "finished");
    let token = lab.credentials().public_token;
    let redirect = "/v1/magic_links/redirect";
    let made_up = "y".repeat(44);
    lab.open(&format!("{redirect}?public_token={token}&token={made_up}"))
        .await;
    lab.open(&format!("/_sandbox/inbox?public_token={token}"))
        .await;
    let calls = look(&lab, "calls").await["calls"].clone();
    let calls = calls.as_array().expect("calls");
    let told: Vec<(&str, &str, u64)> = calls
        .iter()
        .map(|it| {
            assert_eq!(it["route"], "browser");
            let path = it["path"].as_str().expect("a path");
            let path = path.split("project-test-").next().expect("a start");
            (
                it["method"].as_str().expect("a method"),
                path,
                it["status"].as_u64().expect("a status"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("GET", "/v1/b2b/public/oauth/google/discovery/start", 302),
            ("GET", "/_sandbox/oauth/", 200),
            ("GET", "/_sandbox/oauth/", 200), // to find the button
            ("POST", "/_sandbox/oauth/", 303),
            ("GET", "/_sandbox/oauth/", 400),
            ("GET", redirect, 404),
        ]
    );
    assert_eq!(calls[0]["query"]["provider_login_hint"], "ada@acme.example");
    assert_eq!(calls[0]["query"]["public_token"], token);
    assert_eq!(calls[3]["body"], json!({ "person": "person-1" }));
    assert_eq!(calls[5]["query"]["token"], "***");
    assert_eq!(calls[5]["error_type"], "magic_link_not_found");
    assert_eq!(calls[5]["tokens"][0]["outcome"], "unknown");
    assert!(lab.world.calls().is_empty(), "no call of the API");
}

/// A call with a wrong secret is listed in the project that it names, and nowhere if that project does not exist.
#[tokio::test]
async fn calls_with_refused_credentials_are_listed() {
    let lab = Lab::start().await;
    let id = lab.credentials().project_id;
    let url = format!("{}{SESSION}", lab.url);
    let wrong = lab.http.post(&url).basic_auth(&id, Some("secret-test-x"));
    Reply::send(wrong.json(&json!({})))
        .await
        .is_error(401, "unauthorized_credentials");
    let call = last(&lab).await;
    assert_eq!(
        (&call["status"], &call["path"]),
        (&json!(401), &json!(SESSION))
    );
    assert_eq!(call["error_type"], "unauthorized_credentials");
    assert!(!call.to_string().contains("secret-test-x"));
    assert!(
        lab.world.calls().is_empty(),
        "the call is not in the log of API calls"
    );
}

/// Secrets are masked in all fields.
#[tokio::test]
async fn secrets_in_bodies_are_masked() {
    let lab = Lab::start().await;
    let jwt = lab.adas_session().await.1;
    let body = json!({
        "organization_id": "acme",
        "email_address": "ada@acme.example",
        "password": "correct horse battery staple",
        "session_jwt": jwt,
        "session_token": "short",
        "code": "123456",
        "recovery_code": 123_456,
        "pkce_code_verifier": VERIFIER,
        "pkce_code_challenge": CHALLENGE,
        "member_password_id": "member-password-test-1",
        "session_duration_minutes": 60,
        "trusted_metadata": { "api_key": "k", "note": jwt, "list": [{ "client_secret": "s" }, "x".repeat(44)] },
    });
    lab.post("/v1/b2b/passwords/authenticate", body).await;
    let shown = last(&lab).await["body"].clone();
    assert_eq!(
        shown,
        json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "password": "***",
            "session_jwt": "***",
            "session_token": "***",
            "code": "***",
            "recovery_code": "***",
            "pkce_code_verifier": "***",
            "pkce_code_challenge": CHALLENGE,
            "member_password_id": "member-password-test-1",
            "session_duration_minutes": 60,
            "trusted_metadata": { "api_key": "***", "note": "***", "list": [{ "client_secret": "***" }, "***"] },
        })
    );
    let long = json!({ "password": "p".repeat(20_000) });
    lab.post("/v1/b2b/passwords/authenticate", long).await;
    let shown = text(&last(&lab).await["body"]);
    assert!(
        shown.starts_with("… (cut: ") && !shown.contains("ppp"),
        "{shown}"
    );
}
