//! The values that the client requires: exactly those that the next step needs.

use serde_json::{Value, json};
use stytch_b2b_axum::stytch::{
    AuthenticateOptions, Error, IntermediateSessionToken, MemberId, OrganizationId, Result,
    SessionOptions, SessionToken, Slug, secret::CallbackToken,
};

use super::{
    TOTP, approved, by_slug, discovered, exchanged,
    json::{Hole, holes},
    of_partial, real, respond_with,
};
use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY, EXCHANGE, LIST, SEARCH, SESSION},
};

/// Required in every response with a member.
const MEMBER: &[&str] = &[
    "/member",
    "/member/member_id",
    "/member/email_address",
    "/organization",
    "/organization/organization_id",
    "/organization/organization_name",
    "/organization/organization_slug",
];

/// Also required in a response with a session.
const SESSION_OF_MEMBER: &[&str] = &[
    "/member_session",
    "/member_session/member_session_id",
    "/member_session/started_at",
    "/member_session/expires_at",
    "/session_token",
    "/session_jwt",
];

/// V13, V7: each value of a real response is removed or emptied in turn. A key that ends in `-` must be present, but
/// may be `null` or empty. One that ends in `~` may be empty.
async fn assert_needed<T>(
    app: &TestApp,
    path: &str,
    whole: &Value,
    needed: &[&str],
    call: impl AsyncFn() -> Result<T>,
) {
    for (pointer, hole, body) in holes(whole) {
        respond_with(app, path, &body);
        let error = call().await.err();
        let is = |suffix| needed.contains(&format!("{pointer}{suffix}").as_str());
        let is_needed = match hole {
            Hole::Removed => is("") || is("-") || is("~"),
            Hole::Null => is("") || is("~"),
            Hole::Empty | Hole::Blank => is(""),
        };
        let is_unreadable = match error {
            None => false,
            Some(Error::Unreadable { .. } | Error::OtherOrganization) => true,
            Some(other) => panic!("{path} {hole:?} {pointer}: {other}"),
        };
        assert_eq!(is_unreadable, is_needed, "{path}: {hole:?} {pointer}");
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

#[tokio::test]
async fn sign_in_responses_must_have_these_values() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let stytch = &app.state.stytch;
    let (token, options) = (CallbackToken::new("token"), SessionOptions::default());
    let ada = discovered(&app, "google", "ada@acme.example").await;
    let grace = discovered(&app, "github", "grace@acme.example").await;
    let found = [
        "/intermediate_session_token",
        "/email_address",
        "/discovered_organizations-",
    ];
    let oauth = stytch.oauth();
    let call = async || oauth.discovery_authenticate(&token, None).await;
    assert_needed(&app, DISCOVERY, &ada, &found, call).await;

    let signed_in = exchanged(&app, &ada, "acme").await;
    let again = discovered(&app, "google", "ada@acme.example").await;
    let mfa_due = exchanged(&app, &again, "initech").await;
    let step_up_due = exchanged(&app, &grace, "acme").await;
    let ist = IntermediateSessionToken::new("ist");
    let partial = |due| {
        [
            MEMBER,
            &["/intermediate_session_token", "/member_authenticated"],
            due,
        ]
        .concat()
    };
    for (whole, needed) in [
        (
            &signed_in,
            [MEMBER, SESSION_OF_MEMBER, &["/member_authenticated"]].concat(),
        ),
        (&mfa_due, partial(&["/mfa_required~"])),
        (&step_up_due, partial(&["/primary_required~"])),
    ] {
        let id = OrganizationId::new(text(&whole["organization"], "organization_id"));
        let call = async || stytch.discovery().exchange(&ist, &id, &options).await;
        assert_needed(&app, EXCHANGE, whole, &needed, call).await;
    }
    let token = approved(&app, "google", "ada@acme.example", Some("acme")).token;
    let whole = real(&app, AUTHENTICATE, json!({"oauth_token": token})).await;
    let needed = [
        MEMBER,
        SESSION_OF_MEMBER,
        &["/member_authenticated", "/organization_id"],
    ]
    .concat();
    let token = CallbackToken::new("token");
    let with = AuthenticateOptions::default();
    let call = async || oauth.authenticate(&token, &with).await;
    assert_needed(&app, AUTHENTICATE, &whole, &needed, call).await;

    let created = real(&app, TOTP, of_partial(&mfa_due)).await;
    let (id, member) = (OrganizationId::new("o"), MemberId::new("m"));
    let mfa = stytch.mfa(&ist, &id, &member);
    let needed = ["/secret", "/recovery_codes"];
    assert_needed(&app, TOTP, &created, &needed, async || {
        mfa.create_totp().await
    })
    .await;
}

#[tokio::test]
async fn page_responses_must_have_these_values() {
    let app = TestApp::start().await;
    let stytch = &app.state.stytch;
    let (slug, options) = (Slug::new("globex"), SessionOptions::default());
    let whole = real(&app, SEARCH, by_slug("globex")).await;
    let needed = [
        "/organizations-",
        "/organizations/0",
        "/organizations/0/organization_id",
        "/organizations/0/organization_name",
        "/organizations/0/organization_slug",
    ];
    let call = async || stytch.organizations().by_slug(&slug).await;
    assert_needed(&app, SEARCH, &whole, &needed, call).await;

    let ada = discovered(&app, "google", "ada@acme.example").await;
    let signed_in = exchanged(&app, &ada, "acme").await;
    let session = SessionToken::new(text(&signed_in, "session_token"));
    let body = json!({"session_token": text(&signed_in, "session_token")});
    let listed = real(&app, LIST, body.clone()).await;
    let call = async || stytch.discovery().organizations(&session).await;
    let needed = ["/discovered_organizations-"];
    assert_needed(&app, LIST, &listed, &needed, call).await;
    let renewed = real(&app, SESSION, body).await;
    let needed = [MEMBER, SESSION_OF_MEMBER].concat();
    let call = async || stytch.sessions().authenticate(&session, &options).await;
    assert_needed(&app, SESSION, &renewed, &needed, call).await;
}
