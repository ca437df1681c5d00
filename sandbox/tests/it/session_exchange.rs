//! `sessions.exchange`. See `docs/stytch.md#sessions-and-jwts` and `docs/stytch.md#authentication-factors`.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, entry, text};
use super::shapes::{AUTH, has_exactly};
use super::sso::{BOB, SAML};

const ADA: &str = "ada@acme.example";

async fn exchange(lab: &Lab, body: Value) -> Reply {
    lab.post("/v1/b2b/sessions/exchange", body).await
}

/// Ada's session token in Acme, or Dave's in Hooli.
async fn session(lab: &Lab, provider: &str, email: &str, organization: &str) -> String {
    let answer = lab.sign_in(provider, email, organization, json!({})).await;
    text(&answer.ok()["session_token"])
}

async fn is_good(lab: &Lab, token: &str) {
    let body = json!({ "session_token": token });
    lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
}

#[tokio::test]
async fn a_session_is_exchanged_for_one_in_another_organization() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    for body in [
        json!({ "session_token": token }),
        json!({ "session_jwt": jwt }),
    ] {
        let mut body = body;
        body["organization_id"] = json!("oneil");
        body["session_duration_minutes"] = json!(30);
        body["session_custom_claims"] = json!({ "team": "blue" });
        let answer = exchange(&lab, body).await.ok();
        has_exactly(&answer, AUTH);
        assert_eq!(answer["member_authenticated"], true);
        assert_eq!(answer["organization"]["organization_slug"], "oneil");
        assert_eq!(answer["member"]["email_address"], "ada@acme.example");
        assert_eq!(answer["intermediate_session_token"], "");
        assert_eq!(
            answer["member_session"]["custom_claims"],
            json!({ "team": "blue" })
        );
        let factor = &answer["member_session"]["authentication_factors"][0];
        assert_eq!(
            factor["delivery_method"], "oauth_google",
            "it proves the address, so it is a normal factor"
        );
        assert_ne!(answer["session_token"], *token);
        is_good(&lab, &text(&answer["session_token"])).await;
    }
    is_good(&lab, &token).await;
    // The provider tokens stay in the first organization.
    let id = text(&lab.member("oneil", "ada@acme.example")["member_id"]);
    lab.get(&format!(
        "/v1/b2b/organizations/oneil/members/{id}/oauth_providers/google"
    ))
    .await
    .is_error(404, "member_oauth_token_not_found");
}

#[tokio::test]
async fn an_invitation_is_accepted_but_joining_is_not_possible() {
    let lab = Lab::start().await;
    let carol = session(&lab, "google", "hal@hooli.example", "hooli").await;
    let body = json!({ "email_address": "hal@hooli.example", "create_member_as_pending": true });
    lab.post("/v1/b2b/organizations/acme/members", body)
        .await
        .ok();
    lab.world
        .patch_member("acme", "hal@hooli.example", json!({ "status": "invited" }));
    let answer = exchange(
        &lab,
        json!({ "session_token": carol, "organization_id": "acme" }),
    )
    .await
    .ok();
    assert_eq!(answer["member"]["status"], "active");
    assert_eq!(answer["member"]["email_address_verified"], true);
    // Grace could join Acme by its domain, but not by an exchange.
    lab.post(
        "/v1/b2b/organizations/oneil/members",
        json!({ "email_address": "grace@acme.example" }),
    )
    .await
    .ok();
    let grace = session(&lab, "google", "grace@acme.example", "oneil").await;
    exchange(
        &lab,
        json!({ "session_token": grace, "organization_id": "acme" }),
    )
    .await
    .is_error(404, "member_does_not_exist_in_organization");
    assert_eq!(lab.member("acme", "grace@acme.example"), Value::Null);
}

#[tokio::test]
async fn missing_steps_return_a_new_intermediate_session() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let answer = exchange(
        &lab,
        json!({ "session_token": token, "organization_id": "initech" }),
    )
    .await
    .ok();
    has_exactly(&answer, AUTH);
    assert_eq!(answer["member_authenticated"], false);
    assert_eq!(
        (&answer["session_token"], &answer["member_session"]),
        (&json!(""), &Value::Null)
    );
    assert_eq!(
        answer["mfa_required"]["secondary_auth_initiated"],
        "sms_otp"
    );
    is_good(&lab, &token).await;
    // It can be used for any organization.
    let ist = text(&answer["intermediate_session_token"]);
    assert!(answer["intermediate_session_token_expires_at"].is_string());
    let elsewhere = lab.exchange(&ist, "oneil").await.ok();
    assert_eq!(elsewhere["member_authenticated"], true);

    // If the organization does not allow the method, the response names the allowed ones.
    lab.post(
        "/v1/b2b/organizations/vandelay/members",
        json!({ "email_address": "ada@acme.example" }),
    )
    .await
    .ok();
    let answer = exchange(
        &lab,
        json!({ "session_token": token, "organization_id": "vandelay" }),
    )
    .await
    .ok();
    assert_eq!(
        answer["primary_required"]["allowed_auth_methods"],
        json!(["microsoft_oauth"])
    );
}

