//! What a member can do from a browser: what the member's roles allow, in the member's organization only.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ADA, Browser};
use crate::{
    lab::{Lab, text},
    sso::{BOB, SAML},
};

const NEW: &str = "new@globex.example";

/// A call: its method, its path after `/sdk/v1`, and its body.
type Call = (Method, String, Value);

/// Calls that require a right over others. `other` is the id of a colleague of Bob's.
#[rustfmt::skip] // a table: one call per line
fn calls(other: &str) -> Vec<Call> {
    let members = format!("/b2b/organizations/members/{other}");
    let saml = format!("/b2b/sso/saml/{SAML}");
    vec![
        (Method::PUT, "/b2b/organizations/me".into(), json!({ "organization_name": "Mine" })),
        (Method::PUT, "/b2b/organizations/me".into(), json!({ "mfa_policy": "OPTIONAL" })),
        (Method::DELETE, "/b2b/organizations/me".into(), Value::Null),
        (Method::POST, "/b2b/organizations/me/members/search".into(), json!({})),
        (Method::POST, "/b2b/organizations/members".into(), json!({ "email_address": NEW })),
        (Method::POST, "/b2b/magic_links/email/invite".into(), json!({ "email_address": NEW })),
        (Method::PUT, members.clone(), json!({ "name": "Mine" })),
        (Method::PUT, members.clone(), json!({})),
        (Method::DELETE, members.clone(), Value::Null),
        (Method::PUT, format!("{members}/reactivate"), json!({})),
        (Method::POST, format!("{members}/unlink_retired_email"), json!({ "email_address": NEW })),
        (Method::POST, format!("{members}/start_email_update"), json!({ "email_address": NEW })),
        (Method::DELETE, format!("/b2b/organizations/members/mfa_phone_numbers/{other}"), Value::Null),
        (Method::DELETE, format!("/b2b/organizations/members/totp/{other}"), Value::Null),
        (Method::POST, format!("/b2b/sessions/revoke/{other}"), json!({})),
        (Method::PUT, "/b2b/organizations/members/update".into(), json!({ "roles": ["stytch_admin"] })),
        (Method::PUT, "/b2b/organizations/members/update".into(), json!({ "is_breakglass": true })),
        (Method::GET, "/b2b/sso".into(), Value::Null),
        (Method::DELETE, format!("/b2b/sso/{SAML}"), Value::Null),
        (Method::POST, "/b2b/sso/oidc".into(), json!({ "display_name": "Mine" })),
        (Method::POST, "/b2b/sso/saml".into(), json!({ "display_name": "Mine" })),
        (Method::POST, "/b2b/sso/external".into(), json!({ "display_name": "Mine" })),
        (Method::PUT, saml.clone(), json!({ "display_name": "Mine" })),
        (Method::PUT, format!("{saml}/url"), json!({ "metadata_url": "https://okta.idp.example/metadata" })),
        (Method::DELETE, format!("{saml}/verification_certificates/x"), Value::Null),
        (Method::DELETE, format!("{saml}/encryption_private_key/x"), Value::Null),
        (Method::PUT, format!("/b2b/sso/oidc/{SAML}"), json!({ "display_name": "Mine" })),
        (Method::PUT, format!("/b2b/sso/external/{SAML}"), json!({ "display_name": "Mine" })),
    ]
}

/// Calls that all members may make about themselves.
#[rustfmt::skip] // a table: one call per line
fn own_calls() -> Vec<Call> {
    vec![
        (Method::GET, "/b2b/organizations/me".into(), Value::Null),
        (Method::GET, "/b2b/organizations/members/me".into(), Value::Null),
        (Method::PUT, "/b2b/organizations/members/update".into(), json!({ "name": "Robert" })),
        (Method::PUT, "/b2b/organizations/members/update".into(), json!({ "mfa_phone_number": "+15555550123" })),
        (Method::DELETE, "/b2b/organizations/members/deletePhoneNumber".into(), Value::Null),
        (Method::POST, "/b2b/organizations/members/start_email_update".into(), json!({ "email_address": NEW, "delivery_method": "EMAIL_MAGIC_LINK" })),
        (Method::POST, "/b2b/sessions/authenticate".into(), json!({})),
    ]
}

/// The part of the state that a call could change.
fn state(lab: &Lab) -> Value {
    lab.world.state()
}

/// The id of a colleague of Bob's, whose organization allows every method.
fn colleague(lab: &Lab) -> String {
    lab.world
        .patch_organization("globex", json!({ "auth_methods": "ALL_ALLOWED" }));
    let member = json!({ "email_address": "eve@globex.example", "name": "Eve", "mfa_phone_number": "+15555550177" });
    lab.world.add_member("globex", member)
}

