//! `sessions.exchange` (fact sheet §5.8, §6.5).

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::shapes::{AUTH, has_exactly};

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
async fn a_session_becomes_another_in_the_other_organization() {
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
            "it proves the address: the plain factor"
        );
        assert_ne!(answer["session_token"], *token);
        is_good(&lab, &text(&answer["session_token"])).await;
    }
    is_good(&lab, &token).await;
    // Its tokens stay where they were given.
    let id = text(&lab.member("oneil", "ada@acme.example")["member_id"]);
    lab.get(&format!(
        "/v1/b2b/organizations/oneil/members/{id}/oauth_providers/google"
    ))
    .await
    .is_error(404, "member_oauth_token_not_found");
}

#[tokio::test]
async fn an_invitation_is_accepted_but_nobody_joins() {
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
    // Grace could join Acme by its domain, but not like this.
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
async fn what_is_missing_is_answered_with_a_fresh_intermediate_session() {
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
    // It is of use for any organization (unlike one that an organization's own sign-in made).
    let ist = text(&answer["intermediate_session_token"]);
    assert!(answer["intermediate_session_token_expires_at"].is_string());
    let elsewhere = lab.exchange(&ist, "oneil").await.ok();
    assert_eq!(elsewhere["member_authenticated"], true);

    // A method that the organization does not allow: the answer names those that it does.
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

/// A GitHub login proves no address, so it is marked as brought from elsewhere, and does not suffice alone.
#[tokio::test]
async fn a_login_that_proves_no_address_is_marked() {
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
    // Where the account is known and the address proved it will do.
    let registered = lab.member("hooli", "dave@hooli.example")["oauth_registrations"].clone();
    let known = json!({ "email_address_verified": true, "oauth_registrations": registered });
    lab.world.patch_member("oneil", "dave@hooli.example", known);
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
}

#[tokio::test]
async fn what_it_gets_is_checked() {
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

/// A proof of an address that the member no longer has proves nothing about the new one.
#[tokio::test]
async fn a_changed_address_takes_no_old_proof_along() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let id = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    lab.put(
        &format!("/v1/b2b/organizations/acme/members/{id}"),
        json!({ "email_address": "hal@hooli.example" }),
    )
    .await
    .ok();
    exchange(
        &lab,
        json!({ "organization_id": "hooli", "session_token": token }),
    )
    .await
    .is_error(400, "insufficient_factors_for_session_exchange");
}