/// A GitHub login proves no address, so it becomes an exchange factor, and does not suffice alone.
#[tokio::test]
async fn a_login_that_proves_no_address_becomes_an_exchange_factor() {
    let lab = Lab::start().await;
    let dave = session(&lab, "github", "dave@hooli.example", "hooli").await;
    lab.post(
        "/v1/b2b/organizations/oneil/members",
        json!({ "email_address": "dave@hooli.example" }),
    )
    .await
    .ok();
    let body = json!({ "session_token": dave, "organization_id": "oneil" });
    let answer = exchange(&lab, body.clone()).await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert!(
        answer["primary_required"]["allowed_auth_methods"]
            .as_array()
            .is_some_and(|them| !them.is_empty())
    );
    // It suffices if people of its tenant can join.
    let open = json!({ "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": { "github": ["9001"] } });
    lab.world.patch_organization("oneil", open);
    let answer = exchange(&lab, body).await.ok();
    assert_eq!(answer["member_authenticated"], true);
    let factor = answer["member_session"]["authentication_factors"][0].clone();
    has_exactly(
        &factor,
        "type delivery_method last_authenticated_at created_at updated_at sequence_order github_oauth_exchange_factor",
    );
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("oauth"), &json!("oauth_exchange_github"))
    );
    has_exactly(&factor["github_oauth_exchange_factor"], "email_id");
    assert_eq!(answer["member"]["oauth_registrations"], json!([]));
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    for (body, status, error) in [
        (
            json!({ "organization_id": "oneil" }),
            400,
            "no_session_arguments",
        ),
        (
            json!({ "organization_id": "oneil", "session_token": token, "session_jwt": jwt }),
            400,
            "too_many_session_arguments",
        ),
        (
            json!({ "organization_id": "oneil", "session_token": "short" }),
            400,
            "invalid_session_token",
        ),
        (
            json!({ "organization_id": "oneil", "session_token": "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J" }),
            404,
            "session_not_found",
        ),
        (
            json!({ "organization_id": "oneil", "session_jwt": "x" }),
            400,
            "unable_to_parse_session_jwt",
        ),
        (json!({ "session_token": token }), 400, "bad_request"),
        (
            json!({ "organization_id": "nobody", "session_token": token }),
            404,
            "organization_not_found",
        ),
        (
            json!({ "organization_id": "globex", "session_token": token }),
            404,
            "member_does_not_exist_in_organization",
        ),
        (
            json!({ "organization_id": "oneil", "session_token": token, "session_duration_minutes": 4 }),
            400,
            "invalid_session_duration_minutes",
        ),
        (
            json!({ "organization_id": "oneil", "session_token": token, "locale": "xx" }),
            400,
            "invalid_locale",
        ),
    ] {
        exchange(&lab, body).await.is_error(status, error);
    }
    for (organization, other) in [("oneil", "acme"), ("acme", "oneil")] {
        lab.world.patch_member(
            organization,
            "ada@acme.example",
            json!({ "is_locked": true }),
        );
        exchange(
            &lab,
            json!({ "organization_id": "oneil", "session_token": token }),
        )
        .await
        .is_error(429, "user_lock_limit_reached");
        lab.world.patch_member(
            organization,
            "ada@acme.example",
            json!({ "is_locked": false }),
        );
        assert_ne!(lab.member(other, "ada@acme.example"), Value::Null);
    }
    lab.world
        .patch_member("oneil", "ada@acme.example", json!({ "status": "deleted" }));
    exchange(
        &lab,
        json!({ "organization_id": "oneil", "session_token": token }),
    )
    .await
    .is_error(404, "member_does_not_exist_in_organization");
}

/// A login that proved an old address proves nothing about the new one.
#[tokio::test]
async fn a_proof_of_an_old_address_is_not_taken_along() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let id = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    lab.put(
        &format!("/v1/b2b/organizations/acme/members/{id}"),
        json!({ "email_address": "hal@hooli.example" }),
    )
    .await
    .ok();
    let body = json!({ "organization_id": "hooli", "session_token": token });
    let answer = exchange(&lab, body).await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert!(answer["primary_required"].is_object(), "{answer}");
}

