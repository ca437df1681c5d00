//! The values for which the vendor's test environment always returns the same response. They give access to nothing.

use serde_json::{Value, json};

use super::lab::Lab;

const EMAIL: &str = "sandbox@stytch.com";
const ORGANIZATION: &str = "organization-test-007d9d4a-deac-4a87-ba0a-e6e8afba4d4b";
const SUCCEEDS: &str = "DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=";
const USED_UP: &str = "3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=";
const UNKNOWN: &str = "CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=";

#[tokio::test]
async fn emails_to_the_sample_address_are_not_sent() {
    let lab = Lab::start().await;
    let before = lab.world.state();
    let body = json!({ "organization_id": ORGANIZATION, "email_address": EMAIL });
    for path in ["login_or_signup", "invite"] {
        let path = format!("/v1/b2b/magic_links/email/{path}");
        let answer = lab.post(&path, body.clone()).await.ok();
        assert_eq!(answer["member"]["email_address"], EMAIL);
        assert_eq!(answer["organization"]["organization_id"], ORGANIZATION);
        let mut wrong = body.clone();
        wrong["locale"] = json!("de-DE");
        lab.post(&path, wrong).await.is_error(400, "invalid_locale");
        let other = json!({ "organization_id": ORGANIZATION, "email_address": "ada@acme.example" });
        lab.post(&path, other)
            .await
            .is_error(404, "organization_not_found");
    }
    let discovery = json!({ "email_address": EMAIL });
    lab.post("/v1/b2b/magic_links/email/discovery/send", discovery)
        .await
        .ok();
    assert!(lab.world.messages().is_empty());
    assert_eq!(lab.world.state(), before);
    // In an organization of the project, it is a normal address.
    let real = json!({ "organization_id": "acme", "email_address": EMAIL });
    lab.post("/v1/b2b/magic_links/email/login_or_signup", real)
        .await
        .is_error(400, "invalid_email_for_jit_provisioning");
}

#[tokio::test]
async fn each_sample_token_has_its_own_response() {
    let lab = Lab::start().await;
    let before = lab.world.state();
    for path in ["", "email/"] {
        for (field, path) in [
            (
                "magic_links_token",
                format!("/v1/b2b/magic_links/{path}authenticate"),
            ),
            (
                "discovery_magic_links_token",
                format!("/v1/b2b/magic_links/{path}discovery/authenticate"),
            ),
        ] {
            let spend = async |token: &str| lab.post(&path, json!({ field: token })).await;
            spend(SUCCEEDS).await.ok();
            spend(SUCCEEDS).await.ok();
            spend(USED_UP)
                .await
                .is_error(401, "unable_to_auth_magic_link");
            spend(UNKNOWN).await.is_error(404, "magic_link_not_found");
        }
    }
    assert_eq!(lab.world.state(), before);
}

/// Its JWT has a valid signature, but belongs to no member of this world.
#[tokio::test]
async fn the_sample_session_cannot_be_used() {
    let lab = Lab::start().await;
    let body = json!({ "magic_links_token": SUCCEEDS, "session_duration_minutes": 30 });
    let answer = lab
        .post("/v1/b2b/magic_links/authenticate", body)
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(
        (
            &answer["member"]["roles"],
            &answer["member_session"]["roles"]
        ),
        (&json!([]), &json!([]))
    );
    for argument in ["session_token", "session_jwt"] {
        let value = answer[argument].clone();
        let session = json!({ argument: value });
        lab.post("/v1/b2b/sessions/authenticate", session)
            .await
            .is_error(404, "session_not_found");
        let exchange = json!({ argument: value, "organization_id": "acme" });
        lab.post("/v1/b2b/sessions/exchange", exchange)
            .await
            .is_error(404, "session_not_found");
    }
    let body = json!({ "discovery_magic_links_token": SUCCEEDS });
    let answer = lab
        .post("/v1/b2b/magic_links/discovery/authenticate", body)
        .await
        .ok();
    assert_eq!(answer["discovered_organizations"], json!([]));
    let ist = answer["intermediate_session_token"]
        .as_str()
        .expect("a token");
    lab.exchange(ist, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
    let create: Value = json!({ "intermediate_session_token": ist });
    lab.create(create)
        .await
        .is_error(404, "intermediate_session_not_found");
}
