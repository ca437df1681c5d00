//! Requests and responses of the browser SDK: credentials, wrapped responses, settings, public lookups, missing endpoints.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{
    Fault, FaultKind, PasswordSettings, ProjectSettings, RedirectUrls, Seed, StrengthPolicy,
    support::{self, Level},
};

use super::{Browser, PAGE};
use crate::{
    lab::{Lab, Reply, text},
    shapes::has_exactly,
};

fn bootstrap(lab: &Lab) -> String {
    format!("/projects/bootstrap/{}", lab.credentials().public_token)
}

#[tokio::test]
async fn the_settings_have_every_key_that_the_sdk_reads() {
    let lab = Lab::start().await;
    let settings = Browser::new(&lab).get(&bootstrap(&lab)).await.data();
    has_exactly(
        &settings,
        "request_id status_code project_name vertical disable_sdk_watermark cname_domain email_domains captcha_settings \
         dfp_protected_auth_enabled siwe_required_for_crypto_wallets pkce_required_for_email_magic_links \
         pkce_required_for_password_resets pkce_required_for_oauth pkce_required_for_sso slug_pattern \
         create_organization_enabled password_config rbac_policy",
    );
    assert_eq!(settings["vertical"], "B2B");
    assert_eq!(settings["captcha_settings"], json!({ "enabled": false }));
    assert_eq!(settings["password_config"], Value::Null);
    let policy = lab.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    assert_eq!(settings["rbac_policy"], policy);
}

#[tokio::test]
async fn the_settings_contain_the_rules_for_passwords() {
    let lab = Lab::start().await;
    let passwords = PasswordSettings {
        policy: StrengthPolicy::Luds {
            min_length: 10,
            min_complexity: 2,
        },
        ..PasswordSettings::default()
    };
    let settings = ProjectSettings {
        passwords: Some(passwords),
        ..RedirectUrls::of_new_project(PAGE).into()
    };
    let world = lab.sandbox.create_world(Seed::Default, settings);
    let public = world.credentials().public_token.clone();
    let request = lab
        .http
        .get(format!("{}/sdk/v1/projects/bootstrap/{public}", lab.url))
        .basic_auth(&public, Some(&public));
    assert_eq!(
        Reply::send(request).await.data()["password_config"],
        json!({ "luds_complexity": 2, "luds_minimum_count": 10 })
    );
}

/// The public token in the path must be the same. A project's id and secret are refused.
#[tokio::test]
async fn only_the_public_token_is_accepted() {
    let lab = Lab::start().await;
    let credentials = lab.credentials();
    let url = format!("{}/sdk/v1{}", lab.url, bootstrap(&lab));
    let with = |user: &str, password: &str| lab.http.get(&url).basic_auth(user, Some(password));
    for (request, status, error_type) in [
        (lab.http.get(&url), 401, "unauthorized_credentials"),
        (
            lab.http.get(&url).bearer_auth("x"),
            400,
            "invalid_authorization_header",
        ),
        (
            with(&credentials.project_id, &credentials.secret),
            400,
            "invalid_public_token_id",
        ),
        (with("", ""), 400, "public_token_required"),
        (
            with(
                "public-token-test-5a4db0c5-0000-4000-8000-00000000000f",
                "x",
            ),
            404,
            "public_token_not_found",
        ),
    ] {
        Reply::send(request).await.is_error(status, error_type);
    }
    let other = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::of_new_project(PAGE));
    let path = format!("/projects/bootstrap/{}", other.credentials().public_token);
    Browser::new(&lab)
        .get(&path)
        .await
        .is_error(404, "public_token_not_found");
    // The server API does not accept a public token.
    let (public, session) = (credentials.public_token, lab.adas_session().await.0);
    for password in [&public, &session] {
        let request = lab
            .http
            .get(format!("{}/v1/b2b/organizations/acme", lab.url))
            .basic_auth(&public, Some(password));
        Reply::send(request)
            .await
            .is_error(400, "invalid_project_id_authentication");
    }
}

/// Successful responses are wrapped in `data`; errors are the same as those of the server API.
#[tokio::test]
async fn errors_are_not_wrapped() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    browser
        .post("/b2b/oauth/authenticate", json!({ "oauth_token": "x" }))
        .await
        .is_error(400, "oauth_token_not_found");
    let request = browser.request(Method::POST, "/b2b/oauth/authenticate");
    Reply::send(request.body("[]"))
        .await
        .is_error(400, "bad_request");
}

