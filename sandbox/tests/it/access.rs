//! Which calls are served, and the errors for others. See `docs/stytch.md#calls-and-errors`.

use reqwest::Method;
use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply};

const CHECK: &str = "/v1/b2b/sessions/authenticate";

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let lab = Lab::start().await;
    let url = format!("{}{CHECK}", lab.url);
    let own = lab.credentials();
    let with = |user: &str, password: &str| {
        lab.http
            .post(&url)
            .basic_auth(user, Some(password))
            .json(&json!({}))
    };

    Reply::send(lab.http.post(&url).json(&json!({})))
        .await
        .is_error(401, "unauthorized_credentials");
    Reply::send(with(&own.project_id, "secret-test-wrong"))
        .await
        .is_error(401, "unauthorized_credentials");
    let unknown = "project-test-11111111-1111-4111-8111-111111111111";
    Reply::send(with(unknown, &own.secret))
        .await
        .is_error(401, "unauthorized_credentials");
    Reply::send(with("acme", &own.secret))
        .await
        .is_error(400, "invalid_project_id_authentication");
    let spaced = format!("{} ", own.project_id);
    Reply::send(with(&spaced, &own.secret))
        .await
        .is_error(400, "invalid_project_id_authentication");
    for header in ["Bearer abc", "Basic ???", "Basic"] {
        let request = lab
            .http
            .post(&url)
            .header("authorization", header)
            .json(&json!({}));
        Reply::send(request)
            .await
            .is_error(400, "invalid_authorization_header");
    }
    Reply::send(with(&own.project_id, &own.secret))
        .await
        .is_error(400, "no_session_arguments");
}

#[tokio::test]
async fn the_secret_of_another_world_is_refused() {
    let lab = Lab::start().await;
    let other = lab
        .sandbox
        .create_world(Seed::Empty, RedirectUrls::default());
    let request = lab.http.post(format!("{}{CHECK}", lab.url));
    let request = request.basic_auth(
        &lab.credentials().project_id,
        Some(&other.credentials().secret),
    );
    Reply::send(request.json(&json!({})))
        .await
        .is_error(401, "unauthorized_credentials");
}

#[tokio::test]
async fn a_body_must_be_a_json_object() {
    let lab = Lab::start().await;
    let own = lab.credentials();
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("text/plain", "{}"),
        ("application/x-www-form-urlencoded", "session_token=x"),
    ] {
        let request = lab
            .http
            .post(format!("{}{CHECK}", lab.url))
            .header("content-type", content_type)
            .body(body);
        let reply = Reply::send(request.basic_auth(&own.project_id, Some(&own.secret))).await;
        reply.is_error(400, "bad_request");
    }
    let reply = lab.post(CHECK, json!({ "session_token": 7 })).await;
    reply.is_error(400, "bad_request");
    assert!(
        reply.text.contains("session_token"),
        "the field is named: {}",
        reply.text
    );
}

/// Some SDKs send a body with GET, and some repeat the path's ids.
#[tokio::test]
async fn bodies_of_get_and_repeated_ids_are_ignored() {
    let lab = Lab::start().await;
    let own = lab.credentials();
    let url = format!(
        "{}//v1/b2b/organizations/acme/?organization_id=acme",
        lab.url
    );
    let request = lab
        .http
        .get(url)
        .basic_auth(&own.project_id, Some(&own.secret))
        .json(&json!(null));
    assert_eq!(
        Reply::send(request).await.ok()["organization"]["organization_slug"],
        "acme"
    );
}

#[tokio::test]
async fn unknown_paths_return_404_and_unsupported_endpoints_501() {
    let lab = Lab::start().await;
    lab.post("/v1/b2b/nonsense", json!({}))
        .await
        .is_error(404, "route_not_found");
    lab.get("/").await.is_error(404, "route_not_found");
    for path in [
        "/v1/b2b/impersonation/authenticate",
        "/v1/b2b/sessions/attest",
        "/v1/m2m/clients",
    ] {
        let reply = lab.post(path, json!({})).await;
        reply.is_error(501, "sandbox_not_implemented");
        assert!(
            reply.text.contains("test.stytch.com"),
            "it says what to do: {}",
            reply.text
        );
    }
    for path in [
        "/v1/projects/metrics",
        "/v1/b2b/organizations/acme/connected_apps?organization_id=acme",
    ] {
        lab.get(path).await.is_error(501, "sandbox_not_implemented");
    }
    // A browser opens this one, so it requires no credentials.
    Reply::send(lab.http.get(format!("{}/v1/b2b/sso/callback/x", lab.url)))
        .await
        .is_error(501, "sandbox_not_implemented");
    // Unsupported endpoints still require credentials.
    let request = lab
        .http
        .post(format!("{}/v1/b2b/totp/migrate", lab.url))
        .json(&json!({}));
    Reply::send(request)
        .await
        .is_error(401, "unauthorized_credentials");
}

#[tokio::test]
async fn a_known_path_with_another_method_is_405() {
    let lab = Lab::start().await;
    let reply = lab.get(CHECK).await;
    reply.is_error(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "POST");
    let request = lab.http.request(
        Method::OPTIONS,
        format!("{}/v1/b2b/organizations/acme", lab.url),
    );
    let reply = Reply::send(request).await;
    reply.is_error(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "GET, PUT, DELETE");
}

#[tokio::test]
async fn only_requests_for_hosts_of_this_machine_are_served() {
    let lab = Lab::start().await;
    let health = format!("{}/_sandbox/health", lab.url);
    for host in [
        "127.0.0.1",
        "127.0.0.1:3100",
        "localhost:1",
        "LocalHost",
        "[::1]:3100",
        "[::1]",
    ] {
        assert_eq!(
            Reply::send(lab.http.get(&health).header("host", host))
                .await
                .status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:3100",
        "127.0.0.2",
        "",
    ] {
        let reply = Reply::send(lab.http.get(&health).header("host", host)).await;
        assert_eq!(reply.status, 421, "{host}");
        assert_eq!(reply.json()["status_code"], 421);
    }
    let request = lab
        .http
        .get(&health)
        .header("host", "evil.example")
        .header("accept", "text/html");
    let reply = Reply::send(request).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (421, "text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn the_health_page_is_json() {
    let lab = Lab::start().await;
    let reply = Reply::send(lab.http.get(format!("{}/_sandbox/health", lab.url))).await;
    assert_eq!(reply.ok()["status"], "ok");
}
