//! Passwords, with the SDK's names of the fields.

use serde_json::json;
use stytch_sandbox::{PasswordSettings, ProjectSettings, RedirectUrls, Seed};

use super::{ADA, Browser, CHALLENGE, VERIFIER};
use crate::{
    lab::{Lab, Reply, text},
    passwords::{BETTER, GOOD},
};

#[tokio::test]
async fn a_password_is_reset_by_email_and_signs_in() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    let strength = json!({ "password": GOOD });
    let strength = browser
        .post("/b2b/passwords/strength_check", strength)
        .await;
    assert_eq!(strength.data()["valid_password"], true);
    let body =
        json!({ "organization_id": "acme", "email_address": ADA, "code_challenge": CHALLENGE });
    browser
        .post("/b2b/passwords/email/reset/start", body)
        .await
        .data();
    let token = lab.link_token(ADA);
    let mut body =
        json!({ "password_reset_token": token, "password": GOOD, "session_duration_minutes": 30 });
    let path = "/b2b/passwords/email/reset";
    browser
        .post(path, body.clone())
        .await
        .is_error(400, "pkce_expected_code_verifier");
    body["code_verifier"] = json!(VERIFIER);
    let mut browser = Browser::new(&lab);
    browser.keep(&Browser::new(&lab).post(path, body).await.data());

    let body = json!({ "password": BETTER });
    Browser::new(&lab)
        .post("/b2b/passwords/session/reset", body.clone())
        .await
        .is_error(401, "user_unauthenticated");
    browser
        .post("/b2b/passwords/session/reset", body)
        .await
        .data();
    let sign_in = |password: &str| json!({ "organization_id": "acme", "email_address": ADA, "password": password, "session_duration_minutes": 30 });
    let path = "/b2b/passwords/authenticate";
    Browser::new(&lab)
        .post(path, sign_in(GOOD))
        .await
        .is_error(401, "unauthorized_credentials");
    Browser::new(&lab).post(path, sign_in(BETTER)).await.data();
    let body = json!({ "organization_id": "acme", "email_address": ADA, "existing_password": BETTER, "new_password": GOOD, "session_duration_minutes": 30 });
    let path = "/b2b/passwords/existing_password/reset";
    let reset = Browser::new(&lab).post(path, body).await.data();
    browser.keep(&reset);
    let id = text(&reset["member"]["member_password_id"]);
    browser
        .delete(&format!("/b2b/organizations/members/passwords/{id}"))
        .await
        .data();
    assert_eq!(lab.member("acme", ADA)["member_password_id"], "");
}

#[tokio::test]
async fn passwords_across_organizations_work_in_discovery() {
    let lab = Lab::start().await;
    let passwords = PasswordSettings {
        cross_org_passwords_enabled: true,
        ..PasswordSettings::default()
    };
    let settings = ProjectSettings {
        passwords: Some(passwords),
        ..RedirectUrls::of_app("http://localhost:3000").into()
    };
    let world = lab.sandbox.create_world(Seed::Default, settings);
    let public = world.credentials().public_token.clone();
    let post = async |path: &str, body: serde_json::Value| {
        let url = format!("{}/sdk/v1/b2b/passwords/discovery/{path}", lab.url);
        let request = lab.http.post(url).basic_auth(&public, Some(&public));
        Reply::send(request.json(&body)).await
    };
    let body = json!({ "email_address": ADA, "pkce_code_challenge": CHALLENGE });
    post("reset/start", body).await.data();
    let link = world.messages().remove(0).link.expect("a link");
    let link = url::Url::parse(&link).expect("a URL");
    let token = link
        .query_pairs()
        .find(|it| it.0 == "token")
        .expect("a token");
    let body = json!({ "password_reset_token": token.1, "password": GOOD, "pkce_code_verifier": VERIFIER });
    let found = post("reset", body).await.data();
    assert_eq!(found["email_address"], ADA);
    let body = json!({ "email_address": ADA, "password": GOOD });
    let found = post("authenticate", body).await.data();
    assert_ne!(found["intermediate_session_token"], "");
}
