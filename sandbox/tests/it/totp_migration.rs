//! `totps.migrate`: authenticator apps from other systems.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::passwords::ADA;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

impl Lab {
    async fn migrate_totp(&self, organization: &str, email: &str, more: Value) -> Reply {
        self.second("totp/migrate", organization, email, more).await
    }
}

#[tokio::test]
async fn a_migrated_app_is_active_immediately() {
    let lab = Lab::start().await;
    let more = json!({ "secret": SECRET.to_lowercase(), "recovery_codes": ["one-two-three"] });
    let answer = lab.migrate_totp("acme", ADA, more.clone()).await.ok();
    let id = text(&answer["totp_registration_id"]);
    assert_eq!(
        (
            &answer["member"]["totp_registration_id"],
            &answer["recovery_codes"]
        ),
        (&json!(id), &json!(["one-two-three"]))
    );
    lab.migrate_totp("acme", ADA, more)
        .await
        .is_error(400, "active_totp_exists");
    lab.world
        .patch_member("acme", ADA, json!({ "mfa_enrolled": true }));
    let ist = lab.ist_for_mfa(ADA, "acme").await;
    let code = lab.totp("acme", ADA);
    let body = json!({ "code": code, "intermediate_session_token": ist });
    lab.second("totp/authenticate", "acme", ADA, body)
        .await
        .ok();
    let ist = lab.ist_for_mfa(ADA, "acme").await;
    let body = json!({ "recovery_code": "one-two-three", "intermediate_session_token": ist });
    lab.second("recovery_codes/recover", "acme", ADA, body)
        .await
        .ok();
}

/// This applies if none are given. A registration that was not used yet is replaced.
#[tokio::test]
async fn recovery_codes_are_generated() {
    let lab = Lab::start().await;
    let session = json!({ "session_token": lab.adas_session().await.0 });
    lab.second("totp", "acme", ADA, session).await.ok();
    for codes in [json!([]), Value::Null] {
        let lab = Lab::start().await;
        let more = json!({ "secret": SECRET, "recovery_codes": codes });
        let answer = lab.migrate_totp("acme", ADA, more).await.ok();
        assert_eq!(
            answer["recovery_codes"].as_array().expect("a list").len(),
            10
        );
    }
    let answer = lab
        .migrate_totp("acme", ADA, json!({ "secret": SECRET }))
        .await
        .ok();
    assert_eq!(
        lab.member("acme", ADA)["totp_registration_id"],
        answer["totp_registration_id"]
    );
}

#[tokio::test]
async fn invalid_migrations_are_refused() {
    let lab = Lab::start().await;
    for more in [
        json!({}),
        json!({ "secret": "1234" }),
        json!({ "secret": "GEZDGNBV" }),
        json!({ "secret": SECRET, "recovery_codes": [""] }),
        json!({ "secret": SECRET, "recovery_codes": [1] }),
    ] {
        lab.migrate_totp("acme", ADA, more)
            .await
            .is_error(400, "bad_request");
    }
    let body =
        json!({ "organization_id": "acme", "member_id": "member-test-nobody", "secret": SECRET });
    lab.post("/v1/b2b/totp/migrate", body)
        .await
        .is_error(404, "member_not_found");
    let only = json!({ "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["sms_otp"] });
    lab.world.patch_organization("acme", only);
    lab.migrate_totp("acme", ADA, json!({ "secret": SECRET }))
        .await
        .is_error(403, "operation_restricted_by_organization_mfa_methods");
    assert_eq!(lab.member("acme", ADA)["totp_registration_id"], "");
}
