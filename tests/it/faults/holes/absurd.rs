//! Values that no Stytch would send: times at the end of the calendar, and identifiers that would break a header or a
//! link.

use serde_json::{Value, json};
use stytch_b2b_axum::stytch::{
    AuthenticateOptions, Error, IntermediateSessionToken, MemberId, OrganizationId, SessionOptions,
    SessionToken, secret::CallbackToken,
};
use stytch_sandbox::{Fault, FaultKind};

use super::{discovered, exchanged, id_of, respond_with};
use crate::support::{
    Browser, Page, TestApp,
    app::{DISCOVERY, EXCHANGE, LIST, REVOKE},
};

const END: &str = "9999-12-31T23:59:59Z";

/// Texts that can't be identifiers: each would break a header, a path or a link.
fn invalid_identifiers() -> Vec<String> {
    let texts = [
        "ac\u{1}me",
        "acme\r\nset-cookie: a=b",
        "ac me",
        "äcme",
        "a/b",
        "..",
        "?a",
    ];
    let long = "a".repeat(10_000);
    texts.into_iter().map(str::to_owned).chain([long]).collect()
}

/// Places where a value is absurd, and the values.
fn absurd() -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    for pointer in [
        "/organization/organization_id",
        "/organization/organization_slug",
        "/member/member_id",
    ] {
        all.extend(
            invalid_identifiers()
                .into_iter()
                .map(|it| (pointer, json!(it))),
        );
    }
    let long = format!("{}@acme.example", "a".repeat(10_000));
    for address in ["ada\u{0}@acme.example", "ada@acme.example\r\n", &long] {
        all.push(("/member/email_address", json!(address)));
    }
    for time in ["9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", "soon"] {
        all.push(("/member_session/started_at", json!(time)));
        all.push(("/member_session/expires_at", json!(time)));
    }
    // Responses that contradict themselves, or are about another organization.
    all.push(("/member_session", json!(null)));
    all.push(("/session_jwt", json!("")));
    all.push((
        "/organization/organization_id",
        json!("organization-test-2"),
    ));
    all
}

fn with(whole: &Value, pointer: &str, value: &Value) -> Value {
    let mut body = whole.clone();
    *body.pointer_mut(pointer).unwrap() = value.clone();
    body
}

/// Sessions that were ended at Stytch.
fn ended(app: &TestApp) -> Vec<Value> {
    let calls = app.calls(REVOKE).into_iter();
    calls
        .map(|call| call.body["session_token"].clone())
        .collect()
}

/// A real response with a session, as every call that signs a member in returns it.
async fn signed_in(app: &TestApp) -> Value {
    let ada = discovered(app, "google", "ada@acme.example").await;
    let mut whole = exchanged(app, &ada, "acme").await;
    whole["organization_id"] = whole["organization"]["organization_id"].clone();
    whole
}

/// V15: whichever call returns it, the visitor is not signed in, and the session that the app can't use is ended. A
/// renewal ends none.
#[tokio::test]
async fn no_call_leaves_a_session_behind() {
    let app = TestApp::start().await;
    let whole = signed_in(&app).await;
    let stytch = &app.state.stytch;
    let (options, with_options) = (SessionOptions::default(), AuthenticateOptions::default());
    let id = OrganizationId::new(whole["organization_id"].as_str().unwrap());
    let member = MemberId::new("member-test-1");
    let ist = IntermediateSessionToken::new("ist");
    let (token, session) = (CallbackToken::new("token"), SessionToken::new("session"));
    let (oauth, sso, links) = (stytch.oauth(), stytch.sso(), stytch.magic_links());
    let (otps, discovery, sessions) = (stytch.otps(), stytch.discovery(), stytch.sessions());
    let mfa = stytch.mfa(&ist, &id, &member);
    for (pointer, value) in absurd() {
        let body = with(&whole, pointer, &value);
        macro_rules! each {
            ($ends:literal: $($call:expr),+ $(,)?) => { $(
                let case = format!("{}: {pointer} {:.80}", stringify!($call), value.to_string());
                app.forget_calls().await;
                respond_with(&app, "/v1/*", &body);
                match ($call.await.map(drop), pointer) {
                    (Err(Error::Unreadable { .. } | Error::OtherOrganization), _) => {
                        let expected = if $ends { vec![whole["session_token"].clone()] } else { Vec::new() };
                        assert_eq!(ended(&app), expected, "{case}");
                    }
                    // These calls name no organization, so any is accepted.
                    (Ok(()), "/organization/organization_id") if value == "organization-test-2" => {}
                    (other, _) => panic!("{case}: {other:?}"),
                }
            )+ };
        }
        each!(true:
            discovery.exchange(&ist, &id, &options),
            discovery.create(&ist, "Acme", "acme", &options),
            oauth.authenticate(&token, &with_options),
            sso.authenticate(&token, &with_options),
            links.authenticate(&token, &with_options),
            otps.authenticate(&id, "ada@acme.example", "123456", &ist, &options),
            sessions.exchange(&session, &id, &options),
            mfa.sms("123456", &options),
            mfa.totp("123456", &options),
            mfa.recover("recovery", &options),
        );
        each!(false: sessions.authenticate(&session, &options));
    }
}

