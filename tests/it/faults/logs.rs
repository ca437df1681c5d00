use axum::{Router, routing::get};
use stytch_sandbox::{FaultKind, HeldRequest};

use crate::support::{
    Fault, Page, TestApp,
    app::{DISCOVERY, EXCHANGE, REVOKE, SEARCH, SESSION, Setup},
    logs,
};

/// V1: nothing that this process logs at TRACE, this suite's other tests included, contains a secret.
#[tokio::test]
async fn no_secret_is_logged() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.fault("/v1/b2b/discovery/organizations/create", FaultKind::Garbage);
    frank.click("Create organization").await;
    let mut carol = app.choosing("carol@initech.example").await;
    carol.go("Sign in to Initech").await;
    let mut parked = app.browser();
    parked
        .get(&app.foreign_discovery("mallory@evil.example"))
        .await;
    parked.arrive().await;
    app.fault(EXCHANGE, FaultKind::ResetMid);
    app.choosing("ada@acme.example")
        .await
        .click("Sign in to Acme Corp")
        .await;
    let mut leaving = ada.clone();
    leaving.go("Sign out").await;

    let log = logs::text();
    assert!(
        log.len() > 10_000 && log.contains("TRACE") && log.contains("/discovery"),
        "the log is there"
    );
    let mut secrets = app.secrets();
    assert!(secrets.len() > 10);
    for browser in [&ada, &frank, &carol, &parked] {
        secrets.extend(browser.seen_cookies.iter().cloned());
    }
    for address in [
        "ada@acme.example",
        "frank@startup.example",
        "mallory@evil.example",
        "Ada Lovelace",
    ] {
        secrets.push(address.into());
    }
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{}… is in the log: {line:?}", &secret[..8]);
    }
}

/// V1: what strangers send can't forge a line of the log.
#[tokio::test]
async fn log_lines_can_not_be_forged() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser
        .get("/forged%0A2026-01-01T00:00:00Z%20ERROR%20forged%1b[31m")
        .await;
    let evil = FaultKind::Error {
        status: 400,
        error_type: "evil\n2026-01-01T00:00:00Z ERROR forged \u{1b}[31m".into(),
        message: String::new(),
    };
    browser.get("/").await;
    browser.go("Continue with Google").await;
    app.fault(DISCOVERY, evil);
    assert_eq!(browser.go("ada@acme.example").await.status, 500);
    let log = logs::text();
    assert!(
        !log.lines().any(|line| line.starts_with("2026-01-01")),
        "a forged line"
    );
    assert!(!log.contains('\u{1b}'));
}

/// W7: an error of this app is one line at the error level, with the request's id and the cause. The page shows none of
/// it.
#[tokio::test]
async fn an_error_of_the_app_is_logged_once_with_its_cause() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let unknown = FaultKind::Error {
        status: 400,
        error_type: "something_new".into(),
        message: String::new(),
    };
    app.fault(DISCOVERY, unknown);
    let page = ada.go("ada@acme.example").await;
    assert_eq!(page.status, 500);
    assert!(!page.body.contains("something_new"));
    let id = page.header("x-request-id");
    let log = logs::text();
    let errors = log
        .lines()
        .filter(|line| line.contains(" ERROR ") && line.contains(id));
    let errors: Vec<_> = errors.collect();
    assert!(
        errors.len() == 1
            && errors[0].contains("request failed")
            && errors[0].contains("something_new"),
        "{errors:?}"
    );
}

/// Each request is one line at the info level, for operators. It has the route, never what was typed into the URL, and
/// the calls to Stytch.
#[tokio::test]
async fn every_request_is_one_line() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let line = line(ada.page());
    let (_, line) = line.split_once("request{").unwrap();
    let (before, milliseconds) = line.split_once(" milliseconds=").unwrap();
    let id = ada.page().header("x-request-id");
    let whole = format!(
        r#"id={id} method=GET route="/organizations"}}: stytch_b2b_axum::web::request_id: done status=200"#
    );
    assert_eq!(before, whole);
    // Without a call to Stytch, nothing follows.
    milliseconds.parse::<u64>().unwrap();
    app.forget_calls().await;
    let page = ada.click("Sign in to Acme Corp").await;
    assert_line(&page, "/login/{organization_id}", app.world.calls().len());
    let page = ada.follow().await;
    assert_line(&page, "/org/{slug}", 0);
    assert!(!self::line(&page).contains("acme"));
    // The call was tried twice.
    app.faults(SEARCH, 2, FaultKind::ResetBefore);
    assert_line(&app.browser().get("/org/acme").await, "/org/{slug}", 2);
    assert_line(&ada.get("/nothing/acme").await, "none", 0);
    ada.get("/org/acme").await;
    // The call runs in a task of its own, and the response waits for it.
    let page = ada.click("Sign out").await;
    assert_line(&page, "/logout", app.calls(REVOKE).len());
    assert_eq!(app.calls(REVOKE).len(), 1);
}

