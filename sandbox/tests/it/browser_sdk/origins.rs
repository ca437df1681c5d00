//! Pages that may call: those of this machine, and allowed ones.

use reqwest::{Method, RequestBuilder, redirect::Policy};
use serde_json::json;
use stytch_sandbox::{Fault, FaultKind, Options, Sandbox};
use tokio::net::TcpListener;

use super::{ADA, Browser, PAGE, VERIFIER};
use crate::lab::{Lab, Reply};

const ELSEWHERE: &str = "https://app.example";
const PATH: &str = "/b2b/oauth/authenticate";

/// A request of a page with this origin, or without an origin.
fn from(origin: Option<&str>, lab: &Lab, method: Method, path: &str) -> RequestBuilder {
    let public = lab.credentials().public_token;
    let request = lab
        .http
        .request(method, format!("{}{path}", lab.url))
        .basic_auth(&public, Some(&public));
    match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    }
}

fn preflight(lab: &Lab, origin: &str, method: &str) -> RequestBuilder {
    let url = format!("{}/sdk/v1{PATH}", lab.url);
    let request = lab.http.request(Method::OPTIONS, url);
    request
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,content-type,x-sdk-client,x-sdk-parent-host",
        )
}

/// A sandbox that also allows pages of this origin.
async fn allowing(origin: &str) -> Lab {
    let sandbox = Sandbox::with(Options {
        app_url: PAGE.to_owned(),
        is_reference_app: true,
        allow_origins: vec![origin.to_owned()],
        ..Options::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = sandbox.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let http = reqwest::Client::builder()
        .tls_certs_only([])
        .redirect(Policy::none());
    Lab {
        world: sandbox.world(),
        sandbox,
        url,
        http: http.build().expect("a client"),
    }
}

#[tokio::test]
async fn a_preflight_allows_what_the_sdk_sends() {
    let lab = Lab::start().await;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let reply = Reply::send(preflight(&lab, PAGE, method)).await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""));
        assert_eq!(reply.header("access-control-allow-origin"), PAGE);
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        assert_eq!(reply.header("vary"), "Origin");
        assert!(
            reply
                .header("access-control-allow-methods")
                .contains(method)
        );
        let headers = reply.header("access-control-allow-headers");
        for header in [
            "authorization",
            "content-type",
            "x-sdk-client",
            "x-sdk-parent-host",
        ] {
            assert!(headers.contains(header), "{headers}");
        }
        assert_eq!(reply.header("access-control-allow-private-network"), "");
    }
    let private =
        preflight(&lab, PAGE, "POST").header("access-control-request-private-network", "true");
    let reply = Reply::send(private).await;
    assert_eq!(reply.header("access-control-allow-private-network"), "true");
}

/// A page of another site is refused before anything happens: its token still works afterwards, no fault is used up,
/// and no call is logged.
#[tokio::test]
async fn a_refused_page_consumes_nothing() {
    let lab = Lab::start().await;
    let token = lab.token_with_pkce(ADA, Some("acme"));
    let body = json!({ "oauth_token": token, "pkce_code_verifier": VERIFIER });
    let fault = Fault {
        method: "*".to_owned(),
        path: "/sdk/v1/*".to_owned(),
        times: 1,
        kind: FaultKind::OtherOrganization,
    };
    lab.world.fault(fault);
    for origin in [
        ELSEWHERE,
        "null",
        "http://localhost.evil.example",
        "http://192.168.0.7:3000",
        "",
    ] {
        let request = from(Some(origin), &lab, Method::POST, &format!("/sdk/v1{PATH}"));
        let reply = Reply::send(request.json(&body)).await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        reply.is_error(403, "sandbox_origin_not_allowed");
        let reply = Reply::send(preflight(&lab, origin, "POST")).await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        assert_eq!(reply.status, 403);
    }
    let two =
        from(Some(PAGE), &lab, Method::POST, &format!("/sdk/v1{PATH}")).header("origin", ELSEWHERE);
    Reply::send(two.json(&body))
        .await
        .is_error(403, "sandbox_origin_not_allowed");
    for spelling in ["//sdk/v1/events", "/sdk/v1/nothing/"] {
        let request = from(Some(ELSEWHERE), &lab, Method::POST, spelling);
        Reply::send(request.json(&json!([])))
            .await
            .is_error(403, "sandbox_origin_not_allowed");
    }
    assert!(lab.world.calls().is_empty());
    let signed_in = Browser::new(&lab).post(PATH, body).await.data();
    let slug = &signed_in["organization"]["organization_slug"];
    assert_eq!(slug, "somebody-else", "the fault is still there");
}

