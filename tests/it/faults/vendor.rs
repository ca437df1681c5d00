use std::time::Duration;

use axum::{Router, http::StatusCode, routing::any};
use stytch_b2b_axum::stytch::{
    AuthenticateOptions, Login, SessionOptions, Slug, Stytch, secret::CallbackToken,
};
use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::net::TcpListener;

use crate::support::{
    TestApp,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, SEARCH, SESSION, Setup},
    logs,
};

async fn app_with_short_deadline() -> TestApp {
    TestApp::with(Setup {
        deadline: Some(Duration::from_millis(400)),
        ..Setup::default()
    })
    .await
}

fn status(status: u16, headers: &[(&str, &str)]) -> FaultKind {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    FaultKind::Status {
        status,
        headers: headers.collect(),
        body: None,
    }
}

/// Presses "Sign in to Acme Corp" with this fault, and then once more without it.
async fn exchange_with(app: &TestApp, fault: FaultKind) -> crate::support::Page {
    let mut ada = app.choosing("ada@acme.example").await;
    app.forget_calls().await;
    app.fault(EXCHANGE, fault);
    let page = ada.click("Sign in to Acme Corp").await;
    assert_eq!(
        app.calls(EXCHANGE).len(),
        1,
        "a one-time call is not repeated"
    );
    page
}

/// V3: no response within the deadline, or one that arrives byte by byte.
#[tokio::test]
async fn slow_responses_end_at_the_deadline() {
    let app = app_with_short_deadline().await;
    for fault in [
        FaultKind::Hold(HeldRequest::new()),
        FaultKind::Drip,
        FaultKind::Latency(Duration::from_secs(30)),
    ] {
        let page = exchange_with(&app, fault).await;
        assert_eq!(page.status, 504, "{}", page.text());
        assert!(page.text().contains("may have gone through anyway"));
    }
}

/// V4: Stytch's waiting time, in its header and on the page.
#[tokio::test]
async fn rate_limits_say_when_to_retry() {
    let app = app_with_short_deadline().await;
    let date = "Wed, 01 Jan 2020 00:00:00 GMT";
    for (header, said) in [
        (Some("7"), "7"),
        (None, "30"),
        (Some("86400"), "300"),
        (Some("0"), "1"),
        (Some("soon"), "30"),
        (Some(date), "30"),
    ] {
        let words = match said {
            "300" => "5 minutes".to_owned(),
            "1" => "1 second".to_owned(),
            said => format!("{said} seconds"),
        };
        let headers: Vec<_> = header.iter().map(|value| ("retry-after", *value)).collect();
        let page = exchange_with(&app, status(429, &headers)).await;
        assert_eq!(page.status, 429);
        assert_eq!(page.header("retry-after"), said, "for {header:?}");
        let text = page.text();
        assert!(text.contains(&format!("Try again in {words}.")), "{text}");
        assert_eq!(page.action("Go back", &[]).url.path(), "/organizations");
    }
    // A read is repeated once, if the vendor asks to wait at most a second.
    for (after, slug, calls, expected) in [("0", "acme", 2, 200), ("2", "globex", 1, 429)] {
        app.forget_calls().await;
        app.fault(SEARCH, status(429, &[("retry-after", after)]));
        assert_eq!(
            app.browser().get(&format!("/org/{slug}")).await.status,
            expected
        );
        assert_eq!(app.calls(SEARCH).len(), calls);
    }
}

/// V5: Stytch returns 200, then 503, then 200 again.
#[tokio::test]
async fn an_outage_is_a_page_until_it_ends() {
    let app = app_with_short_deadline().await;
    let html = || FaultKind::Status {
        status: 502,
        headers: Vec::new(),
        body: Some("<h1>Bad Gateway</h1>".into()),
    };
    for fault in [
        status(500, &[]),
        html(),
        status(503, &[]),
        FaultKind::ResetBefore,
        FaultKind::ResetMid,
        FaultKind::ResetAfter,
    ] {
        let mut browser = app.browser();
        assert_eq!(browser.get("/org/acme").await.status, 200);
        app.forget_calls().await;
        app.fault(SEARCH, fault.clone());
        assert_eq!(
            browser.get("/org/acme").await.status,
            200,
            "a read is repeated once: {fault:?}"
        );
        assert_eq!(app.calls(SEARCH).len(), 2);
        app.faults(SEARCH, 2, fault.clone());
        let page = browser.get("/org/acme").await;
        assert_eq!(page.status, 503, "{fault:?}");
        assert!(
            page.text()
                .contains("The sign-in service is not responding")
        );
        assert_eq!(browser.get("/org/acme").await.status, 200, "it recovers");
        let page = exchange_with(&app, fault).await;
        assert_eq!(page.status, 503);
    }
}

/// V5: no program listens at Stytch's address.
#[tokio::test]
async fn a_refused_connection_has_had_no_effect() {
    let app = app_with_short_deadline().await;
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let stytch = elsewhere(&app, &format!("http://{free}"));
    let error = stytch
        .discovery()
        .create(&"x".into_ist(), "", "", &SessionOptions::default())
        .await
        .unwrap_err();
    assert!(!error.may_have_happened(), "{error}");
}

