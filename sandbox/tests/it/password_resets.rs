//! Setting a password by email, by the existing password, and by a session.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply, text};
use super::passwords::{ADA, BETTER, GOOD};
use super::sso::VERIFIER;

const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";
const USED: &str = "unable_to_auth_password_reset_token";

impl Lab {
    async fn reset_by_existing(&self, existing: &str, new: &str, mut more: Value) -> Reply {
        more["organization_id"] = json!("acme");
        more["email_address"] = json!(ADA);
        more["existing_password"] = json!(existing);
        more["new_password"] = json!(new);
        self.post("/v1/b2b/passwords/existing_password/reset", more)
            .await
    }

    async fn reset_by_session(&self, organization: &str, mut more: Value) -> Reply {
        more["organization_id"] = json!(organization);
        self.post("/v1/b2b/passwords/session/reset", more).await
    }
}

/// The email is in the inbox, and its link redirects to the app with the token.
#[tokio::test]
async fn an_emailed_link_sets_a_password() {
    let lab = Lab::start().await;
    let sent = lab.start_reset("acme", ADA, json!({})).await.ok();
    assert_eq!(sent["member_id"], sent["member"]["member_id"]);
    let message = lab.world.messages().remove(0);
    assert_eq!((message.kind, message.to.as_str()), ("reset_password", ADA));
    let link = message.link.expect("a link");
    let path = link.strip_prefix(&lab.url).expect("a link here").to_owned();
    let token = lab.link_token(ADA);
    let reply = lab.open(&path).await;
    assert_eq!(reply.status, 302);
    assert_eq!(
        reply.header("location"),
        format!(
            "http://localhost:3000/authenticate?slug=acme&stytch_token_type=multi_tenant_passwords&token={token}"
        )
    );
    lab.reset(&token, "password", json!({}))
        .await
        .is_error(400, "weak_password");
    let answer = lab
        .reset(&token, GOOD, json!({ "session_duration_minutes": 30 }))
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(answer["member_email_id"], sent["member_email_id"]);
    assert_ne!(answer["member"]["member_password_id"], "");
    assert_eq!(answer["member"], lab.member("acme", ADA));
    lab.reset(&token, BETTER, json!({}))
        .await
        .is_error(401, USED);
    lab.reset("nonsense", BETTER, json!({}))
        .await
        .is_error(401, USED);
    lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    // The id of a password stays the same when it is changed.
    let again = lab.set_password("acme", ADA, BETTER).await;
    assert_eq!(
        again["member"]["member_password_id"],
        answer["member"]["member_password_id"]
    );
    lab.use_password("acme", ADA, GOOD, json!({}))
        .await
        .is_error(401, "unauthorized_credentials");
}

/// Tokens of password resets do not work for magic links, and vice versa.
#[tokio::test]
async fn a_token_works_at_its_own_endpoint_only() {
    let lab = Lab::start().await;
    let token = lab.reset_token("acme", ADA).await;
    let spend = async |name: &str, path: &str| {
        let body = json!({ name: token });
        lab.post(&format!("/v1/b2b/magic_links/{path}"), body)
            .await
            .is_error(404, "magic_link_not_found");
    };
    spend("magic_links_token", "authenticate").await;
    spend("discovery_magic_links_token", "discovery/authenticate").await;
    let magic = lab.magic_token("acme", ADA, json!({})).await;
    lab.reset(&magic, GOOD, json!({})).await.is_error(401, USED);
    lab.spend_link(&magic).await.ok();
    lab.reset(&token, GOOD, json!({})).await.ok();
}

