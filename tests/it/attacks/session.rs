use std::time::Duration;

use stytch_b2b_axum::{
    clock::Clock,
    session::store::{Backend, Found, IN_PROGRESS, MEMBER, RANK, Write, memory::MemoryStore},
};
use stytch_sandbox::{FaultKind, HeldRequest};
use tower_sessions::session::{Id, Record};

use crate::{
    routes::step_up::at_step_up,
    support::{
        Browser, TestApp,
        app::{AUTHENTICATE, DISCOVERY, EXCHANGE, SESSION, Setup},
    },
};

/// S1: the id changes whenever the visitor's identity changes. The old one becomes invalid.
#[tokio::test]
async fn the_id_rotates_with_every_change_of_identity() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let mut ids = vec![ada.cookie()];
    for press in ["ada@acme.example", "Sign in to Acme Corp", "Sign out"] {
        ada.go(press).await;
        ids.push(ada.cookie());
    }
    assert_eq!(ids.pop().unwrap(), None, "signed out");
    let mut all = ids.clone();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3, "{ids:?}");
    for old in ids {
        assert_anonymous(&app, &old.unwrap()).await;
    }
}

/// S1: step-up and MFA are such changes, too.
#[tokio::test]
async fn the_id_rotates_at_step_up_and_mfa() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let before = ada.cookie().unwrap();
    assert_eq!(ada.go("Sign in to Initech").await.path(), "/mfa");
    assert_ne!(ada.cookie().unwrap(), before);
    assert_anonymous(&app, &before).await;
}

/// S1: a concurrent request of another tab, with the id that was just replaced, does not remove the new cookie.
#[tokio::test]
async fn a_recently_replaced_id_removes_no_cookie() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let mut other_tab = ada.clone();
    let old = other_tab.cookie().unwrap();
    ada.go("Sign in to Acme Corp").await;
    for path in ["/", "/org/acme", "/organizations", "/member"] {
        let page = other_tab.get(path).await;
        assert!(!page.text().contains("You are signed in"), "{path}");
        assert!(page.headers.get("set-cookie").is_none(), "{path}");
        assert_eq!(other_tab.cookie().unwrap(), old, "{path}");
    }
    // A sign-out applies to the session that the browser has now.
    let mut signing_out = other_tab.clone();
    assert_eq!(signing_out.post("/logout", &[]).await.status, 303);
    assert_eq!(signing_out.cookie(), None);
    // A sign-out is not a rotation: no id replaced the old one.
    let mut other_tab = ada.clone();
    ada.go("Sign out").await;
    other_tab.get("/").await;
    assert_eq!(other_tab.cookie(), None);
}

/// S1: an id that the app did not issue is never adopted.
#[tokio::test]
async fn a_planted_id_is_not_adopted() {
    let app = TestApp::start().await;
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    let mut victim = app.browser();
    victim.set_cookie(planted);
    victim.get("/").await;
    victim.set_cookie(planted);
    victim.get("/start/google").await;
    assert_ne!(victim.cookie().unwrap(), planted);
    assert_anonymous(&app, planted).await;
    let mut browser = app.browser();
    browser.set_cookie(planted);
    browser.get("/").await;
    assert_eq!(browser.cookie(), None, "an unknown id is removed");
}

pub async fn assert_anonymous(app: &TestApp, id: &str) {
    let mut browser = app.browser();
    browser.set_cookie(id);
    assert_eq!(browser.get("/member").await.status, 401);
    assert_eq!(browser.get("/organizations").await.status, 400);
}

/// S2: after sign-in, nothing of the intermediate session remains.
#[tokio::test]
async fn the_intermediate_session_is_removed_at_sign_in() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    assert!(app.state.store.dump().contains("\"ist\""));
    ada.go("Sign in to Acme Corp").await;
    assert!(!app.state.store.dump().contains("\"ist\""));
    let page = ada
        .post("/create_org", &[("organization_name", "Second")])
        .await;
    assert_eq!(page.status, 400);
    assert_eq!(
        ada.post("/login/organization-test-x", &[]).await.status,
        400
    );
}

/// S3: the returned intermediate session is stored, and an empty token is not taken for a session.
#[tokio::test]
async fn the_intermediate_session_is_kept_while_a_factor_is_missing() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    ada.go("Sign in to Initech").await;
    let dump = app.state.store.dump();
    assert!(
        dump.contains("\"Mfa\"") && dump.contains("\"ist\"") && !dump.contains("session_token"),
        "{dump}"
    );
    assert_eq!(ada.get("/organizations").await.location().path(), "/mfa");
    assert!(
        ada.get("/org/initech")
            .await
            .text()
            .contains("Sign in to Initech")
    );
}

