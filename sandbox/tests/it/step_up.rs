//! Primary step-up: a login that does not suffice, and a second one that completes it. See
//! `docs/stytch.md#which-logins-prove-an-address` and `docs/stytch.md#entering-an-organization`.

use serde_json::{Value, json};

use super::lab::{Lab, entry, text};

#[tokio::test]
async fn joining_by_domain_with_github_requires_a_step_up_and_keeps_both_factors() {
    let lab = Lab::start().await;
    let ist = lab.ist("github", "grace@acme.example").await;
    let answer = lab.exchange(&ist, "acme").await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert_eq!(answer["intermediate_session_token"], *ist);
    let methods = json!(["google_oauth", "microsoft_oauth", "magic_link", "email_otp"]);
    assert_eq!(
        answer["primary_required"],
        json!({ "allowed_auth_methods": methods })
    );
    assert_eq!(answer["member"]["status"], "pending");
    assert_eq!(answer["member"]["email_address_verified"], false);
    assert_eq!(
        answer["member"]["oauth_registrations"],
        json!([]),
        "nothing is proved yet"
    );

    // Another login with GitHub does not help: no session begins, and the token stays the same.
    let again = lab
        .sign_in(
            "github",
            "grace@acme.example",
            "acme",
            json!({ "intermediate_session_token": ist }),
        )
        .await
        .ok();
    assert_eq!(
        (
            &again["member_authenticated"],
            &again["intermediate_session_token"]
        ),
        (&json!(false), &json!(ist))
    );

    let done = lab
        .sign_in(
            "google",
            "grace@acme.example",
            "acme",
            json!({ "intermediate_session_token": ist }),
        )
        .await
        .ok();
    assert_eq!(done["member_authenticated"], true);
    assert_eq!(done["member_id"], answer["member_id"], "the same member");
    assert_eq!(
        (
            &done["member"]["status"],
            &done["member"]["email_address_verified"]
        ),
        (&json!("active"), &json!(true))
    );
    let factors = done["member_session"]["authentication_factors"]
        .as_array()
        .expect("factors");
    let methods: Vec<&Value> = factors
        .iter()
        .map(|factor| &factor["delivery_method"])
        .collect();
    assert_eq!(methods, ["oauth_github", "oauth_google"]);
    lab.exchange(&ist, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
}

/// An account that the member has used before still does not prove the address. No step-up is needed if people of its
/// tenant can join.
#[tokio::test]
async fn a_returning_member_with_an_unproven_address_must_step_up_again() {
    let lab = Lab::start().await;
    let dave = "dave@hooli.example";
    for provider in ["github", "slack", "hubspot"] {
        let answer = lab.sign_in(provider, dave, "hooli", json!({})).await.ok();
        assert_eq!(answer["member_authenticated"], true, "{provider}: open");
    }
    let member = lab.member("hooli", dave);
    assert_eq!(
        member["oauth_registrations"].as_array().map(Vec::len),
        Some(3)
    );
    let proven = json!({ "email_address_verified": true });
    lab.world.patch_member("hooli", dave, proven);
    let closed = json!({ "oauth_tenant_jit_provisioning": "NOT_ALLOWED" });
    lab.world.patch_organization("hooli", closed);
    for provider in ["github", "slack", "hubspot"] {
        let answer = lab.sign_in(provider, dave, "hooli", json!({})).await.ok();
        assert_eq!(answer["member_authenticated"], false, "{provider}");
        assert!(answer["primary_required"].is_object(), "{provider}");
        let discovered = lab.discover(provider, dave).await;
        let hooli = entry(&discovered, "hooli");
        assert_eq!(hooli["member_authenticated"], false, "{provider}");
    }
    // A login that proves the address needs no step-up.
    let hal = lab.sign_in("google", "hal@hooli.example", "hooli", json!({}));
    assert_eq!(hal.await.ok()["member_authenticated"], true);
}

/// It could be another person's GitHub account with the member's address.
#[tokio::test]
async fn an_unproven_address_cannot_sign_in_as_its_member() {
    let lab = Lab::start().await;
    let add = lab.begin("github", "discovery/start", "").await;
    let reply = add
        .press("/person", "name=Not+Hal&email=hal%40hooli.example&tenants=")
        .await;
    let token = reply
        .header("location")
        .rsplit_once("token=")
        .expect("a token")
        .1
        .to_owned();
    let login = lab
        .post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await
        .ok();
    let entry = &login["discovered_organizations"][0];
    assert_eq!(entry["member_authenticated"], false);
    let before = lab.member("hooli", "hal@hooli.example");
    let answer = lab
        .exchange(&text(&login["intermediate_session_token"]), "hooli")
        .await
        .ok();
    assert_eq!(
        (&answer["member_authenticated"], &answer["session_token"]),
        (&json!(false), &json!(""))
    );
    assert_eq!(lab.member("hooli", "hal@hooli.example"), before);
}

#[tokio::test]
async fn a_login_to_an_organization_can_require_a_step_up() {
    let lab = Lab::start().await;
    let answer = lab
        .sign_in("github", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], false);
    assert!(answer["provider_values"]["access_token"].is_string());
    let ist = text(&answer["intermediate_session_token"]);
    lab.exchange(&ist, "oneil")
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    let more = json!({ "intermediate_session_token": ist });
    let listed = lab
        .post("/v1/b2b/discovery/organizations", more.clone())
        .await
        .ok();
    assert_eq!(listed["organization_id_hint"], answer["organization_id"]);
    assert_eq!(
        lab.sign_in("google", "grace@acme.example", "acme", more)
            .await
            .ok()["member_authenticated"],
        true
    );
}

