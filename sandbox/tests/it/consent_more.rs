//! Other buttons of the consent page: a generated person, and a provider that fails.

use serde_json::json;

use super::lab::{Lab, Reply, text};

const DISCOVERY: &str = "/v1/b2b/oauth/discovery/authenticate";

/// This works for every provider, and the login has that provider's data.
#[tokio::test]
async fn a_generated_person_is_signed_in_immediately() {
    let lab = Lab::start().await;
    let mut addresses = Vec::new();
    for (provider, proves, tenants) in [
        ("google", true, 0),
        ("microsoft", true, 0),
        ("github", false, 1),
        ("slack", false, 1),
        ("hubspot", false, 1),
    ] {
        let consent = lab
            .begin(provider, "discovery/start", "custom_scopes=read:org")
            .await;
        assert!(
            consent
                .page()
                .await
                .text
                .contains("Continue as a generated person")
        );
        let back = consent.press("/made-up", "").await;
        assert_eq!(back.status, 303);
        let (_, token) = back
            .header("location")
            .split_once("&token=")
            .expect("a token");
        let answer = lab
            .post(DISCOVERY, json!({ "discovery_oauth_token": token }))
            .await
            .ok();
        assert_eq!(
            answer["provider_tenant_ids"].as_array().map(Vec::len),
            Some(tenants),
            "{provider}"
        );
        let email = text(&answer["email_address"]);
        assert!(email.ends_with(".example"), "{email}");
        assert!(!text(&answer["full_name"]).is_empty());
        let ist = json!({ "intermediate_session_token": answer["intermediate_session_token"] });
        let made = lab.create(ist).await.ok();
        assert_eq!(made["member_authenticated"], proves, "{provider}");
        addresses.push(email);
        consent
            .press("/made-up", "")
            .await
            .is_error(400, "oauth_state_used");
    }
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 5, "no person is generated twice");
}

/// The browser shows the vendor's error without a redirect, and the sign-in is finished.
#[tokio::test]
async fn a_provider_failure_shows_the_vendors_error() {
    let lab = Lab::start().await;
    for error in [
        "oauth_flow_callback_error",
        "oauth_unverified_email",
        "oauth_auth_code_error",
    ] {
        let consent = lab.begin("google", "discovery/start", "").await;
        let page = consent.page().await.text;
        assert!(page.contains(&format!("name=\"error\" value=\"{error}\"")));
        let reply = consent.press("/fail", &format!("error={error}")).await;
        reply.is_error(400, error);
        assert_eq!(reply.header("location"), "");
        consent
            .press("", "person=person-1")
            .await
            .is_error(400, "oauth_state_used");
    }
}

#[tokio::test]
async fn both_buttons_are_protected_like_the_others() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let other = lab.begin("google", "discovery/start", "").await;
    for (more, form) in [("/made-up", ""), ("/fail", "error=oauth_auth_code_error")] {
        Reply::send(consent.request(more, form))
            .await
            .is_error(400, "oauth_state_mismatch");
        let foreign = consent.request(more, form).header("cookie", &other.cookie);
        Reply::send(foreign)
            .await
            .is_error(400, "oauth_state_mismatch");
        let elsewhere = consent
            .request(more, form)
            .header("cookie", &consent.cookie);
        let elsewhere = elsewhere.header("sec-fetch-site", "cross-site");
        Reply::send(elsewhere)
            .await
            .is_error(403, "unauthorized_action");
    }
    for form in ["", "error=", "error=internal_server_error"] {
        consent
            .press("/fail", form)
            .await
            .is_error(400, "bad_request");
    }
    assert_eq!(
        consent.choose("ada@acme.example").await.status,
        303,
        "errors do not use up the request"
    );
    assert_eq!(
        lab.world.state()["members"].as_array().map(Vec::len),
        Some(8)
    );
}