/// All sessions end, other links become invalid, and the address is verified.
#[tokio::test]
async fn a_reset_by_email_ends_sessions_and_other_links_and_verifies_the_address() {
    let lab = Lab::start().await;
    lab.world
        .patch_member("acme", ADA, json!({ "email_address_verified": false }));
    let (first, second) = (lab.adas_session().await.0, lab.adas_session().await.0);
    lab.world
        .patch_member("acme", ADA, json!({ "email_address_verified": false }));
    let (one, other) = (
        lab.reset_token("acme", ADA).await,
        lab.reset_token("acme", ADA).await,
    );
    let answer = lab.reset(&one, GOOD, json!({})).await.ok();
    assert_eq!(answer["member"]["email_address_verified"], true);
    assert!(!lab.session_works(&first).await && !lab.session_works(&second).await);
    assert!(lab.session_works(&text(&answer["session_token"])).await);
    lab.reset(&other, BETTER, json!({}))
        .await
        .is_error(401, USED);
    // The session in the request stays, and all others end. A session of another member is ignored.
    let kept = text(&answer["session_token"]);
    let ended = lab.adas_session().await.0;
    let token = lab.reset_token("acme", ADA).await;
    let answer = lab
        .reset(&token, BETTER, json!({ "session_token": kept }))
        .await
        .ok();
    assert_eq!(answer["session_token"], kept);
    assert!(lab.session_works(&kept).await && !lab.session_works(&ended).await);
    let others = lab
        .sign_in("google", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    let others = text(&others["session_token"]);
    let token = lab.reset_token("acme", ADA).await;
    let answer = lab
        .reset(&token, GOOD, json!({ "session_token": others }))
        .await
        .ok();
    assert_ne!(answer["session_token"], others.as_str());
    assert!(lab.session_works(&others).await);
}

/// The password is already set and the sessions have ended.
#[tokio::test]
async fn mfa_is_required_after_a_reset() {
    let lab = Lab::start().await;
    lab.set_password("initech", ADA, GOOD).await;
    let stolen = lab.use_password("initech", ADA, GOOD, json!({})).await.ok();
    let waiting = lab.set_password("initech", ADA, BETTER).await;
    assert_eq!(
        (&waiting["member_authenticated"], &waiting["session_token"]),
        (&json!(false), &json!(""))
    );
    lab.use_password("initech", ADA, GOOD, json!({}))
        .await
        .is_error(401, "unauthorized_credentials");
    // Intermediate sessions with the old password no longer work.
    let code = lab.code("+15555550100");
    let old =
        json!({ "code": code, "intermediate_session_token": stolen["intermediate_session_token"] });
    lab.second("otps/sms/authenticate", "initech", ADA, old)
        .await
        .is_error(404, "intermediate_session_not_found");
    let new = json!({ "code": code, "intermediate_session_token": waiting["intermediate_session_token"] });
    lab.second("otps/sms/authenticate", "initech", ADA, new)
        .await
        .ok();
}

#[tokio::test]
async fn a_link_expires() {
    let lab = Lab::start().await;
    let field = "reset_password_expiration_minutes";
    for minutes in [4, 10_081] {
        lab.start_reset("acme", ADA, json!({ field: minutes }))
            .await
            .is_error(400, "invalid_expiration");
    }
    let token = lab.reset_token("acme", ADA).await;
    lab.world.advance(Duration::from_secs(1790));
    lab.reset(&token, "weak", json!({}))
        .await
        .is_error(400, "weak_password");
    lab.world.advance(Duration::from_secs(10));
    lab.reset(&token, GOOD, json!({})).await.is_error(401, USED);
    let token = lab.reset_token("acme", ADA).await;
    let state = json!({ "status": "deleted" });
    lab.world.patch_member("acme", ADA, state);
    lab.reset(&token, GOOD, json!({})).await.is_error(401, USED);
}

#[tokio::test]
async fn pkce_is_enforced() {
    let lab = Lab::start().await;
    lab.start_reset("acme", ADA, json!({ "code_challenge": "short" }))
        .await
        .is_error(400, "invalid_pkce_code_challenge");
    let begin = async || {
        let more = json!({ "code_challenge": CHALLENGE });
        lab.start_reset("acme", ADA, more).await.ok();
        lab.link_token(ADA)
    };
    let token = begin().await;
    lab.reset(&token, GOOD, json!({}))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let wrong = json!({ "code_verifier": "wrong" });
    lab.reset(&token, GOOD, wrong)
        .await
        .is_error(400, "pkce_mismatch");
    let right = json!({ "code_verifier": VERIFIER });
    lab.reset(&token, GOOD, right.clone())
        .await
        .is_error(401, USED);
    lab.reset(&begin().await, GOOD, right.clone()).await.ok();
    let token = lab.reset_token("acme", ADA).await;
    lab.reset(&token, GOOD, right)
        .await
        .is_error(400, "pkce_did_not_expect_code_verifier");
}

#[tokio::test]
async fn redirect_urls_must_be_registered() {
    let lab = Lab::start().await;
    for field in ["reset_password_redirect_url", "login_redirect_url"] {
        lab.start_reset("acme", ADA, json!({ field: "http://localhost:3000/other" }))
            .await
            .is_error(400, "no_match_for_provided_magic_link_url");
    }
    lab.start_reset(
        "acme",
        ADA,
        json!({ "reset_password_redirect_url": "nowhere" }),
    )
    .await
    .is_error(400, "invalid_password_reset_redirect_url");
    lab.start_reset("acme", "nobody@acme.example", json!({}))
        .await
        .is_error(404, "member_not_found");
    let urls = RedirectUrls {
        reset_password: Vec::new(),
        ..RedirectUrls::default()
    };
    let world = lab.sandbox.create_world(Seed::Default, urls);
    let lab = Lab { world, ..lab };
    lab.start_reset("acme", ADA, json!({}))
        .await
        .is_error(400, "no_password_reset_redirect_url");
    assert!(lab.world.messages().is_empty());
}

#[tokio::test]
async fn the_existing_password_sets_a_new_one() {
    let lab = Lab::start().await;
    let old = text(&lab.set_password("acme", ADA, GOOD).await["session_token"]);
    lab.reset_by_existing(BETTER, GOOD, json!({}))
        .await
        .is_error(401, "unauthorized_credentials");
    lab.reset_by_existing(GOOD, "password", json!({}))
        .await
        .is_error(400, "weak_password");
    assert!(lab.session_works(&old).await, "nothing has changed yet");
    let answer = lab.reset_by_existing(GOOD, BETTER, json!({})).await.ok();
    assert!(!lab.session_works(&old).await);
    assert!(lab.session_works(&text(&answer["session_token"])).await);
    lab.reset_by_existing(GOOD, BETTER, json!({}))
        .await
        .is_error(401, "unauthorized_credentials");
    lab.use_password("acme", ADA, BETTER, json!({})).await.ok();
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let waiting = lab.reset_by_existing(BETTER, GOOD, json!({})).await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    // The returned intermediate session works for the next step.
    let body = json!({ "intermediate_session_token": waiting["intermediate_session_token"], "mfa_phone_number": "+15555550177" });
    lab.second("otps/sms/send", "acme", ADA, body).await.ok();
    // This endpoint does not accept an intermediate session.
    let ist = lab.ist("google", "grace@acme.example").await;
    let more = json!({ "intermediate_session_token": ist });
    lab.reset_by_existing(GOOD, BETTER, more).await.ok();
}

#[tokio::test]
async fn a_session_sets_a_password() {
    let lab = Lab::start().await;
    let (session, other) = (lab.adas_session().await.0, lab.adas_session().await.0);
    let body = json!({ "session_token": session, "password": GOOD });
    lab.reset_by_session("acme", json!({ "password": GOOD }))
        .await
        .is_error(400, "no_session_arguments");
    lab.reset_by_session("oneil", body.clone())
        .await
        .is_error(404, "session_not_found");
    let weak = json!({ "session_token": session, "password": "password" });
    lab.reset_by_session("acme", weak)
        .await
        .is_error(400, "weak_password");
    lab.world.advance(Duration::from_secs(290));
    let mut more = body.clone();
    more["session_duration_minutes"] = json!(90);
    more["session_custom_claims"] = json!({ "plan": "gold" });
    let answer = lab.reset_by_session("acme", more).await.ok();
    assert_eq!(answer["session_token"], session.as_str());
    assert_eq!(
        answer["member_session"]["custom_claims"],
        json!({ "plan": "gold" })
    );
    assert_ne!(answer["member"]["member_password_id"], "");
    assert!(lab.session_works(&session).await && !lab.session_works(&other).await);
    lab.world.advance(Duration::from_secs(11));
    lab.reset_by_session("acme", body)
        .await
        .is_error(400, "session_too_old_to_reset_password");
    lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    lab.world
        .patch_member("acme", ADA, json!({ "is_locked": true }));
    let body = json!({ "session_token": session, "password": BETTER });
    lab.reset_by_session("acme", body)
        .await
        .is_error(429, "user_lock_limit_reached");
}
