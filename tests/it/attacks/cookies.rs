//! Cookies of other programs on the same host, and browsers that store no cookies.

use reqwest::header::HeaderValue;
use stytch_sandbox::{FaultKind, HeldRequest};

use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY, EXCHANGE},
};

/// Ways in which another program on the same host can change the cookie header: bytes, order, number, size.
fn with_foreign_cookies(name: &str, id: &str) -> Vec<Vec<HeaderValue>> {
    let ours = format!("{name}={id}");
    let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
    let text = |text: String| vec![value(text.as_bytes())];
    let many = "c=v; ".repeat(500);
    vec![
        text(format!("name=Jürgen; {ours}")),
        text(format!("{ours}; name=Jürgen")),
        vec![value(
            &[b"name=J\xfcrgen; ".as_slice(), ours.as_bytes()].concat(),
        )],
        vec![value(&[ours.as_bytes(), b"; name=\xff\xfe"].concat())],
        vec![value(b"name=J\xfcrgen"), value(ours.as_bytes())],
        vec![value(ours.as_bytes()), value(b"name=J\xfcrgen")],
        text(format!("{many}{ours}; {many}")),
        text(format!("large={}; {ours}", "x".repeat(16 * 1024))),
        text(format!("{name}=x; {ours}")),
        text(format!("{ours}; {name}=x")),
        text(format!("{ours}; {name}=; {name}")),
        text(format!("{name}_2={}; {ours}", "A".repeat(22))),
        text(format!("x{name}={}; {ours}", "A".repeat(22))),
        text(format!("quoted=\"; {ours}")),
        text(format!("a=%zz;;= ;{ours} ; $Path=/")),
    ]
}

/// S18: cookies of other programs on the same host.
#[tokio::test]
async fn a_foreign_cookie_neither_hides_nor_replaces_the_session() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    for cookies in with_foreign_cookies(ada.cookie_name(), &ada.cookie().unwrap()) {
        let mut request = app.browser().request("GET", "/member");
        for cookie in &cookies {
            request = request.header("cookie", cookie.clone());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{cookies:?}");
        let set = response.headers().get("set-cookie");
        assert!(set.is_none(), "{cookies:?}: {set:?}");
    }
}

/// S18: with a foreign cookie, a second click still gets the first one's response.
#[tokio::test]
async fn a_second_click_with_a_foreign_cookie_is_replayed() {
    let app = TestApp::start().await;
    for n in 0..with_foreign_cookies("", "").len() {
        let mut ada = app.choosing("ada@acme.example").await;
        let cookies = with_foreign_cookies(ada.cookie_name(), &ada.cookie().unwrap());
        let action = ada.page().action("Sign in to Acme Corp", &[]);
        let click = || {
            let path = format!("{}?{}", action.url.path(), action.url.query().unwrap());
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            let body = body.extend_pairs(&action.fields).finish();
            let form = "application/x-www-form-urlencoded";
            let request = app.browser().request("POST", &path).body(body);
            let mut request = request.header("content-type", form);
            for cookie in &cookies[n] {
                request = request.header("cookie", cookie.clone());
            }
            tokio::spawn(request.send())
        };
        let hold = HeldRequest::new();
        app.fault(EXCHANGE, FaultKind::Hold(hold.clone()));
        let first = click();
        hold.reached().await;
        let second = click();
        hold.release();
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        let (first, second) = (first.unwrap(), second.unwrap());
        for name in ["location", "set-cookie"] {
            let header = first.headers().get(name);
            assert!(header.is_some(), "{name} with {:?}", cookies[n]);
            assert_eq!(header, second.headers().get(name), "{:?}", cookies[n]);
        }
        assert_eq!(first.headers()["location"], "/org/acme");
        ada.get("/").await;
    }
}

