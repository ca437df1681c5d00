use std::time::Duration;

use axum::{Router, body::Body, http::Request, routing::get};
use stytch_b2b_axum::{app, state::AppState};
use tower::ServiceExt;

use crate::support::{Page, TestApp, app::Setup};

/// W1: every combination of headers that tell where a form comes from, for every POST route.
#[tokio::test]
async fn cross_site_forms_are_refused() {
    let app = TestApp::start().await;
    let source = include_str!("../../../src/app.rs");
    let routes = source.split(".route(").skip(1);
    let posts: Vec<&str> = routes
        .filter(|route| route.contains("post("))
        .filter_map(|route| route.split('"').nth(1))
        .collect();
    assert_eq!(posts.len(), 12, "{posts:?}");
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let ours = app.url.clone();
    for path in posts {
        let path = path.replace("{organization_id}", "organization-test-x");
        for site in [
            Some("same-origin"),
            Some("same-site"),
            Some("cross-site"),
            Some("none"),
            None,
        ] {
            for origin in [
                Some(ours.as_str()),
                Some("http://localhost:1"),
                Some("null"),
                None,
            ] {
                let passes = match (site, origin) {
                    (Some("same-origin" | "none"), _) | (None, None) => true,
                    (Some(_), _) => false,
                    (None, Some(origin)) => origin == ours,
                };
                if passes && path == "/logout" {
                    continue; // covered by the flows; here it would end the session
                }
                let mut request = ada.request("POST", &path);
                if let Some(site) = site {
                    request = request.header("sec-fetch-site", site);
                }
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                let response = request.send().await.unwrap();
                let refused = response.status() == 403;
                assert_eq!(
                    refused,
                    !passes,
                    "{path} {site:?} {origin:?}: {}",
                    response.status()
                );
                if refused {
                    assert!(
                        response
                            .text()
                            .await
                            .unwrap()
                            .contains("The form came from another site")
                    );
                }
            }
        }
    }
    assert_eq!(
        ada.request("GET", "/member").send().await.unwrap().status(),
        200,
        "the session is untouched"
    );
}

/// W2, W3, P6: every kind of response has the headers (`Browser` checks them), a panic included, and the process
/// survives.
#[tokio::test]
async fn every_response_has_the_headers() {
    let more: Router<AppState> = Router::new().route("/panic", get(panicking));
    let app = TestApp::with(Setup {
        more,
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    for (path, status) in [
        ("/panic", 500),
        ("/nowhere", 404),
        ("/", 303),
        ("/org/acme", 200),
        ("/logout", 405),
        ("/static/x/y", 404),
        ("/discovery", 400),
        ("/health/live", 200),
        ("/org/%FF", 400),
    ] {
        assert_eq!(ada.get(path).await.status, status, "{path}");
    }
    let large = "x".repeat(100_000);
    assert_eq!(
        ada.post("/create_org", &[("organization_name", &large)])
            .await
            .status,
        413
    );
    let page = ada.get("/panic").await;
    assert!(page.text().contains("Something went wrong on our side"));
    assert!(!page.body.contains("secret thought"));
    assert_eq!(ada.get("/member").await.status, 200, "still signed in");
}

/// W2: HSTS is sent with https, for this host only. It is never sent on loopback, where it would block the http of
/// every other program, on any port.
#[tokio::test]
async fn hsts_is_for_public_hosts() {
    for (public_url, sent) in [
        ("https://app.example", Some("max-age=31536000")),
        ("https://app.example:8443", Some("max-age=31536000")),
        ("https://localhost.evil.example", Some("max-age=31536000")),
        ("https://localhost", None),
        ("https://localhost:8443", None),
        ("https://localhost.:8443", None),
        ("https://app.localhost:8443", None),
        ("https://127.0.0.1:8443", None),
        ("https://127.8.9.10:8443", None),
        ("https://[::1]:8443", None),
        ("https://[::ffff:127.0.0.1]:8443", None),
        ("http://localhost:3000", None),
    ] {
        let app = TestApp::with(Setup {
            public_url: Some(public_url),
            ..Setup::default()
        })
        .await;
        let (_, host) = public_url.split_once("://").unwrap();
        for (host, path, status) in [
            (host, "/", 200),
            (host, "/nowhere", 404),
            (host, "/start/google", 303),
            ("evil.example", "/", 421),
        ] {
            let request = app.browser().request("GET", path).header("host", host);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), status, "{public_url}{path}");
            let header = response.headers().get("strict-transport-security");
            let header = header.map(|value| value.to_str().unwrap());
            assert_eq!(header, sent, "{public_url}{path}");
        }
    }
}

async fn panicking() {
    panic!("a secret thought");
}