/// P12: the log distinguishes a closed port, an unknown name, and a TLS failure.
#[tokio::test]
async fn the_cause_of_a_failed_connection_is_logged() {
    let app = app_with_short_deadline().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    let plain = app.stytch_url.as_str().replace("http://", "https://");
    for (url, cause) in [
        (format!("http://{free}"), "Connection refused"),
        ("http://nonexistent.invalid".to_owned(), "lookup"),
        (plain, "InvalidContentType"),
    ] {
        let stytch = elsewhere(&app, &url);
        let member = stytch_b2b_axum::stytch::MemberId::new("member-in-the-query");
        let id = stytch_b2b_axum::stytch::OrganizationId::new("o");
        let error = stytch.members().get(&id, &member).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(cause), "{url}: {text}");
        assert!(!text.contains("member-in-the-query"), "{text}");
        assert!(!error.may_have_happened());
    }
}

trait IntoIst {
    fn into_ist(self) -> stytch_b2b_axum::stytch::IntermediateSessionToken;
}

impl IntoIst for &str {
    fn into_ist(self) -> stytch_b2b_axum::stytch::IntermediateSessionToken {
        stytch_b2b_axum::stytch::IntermediateSessionToken::new(self)
    }
}

fn elsewhere(app: &TestApp, base_url: &str) -> Stytch {
    use stytch_b2b_axum::stytch::{Credentials, ProjectSecret};
    let pinned = app.world.credentials();
    let credentials = Credentials {
        project_id: pinned.project_id.clone(),
        secret: ProjectSecret::new(pinned.secret.clone()),
        public_token: pinned.public_token.clone(),
    };
    Stytch::new(
        credentials,
        base_url.parse().unwrap(),
        Duration::from_millis(400),
    )
    .unwrap()
}