/// V15: adding a factor to an existing session does not end that session.
#[tokio::test]
async fn an_existing_session_is_not_ended() {
    let app = TestApp::start().await;
    let whole = signed_in(&app).await;
    let body = with(&whole, "/organization/organization_slug", &json!("a/b"));
    let (oauth, token) = (app.state.stytch.oauth(), CallbackToken::new("token"));
    let session = SessionToken::new(whole["session_token"].as_str().unwrap());
    respond_with(&app, "/v1/*", &body);
    let options = AuthenticateOptions {
        session_token: Some(&session),
        ..AuthenticateOptions::default()
    };
    oauth.authenticate(&token, &options).await.unwrap_err();
    assert!(ended(&app).is_empty());
}

async fn choosing(app: &TestApp) -> (Browser, Value) {
    let found = discovered(app, "google", "ada@acme.example").await;
    let mut browser = app.browser();
    browser.get("/start/google").await;
    respond_with(app, DISCOVERY, &found);
    browser
        .get("/discovery?stytch_token_type=discovery_oauth&token=t")
        .await;
    browser.arrive().await;
    (browser, found)
}

async fn enter(app: &TestApp, browser: &mut Browser, found: &Value) -> Page {
    let path = format!("/login/{}", id_of(found, "acme"));
    browser.post(&path, &[("here", "ada@acme.example")]).await;
    let page = browser.arrive().await;
    app.settle().await;
    page
}

/// V15: a slug that can't be part of a header. The visitor gets a page, and keeps the session and the choice.
#[tokio::test]
async fn a_slug_that_breaks_a_header_changes_nothing() {
    let app = TestApp::start().await;
    for slug in invalid_identifiers() {
        let (mut browser, found) = choosing(&app).await;
        let whole = exchanged(&app, &found, "acme").await;
        let before = browser.cookie();
        app.forget_calls().await;
        respond_with(
            &app,
            EXCHANGE,
            &with(&whole, "/organization/organization_slug", &json!(slug)),
        );
        let page = enter(&app, &mut browser, &found).await;
        assert_eq!(page.status, 503, "{slug:.80}: {}", page.text());
        assert!(page.text().contains("could not read its response"));
        assert_eq!(ended(&app), [whole["session_token"].clone()], "{slug:.80}");
        assert_eq!(browser.cookie(), before, "{slug:.80}");
        assert_eq!(browser.get("/member").await.status, 401);
        assert_eq!(browser.get("/organizations").await.status, 200);
    }
}

