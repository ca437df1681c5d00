//! The host names that the sandbox serves, and the targets of its links and redirects.

use reqwest::Method;
use serde_json::json;
use stytch_sandbox::{Options, Sandbox, host_name};
use tokio::net::TcpListener;

use super::control::{control, good, look, steer};
use super::lab::{Lab, Reply, text};

/// A lab that also serves these host names.
async fn allowing(names: &[&str]) -> Lab {
    let allow_hosts = names.iter().map(|name| host_name(name).expect("a name"));
    let sandbox = Sandbox::with(Options {
        app_url: "http://localhost:3000".to_owned(),
        allow_hosts: allow_hosts.collect(),
        limits: stytch_sandbox::Limits {
            rate_limits: false,
            ..stytch_sandbox::Limits::default()
        },
        ..Options::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = sandbox.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let lab = Lab::start().await;
    Lab {
        world: sandbox.world(),
        sandbox,
        url,
        http: lab.http,
    }
}

/// A link uses the host of the app's call, not the address on which the sandbox listens.
#[tokio::test]
async fn links_use_the_host_of_the_call() {
    let lab = allowing(&["sandbox.test"]).await;
    for host in ["sandbox.test:8080", "localhost:9", "127.0.0.1:9"] {
        let send = "/v1/b2b/magic_links/email/discovery/send";
        let call = lab.call(Method::POST, send).header("host", host);
        let body = json!({ "email_address": "ada@acme.example" });
        Reply::send(call.json(&body)).await.ok();
        let link = text(&look(&lab, "inbox").await["messages"][0]["link"]);
        let expected = format!("http://{host}/v1/magic_links/redirect?");
        assert!(link.starts_with(&expected), "{link}");
        assert_eq!(lab.world.messages()[0].link.as_deref(), Some(link.as_str()));
    }
}

/// A proxy may change scheme, host and port, so redirects contain none of them.
#[tokio::test]
async fn redirects_are_relative() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let connection = super::sso::SAML;
    for start in [
        format!("/v1/b2b/public/oauth/google/discovery/start?public_token={token}"),
        format!("/v1/public/sso/start?public_token={token}&connection_id={connection}"),
        "/".to_owned(),
    ] {
        let reply = lab.open(&start).await;
        assert_eq!(reply.status, 302, "{start}");
        let location = reply.header("location");
        assert!(location.starts_with("/_sandbox/"), "{location}");
        assert_eq!(lab.open(location).await.status, 200, "{location}");
    }
}

/// The issuer of ID tokens is the address that the app uses.
#[tokio::test]
async fn issuers_use_the_host_of_the_request() {
    let lab = allowing(&["sandbox.test"]).await;
    let path = "/_sandbox/oauth/google/.well-known/openid-configuration";
    let request = lab.http.get(format!("{}{path}", lab.url));
    let reply = Reply::send(request.header("host", "sandbox.test:8080")).await;
    let issuer = "http://sandbox.test:8080/_sandbox/oauth/google";
    assert_eq!(reply.json()["issuer"], issuer);
}

#[tokio::test]
async fn a_wildcard_allows_hosts_below_it() {
    let lab = allowing(&["*.apps.test", "*.localhost"]).await;
    for (host, status) in [
        ("one.apps.test", 200),
        ("One.Apps.Test:80", 200),
        ("a.b.apps.test", 200),
        ("sandbox.localhost:3100", 200),
        ("apps.test", 421),
        (".apps.test", 421),
        ("evilapps.test", 421),
        ("one.apps.test.evil.example", 421),
        ("evil.example@one.apps.test", 421),
        ("evil.example/.apps.test", 421),
        ("xlocalhost", 421),
    ] {
        let request = lab.http.get(format!("{}/_sandbox/health", lab.url));
        let reply = Reply::send(request.header("host", host)).await;
        assert_eq!(reply.status, status, "{host}");
    }
}

#[test]
fn invalid_wildcards_are_refused() {
    for good in ["*.apps.test", "*.a.b.c", "*.localhost", "*.Apps.Test"] {
        let name = host_name(good).expect(good);
        assert_eq!(name, good.to_lowercase());
    }
    for (bad, said) in [
        ("*", "is not a host name"),
        ("*.", "is not a host name"),
        ("*.test", "at least two labels"),
        ("*.*.test", "is not a host name"),
        ("x.*.test", "is not a host name"),
        ("*apps.test", "is not a host name"),
        ("*.apps.test:80", "is not a host name"),
        ("*.stytch.com", "real Stytch"),
        ("*.test.stytch.com", "real Stytch"),
    ] {
        let error = host_name(bad).expect_err(bad);
        assert!(error.contains(said), "{bad}: {error}");
    }
}

/// The error names the received host and says what to do. Text that is not a host name is not repeated.
#[tokio::test]
async fn a_refusal_names_the_host_and_the_option() {
    let lab = Lab::start().await;
    for (host, named, advice) in [
        ("devbox:3100", Some("devbox"), "--allow-host devbox"),
        (
            "Web.Internal",
            Some("web.internal"),
            "--allow-host web.internal",
        ),
        (
            "192.0.2.7:3100",
            Some("192.0.2.7"),
            "--allow-host 192.0.2.7",
        ),
        ("[fd00::7]:3100", Some("[fd00::7]"), "SANDBOX_PUBLIC_URL"),
        ("test.stytch.com", Some("test.stytch.com"), "--allow-host"),
        ("<b>x</b>", None, "--allow-host"),
        ("a b", None, "--allow-host"),
        ("x@y", None, "--allow-host"),
    ] {
        for accept in ["text/html", "application/json"] {
            let request = lab.http.get(format!("{}/_sandbox/health", lab.url));
            let request = request.header("host", host).header("accept", accept);
            let reply = Reply::send(request).await;
            assert_eq!(reply.status, 421, "{host}");
            assert!(reply.text.contains(advice), "{host}: {}", reply.text);
            match named {
                Some(named) => assert!(
                    reply.text.contains(&format!("the host {named}")),
                    "{host}: {}",
                    reply.text
                ),
                None => assert!(!reply.text.contains(host), "{host}: {}", reply.text),
            }
        }
    }
    let vendor = lab.http.get(&lab.url).header("host", "test.stytch.com");
    let vendor = Reply::send(vendor).await.text;
    assert!(!vendor.contains("--allow-host test.stytch.com"), "{vendor}");
}

/// This includes requests that expired or were removed by a reset.
#[tokio::test]
async fn the_page_of_an_expired_request_links_to_the_app() {
    let lab = Lab::start().await;
    let link = |app: &str| format!("href=\"{app}\"");
    let consent = lab.begin("google", "discovery/start", "").await;
    assert!(
        !consent
            .page()
            .await
            .text
            .contains(&link("http://localhost:3000/"))
    );
    good(&steer(&lab, "reset", json!({})).await);
    let page = consent.page().await;
    assert_eq!(page.status, 404);
    assert!(
        page.text.contains(&link("http://localhost:3000/")),
        "{}",
        page.text
    );
    let html = |request: reqwest::RequestBuilder| request.header("accept", "text/html");
    let press = consent.request("", "person=person-1");
    let pressed = Reply::send(html(press.header("cookie", &consent.cookie))).await;
    assert!(pressed.status >= 400);
    assert!(
        pressed.text.contains(&link("http://localhost:3000/")),
        "{}",
        pressed.text
    );
    let sso = consent.path.replace("/oauth/", "/sso/");
    assert!(
        lab.open(&sso)
            .await
            .text
            .contains(&link("http://localhost:3000/"))
    );
    // Also for a finished request, and for an app with a deep link.
    let path = format!("/projects/{}/redirect_urls", lab.credentials().project_id);
    let urls = json!({ "discovery": ["myapp://auth/back"] });
    good(&control(&lab, Method::PUT, &path, Some(urls)).await);
    let consent = lab.begin("google", "discovery/start", "").await;
    consent.choose("ada@acme.example").await;
    let page = consent.page().await;
    assert!(
        page.text.contains(&link("myapp://auth/back")),
        "{}",
        page.text
    );
    let unknown = lab.open("/_sandbox/oauth/nobody.x").await;
    assert_eq!(unknown.status, 404);
    assert!(!unknown.text.contains("Back to the app"));
}