/// S19: two apps on one host, as on two ports of `localhost`: a visitor of one stays signed in to the other.
#[tokio::test]
async fn two_apps_on_one_host_keep_their_sessions_apart() {
    let (one, two) = (TestApp::start().await, TestApp::start().await);
    let ada = one.signed_in("acme", "ada@acme.example").await;
    let mut there = ada.at(&two.url);
    for path in ["/", "/member", "/organizations", "/start/google", "/email"] {
        there.get(path).await;
    }
    there.get("/org/oneil").await;
    there.go("Continue with Google").await;
    assert_eq!(there.go("ada@acme.example").await.path(), "/org/oneil");
    let mut ada = there.at(&one.url);
    assert!(
        ada.get("/org/acme")
            .await
            .text()
            .contains("You are signed in")
    );
    let mut there = ada.at(&two.url);
    assert_eq!(there.get("/member").await.status, 200);
    there.get("/org/oneil").await;
    there.go("Sign out").await;
    let mut ada = there.at(&one.url);
    assert_eq!(ada.get("/member").await.status, 200, "still signed in here");
}

/// S20: a browser that stores no cookies gets an explanation at the end of an OAuth sign-in, and its token stays
/// unspent.
#[tokio::test]
async fn oauth_without_cookies_is_explained() {
    let app = TestApp::start().await;
    for (page, call) in [("/", DISCOVERY), ("/org/acme", AUTHENTICATE)] {
        let mut ada = app.browser().without_cookies();
        ada.get(page).await;
        ada.go("Continue with Google").await;
        let page = ada.go("ada@acme.example").await;
        assert_eq!((page.path(), page.status.as_u16()), ("/confirm", 400));
        assert!(
            page.text().contains("allow cookies for this site first"),
            "{}",
            page.text()
        );
        assert!(app.calls(call).is_empty());
    }
}

/// S20: the app sends no email that could not be used, whether or not the form was opened first.
#[tokio::test]
async fn without_cookies_no_email_is_sent() {
    let app = TestApp::start().await;
    let address = [("email_address", "ada@acme.example")];
    for button in ["Email me a code", "Email me a link"] {
        let mut ada = app.browser().without_cookies();
        ada.get("/email").await;
        let page = ada.fill(button, &address).await;
        assert_eq!(page.status, 400);
        assert!(
            page.text().contains("Allow cookies to sign in"),
            "{}",
            page.text()
        );
        page.action("Start again", &[]);
    }
    let mut script = app.browser();
    let form = [address[0], ("way", "code")];
    assert_eq!(script.post("/email", &form).await.status, 400);
    assert!(app.world.messages().is_empty());
    // With cookies, the form works, even for a visitor whose session is gone.
    for cookie in [None, Some("AAAAAAAAAAAAAAAAAAAAAA")] {
        let mut ada = app.browser();
        if let Some(cookie) = cookie {
            ada.set_cookie(cookie);
        }
        ada.get("/email").await;
        assert_eq!(ada.fill("Email me a code", &address).await.status, 303);
    }
    assert_eq!(app.world.messages().len(), 2);
}

/// S20: every page of a sign-in in progress mentions cookies to a browser that sends none, and only to such a browser.
#[tokio::test]
async fn pages_mention_cookies_only_to_browsers_that_send_none() {
    let mut app = TestApp::start().await;
    let pages = [
        "/organizations",
        "/create_org",
        "/login/x",
        "/step_up",
        "/mfa",
        "/confirm",
    ];
    for path in pages {
        let page = app.browser().get(path).await;
        assert!(
            page.text().contains("allow cookies for this site first"),
            "{path}"
        );
    }
    let mut ada = app.choosing("ada@acme.example").await;
    app.restart().await;
    let cookie = ada.cookie().unwrap();
    for path in pages {
        ada.set_cookie(&cookie);
        let page = ada.get(path).await;
        assert!(page.text().contains("It may have expired"), "{path}");
    }
    let code = ada.post("/email/code", &[("code", "123456")]).await;
    assert!(
        code.text().contains("allow cookies for this site first"),
        "the cookie was removed"
    );
}

/// S17, S20: the cookie of the email form is constant, stores nothing, and is set once.
#[tokio::test]
async fn the_probe_cookie_stores_nothing() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let set = ada.get("/email").await.header("set-cookie").to_owned();
    let name = format!("{}_probe", ada.cookie_name());
    assert_eq!(set, format!("{name}=1; Path=/; HttpOnly; SameSite=Lax"));
    assert_eq!(ada.get("/email").await.header("set-cookie"), "");
    assert_eq!(app.state.store.len(), 0);
    let mut started = app.browser();
    started.get("/start/google").await;
    assert_eq!(
        started.get("/email").await.header("set-cookie"),
        "",
        "one is enough"
    );
}
