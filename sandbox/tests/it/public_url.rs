//! A sandbox that browsers reach at another address than programs.

use reqwest::{Method, redirect::Policy};
use serde_json::json;
use stytch_sandbox::{Options, Sandbox, public_url};
use tokio::net::TcpListener;

use super::lab::Reply;

struct Remote {
    sandbox: Sandbox,
    url: String,
    http: reqwest::Client,
}

impl Remote {
    async fn start(public: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let sandbox = Sandbox::with(Options {
            app_url: "http://localhost:3000".to_owned(),
            public_url: Some(public_url(public).expect("a URL")),
            ..Options::default()
        });
        let serving = sandbox.clone();
        tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(Policy::none());
        Self {
            sandbox,
            url,
            http: http.build().expect("a client"),
        }
    }

    fn request(&self, method: Method, path: &str, host: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        request.header("host", host)
    }
}

/// Only exactly that host with its port is served, besides the names of this machine.
#[tokio::test]
async fn only_the_configured_host_is_served() {
    for (public, host, status) in [
        (
            "https://x-3100.app.github.dev",
            "x-3100.app.github.dev",
            200,
        ),
        (
            "https://x-3100.app.github.dev",
            "X-3100.APP.github.dev:443",
            200,
        ),
        ("https://x-3100.app.github.dev", "localhost:3100", 200),
        ("https://x-3100.app.github.dev", "127.0.0.1:1", 200),
        (
            "https://x-3100.app.github.dev",
            "x-3100.app.github.dev:80",
            421,
        ),
        (
            "https://x-3100.app.github.dev",
            "y-3100.app.github.dev",
            421,
        ),
        (
            "https://x-3100.app.github.dev",
            "x-3100.app.github.dev@evil.example",
            421,
        ),
        (
            "https://x-3100.app.github.dev",
            "evil.example/x-3100.app.github.dev",
            421,
        ),
        ("https://x-3100.app.github.dev", "app.github.dev", 421),
        ("http://devbox:8100", "devbox:8100", 200),
        ("http://devbox:8100", "devbox", 421),
        ("http://devbox:8100", "devbox:3100", 421),
    ] {
        let remote = Remote::start(public).await;
        for path in ["/_sandbox/projects", "/_sandbox/"] {
            let reply = Reply::send(remote.request(Method::GET, path, host)).await;
            assert_eq!(reply.status, status, "{public} {host} {path}");
            assert_eq!(reply.text.contains("public-token-test"), status == 200);
        }
    }
}

/// Links and redirects lead to the public URL, because a proxy may replace `Host`.
#[tokio::test]
async fn links_lead_to_the_public_url() {
    let public = "https://x-3100.app.github.dev";
    let remote = Remote::start(public).await;
    let token = remote.sandbox.world().credentials().public_token.clone();
    let start = format!("/v1/b2b/public/oauth/google/discovery/start?public_token={token}");
    for host in ["x-3100.app.github.dev", "localhost:3100"] {
        let reply = Reply::send(remote.request(Method::GET, &start, host)).await;
        assert_eq!(reply.status, 302, "{}", reply.text);
        let location = reply.header("location").to_owned();
        assert_eq!(reply.json()["redirect_url"], location);
        let path = location.strip_prefix(public).expect("the public URL");
        assert!(path.starts_with("/_sandbox/oauth/"), "{location}");
        let page = remote.request(Method::GET, path, host);
        assert_eq!(Reply::send(page).await.status, 200);
    }
    let own = remote.sandbox.world().credentials().clone();
    let send = "/v1/b2b/magic_links/email/discovery/send";
    let call = remote.request(Method::POST, send, "127.0.0.1:3100");
    let call = call.basic_auth(own.project_id, Some(own.secret));
    let body = json!({ "email_address": "ada@acme.example" });
    Reply::send(call.json(&body)).await.ok();
    let link = remote.sandbox.world().messages()[0].link.clone();
    let link = link.expect("a link");
    assert!(link.starts_with(&format!("{public}/v1/")), "{link}");
    assert_eq!(remote.sandbox.world().base_url(), public);
    let other = Sandbox::new("http://localhost:3000");
    assert_eq!(other.world().base_url(), "http://127.0.0.1:3100");
}