/// W7, P6: what a page does not show is in the log, once, under the request id that the page shows.
#[tokio::test]
async fn the_log_has_the_cause() {
    async fn panics() {
        panic!("a thought");
    }
    let app = TestApp::with(Setup {
        more: Router::new().route("/panics", get(panics)),
        ..Setup::default()
    })
    .await;
    let cause = |page: &Page| {
        let id = page.header("x-request-id");
        let log = logs::text();
        let mut lines = log
            .lines()
            .filter(|line| line.contains("ERROR") && line.contains(id))
            .filter(|line| line.contains(": stytch_b2b_axum::"));
        let line = lines.next().unwrap_or_default().to_owned();
        assert_eq!(lines.next(), None, "{line}");
        line
    };
    let mut ada = app.choosing("ada@acme.example").await;
    let page = ada.get("/panics").await;
    assert_eq!(page.status, 500);
    let line = cause(&page);
    assert!(line.contains("a handler panicked"), "{line}");
    app.state.store.set_fault(Some(Fault {
        after: 0,
        times: 1,
        done: false,
    }));
    let page = ada.get("/organizations").await;
    assert_eq!(page.status, 503);
    let line = cause(&page);
    assert!(line.contains("the session store failed"), "{line}");
    assert!(line.contains("a test lets the store fail"), "{line}");
}

/// Many requests share one renewal, and one of their lines has the call.
#[tokio::test]
async fn a_renewal_is_counted_once() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    let hold = HeldRequest::new();
    app.fault(SESSION, FaultKind::HoldAfter(hold.clone()));
    let requests = (0..20).map(|_| {
        let mut ada = ada.clone();
        tokio::spawn(async move { ada.get("/org/acme").await })
    });
    let requests: Vec<_> = requests.collect();
    hold.reached().await;
    // All of them: by the app's clock the new JWT is old again, so a request that comes later makes another call.
    while app.state.renewals.waiting() < 20 {
        tokio::task::yield_now().await;
    }
    hold.release();
    let mut calls = 0;
    for request in requests {
        let line = line(&request.await.unwrap());
        calls += usize::from(line.contains("stytch_calls=1"));
        assert!(!line.contains("stytch_calls") || line.contains("stytch_calls=1"));
    }
    assert_eq!((calls, app.calls(SESSION).len()), (1, 1));
}

/// A browser that disconnects gets no status, and its request still has a line.
#[tokio::test]
async fn a_request_of_a_disconnected_browser_is_logged() {
    let app = TestApp::start().await;
    let hold = HeldRequest::new();
    app.fault(SEARCH, FaultKind::Hold(hold.clone()));
    let mut browser = app.browser();
    let leaving = tokio::spawn(async move { browser.get("/org/left-before-the-end").await });
    hold.reached().await;
    let log = logs::text();
    // Its call to Stytch has a line with the request's id: only this test's app calls that port.
    let stytch = format!("127.0.0.1:{}", app.stytch_url.port().unwrap());
    let started = log
        .lines()
        .rfind(|line| line.contains(&stytch) && line.contains("request{id="));
    let id = started.unwrap().split("id=").nth(1).unwrap()[..36].to_owned();
    leaving.abort();
    while lines(&id).is_empty() {
        tokio::task::yield_now().await;
    }
    hold.release();
    app.settle().await;
    let lines = lines(&id);
    assert!(
        lines.len() == 1 && lines[0].contains("done milliseconds="),
        "{lines:?}"
    );
}

fn lines(id: &str) -> Vec<String> {
    let log = logs::text();
    let of_it = |line: &&str| line.contains(" INFO ") && line.contains(id);
    log.lines().filter(of_it).map(str::to_owned).collect()
}

fn line(page: &Page) -> String {
    let lines = lines(page.header("x-request-id"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().next().unwrap()
}

fn assert_line(page: &Page, route: &str, calls: usize) {
    let line = line(page);
    let words = [
        format!("route=\"{route}\""),
        format!("status={} ", page.status.as_u16()),
    ];
    assert!(
        words.iter().all(|words| line.contains(words)),
        "{words:?} in {line}"
    );
    let counted = line.contains(&format!("stytch_calls={calls} "));
    assert_eq!(counted, calls > 0, "{calls} in {line}");
    assert_eq!(line.contains("stytch_milliseconds="), calls > 0, "{line}");
}