/// S4: the visitor chooses an organization after the intermediate session has expired.
#[tokio::test]
async fn a_late_choice_requires_a_new_sign_in() {
    let app = TestApp::start().await;
    for by_the_vendor in [true, false] {
        let mut ada = app.choosing("ada@acme.example").await;
        if by_the_vendor {
            app.fault(
                EXCHANGE,
                FaultKind::Error {
                    status: 404,
                    error_type: "intermediate_session_not_found".into(),
                    message: String::new(),
                },
            );
        } else {
            app.advance_app(601);
        }
        let page = ada.click("Sign in to Acme Corp").await;
        assert_eq!(page.status, 410);
        assert!(page.text().contains("Your sign-in has expired"));
        assert_eq!(
            page.action("Start again with Google", &[]).url.path(),
            "/org/acme/start/google",
            "directly at the chosen organization"
        );
        for path in ["/organizations", "/create_org"] {
            assert_eq!(ada.get(path).await.status, 410, "it stays expired");
        }
    }
}

/// S9: after any failure the visitor is where they were, or completely signed out.
#[tokio::test]
async fn failures_leave_the_visitor_where_they_were() {
    let status = |status| FaultKind::Status {
        status,
        headers: Vec::new(),
        body: None,
    };
    let faults = [
        status(500),
        status(503),
        status(429),
        FaultKind::ResetBefore,
        FaultKind::ResetMid,
        FaultKind::ResetAfter,
        FaultKind::Garbage,
        FaultKind::Truncated,
        FaultKind::Empty,
        FaultKind::Hold(HeldRequest::new()),
    ];
    for fault in faults {
        let setup = Setup {
            deadline: Some(Duration::from_millis(400)),
            ..Setup::default()
        };
        let app = TestApp::with(setup).await;
        // Anonymous, during a callback.
        let mut ada = app.browser();
        ada.get("/").await;
        ada.go("Continue with Google").await;
        app.fault(DISCOVERY, fault.clone());
        assert_failed(&ada.go("ada@acme.example").await);
        assert_eq!(ada.get("/member").await.status, 401);
        assert_eq!(ada.get("/organizations").await.status, 400);
        // While an organization must be chosen.
        let mut ada = app.choosing("ada@acme.example").await;
        let (cookie, list) = (ada.cookie(), ada.page().clone());
        app.fault(EXCHANGE, fault.clone());
        assert_failed(&ada.click("Sign in to Acme Corp").await);
        assert_eq!(ada.cookie(), cookie);
        assert_eq!(ada.get("/organizations").await.controls(), list.controls());
        // Signed in with an expired JWT: the member stays for five minutes.
        let mut bob = app.signed_in("globex", "bob@globex.example").await;
        let cookie = bob.cookie();
        app.advance_app(330);
        app.faults(SESSION, 2, fault.clone());
        assert!(
            bob.get("/org/globex").await.text().contains("Bob Slydell"),
            "{fault:?}"
        );
        assert_eq!(bob.cookie(), cookie);
        app.world.clear_faults();
    }
}

fn assert_failed(page: &crate::support::Page) {
    assert!(
        [429, 503, 504].contains(&page.status.as_u16()),
        "{}: {}",
        page.status,
        page.text()
    );
    assert!(page.text().contains("Request "), "{}", page.text());
}