/// V6, V8: a response that can't be read is an error that says how much arrived, never what.
#[tokio::test]
async fn unreadable_responses_are_errors() {
    let app = TestApp::start().await;
    let ok = |body: &str| FaultKind::Status {
        status: 200,
        headers: Vec::new(),
        body: Some(body.into()),
    };
    let secret = "a-token-that-must-not-be-logged";
    let wrong_type = format!(r#"{{"member_authenticated": "{secret}", "member": 1}}"#);
    let no_session = r#"{"member_authenticated": true, "member": {"member_id": "m"}, "organization": {"organization_id": "o"}}"#;
    for fault in [
        FaultKind::Garbage,
        FaultKind::Truncated,
        FaultKind::Empty,
        FaultKind::Huge,
        ok("null"),
        ok("[]"),
        ok("{}"),
        ok(&wrong_type),
        ok(no_session),
        ok("{\"member_authenticated\":"),
        status(304, &[]),
    ] {
        let page = exchange_with(&app, fault.clone()).await;
        assert!(
            page.status == 503 || page.status == 500,
            "{fault:?}: {} {}",
            page.status,
            page.text()
        );
        app.world.clear_faults();
    }
    assert!(!logs::text().contains(secret));
    assert!(logs::text().contains("unreadable response: status 200, 0 bytes"));
}

/// V7: unknown fields are ignored, and missing ones have a default.
#[tokio::test]
async fn newer_responses_are_understood() {
    let app = TestApp::start().await;
    for kind in [FaultKind::ExtraFields, FaultKind::UnknownEnum] {
        for path in [DISCOVERY, EXCHANGE, SEARCH, AUTHENTICATE, SESSION, CREATE] {
            app.faults(path, 2, kind.clone());
        }
        let mut ada = app.choosing("ada@acme.example").await;
        let page = ada.go("Acme Corp").await;
        assert_eq!(page.path(), "/org/acme", "{kind:?}: {}", page.text());
        app.advance_app(331);
        assert!(
            ada.get("/org/acme")
                .await
                .text()
                .contains("You are signed in")
        );
        app.world.clear_faults();
    }
}

/// V9: the credentials follow no redirect.
#[tokio::test]
async fn redirects_are_not_followed() {
    let app = app_with_short_deadline().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/stolen", listener.local_addr().unwrap());
    let (seen, mut saw) = tokio::sync::mpsc::unbounded_channel();
    let trap = Router::new().fallback(any(move || {
        seen.send(()).unwrap();
        async { StatusCode::OK }
    }));
    tokio::spawn(async move { axum::serve(listener, trap).await });
    let page = exchange_with(&app, FaultKind::Redirect(url.clone())).await;
    assert_eq!(page.status, 503);
    app.faults(SEARCH, 2, FaultKind::Redirect(url));
    assert_eq!(app.browser().get("/org/acme").await.status, 503);
    assert!(saw.try_recv().is_err(), "no request arrived there");
}

/// If Stytch refuses the app's own credentials, that is never reported as the visitor's mistake.
#[tokio::test]
async fn a_wrong_secret_does_not_sign_the_member_out() {
    let app = TestApp::start().await;
    let refused = || FaultKind::Error {
        status: 401,
        error_type: "unauthorized_credentials".into(),
        message: String::new(),
    };
    assert_eq!(exchange_with(&app, refused()).await.status, 500);
    assert!(logs::text().contains("check STYTCH_PROJECT_ID and STYTCH_SECRET"));
    let mut bob = app.signed_in("globex", "bob@globex.example").await;
    app.advance_app(331);
    app.fault(SESSION, refused());
    assert!(bob.get("/org/globex").await.text().contains("Bob Slydell"));
    app.advance_app(300);
    app.fault(SESSION, refused());
    assert_eq!(bob.get("/org/globex").await.status, 500);
    assert_eq!(
        bob.get("/org/globex").await.status,
        200,
        "and the page works again"
    );
}

fn token(url: &str) -> CallbackToken {
    let url: url::Url = url.parse().unwrap();
    let mut pairs = url.query_pairs();
    CallbackToken::new(pairs.find(|(name, _)| name == "token").unwrap().1)
}

/// `oauth().authenticate` sends and returns every field of the vendor's reference.
#[tokio::test]
async fn oauth_authenticate_has_all_fields() {
    let app = TestApp::start().await;
    let stytch = &app.state.stytch;
    let first = token(&app.foreign_login("ada@acme.example", "acme"));
    let options = AuthenticateOptions {
        options: SessionOptions {
            session_duration_minutes: Some(5),
            session_custom_claims: serde_json::Map::from_iter([("plan".into(), "gold".into())]),
            locale: Some("fr"),
        },
        ..AuthenticateOptions::default()
    };
    let done = stytch.oauth().authenticate(&first, &options).await.unwrap();
    assert_eq!(
        (done.provider_type.as_str(), done.reset_sessions),
        ("Google", false)
    );
    assert!(!done.provider_subject.is_empty());
    let values = done.provider_values.unwrap();
    assert!(
        !values.access_token.is_empty() && !values.scopes.is_empty() && values.expires_at.is_some()
    );
    let Login::SignedIn(member) = done.login else {
        panic!("signed in")
    };
    assert_eq!(member.member_session.custom_claims["plan"], "gold");
    let minutes =
        (member.member_session.expires_at - member.member_session.started_at).whole_minutes();
    assert_eq!(minutes, 5);
    let (jwt, id) = (&member.session_jwt, &done.organization_id);
    let now = member.member_session.started_at;
    assert!(stytch.sessions().verify_jwt(jwt, id, now).await.unwrap() > now);

    // Adds a factor to a session, by token and by JWT.
    let second = token(&app.foreign_login("ada@acme.example", "acme"));
    let options = AuthenticateOptions {
        session_token: Some(&member.session_token),
        telemetry_id: Some("telemetry"),
        ..AuthenticateOptions::default()
    };
    let Login::SignedIn(more) = stytch
        .oauth()
        .authenticate(&second, &options)
        .await
        .unwrap()
        .login
    else {
        panic!("signed in")
    };
    assert_eq!(
        more.member_session.member_session_id,
        member.member_session.member_session_id
    );
    let third = token(&app.foreign_login("ada@acme.example", "acme"));
    let options = AuthenticateOptions {
        session_jwt: Some(&more.session_jwt),
        ..AuthenticateOptions::default()
    };
    stytch.oauth().authenticate(&third, &options).await.unwrap();
}

/// Another first factor completes a sign-in in progress.
#[tokio::test]
async fn oauth_authenticate_completes_a_step_up() {
    let app = TestApp::start().await;
    let stytch = &app.state.stytch;
    let discovered = app.world.approve(stytch_sandbox::Approval {
        flow: stytch_sandbox::Flow::DiscoveryOauth,
        provider: "github",
        email: "grace@acme.example",
        organization: None,
        pkce_code_challenge: None,
    });
    let found = stytch
        .oauth()
        .discovery_authenticate(&CallbackToken::new(discovered.token), None)
        .await
        .unwrap();
    let acme = found.discovered_organizations.first[0]
        .organization
        .organization_id
        .clone();
    let options = SessionOptions::default();
    let due = stytch
        .discovery()
        .exchange(&found.intermediate_session_token, &acme, &options)
        .await
        .unwrap();
    let Login::StepUp(due) = due else {
        panic!("step-up")
    };
    let fourth = token(&app.foreign_login("grace@acme.example", "acme"));
    let options = AuthenticateOptions {
        intermediate_session_token: Some(&due.ist),
        ..AuthenticateOptions::default()
    };
    let Login::SignedIn(grace) = stytch
        .oauth()
        .authenticate(&fourth, &options)
        .await
        .unwrap()
        .login
    else {
        panic!("signed in")
    };
    assert_eq!(grace.member_session.authentication_factors.len(), 2);
}

#[tokio::test]
async fn organizations_are_found_by_slug() {
    let app = TestApp::start().await;
    let stytch = &app.state.stytch;
    let organizations = stytch.organizations();
    let found = organizations.by_slug(&Slug::new("acme")).await.unwrap();
    assert_eq!(found.unwrap().organization_name, "Acme Corp");
    let unknown = organizations.by_slug(&Slug::new("unknown")).await;
    assert!(unknown.unwrap().is_none());
}