/// One call can contain many events.
#[tokio::test]
async fn events_are_accepted_without_credentials() {
    let lab = Lab::start().await;
    let url = format!("{}/sdk/v1/events", lab.url);
    let send = |body: Value| Reply::send(lab.http.post(&url).header("origin", PAGE).json(&body));
    let reply = send(json!([{ "telemetry": {}, "event": { "event_name": "x" } }])).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "data": {} })));
    send(json!({})).await.is_error(400, "bad_request");
    assert!(lab.world.calls().is_empty());
}

/// The response has the CORS headers.
#[tokio::test]
async fn a_page_can_read_the_501_of_a_missing_endpoint() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    for (method, path) in [
        (Method::GET, "/b2b/admin_portal_config"),
        (Method::POST, "/b2b/oauth/google/onetap/start"),
        (Method::GET, "/b2b/scim"),
        (Method::PUT, "/b2b/scim/x"),
        (Method::POST, "/b2b/impersonation/authenticate"),
        (Method::POST, "/b2b/sessions/attest"),
        (Method::GET, "/b2b/organizations/connected_apps"),
        (Method::DELETE, "/users/totps/x"),
        (Method::POST, "/idp/b2b/oauth/authorize/start"),
    ] {
        let reply = browser.send(method.clone(), path, json!({})).await;
        assert_eq!(reply.header("access-control-allow-origin"), PAGE, "{path}");
        reply.is_error(501, "sandbox_not_implemented");
        let message = text(&reply.json()["error_message"]);
        assert!(
            message.contains(&format!("{method} /sdk/v1{path}")),
            "{message}"
        );
    }
}

/// The page can read the response of a fault.
#[tokio::test]
async fn faults_work_on_the_sdks_paths() {
    let lab = Lab::start().await;
    let fault = |kind| Fault {
        method: "POST".to_owned(),
        path: "/sdk/v1/b2b/organizations/search".to_owned(),
        times: 1,
        kind,
    };
    lab.world.fault(fault(FaultKind::Error {
        status: 429,
        error_type: "too_many_requests".to_owned(),
        message: "Slowly.".to_owned(),
    }));
    lab.world.fault(fault(FaultKind::OtherOrganization));
    let browser = Browser::new(&lab);
    let search = || {
        browser.post(
            "/b2b/organizations/search",
            json!({ "organization_slug": "acme" }),
        )
    };
    let refused = search().await;
    assert_eq!(refused.header("access-control-allow-origin"), PAGE);
    refused.is_error(429, "too_many_requests");
    let found = search().await.data()["organization"].clone();
    assert_eq!(found["organization_slug"], "somebody-else");
    let calls = lab.world.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].error_type.as_deref(), Some("too_many_requests"));

    let project = lab.credentials().project_id;
    for (path, status) in [
        ("/sdk/v1/b2b/oauth/*", 201),
        ("/sdk/v1/projects/bootstrap/*", 201),
        ("/sdk/v1/events", 400),
        ("/sdk/v2/x", 400),
    ] {
        let body = json!({ "method": "*", "path": path, "kind": "garbage" });
        let url = format!("{}/_sandbox/projects/{project}/faults", lab.url);
        let reply = Reply::send(lab.http.post(url).json(&body)).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
    }
}

/// No row hides another one, except the last four.
#[test]
fn each_row_of_the_table_can_be_reached() {
    let rows: Vec<_> = support::table()
        .into_iter()
        .filter(|it| it.path.starts_with("/sdk/v1/"))
        .collect();
    assert!(rows.len() > 70, "{}", rows.len());
    let mut shapes = HashSet::new();
    for it in &rows {
        let named = |part: &str| if part.starts_with('{') { "*" } else { part }.to_owned();
        let shape: Vec<String> = it.path.split('/').map(named).collect();
        assert!(
            shapes.insert((it.method, shape)),
            "{} {}",
            it.method,
            it.path
        );
    }
    let missing = rows.iter().filter(|it| it.level == Level::Not).count();
    assert_eq!(missing, 5);
}
