use serde_json::json;
use stytch_b2b_axum::stytch::{
    AuthenticateOptions, Error, IntermediateSessionToken, MemberId, OrganizationId, Provider,
    SessionOptions, SessionToken, Slug, organizations::EmailJit, secret::CallbackToken,
};
use url::Url;

use super::respond_with;
use crate::support::TestApp;

/// V13: no call of the client accepts `{}` as a success, except the one from whose response nothing is needed.
#[tokio::test]
async fn an_empty_object_is_not_a_success() {
    let app = TestApp::start().await;
    let stytch = &app.state.stytch;
    let (oauth, links, otps) = (stytch.oauth(), stytch.magic_links(), stytch.otps());
    let (discovery, sessions) = (stytch.discovery(), stytch.sessions());
    let (organizations, members) = (stytch.organizations(), stytch.members());
    let options = SessionOptions::default();
    let with = AuthenticateOptions::default();
    let id = OrganizationId::new("organization-test-1");
    let member = MemberId::new("member-test-1");
    let (ist, session) = (
        IntermediateSessionToken::new("ist"),
        SessionToken::new("session"),
    );
    let token = CallbackToken::new("token");
    let back = Url::parse("http://localhost:3000/discovery").unwrap();
    let mfa = stytch.mfa(&ist, &id, &member);
    let change = EmailJit::default();
    let slug = Slug::new("acme");
    macro_rules! each {
        ($($call:expr),+ $(,)?) => { $(
            respond_with(&app, "/v1/*", &json!({}));
            let error = $call.await.map(drop).unwrap_err();
            assert!(matches!(error, Error::Unreadable { status: 200, .. }), "{}: {error}", stringify!($call));
            assert!(error.may_have_happened(), "{}", stringify!($call));
        )+ };
    }
    each!(
        oauth.discovery_authenticate(&token, None),
        oauth.authenticate(&token, &with),
        stytch.sso().authenticate(&token, &with),
        links.send(&id, "ada@x.example", &back, None),
        links.send_discovery("ada@x.example", &back, None),
        links.authenticate(&token, &with),
        links.discovery_authenticate(&token),
        otps.send(&id, "ada@x.example", None),
        otps.send_discovery("ada@x.example", None),
        otps.authenticate(&id, "ada@x.example", "123456", &ist, &options),
        otps.discovery_authenticate("ada@x.example", "123456"),
        discovery.organizations(&session),
        discovery.exchange(&ist, &id, &options),
        discovery.create(&ist, "Acme", "acme", &options),
        sessions.authenticate(&session, &options),
        sessions.exchange(&session, &id, &options),
        mfa.send_sms(None, &options),
        mfa.sms("123456", &options),
        mfa.create_totp(),
        mfa.totp("123456", &options),
        mfa.recover("recovery", &options),
        members.get(&id, &member),
        members.delete_mfa_phone_number(&id, &member),
        members.provider_tokens(&id, &member, Provider::Google),
        members.provider_tokens(&id, &member, Provider::Github),
        organizations.by_slug(&slug),
        organizations.update_email_jit(&session, &id, &change),
    );
    respond_with(&app, "/v1/*", &json!({}));
    sessions.revoke(&session).await.unwrap();
}

/// V13: an empty list is a valid response. A list without a usable entry is not.
#[tokio::test]
async fn a_list_may_be_empty_but_not_unusable() {
    let app = TestApp::start().await;
    let (discovery, organizations) = (
        app.state.stytch.discovery(),
        app.state.stytch.organizations(),
    );
    let session = SessionToken::new("session");
    let whole = json!({"organization": {
        "organization_id": "organization-test-1", "organization_slug": "acme", "organization_name": "Acme",
    }});
    for (list, expected) in [
        (json!([]), Some(0)),
        (json!(null), Some(0)),
        (json!([whole]), Some(1)),
        (json!([{"organization": null}, whole, null]), Some(1)),
        (json!([{"organization": null}, {}]), None),
    ] {
        respond_with(&app, "/v1/*", &json!({"discovered_organizations": list}));
        let found = discovery.organizations(&session).await.ok();
        assert_eq!(found.map(|it| it.first.len()), expected, "{list}");
    }
    let slug = Slug::new("acme");
    respond_with(&app, "/v1/*", &json!({"organizations": []}));
    assert!(organizations.by_slug(&slug).await.unwrap().is_none());
    respond_with(
        &app,
        "/v1/*",
        &json!({"organizations": [{"organization_slug": "acme"}]}),
    );
    organizations.by_slug(&slug).await.unwrap_err();
}

/// V13: a phone that is not marked as unverified must not be deleted.
#[tokio::test]
async fn an_unknown_phone_is_not_deleted() {
    let app = TestApp::start().await;
    let members = app.state.stytch.members();
    let (id, member) = (OrganizationId::new("o"), MemberId::new("m"));
    let body = json!({"member": {"member_id": "member-test-1", "email_address": "ada@x.example"}});
    respond_with(&app, "/v1/*", &body);
    members.get(&id, &member).await.unwrap_err();
    let mut body = body;
    body["member"]["mfa_phone_number_verified"] = json!(true);
    respond_with(&app, "/v1/*", &body);
    let found = members.get(&id, &member).await.unwrap();
    assert!(found.mfa_phone_number_verified && found.email_address == "ada@x.example");
}