/// A session of Ada's at Acme after MFA, with the phone number that she verified at Initech.
async fn ada_with_mfa(lab: &Lab) -> String {
    let phone = json!({ "mfa_phone_number": "+15555550100", "mfa_phone_number_verified": true });
    lab.world.patch_member("oneil", ADA, phone.clone());
    lab.world
        .patch_organization("oneil", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let ist = lab.ist_for_mfa(ADA, "initech").await;
    let code = json!({ "code": lab.code("+15555550100"), "intermediate_session_token": ist });
    let done = lab.second("otps/sms/authenticate", "initech", ADA, code);
    text(&done.await.ok()["session_token"])
}

/// This applies even to the same phone number. The list agrees.
#[tokio::test]
async fn a_second_factor_does_not_count_in_other_organizations() {
    let lab = Lab::start().await;
    let token = ada_with_mfa(&lab).await;
    let own = json!({ "session_token": token });
    let listed = lab.post("/v1/b2b/discovery/organizations", own).await.ok();
    for (slug, is_done) in [("initech", true), ("acme", true), ("oneil", false)] {
        let entry = entry(&listed, slug);
        assert_eq!(entry["member_authenticated"], is_done, "{slug}");
        let body = json!({ "session_token": token, "organization_id": slug });
        let answer = exchange(&lab, body).await.ok();
        assert_eq!(answer["member_authenticated"], is_done, "{slug}");
        assert_eq!(answer["primary_required"], entry["primary_required"]);
        assert_eq!(answer["mfa_required"].is_object(), !is_done, "{slug}");
    }
}

/// The API description names only links.
#[tokio::test]
async fn a_link_is_taken_along_and_a_code_is_not() {
    let lab = Lab::start().await;
    let token = lab.magic_token("acme", ADA, json!({})).await;
    let by_link = lab.spend_link(&token).await.ok();
    lab.send_email_code("acme", ADA, json!({})).await.ok();
    let code = lab.world.messages_to(Some(ADA), None).remove(0).code;
    let code = code.expect("a code");
    let by_code = lab.spend_email_code("acme", ADA, &code).await.ok();
    for (signed_in, is_taken) in [(by_link, true), (by_code, false)] {
        let token = &signed_in["session_token"];
        let own = json!({ "session_token": token });
        let listed = lab.post("/v1/b2b/discovery/organizations", own).await.ok();
        let body = json!({ "session_token": token, "organization_id": "oneil" });
        let answer = exchange(&lab, body).await.ok();
        assert_eq!(answer["member_authenticated"], is_taken);
        assert_eq!(entry(&listed, "oneil")["member_authenticated"], is_taken);
        assert_eq!(entry(&listed, "acme")["member_authenticated"], true);
    }
}

/// If no login counts elsewhere, the response asks for one. The intermediate session can be used for it in that
/// organization, but not in Discovery.
#[tokio::test]
async fn without_a_login_that_counts_elsewhere_a_new_one_is_required() {
    let lab = Lab::start().await;
    lab.world.add_member("acme", json!({ "email": BOB }));
    lab.world.add_member("oneil", json!({ "email": BOB }));
    let sso_token = lab.sso_token(SAML, BOB);
    let signed_in = lab.spend_sso(&sso_token, json!({})).await.ok();
    let session = signed_in["session_token"].clone();
    let body = json!({ "session_token": session, "organization_id": "acme" });
    let answer = exchange(&lab, body.clone()).await.ok();
    has_exactly(&answer, AUTH);
    assert_eq!(answer["member_authenticated"], false);
    let methods = json!(["google_oauth", "microsoft_oauth", "magic_link", "email_otp"]);
    assert_eq!(answer["primary_required"]["allowed_auth_methods"], methods);
    let ist = text(&answer["intermediate_session_token"]);
    let own = json!({ "intermediate_session_token": ist });
    let refused = "invalid_intermediate_session_token_for_organization";
    lab.exchange(&ist, "acme").await.is_error(400, refused);
    lab.create(own.clone()).await.is_error(400, refused);
    lab.post("/v1/b2b/discovery/organizations", own.clone())
        .await
        .is_error(400, refused);
    lab.sign_in("google", BOB, "oneil", own.clone())
        .await
        .is_error(400, refused);
    lab.sign_in("google", ADA, "acme", own.clone())
        .await
        .is_error(400, "member_session_member_id_mismatch");
    let done = lab.sign_in("google", BOB, "acme", own).await.ok();
    assert_eq!(done["member_authenticated"], true);
    let factors = &done["member_session"]["authentication_factors"];
    assert_eq!(factors.as_array().map(Vec::len), Some(1), "{factors}");

    // For an organization with restricted methods, all of them are returned.
    let only_sso =
        json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso", "password"] });
    lab.world.patch_organization("acme", only_sso);
    let answer = exchange(&lab, body).await.ok();
    let methods = &answer["primary_required"]["allowed_auth_methods"];
    assert_eq!(*methods, json!(["sso", "password"]));
}

/// The hint is null for an intermediate session of Discovery and for a session.
#[tokio::test]
async fn the_hint_names_the_organization_of_the_exchange() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let body = json!({ "session_token": token, "organization_id": "initech" });
    let answer = exchange(&lab, body).await.ok();
    let discovered = lab.ist("google", ADA).await;
    lab.exchange(&discovered, "initech").await.ok();
    for (own, hint) in [
        (
            json!({ "intermediate_session_token": answer["intermediate_session_token"] }),
            answer["organization"]["organization_id"].clone(),
        ),
        (
            json!({ "intermediate_session_token": discovered }),
            Value::Null,
        ),
        (json!({ "session_token": token }), Value::Null),
    ] {
        let listed = lab.post("/v1/b2b/discovery/organizations", own).await.ok();
        assert_eq!(listed["organization_id_hint"], hint);
    }
}