#[tokio::test]
async fn a_step_up_requires_the_same_person() {
    let lab = Lab::start().await;
    let ist = lab.ist("github", "grace@acme.example").await;
    let more = || json!({ "intermediate_session_token": ist });
    lab.sign_in("google", "ada@acme.example", "acme", more())
        .await
        .is_error(400, "member_session_member_id_mismatch");
    let unknown =
        json!({ "intermediate_session_token": "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J" });
    lab.sign_in("google", "grace@acme.example", "acme", unknown)
        .await
        .is_error(404, "intermediate_session_not_found");
    let both =
        json!({ "intermediate_session_token": ist, "session_token": lab.adas_session().await.0 });
    lab.sign_in("google", "grace@acme.example", "acme", both)
        .await
        .is_error(400, "too_many_session_arguments");
}

/// This applies to calls with an intermediate session. The vendor's response is not documented.
#[tokio::test]
async fn a_method_that_is_not_allowed_returns_the_allowed_ones() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "carol@initech.example").await;
    let more = || json!({ "intermediate_session_token": ist });
    let answer = lab
        .sign_in("google", "carol@initech.example", "vandelay", more())
        .await
        .ok();
    assert_eq!(
        answer["primary_required"],
        json!({ "allowed_auth_methods": ["microsoft_oauth"] })
    );
    let answer = lab
        .sign_in("microsoft", "carol@initech.example", "vandelay", more())
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
}

#[tokio::test]
async fn a_policy_can_leave_no_allowed_method() {
    let lab = Lab::start().await;
    lab.world.patch_organization(
        "acme",
        json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["github_oauth"] }),
    );
    let ist = lab.ist("github", "grace@acme.example").await;
    assert_eq!(
        lab.exchange(&ist, "acme").await.ok()["primary_required"],
        json!({ "allowed_auth_methods": [] })
    );
}

#[tokio::test]
async fn mfa_can_be_required_after_the_step_up() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let phone = json!({ "email_address": "grace@acme.example", "status": "invited", "email_address_verified": false, "mfa_phone_number": "+15555550111" });
    lab.world.add_member("acme", phone);
    let ist = lab.ist("github", "grace@acme.example").await;
    let first = lab.exchange(&ist, "acme").await.ok();
    assert!(first["primary_required"].is_object() && first["mfa_required"].is_object());
    assert_eq!(
        first["mfa_required"]["secondary_auth_initiated"],
        Value::Null,
        "the primary factor is required first"
    );
    let more = json!({ "intermediate_session_token": ist });
    let second = lab
        .sign_in("google", "grace@acme.example", "acme", more)
        .await
        .ok();
    assert_eq!(
        (&second["member_authenticated"], &second["primary_required"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(second["intermediate_session_token"], *ist);
    assert_eq!(
        second["mfa_required"]["secondary_auth_initiated"],
        "sms_otp"
    );
    assert_eq!(
        lab.exchange(&ist, "acme").await.ok()["primary_required"],
        Value::Null,
        "the proof is kept"
    );
}

#[tokio::test]
async fn required_mfa_creates_an_intermediate_session_for_the_organization() {
    let lab = Lab::start().await;
    let answer = lab
        .sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .ok();
    assert_eq!(
        (&answer["member_authenticated"], &answer["member_session"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        answer["mfa_required"]["secondary_auth_initiated"],
        "sms_otp"
    );
    assert_eq!(text(&answer["intermediate_session_token"]).len(), 44);
    assert!(answer["intermediate_session_token_expires_at"].is_string());
}

/// The session has already completed MFA.
#[tokio::test]
async fn a_login_added_to_a_session_requires_no_mfa() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("initech", json!({ "mfa_policy": "OPTIONAL" }));
    lab.world.patch_member(
        "initech",
        "ada@acme.example",
        json!({ "mfa_enrolled": false }),
    );
    let session = lab
        .sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .ok();
    lab.world
        .patch_organization("initech", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let more = json!({ "session_token": session["session_token"] });
    assert_eq!(
        lab.sign_in("microsoft", "ada@acme.example", "initech", more)
            .await
            .ok()["member_authenticated"],
        true
    );
}

/// A member who joined by tenant must prove the address once the tenant is no longer allowed.
#[tokio::test]
async fn a_registration_does_not_prove_the_address() {
    let lab = Lab::start().await;
    let ist = lab.ist("slack", "dave@hooli.example").await;
    lab.exchange(&ist, "hooli").await.ok();
    lab.world.patch_organization(
        "hooli",
        json!({ "oauth_tenant_jit_provisioning": "NOT_ALLOWED" }),
    );
    let ist = lab.ist("slack", "dave@hooli.example").await;
    let answer = lab.exchange(&ist, "hooli").await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert!(answer["primary_required"].is_object());
}
