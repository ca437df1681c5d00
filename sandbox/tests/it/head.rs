//! HEAD returns the headers of GET without the body (RFC 9110 §9.3.2), and has no effect.

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::control::{good, look, steer};
use super::lab::{Lab, Reply};

/// The raw response: lowercase headers, without those that change with each response, and the body.
async fn raw(lab: &Lab, method: &str, path: &str) -> (Vec<String>, String) {
    let address = lab.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let lines = head.split("\r\n").map(str::to_lowercase);
    // hyper omits the length of an empty body, which HEAD allows.
    let is_same = |line: &String| !line.starts_with("date:") && line != "content-length: 0";
    let mut lines: Vec<String> = lines.filter(is_same).collect();
    lines[1..].sort_unstable();
    (lines, body.to_owned())
}

#[tokio::test]
async fn pages_and_health_have_the_headers_of_get() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let project = format!("/_sandbox/console/{}", lab.credentials().project_id);
    let inbox = format!("/_sandbox/projects/{}/inbox", lab.credentials().project_id);
    for path in [
        "/_sandbox/health",
        "/",
        "/_sandbox/",
        project.as_str(),
        "/_sandbox/inbox",
        "/_sandbox/idp",
        "/_sandbox/sandbox.css",
        "/_sandbox/icon.svg",
        "/_sandbox/oauth/google/jwks.json",
        consent.path.as_str(),
        "/_sandbox/oauth/nobody.x",
        "/_sandbox/inbox?project_id=nobody",
        inbox.as_str(),
    ] {
        let (get, body) = raw(&lab, "GET", path).await;
        let (head, nothing) = raw(&lab, "HEAD", path).await;
        assert_eq!(head, get, "{path}");
        assert_eq!(nothing, "", "{path}");
        if get[0].contains(" 200 ") {
            let length = format!("content-length: {}", body.len());
            assert!(
                head.contains(&length) && !body.is_empty(),
                "{path}: {head:?}"
            );
        }
    }
    // The page still works, because HEAD did not finish the request.
    consent.choose("ada@acme.example").await;
}

/// HEAD of a start URL starts no sign-in, and HEAD of a link or a call uses up nothing.
#[tokio::test]
async fn head_uses_nothing_up() {
    let lab = Lab::start().await;
    let id = lab.credentials().project_id;
    let token = lab.credentials().public_token;
    let link = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let fault = json!({ "method": "*", "path": "/v1/*", "kind": "error", "status": 503, "error_type": "x" });
    good(&steer(&lab, "faults", fault).await);
    let before = look(&lab, "faults").await;
    good(&steer(&lab, "auto_approve", json!({ "email": "new@acme.example" })).await);
    let people = look(&lab, "state").await["people"].clone();
    let calls = look(&lab, "calls").await;
    for (path, allowed) in [
        (
            format!("/v1/b2b/public/oauth/google/discovery/start?public_token={token}"),
            "GET",
        ),
        (
            format!("/v1/b2b/public/oauth/google/start?public_token={token}&slug=acme"),
            "GET",
        ),
        (
            format!("/v1/public/sso/start?public_token={token}&organization_id=globex"),
            "GET",
        ),
        (
            format!("/v1/magic_links/redirect?public_token={token}&token={link}"),
            "GET",
        ),
        (format!("/v1/b2b/sessions/jwks/{id}"), "GET"),
        ("/v1/b2b/organizations/acme".to_owned(), "GET"),
        ("/v1/b2b/magic_links/authenticate".to_owned(), "POST"),
        (format!("/_sandbox/projects/{id}/reset"), "POST"),
        (format!("/_sandbox/projects/{id}/redirect_urls"), "PUT"),
    ] {
        let reply = Reply::send(lab.call(Method::HEAD, &path)).await;
        assert_eq!((reply.status, reply.text.as_str()), (405, ""), "{path}");
        let allow = reply.header("allow");
        assert!(
            allow.contains(allowed) && !allow.contains("HEAD"),
            "{path}: {allow}"
        );
    }
    assert_eq!(look(&lab, "faults").await, before);
    assert_eq!(look(&lab, "calls").await, calls);
    assert_eq!(look(&lab, "state").await["people"], people);
    good(
        &super::control::control(
            &lab,
            Method::DELETE,
            &format!("/projects/{id}/faults"),
            None,
        )
        .await,
    );
    lab.spend_link(&link).await.ok();
    // Where HEAD works, `Allow` contains it.
    let reply = Reply::send(lab.call(Method::PUT, "/_sandbox/health")).await;
    assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD"));
}