/// W4: no value of a query becomes the target of a redirect.
#[tokio::test]
async fn there_is_no_open_redirect() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let targets = [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "%2F%2Fevil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "http://localhost@evil.example",
    ];
    let names = [
        "next",
        "return_to",
        "redirect",
        "redirect_uri",
        "redirect_url",
        "url",
        "slug",
        "error",
        "signed_out",
        "discovery_redirect_url",
        "login_redirect_url",
    ];
    for target in targets {
        for name in names {
            for path in [
                "/",
                "/org",
                "/start/google",
                "/org/acme/start/google",
                "/organizations",
                "/discovery",
            ] {
                let page = ada.get(&format!("{path}?{name}={target}")).await;
                if page.status.is_redirection() {
                    let to = page.location();
                    let ours = to.origin().ascii_serialization() == app.url;
                    let stytch = to.host_str() == Some("127.0.0.1")
                        && to.path().starts_with("/v1/b2b/public/oauth/");
                    assert!(ours || stytch, "{path}?{name}={target} leads to {to}");
                    assert!(
                        !to.as_str().contains("evil.example") || path == "/org",
                        "{to}"
                    );
                } else {
                    assert!(!page.body.contains("evil.example") || path == "/org");
                }
            }
        }
    }
}

/// W5: the response is a 421 without a redirect, and its link leads to the app's own URL.
#[tokio::test]
async fn a_request_for_another_host_gets_a_link_to_the_right_one() {
    let app = TestApp::start().await;
    let port = app.url.rsplit(':').next().unwrap();
    for host in [
        "evil.example".to_owned(),
        format!("127.0.0.1:{port}"),
        format!("localhost.evil.example:{port}"),
        "localhost".to_owned(),
        format!("localhost:{port}@evil.example"),
        format!("localhost:{port}/x"),
    ] {
        for path in ["/", "/start/google", "/nowhere"] {
            let request = app.browser().request("GET", path).header("host", &host);
            let response = request
                .header("x-forwarded-host", &host)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 421, "{host}");
            assert!(
                response.headers().get("set-cookie").is_none()
                    && response.headers().get("location").is_none()
            );
            let body = response.text().await.unwrap();
            let mut attributes = body.split("=\"").skip(1);
            let named =
                attributes.any(|rest| rest.split('"').next().unwrap().contains("evil.example"));
            assert!(!named, "a link or form with a stranger's host: {body}");
            assert!(body.contains(&format!("href=\"{}/\"", app.url)), "{body}");
        }
    }
    let forwarded = app
        .browser()
        .request("GET", "/start/google")
        .header("x-forwarded-host", "evil.example");
    let forwarded = forwarded
        .header("forwarded", "host=evil.example")
        .send()
        .await
        .unwrap();
    assert!(
        !forwarded.headers()["location"]
            .to_str()
            .unwrap()
            .contains("evil.example")
    );
    let folded = app
        .browser()
        .request("GET", "/")
        .header("host", format!("LOCALHOST:{port}"));
    assert_eq!(folded.send().await.unwrap().status(), 200);
}

/// W5: a proxy that drops the port, or sends its own name, can be found: the page and the log name the host that the
/// app received. A value that is not a host name is not repeated.
#[tokio::test]
async fn the_received_host_is_named() {
    let app = TestApp::start().await;
    let port = app.url.rsplit(':').next().unwrap();
    let (longest, too_long) = ("a".repeat(255), "a".repeat(256));
    for (host, named) in [
        ("localhost", true),
        ("LocalHost", true),
        ("127.0.0.1:3000", true),
        ("[::1]:3000", true),
        ("backend-1.internal:8080", true),
        ("localhost:", true),
        (&longest, true),
        (&too_long, false),
        ("", false),
        ("<b>localhost</b>", false),
        ("localhost status=200", false),
        ("ada@acme.example", false),
        ("under_score", false),
        ("evil.example/discovery?token=x", false),
        ("m\u{fc}nchen.example", false),
    ] {
        let request = app.browser().request("GET", "/discovery?token=spent");
        let host = host.as_bytes();
        let response = request.header("host", host).send().await.unwrap();
        assert_eq!(response.status(), 421);
        let id = response.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let page = response.text().await.unwrap();
        let log = crate::support::logs::text();
        let line = |line: &&str| line.contains(&id) && line.contains(" WARN ");
        let line = log.lines().find(line).expect("a line of the log");
        let host = String::from_utf8_lossy(host);
        if named {
            let said = format!("you opened {host}. If");
            assert!(page.contains(&said), "{host}: {page}");
            let field = format!("received_host=\"{host}\"");
            assert!(line.contains(&field), "{host}: {line}");
        } else {
            assert!(
                page.contains("something that is not a host name. If"),
                "{page}"
            );
            assert!(line.contains("received_host=\"not a host name\""), "{line}");
            let rest = line.replace(&app.url, "");
            assert!(host.is_empty() || !page.contains(&*host) && !rest.contains(&*host));
        }
        assert!(
            page.contains("The proxy must pass it on unchanged"),
            "{page}"
        );
        assert!(line.contains("a proxy must pass on the Host header unchanged, with its port"));
        assert!(
            line.contains(&format!("app_url=\"http://localhost:{port}/\"")),
            "{line}"
        );
        assert!(!line.contains("spent"), "{line}");
    }
}