/// Forms of the console are accepted from the public URL only.
#[tokio::test]
async fn only_its_own_pages_can_change_it() {
    let remote = Remote::start("https://x-3100.app.github.dev").await;
    let id = remote.sandbox.world().credentials().project_id.clone();
    let path = format!("/_sandbox/projects/{id}/clock");
    for (origin, site, status) in [
        ("https://x-3100.app.github.dev", "same-origin", 200),
        ("https://x-3100.app.github.dev", "", 200),
        ("http://x-3100.app.github.dev", "same-origin", 200),
        ("https://x-3100.app.github.dev", "cross-site", 403),
        ("https://x-3000.app.github.dev", "same-site", 403),
        ("https://evil.example", "", 403),
    ] {
        let request = remote.request(Method::POST, &path, "x-3100.app.github.dev");
        let request = request
            .header("origin", origin)
            .json(&json!({"advance_seconds": 1}));
        let request = match site {
            "" => request,
            site => request.header("sec-fetch-site", site),
        };
        assert_eq!(Reply::send(request).await.status, status, "{origin} {site}");
    }
}

/// A TLS proxy may replace `Host` with the address to which it forwards.
#[tokio::test]
async fn its_pages_work_through_a_proxy() {
    let remote = Remote::start("https://sandbox.example").await;
    let id = remote.sandbox.world().credentials().project_id.clone();
    let path = format!("/_sandbox/projects/{id}/clock");
    for (origin, status) in [
        ("https://sandbox.example", 200),
        ("http://sandbox.example", 403),
    ] {
        let request = remote.request(Method::POST, &path, "127.0.0.1:3100");
        let request = request.header("origin", origin);
        let body = json!({"advance_seconds": 1});
        assert_eq!(
            Reply::send(request.json(&body)).await.status,
            status,
            "{origin}"
        );
    }
}

#[test]
fn a_public_url_is_an_origin() {
    for good in [
        "http://127.0.0.1:8100",
        "https://x.example",
        "https://x.example/",
        "http://devbox",
    ] {
        assert!(public_url(good).is_ok(), "{good}");
    }
    for (bad, said) in [
        ("x.example", "is not a URL of a host and a port"),
        ("localhost:3100", "is not a URL of a host and a port"),
        ("ftp://x.example", "is not a URL of a host and a port"),
        (
            "https://x.example/path",
            "is not a URL of a host and a port",
        ),
        ("https://x.example?a=b", "is not a URL of a host and a port"),
        ("https://a:b@x.example", "is not a URL of a host and a port"),
        ("https://test.stytch.com", "belongs to the real Stytch"),
        ("https://Stytch.com", "belongs to the real Stytch"),
    ] {
        let error = public_url(bad).expect_err("a refusal");
        assert!(error.contains(said), "{error}");
    }
}

/// After a form, the console redirects to itself at the public URL.
#[tokio::test]
async fn the_console_stays_at_the_public_url() {
    let public = "https://sandbox.example";
    let remote = Remote::start(public).await;
    let id = remote.sandbox.world().credentials().project_id.clone();
    for (button, rest) in [("resume", "?done=clock"), ("calls", "/calls?done=cleared")] {
        let path = format!("/_sandbox/console/{id}/{button}");
        let request = remote.request(Method::POST, &path, "127.0.0.1:3100");
        let reply = Reply::send(request.header("origin", public)).await;
        let expected = format!("{public}/_sandbox/console/{id}{rest}");
        assert_eq!((reply.status, reply.header("location")), (303, &*expected));
    }
}