/// S15: with https the cookie has the `__Host-` prefix and Secure, and HSTS is on.
#[tokio::test]
async fn the_cookie_is_secure_with_https() {
    let setup = Setup {
        public_url: Some("https://app.example"),
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let request = |path| {
        app.browser()
            .request("GET", path)
            .header("host", "app.example")
    };
    let by_http = TestApp::start().await;
    let response = by_http.browser().request("GET", "/").send().await.unwrap();
    assert!(!response.headers().contains_key("strict-transport-security"));
    let response = request("/start/google").send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(pair.split_once('=').unwrap().0, "__Host-stytch_b2b_axum");
    assert_eq!(pair.split_once('=').unwrap().1.len(), 22);
    assert_eq!(
        response.headers()["strict-transport-security"],
        "max-age=31536000"
    );
    // The removal follows the rules of the prefix; otherwise the browser would keep the cookie.
    let unknown = "__Host-stytch_b2b_axum=AAAAAAAAAAAAAAAAAAAAAA";
    let response = request("/").header("cookie", unknown).send().await.unwrap();
    assert_eq!(
        response.headers()["set-cookie"],
        "__Host-stytch_b2b_axum=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    );
}

/// S16: malformed ids, an id under another name, and the right cookie among two hundred others.
#[tokio::test]
async fn malformed_cookies_are_anonymous() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let good = ada.cookie().unwrap();
    let many = (0..200)
        .map(|n| format!("c{n}=v{n}"))
        .collect::<Vec<_>>()
        .join("; ");
    let name = ada.cookie_name();
    for cookie in [
        format!("{name}="),
        format!("{name}=%00"),
        format!("{name}={}", "x".repeat(4000)),
        format!("{name}=../../etc"),
        format!("{name}=\"quoted\""),
        format!("{name}={}x", &good[..21]),
        format!("__Host-{name}={good}"),
        format!("; ;=;{name}"),
        many.clone(),
    ] {
        let response = app
            .browser()
            .request("GET", "/member")
            .header("cookie", &cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 401, "{cookie}");
        let start = app
            .browser()
            .request("GET", "/start/google")
            .header("cookie", &cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(start.status(), 303, "{cookie}");
    }
    let among = format!("{many}; {name}={good}");
    let response = app
        .browser()
        .request("GET", "/member")
        .header("cookie", among)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200, "found among two hundred");
}

/// S4: an intermediate session ends here when it ends at Stytch, and after ten minutes at the latest.
#[tokio::test]
async fn the_earlier_expiry_counts() {
    for ahead_there in [0, 300] {
        let app = TestApp::start().await;
        app.world.advance(Duration::from_secs(ahead_there));
        let mut ada = app.choosing("ada@acme.example").await;
        app.advance_app(590);
        assert_eq!(ada.get("/organizations").await.status, 200, "{ahead_there}");
        app.advance_app(20);
        assert_eq!(ada.get("/organizations").await.status, 410, "{ahead_there}");
    }
    // An exchange does not extend it.
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    app.advance(300);
    assert_eq!(ada.go("Sign in to Initech").await.path(), "/mfa");
    app.advance_app(290);
    assert_eq!(ada.get("/mfa").await.status, 200);
    app.advance_app(20);
    assert_eq!(ada.get("/mfa").await.status, 410);
}

/// S16: a cookie that can't be the app's is removed, so that the browser stops sending it.
#[tokio::test]
async fn a_garbled_cookie_is_removed() {
    let app = TestApp::start().await;
    for garbled in ["", "x", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let browser = app.browser();
        let name = browser.cookie_name();
        let cookie = format!("{name}={garbled}");
        let request = browser.request("GET", "/").header("cookie", cookie);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{garbled}");
        assert_eq!(
            response.headers()["set-cookie"],
            format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
            "{garbled}"
        );
    }
}

/// A request that writes to the session and then ends it, because Stytch no longer knows the sign-in, removes the cookie.
#[tokio::test]
async fn ending_a_session_after_a_write_removes_the_cookie() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Continue with Google").await;
    app.fault(
        AUTHENTICATE,
        FaultKind::Error {
            status: 404,
            error_type: "intermediate_session_not_found".into(),
            message: String::new(),
        },
    );
    assert_eq!(grace.go("grace@acme.example").await.status, 410);
    assert_eq!(grace.cookie(), None);
    assert_eq!(app.state.store.len(), 0);
}

/// P15, P17: a record has a member's rank exactly while a member is signed in.
#[tokio::test]
async fn records_have_the_rank_of_their_sign_in() {
    let app = TestApp::start().await;
    let rank = async |browser: &Browser| {
        let id: Id = browser.cookie().unwrap().parse().unwrap();
        let Found::Record(record, _) = app.state.store.load(&id).await.unwrap() else {
            panic!("no record");
        };
        record.data.get(RANK).cloned()
    };
    let mut started = app.browser();
    started.get("/start/google").await;
    assert_eq!(rank(&started).await, None);
    let mut ada = app.choosing("ada@acme.example").await;
    assert_eq!(rank(&ada).await, Some(IN_PROGRESS.into()));
    ada.go("Sign in to Acme Corp").await;
    assert_eq!(rank(&ada).await, Some(MEMBER.into()));
    ada.get("/organizations").await;
    ada.go("Switch to Initech").await;
    let in_progress = Some(IN_PROGRESS.into());
    assert_eq!(rank(&ada).await, in_progress, "a second factor is missing");
}

/// S17: a replaced id is remembered, up to a limit.
#[tokio::test]
async fn replaced_ids_are_limited_in_number() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 1_000_000);
    let record = || Record {
        id: Id::default(),
        data: [].into(),
        expiry_date: clock.now() + time::Duration::hours(1),
    };
    let first = record();
    let mut last = first.clone();
    store.create(&first, 1).await.unwrap();
    for replaced in 1..=4097 {
        let (old, write) = (
            last.id,
            Write {
                expected: None,
                version: 1,
            },
        );
        last = record();
        store.replace(&old, &last, write).await.unwrap().unwrap();
        let found = store.load(&first.id).await.unwrap();
        let is_remembered = matches!(found, Found::Replaced);
        assert_eq!(is_remembered, replaced <= 4096, "{replaced}");
    }
}

/// S17: reading pages stores nothing.
#[tokio::test]
async fn anonymous_pages_write_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let paths = [
        "/",
        "/org?slug=acme",
        "/org/acme",
        "/org/unknown",
        "/organizations",
        "/create_org",
        "/confirm",
        "/login/x",
        "/step_up",
        "/mfa",
        "/member",
        "/health/live",
        "/nowhere",
        "/discovery",
        "/authenticate?error=x",
    ];
    for _ in 0..70 {
        for path in paths {
            let page = browser.get(path).await;
            assert_eq!(page.header("set-cookie"), "", "{path}");
        }
    }
    assert_eq!(app.state.store.len(), 0);
}