/// Nothing changes.
#[tokio::test]
async fn a_member_without_the_right_is_refused() {
    let lab = Lab::start().await;
    let eve = colleague(&lab);
    let bob = Browser::of(&lab, BOB, "globex").await;
    for (method, path, body) in calls(&eve) {
        let before = state(&lab);
        let reply = bob.send(method.clone(), &path, body.clone()).await;
        assert_eq!(reply.status, 403, "{method} {path} {body}: {}", reply.text);
        reply.is_error(403, "session_authorization_error");
        assert_eq!(state(&lab), before, "{method} {path}");
    }
}

/// The same calls of a member with the rights are not refused for lack of rights.
#[tokio::test]
async fn an_administrator_is_not_refused() {
    for at in 0.. {
        // Each call gets a world of its own, because some end the session or delete the organization.
        let lab = Lab::start().await;
        let eve = colleague(&lab);
        let roles = json!({ "roles": ["stytch_admin"] });
        let id = lab.member_id("globex", BOB);
        lab.put(&format!("/v1/b2b/organizations/globex/members/{id}"), roles)
            .await
            .ok();
        let Some((method, path, body)) = calls(&eve).into_iter().nth(at) else {
            assert!(at > 20);
            return;
        };
        let bob = Browser::of(&lab, BOB, "globex").await;
        let reply = bob.send(method.clone(), &path, body.clone()).await;
        assert!(
            !matches!(reply.status, 401 | 403 | 500 | 501),
            "{method} {path} {body}: {}",
            reply.text
        );
    }
}

/// This includes sessions that have ended.
#[tokio::test]
async fn calls_without_a_live_session_are_refused() {
    let lab = Lab::start().await;
    let eve = colleague(&lab);
    let ended = Browser::of(&lab, BOB, "globex").await;
    lab.world.revoke_all_sessions();
    let stranger = Browser::new(&lab);
    let nonsense = Browser {
        lab: &lab,
        session: Some("nonsense".to_owned()),
    };
    for (method, path, body) in calls(&eve).into_iter().chain(own_calls()) {
        let before = state(&lab);
        for (browser, status, error_type) in [
            (&stranger, 401, "user_unauthenticated"),
            (&ended, 404, "session_not_found"),
            (&nonsense, 400, "invalid_session_token"),
        ] {
            let reply = browser.send(method.clone(), &path, body.clone()).await;
            assert_eq!(reply.status, status, "{method} {path}: {}", reply.text);
            reply.is_error(status, error_type);
        }
        assert_eq!(state(&lab), before, "{method} {path}");
    }
}

/// The change affects the session's member, even if the body contains other ids.
#[tokio::test]
async fn a_member_can_change_only_themselves() {
    let lab = Lab::start().await;
    colleague(&lab);
    let bob = Browser::of(&lab, BOB, "globex").await;
    for (method, path, body) in own_calls() {
        bob.send(method, &path, body).await.data();
    }
    assert_eq!(lab.member("globex", BOB)["name"], "Robert");
    assert_eq!(lab.world.messages_to(Some(NEW), None).len(), 1);

    let ada = lab.member_id("acme", ADA);
    let foreign = json!({ "member_id": ada, "organization_id": "acme", "name": "Bob was here" });
    let path = "/b2b/organizations/members/update";
    let changed = bob.put(path, foreign).await.data();
    assert_eq!(changed["member"]["email_address"], BOB);
    assert_eq!(lab.member("acme", ADA)["name"], "Ada Lovelace");
    let me = format!(
        "/b2b/organizations/members/me?member_id={ada}&email_address={ADA}&organization_id=acme"
    );
    let me = bob.get(&me).await.data();
    assert_eq!(me["member"]["email_address"], BOB);
}

