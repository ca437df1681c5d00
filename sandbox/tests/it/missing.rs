//! Calls that the sandbox does not support, and calls of the wrong product.

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

/// The endpoint of the SDKs' `introspect_token_network`, and a project's other OAuth endpoints. None requires the
/// secret.
#[tokio::test]
async fn the_projects_oauth_endpoints_return_501() {
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

/// Paths that are not in the browser SDK's API. `browser_sdk` tests its missing endpoints.
#[tokio::test]
async fn other_paths_below_sdk_are_unknown() {
    let lab = Lab::start().await;
    for path in ["/sdk/v1", "/sdk/v2/events", "/sdk/events"] {
        call(&lab, Method::POST, path)
            .await
            .is_error(404, "route_not_found");
    }
}

/// An app calls them with a Consumer client by mistake.
#[tokio::test]
async fn consumer_calls_get_an_error_about_the_b2b_project() {
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
