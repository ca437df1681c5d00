//! Calls that the sandbox does not have: what the vendor has says so, and calls of the wrong product are told which.

use reqwest::Method;
use serde_json::json;

use super::lab::{Lab, Reply};

async fn call(lab: &Lab, method: Method, path: &str) -> Reply {
    Reply::send(lab.http.request(method, format!("{}{path}", lab.url))).await
}

fn message(reply: &Reply) -> String {
    let body = reply.json();
    body["error_message"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// The SDKs' `introspect_token_network`, and what else a project has of OAuth's endpoints. None takes the secret.
#[tokio::test]
async fn the_projects_oauth_endpoints_are_missing_and_say_so() {
    let lab = Lab::start().await;
    let project = lab.credentials().project_id;
    for (method, path) in [
        (Method::POST, "oauth2/introspect"),
        (Method::POST, "oauth2/token"),
        (Method::POST, "oauth2/revoke"),
        (Method::GET, "oauth2/userinfo"),
        (Method::GET, ".well-known/openid-configuration"),
    ] {
        let path = format!("/v1/public/{project}/{path}");
        let reply = call(&lab, method.clone(), &path).await;
        reply.is_error(501, "sandbox_not_implemented");
        assert!(message(&reply).contains(&format!("{method} {path}")));
    }
    call(
        &lab,
        Method::GET,
        &format!("/v1/public/{project}/oauth2/introspect"),
    )
    .await
    .is_error(405, "method_not_allowed");
    call(
        &lab,
        Method::POST,
        &format!("/v1/public/{project}/oauth2/else"),
    )
    .await
    .is_error(404, "route_not_found");
}

/// What is no URL of the browser SDK's API at all; what it has and the sandbox lacks is in `browser_sdk`.
#[tokio::test]
async fn a_path_beside_the_browser_sdks_api_is_unknown() {
    let lab = Lab::start().await;
    for path in ["/sdk/v1", "/sdk/v2/events", "/sdk/events"] {
        call(&lab, Method::POST, path)
            .await
            .is_error(404, "route_not_found");
    }
}

/// Calls of a Consumer client reach a B2B project only by mistake.
#[tokio::test]
async fn consumer_calls_are_told_that_this_is_a_b2b_project() {
    let lab = Lab::start().await;
    for path in [
        "/v1/magic_links/email/login_or_create",
        "/v1/magic_links/authenticate",
        "/v1/otps/sms/login_or_create",
        "/v1/oauth/authenticate",
        "/v1/sessions/authenticate",
        "/v1/passwords",
        "/v1/totps",
        "/v1/users",
        "/v1/webauthn/register",
    ] {
        let reply = lab.post(path, json!({})).await;
        reply.is_error(400, "invalid_consumer_endpoint");
        let text = message(&reply);
        assert!(
            text.contains("This is a B2B project") && text.contains(path),
            "{text}"
        );
        call(&lab, Method::POST, path)
            .await
            .is_error(401, "unauthorized_credentials");
    }
    for path in ["/v1/usersx", "/v1/b2b/users", "/v1/nothing", "/users"] {
        lab.post(path, json!({}))
            .await
            .is_error(404, "route_not_found");
    }
}
