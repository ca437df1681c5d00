//! The app and its sandbox, if browsers reach them at other addresses than the server does.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use url::Url;

use super::process::{APP, Running, directory, refuses};
use crate::support::{TestApp, app::Setup, proxy::Proxy};

/// P11: browsers use only the public URL, and the server uses the other one: with OAuth, single sign-on, and a link by
/// email.
#[tokio::test]
async fn browsers_go_to_the_public_url() {
    let proxy = Proxy::start().await;
    let public = proxy.url.replace("localhost", "127.0.0.1");
    let app = TestApp::with(Setup {
        browsers_at: Some(Url::parse(&public).unwrap()),
        ..Setup::default()
    })
    .await;
    proxy.add(app.stytch_url.origin().ascii_serialization());
    let mut browser = app.browser();
    browser.get("/").await;
    assert_eq!(proxy.counts(), [0]);
    let consent = browser.go("Continue with Google").await;
    assert!(consent.url.as_str().starts_with(&public), "{}", consent.url);
    let page = browser.go("ada@acme.example").await;
    assert_eq!(page.path(), "/organizations", "{}", page.text());
    assert_eq!(proxy.counts(), [3], "the start, the page and its form");
    let mut browser = app.browser();
    browser.get("/org/globex").await;
    let idp = browser.go("Continue with Globex Okta").await;
    assert!(idp.url.as_str().starts_with(&public), "{}", idp.url);
    let page = browser.go("bob@globex.example").await;
    assert_eq!(page.path(), "/org/globex", "{}", page.text());
    let count = proxy.counts()[0];
    let mut browser = app.browser();
    browser.get("/email").await;
    let fields = [("way", "link"), ("email_address", "ada@acme.example")];
    browser.post("/email", &fields).await;
    let link = app.world.messages()[0].link.clone().unwrap();
    assert!(link.starts_with(&public), "{link}");
    browser.get(&link).await;
    browser.arrive().await;
    let page = browser.go("Continue").await; // this browser asked for no link
    assert_eq!(page.path(), "/organizations", "{}", page.text());
    assert_eq!(
        proxy.counts(),
        [count + 1],
        "the server's calls go straight to the sandbox"
    );
    let banner = browser.get("/").await;
    assert!(
        banner.body.contains(&format!("{public}/_sandbox/inbox")),
        "{}",
        banner.body
    );
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn get(port: u16, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// P8, P11: a public sandbox is refused unless it is allowed. Then the embedded one is found under its public URL, and
/// a warning explains the consequences.
#[test]
fn the_embedded_sandbox_has_a_public_url() {
    let (app, sandbox) = (free_port(), free_port());
    let (bind, sandbox_bind) = (format!("0.0.0.0:{app}"), format!("0.0.0.0:{sandbox}"));
    let mut env = vec![
        ("BIND", bind.as_str()),
        ("SANDBOX_BIND", sandbox_bind.as_str()),
        ("APP_URL", "https://x-3000.app.github.dev"),
        ("SANDBOX_PUBLIC_URL", "https://x-3100.app.github.dev"),
    ];
    let folder = directory("public", "");
    let said = refuses(APP, &folder, &env);
    assert_eq!(said.matches("ALLOW_PUBLIC_SANDBOX=1").count(), 3, "{said}");
    env.push(("ALLOW_PUBLIC_SANDBOX", "1"));
    let mut running = Running::start(APP, &folder, &env, "the sandbox");
    let said = &running.said;
    assert!(
        said.contains("anyone who finds https://x-3000.app.github.dev can sign in"),
        "{said}"
    );
    assert!(
        said.contains("Stytch  https://x-3100.app.github.dev ("),
        "{said}"
    );
    let page = get(app, "/", "x-3000.app.github.dev");
    assert!(
        page.contains("https://x-3100.app.github.dev/_sandbox/inbox"),
        "{page}"
    );
    let found = get(app, "/org/acme", "x-3000.app.github.dev");
    assert!(
        found.contains("Acme Corp"),
        "the server reaches it: {found}"
    );
    let start = get(app, "/start/google", "x-3000.app.github.dev");
    assert!(
        start.contains("location: https://x-3100.app.github.dev/v1/"),
        "{start}"
    );
    for (host, status) in [
        ("x-3100.app.github.dev", 200),
        ("x-3100.app.github.dev:443", 200),
        ("x-3100.app.github.dev:3100", 421),
        ("y-3100.app.github.dev", 421),
        ("evil.example", 421),
    ] {
        let response = get(sandbox, "/_sandbox/projects", host);
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{host}: {response}"
        );
    }
    assert_eq!(running.stop(), Some(0));
}

/// P8, P11: a sandbox that runs as a separate program is treated like the embedded one: a warning, a banner on every
/// page, and only this machine.
#[test]
fn a_separate_sandbox_is_treated_as_a_sandbox() {
    let app = free_port();
    let bind = format!("127.0.0.1:{app}");
    let mut env = vec![
        ("BIND", bind.as_str()),
        (
            "STYTCH_PROJECT_ID",
            "project-test-5a4db0c5-0000-4000-8000-000000000001",
        ),
        ("STYTCH_SECRET", "secret-test-s3cr3ts3cr3ts3cr3t"),
        (
            "STYTCH_PUBLIC_TOKEN",
            "public-token-test-5a4db0c5-0000-4000-8000-000000000002",
        ),
        ("STYTCH_BASE_URL", "http://sandbox:3100"),
    ];
    let folder = directory("own", "");
    let mut running = Running::start(APP, &folder, &env, "/authenticate");
    let said = &running.said;
    assert!(
        said.contains(
            "the app uses a sandbox instead of Stytch, so anyone who can reach the app can sign in as anyone"
        ),
        "{said}"
    );
    assert!(said.contains("set STYTCH_PUBLIC_URL to the URL"), "{said}");
    let host = format!("localhost:{app}");
    for path in ["/", "/nowhere"] {
        let page = get(app, path, &host);
        assert!(
            page.contains("http://sandbox:3100/_sandbox/inbox"),
            "{page}"
        );
    }
    assert_eq!(running.stop(), Some(0));
    env.push(("STYTCH_PUBLIC_URL", "http://127.0.0.1:3100"));
    let mut running = Running::start(APP, &folder, &env, "/authenticate");
    assert!(
        !running.said.contains("STYTCH_PUBLIC_URL"),
        "{}",
        running.said
    );
    assert!(get(app, "/", &host).contains("http://127.0.0.1:3100/_sandbox/inbox"));
    assert_eq!(running.stop(), Some(0));
    env.push(("APP_URL", "https://app.example"));
    let said = refuses(APP, &folder, &env);
    assert!(
        said.contains("APP_URL must be on localhost, because STYTCH_BASE_URL is a sandbox"),
        "{said}"
    );
}