/// V15: times at both ends of the calendar. Pages show them, and the session still ends after twelve hours.
#[tokio::test]
async fn times_at_the_end_of_the_calendar_make_no_page_fail() {
    let app = TestApp::start().await;
    for time in [
        END,
        "9999-12-31T23:59:59+23:59",
        "0000-01-01T00:00:00+23:59",
    ] {
        let (mut browser, found) = choosing(&app).await;
        let mut whole = exchanged(&app, &found, "acme").await;
        let session = &mut whole["member_session"];
        session["started_at"] = json!(time);
        session["last_accessed_at"] = json!(time);
        session["authentication_factors"][0]["last_authenticated_at"] = json!(time);
        session["expires_at"] = json!(END);
        respond_with(&app, EXCHANGE, &whole);
        let page = enter(&app, &mut browser, &found).await;
        if time.starts_with('0') {
            // Its twelve hours were over long ago.
            assert_eq!(page.status, 401, "{}", page.text());
            assert!(ended(&app).contains(&whole["session_token"]));
            continue;
        }
        assert_eq!(page.path(), "/org/acme", "{time}: {}", page.text());
        assert_eq!(browser.get("/member").await.status, 200, "{time}");
        // Without a call to Stytch, which would send other times.
        app.advance_app(12 * 3600 - 1);
        app.world.fault(Fault {
            method: "*".into(),
            path: "/v1/*".into(),
            times: 2,
            kind: FaultKind::ResetBefore,
        });
        assert_eq!(browser.get("/member").await.status, 503, "{time}");
        app.world.clear_faults();
        app.advance_app(1);
        assert_eq!(browser.get("/member").await.status, 401, "{time}");
    }
}

/// V15: a session that has ended before it begins, or an absurd clock of the vendor's: the visitor is not signed in.
#[tokio::test]
async fn an_expired_session_is_ended() {
    let app = TestApp::start().await;
    for date in [None, Some("Fri, 31 Dec 9999 23:59:58 GMT")] {
        let (mut browser, found) = choosing(&app).await;
        let mut whole = exchanged(&app, &found, "acme").await;
        let mut headers = Vec::new();
        match date {
            Some(date) => headers.push(("date".to_owned(), date.to_owned())),
            None => whole["member_session"]["expires_at"] = json!("1970-01-01T00:00:00Z"),
        }
        app.fault(
            EXCHANGE,
            FaultKind::Status {
                status: 200,
                headers,
                body: Some(whole.to_string()),
            },
        );
        let page = enter(&app, &mut browser, &found).await;
        assert_eq!(page.status, 401, "{date:?}: {}", page.text());
        assert!(page.text().contains("You were signed out"));
        assert!(ended(&app).contains(&whole["session_token"]), "{date:?}");
        assert_eq!(browser.get("/member").await.status, 401);
    }
}

/// V15: one entry that can't be used hides no other, and a name of 10 kB is shortened.
#[tokio::test]
async fn one_absurd_organization_hides_no_other() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let entry = |id: &str, slug: &str, name: &str| {
        json!({"organization": {
            "organization_id": id, "organization_slug": slug, "organization_name": name,
        }})
    };
    let mut list = vec![entry("organization-test-9", "good", &"ö".repeat(5_000))];
    for text in invalid_identifiers() {
        list.push(entry(&text, "globex", "Broken id"));
        list.push(entry("organization-test-8", &text, "Broken slug"));
    }
    respond_with(&app, LIST, &json!({"discovered_organizations": list}));
    let page = ada.get("/organizations").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(!page.text().contains("Broken"), "{}", page.text());
    assert!(page.text().contains(&"ö".repeat(128)), "{}", page.text());
    assert!(!page.text().contains(&"ö".repeat(129)));
    let connection = |id: &str| json!({"connection_id": id, "display_name": id});
    let organization = json!({"organizations": [{
        "organization_id": "organization-test-9", "organization_slug": "globex",
        "organization_name": "Globex", "auth_methods": "ALL_ALLOWED",
        "sso_default_connection_id": "a/b",
        "sso_active_connections": [connection("saml-connection-test-1"), connection("a/b")],
    }]});
    respond_with(&app, "/v1/b2b/organizations/search", &organization);
    let page = app.browser().get("/org/globex").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.body.contains("/sso/saml-connection-test-1"));
    assert!(!page.body.contains("/sso/a/b"), "{}", page.body);
}