/// W5: a request with two hosts, or with another one in its target, is refused.
#[tokio::test]
async fn a_request_must_name_one_host() {
    let app = TestApp::start().await;
    let ours = app.url.trim_start_matches("http://");
    let send = async |target: &str, hosts: &[&str]| {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header("host", *host);
        }
        let request = request.body(Body::empty()).unwrap();
        let router = app::router(app.state.app.clone());
        router.oneshot(request).await.unwrap().status()
    };
    let absolute = format!("{}/email", app.url);
    for (target, hosts, status) in [
        ("/email", &[ours][..], 200),
        ("/email", &[], 421),
        ("/email", &[ours, "evil.example"], 421),
        ("/email", &["evil.example", ours], 421),
        ("/email", &[ours, ours], 421),
        (&absolute, &[ours], 200),
        (&absolute, &["evil.example"], 421),
        ("http://evil.example/email", &[ours], 421),
    ] {
        assert_eq!(send(target, hosts).await, status, "{target} {hosts:?}");
    }
}

/// W6: malformed and large input gets a 4xx page.
#[tokio::test]
async fn malformed_input_is_refused() {
    let app = TestApp::start().await;
    let frank = app.choosing("frank@startup.example").await;
    let body = |content_type: &str, body: Vec<u8>| {
        let request = frank
            .request("POST", "/create_org")
            .header("content-type", content_type.to_owned());
        request.body(body).send()
    };
    let form = "application/x-www-form-urlencoded";
    for (content_type, bytes) in [
        (form, vec![b'x'; 1024 * 1024]),
        (form, b"organization_name=a&organization_name=b".to_vec()),
        (
            "application/json",
            br#"{"organization_name": "x"}"#.to_vec(),
        ),
        ("multipart/form-data; boundary=x", b"--x--".to_vec()),
        ("", Vec::new()),
    ] {
        let response = body(content_type, bytes).await.unwrap();
        assert!(
            response.status().is_client_error(),
            "{content_type}: {}",
            response.status()
        );
        assert!(
            response.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
    }
    for bytes in [
        b"organization_name=%ZZ%&organization_slug=%00%0d%0a".to_vec(),
        b"organization_slug=%FF%FE".to_vec(),
        b"&&&==&=".to_vec(),
    ] {
        let response = body(form, bytes).await.unwrap();
        assert!(
            !response.status().is_server_error(),
            "{}",
            response.status()
        );
    }
    for path in [
        format!("/?{}", "x".repeat(60_000)),
        "/org/%".into(),
        "/org/%00".into(),
        "/%2e%2e/%2e%2e".into(),
        "/org?slug=%FF".into(),
        "/?signed_out=a&signed_out=b".into(),
    ] {
        let response = app.browser().request("GET", &path).send().await.unwrap();
        assert!(
            !response.status().is_server_error(),
            "{}",
            response.status()
        );
    }
}

/// W7: error pages contain an explanation and a request id, and no internals.
#[tokio::test]
async fn error_pages_contain_no_internals() {
    use stytch_sandbox::FaultKind;
    let setup = Setup {
        deadline: Some(Duration::from_millis(300)),
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let error = |status, error_type: &str| FaultKind::Error {
        status,
        error_type: error_type.into(),
        message: "inside words of the vendor".into(),
    };
    for fault in [
        FaultKind::ResetBefore,
        FaultKind::Garbage,
        FaultKind::Truncated,
        FaultKind::Empty,
        FaultKind::Redirect("http://127.0.0.1:1/inside".into()),
        error(400, "something_new"),
        error(401, "unauthorized_credentials"),
        error(403, "organization_suspended"),
        error(429, "too_many_requests"),
        error(500, "internal_server_error"),
    ] {
        let mut ada = app.browser();
        ada.get("/").await;
        ada.go("Continue with Google").await;
        app.fault("/v1/b2b/oauth/discovery/authenticate", fault.clone());
        let page: Page = ada.go("ada@acme.example").await;
        assert!(page.status.as_u16() >= 400);
        // The banner links to the sandbox. Only a sandbox has it.
        let body = page
            .body
            .replace(app.state.app.site().sandbox().unwrap(), "");
        for inside in [
            "src/",
            ".rs",
            "reqwest",
            "hyper",
            "serde",
            "127.0.0.1",
            "inside",
            "error_type",
            "something_new",
            "secret-test",
            "line 1",
        ] {
            assert!(!body.contains(inside), "{inside} for {fault:?}");
        }
        let id = page.header("x-request-id");
        assert!(page.text().contains(id));
        assert!(crate::support::logs::text().contains(id), "the log has it");
    }
}