/// This holds for ids in the path and for the search.
#[tokio::test]
async fn an_administrator_cannot_act_in_other_organizations() {
    let lab = Lab::start().await;
    let ada = Browser::of(&lab, ADA, "acme").await;
    let bob = lab.member_id("globex", BOB);
    let bobs = Browser::of(&lab, BOB, "globex").await;
    let members = format!("/b2b/organizations/members/{bob}");
    let before = lab.member("globex", BOB);
    for (method, path, body) in [
        (
            Method::PUT,
            members.clone(),
            json!({ "organization_id": "globex", "name": "Mine" }),
        ),
        (Method::DELETE, members.clone(), Value::Null),
        (
            Method::DELETE,
            format!("/b2b/organizations/members/totp/{bob}"),
            Value::Null,
        ),
        (
            Method::POST,
            format!("{members}/start_email_update"),
            json!({ "email_address": "x@acme.example" }),
        ),
    ] {
        ada.send(method, &path, body)
            .await
            .is_error(404, "member_not_found");
    }
    ada.post(&format!("/b2b/sessions/revoke/{bob}"), json!({}))
        .await
        .is_error(403, "session_authorization_tenancy_error");
    bobs.post("/b2b/sessions/authenticate", json!({}))
        .await
        .data();
    assert_eq!(lab.member("globex", BOB), before);

    let found =
        json!({ "organization_ids": ["globex"], "query": { "operator": "AND", "operands": [] } });
    let found = ada
        .post("/b2b/organizations/me/members/search", found)
        .await
        .data();
    let members = found["members"].as_array().expect("members");
    let acme = lab.organization("acme")["organization_id"].clone();
    assert!(!members.is_empty() && members.iter().all(|it| it["organization_id"] == acme));

    let new = json!({ "organization_id": "globex", "email_address": "new@acme.example" });
    let path = "/b2b/magic_links/email/invite";
    let invited = ada.post(path, new).await.data();
    assert_eq!(invited["organization"]["organization_slug"], "acme");
    let renamed = json!({ "organization_id": "globex", "organization_name": "Acme & Co" });
    ada.put("/b2b/organizations/me", renamed).await.data();
    assert_eq!(lab.organization("globex")["organization_name"], "Globex");
    assert_eq!(lab.organization("acme")["organization_name"], "Acme & Co");
    let connection = format!("/b2b/sso/{SAML}");
    ada.delete(&connection)
        .await
        .is_error(404, "sso_connection_not_found");
}

/// Only the app's server can write it, not even an administrator.
#[tokio::test]
async fn trusted_metadata_cannot_be_changed_from_a_browser() {
    let lab = Lab::start().await;
    let ada = Browser::of(&lab, ADA, "acme").await;
    let trusted = json!({ "trusted_metadata": { "plan": "gold" } });
    for path in ["/b2b/organizations/me", "/b2b/organizations/members/update"] {
        ada.put(path, trusted.clone())
            .await
            .is_error(403, "unauthorized_action");
    }
    let mut new = trusted;
    new["email_address"] = json!("new@acme.example");
    for path in [
        "/b2b/organizations/members",
        "/b2b/magic_links/email/invite",
    ] {
        ada.post(path, new.clone())
            .await
            .is_error(403, "unauthorized_action");
    }
    assert_eq!(lab.member("acme", "new@acme.example"), Value::Null);
}

/// Members end the browser's session, and administrators end sessions of members.
#[tokio::test]
async fn members_and_administrators_can_end_sessions() {
    let lab = Lab::start().await;
    let ada = Browser::of(&lab, ADA, "acme").await;
    let again = Browser::of(&lab, ADA, "acme").await;
    let more = json!({ "member_id": lab.member_id("globex", BOB), "member_session_id": "x" });
    again.post("/b2b/sessions/revoke", more).await.data();
    again
        .get("/b2b/organizations/me")
        .await
        .is_error(404, "session_not_found");
    let own = text(&lab.member("acme", ADA)["member_id"]);
    // A session in the body is ignored: the call is about the member in the path.
    let more = json!({ "session_token": Browser::of(&lab, BOB, "globex").await.session });
    ada.post(&format!("/b2b/sessions/revoke/{own}"), more)
        .await
        .data();
    ada.get("/b2b/organizations/me")
        .await
        .is_error(404, "session_not_found");
}

/// Recovery codes are those of the signed-in member, even if the body names another one.
#[tokio::test]
async fn recovery_codes_are_those_of_the_signed_in_member() {
    let lab = Lab::start().await;
    let carol = lab.member_id("initech", "carol@initech.example");
    let codes = format!("/v1/b2b/recovery_codes/initech/{carol}");
    let before = lab.get(&codes).await.ok()["recovery_codes"].clone();
    let ist = lab.ist_for_mfa(ADA, "initech").await;
    let body = json!({ "organization_id": "initech", "member_id": lab.member_id("initech", ADA), "code": lab.code("+15555550100"), "intermediate_session_token": ist, "session_duration_minutes": 30 });
    let mut ada = Browser::new(&lab);
    ada.keep(&ada.post("/b2b/otps/sms/authenticate", body).await.data());
    let body = json!({ "organization_id": "initech", "member_id": carol });
    ada.post("/b2b/recovery_codes/rotate", body)
        .await
        .is_error(404, "totp_not_found");
    let path = format!("/b2b/recovery_codes?member_id={carol}");
    ada.get(&path).await.is_error(404, "totp_not_found");
    assert_eq!(lab.get(&codes).await.ok()["recovery_codes"], before);
}