/// This includes error responses.
#[tokio::test]
async fn an_allowed_page_can_read_every_response() {
    let lab = Lab::start().await;
    let big = " ".repeat(1024 * 1024 + 1);
    let long = format!("/sdk/v1/b2b/sso?x={}", "x".repeat(8 * 1024));
    for (method, path, body, status) in [
        (
            Method::POST,
            "/sdk/v1/b2b/organizations/search",
            r#"{"organization_slug": "acme"}"#,
            200,
        ),
        (Method::POST, "/sdk/v1/b2b/organizations/search", "[", 400),
        (Method::GET, "/sdk/v1/b2b/organizations/me", "", 401),
        (Method::POST, "/sdk/v1/events", "[]", 200),
        (Method::POST, "/sdk/v1/events", big.as_str(), 400),
        (Method::GET, long.as_str(), "", 414),
        (Method::PATCH, "/sdk/v1/events", "", 405),
        (Method::POST, "/sdk/v2/events", "[]", 404),
        (Method::GET, "/sdk/v1/nothing", "", 501),
    ] {
        let request = from(Some(PAGE), &lab, method.clone(), path);
        let request = request.header("content-type", "application/json");
        let reply = Reply::send(request.body(body.to_owned())).await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert_eq!(
            reply.header("access-control-allow-origin"),
            PAGE,
            "{method} {path}"
        );
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        assert_eq!(reply.header("vary"), "Origin");
    }
}

/// `Origin` matters for the SDK's API only, and a request without it does not come from a page's script.
#[tokio::test]
async fn the_rest_of_the_sandbox_has_no_cors_headers() {
    let lab = Lab::start().await;
    let search = json!({ "organization_slug": "acme" });
    let request = from(None, &lab, Method::POST, "/sdk/v1/b2b/organizations/search");
    let reply = Reply::send(request.json(&search)).await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
    reply.data();
    for path in [
        "/_sandbox/health",
        "/_sandbox/projects",
        "/v1/b2b/rbac/policy",
        "/",
    ] {
        let reply = Reply::send(from(Some(PAGE), &lab, Method::GET, path)).await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn an_origin_can_be_allowed() {
    let lab = allowing(ELSEWHERE).await;
    let reply = Reply::send(preflight(&lab, ELSEWHERE, "PUT")).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), ELSEWHERE);
    let path = "/sdk/v1/b2b/organizations/search";
    for (origin, status) in [
        (ELSEWHERE, 200),
        (PAGE, 200),
        ("http://app.example", 403),
        ("https://app.example:8443", 403),
        ("https://other.example", 403),
    ] {
        let request = from(Some(origin), &lab, Method::POST, path);
        let reply = Reply::send(request.json(&json!({ "organization_slug": "acme" }))).await;
        assert_eq!(reply.status, status, "{origin}");
    }
}

/// A host name that resolves to this machine does not help, because the host is checked first.
#[tokio::test]
async fn an_allowed_origin_does_not_allow_other_hosts() {
    let lab = Lab::start().await;
    let request = preflight(&lab, PAGE, "POST").header("host", "evil.example");
    let reply = Reply::send(request).await;
    assert_eq!(reply.status, 421);
    assert_eq!(reply.header("access-control-allow-origin"), "");
}
