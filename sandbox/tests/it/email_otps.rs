//! Codes by email. See `docs/stytch.md#ids-tokens-and-lifetimes` and `docs/stytch.md#links-and-codes-by-email`.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::Channel;

use super::lab::{Lab, Reply, listed, pairs, text};

const SEND: &str = "/v1/b2b/otps/email/login_or_signup";
const SEND_DISCOVERY: &str = "/v1/b2b/otps/email/discovery/send";
const AUTHENTICATE_DISCOVERY: &str = "/v1/b2b/otps/email/discovery/authenticate";

/// A different code.
pub fn wrong(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

impl Lab {
    /// The newest code that went to this address or number.
    pub fn code(&self, to: &str) -> String {
        let message = self.world.messages_to(Some(to), None).remove(0);
        message.code.expect("a code")
    }

    pub async fn send_email_code(&self, organization: &str, email: &str, mut more: Value) -> Reply {
        more["organization_id"] = json!(organization);
        more["email_address"] = json!(email);
        self.post(SEND, more).await
    }

    pub async fn spend_email_code(&self, organization: &str, email: &str, code: &str) -> Reply {
        let body = json!({ "organization_id": organization, "email_address": email, "code": code });
        self.post("/v1/b2b/otps/email/authenticate", body).await
    }
}

#[tokio::test]
async fn a_member_signs_in_by_code() {
    let lab = Lab::start().await;
    let sent = lab
        .send_email_code("acme", "ada@acme.example", json!({}))
        .await
        .ok();
    assert_eq!(sent["member_created"], false);
    let message = lab.world.messages().remove(0);
    assert_eq!(
        (message.channel, message.kind, message.link),
        (Channel::Email, "login_otp", None)
    );
    let code = lab.code("ada@acme.example");
    let answer = lab
        .spend_email_code("acme", "ADA@acme.example", &code)
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
    let factor = &answer["member_session"]["authentication_factors"][0];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("email_otp"), &json!("email"))
    );
    assert_eq!(factor["email_factor"]["email_id"], answer["method_id"]);
    assert!(answer.get("reset_sessions").is_none());
    lab.spend_email_code("acme", "ada@acme.example", &code)
        .await
        .is_error(401, "unable_to_auth_otp_code");
}

#[tokio::test]
async fn people_of_the_domain_become_pending_and_then_active_members() {
    let lab = Lab::start().await;
    let sent = lab
        .send_email_code("acme", "grace@acme.example", json!({}))
        .await
        .ok();
    assert_eq!(
        (&sent["member_created"], &sent["member"]["status"]),
        (&json!(true), &json!("pending"))
    );
    assert_eq!(lab.world.messages()[0].kind, "signup_otp");
    let answer = lab
        .spend_email_code(
            "acme",
            "grace@acme.example",
            &lab.code("grace@acme.example"),
        )
        .await
        .ok();
    assert_eq!(answer["member"]["status"], "active");
    lab.send_email_code("acme", "mallory@evil.example", json!({}))
        .await
        .is_error(400, "invalid_email_for_jit_provisioning");
    lab.send_email_code("globex", "bob@globex.example", json!({}))
        .await
        .is_error(403, "operation_restricted_by_organization_auth_methods");
}

#[tokio::test]
async fn codes_expire_after_ten_minutes_or_as_requested_and_only_the_latest_works() {
    for (more, lives) in [
        (json!({}), 10),
        (json!({ "login_expiration_minutes": 2 }), 2),
    ] {
        let lab = Lab::start().await;
        lab.send_email_code("acme", "ada@acme.example", more.clone())
            .await
            .ok();
        lab.world.advance(Duration::from_secs(lives * 60 - 5));
        lab.spend_email_code("acme", "ada@acme.example", &lab.code("ada@acme.example"))
            .await
            .ok();
        lab.send_email_code("acme", "ada@acme.example", more)
            .await
            .ok();
        lab.world.advance(Duration::from_secs(lives * 60));
        lab.spend_email_code("acme", "ada@acme.example", &lab.code("ada@acme.example"))
            .await
            .is_error(401, "unable_to_auth_otp_code");
    }
    let lab = Lab::start().await;
    lab.send_email_code("acme", "ada@acme.example", json!({}))
        .await
        .ok();
    let first = lab.code("ada@acme.example");
    lab.send_email_code("acme", "ada@acme.example", json!({}))
        .await
        .ok();
    let latest = lab.code("ada@acme.example");
    if first != latest {
        lab.spend_email_code("acme", "ada@acme.example", &first)
            .await
            .is_error(404, "otp_code_not_found");
    }
    lab.spend_email_code("acme", "ada@acme.example", &latest)
        .await
        .ok();
    for minutes in [1, 16] {
        lab.send_email_code(
            "acme",
            "ada@acme.example",
            json!({ "signup_expiration_minutes": minutes }),
        )
        .await
        .is_error(400, "invalid_expiration_otp");
    }
}

#[tokio::test]
async fn a_code_works_for_its_recipient_only() {
    let lab = Lab::start().await;
    lab.send_email_code("acme", "ada@acme.example", json!({}))
        .await
        .ok();
    let code = lab.code("ada@acme.example");
    lab.spend_email_code("oneil", "ada@acme.example", &code)
        .await
        .is_error(404, "otp_code_not_found");
    lab.spend_email_code("acme", "carol@initech.example", &code)
        .await
        .is_error(404, "otp_code_not_found");
    lab.spend_email_code("acme", "nobody@acme.example", &code)
        .await
        .is_error(404, "member_not_found");
    lab.post(
        AUTHENTICATE_DISCOVERY,
        json!({ "email_address": "ada@acme.example", "code": code }),
    )
    .await
    .is_error(404, "otp_code_not_found");
    for malformed in ["12345", "1234567", "12345a"] {
        lab.spend_email_code("acme", "ada@acme.example", malformed)
            .await
            .is_error(400, "invalid_code");
    }
    // The code was sent to the old address.
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "email_address": "new@acme.example" }),
    );
    lab.spend_email_code("acme", "new@acme.example", &code)
        .await
        .is_error(404, "otp_code_not_found");
}

#[tokio::test]
async fn a_code_signs_in_through_discovery() {
    let lab = Lab::start().await;
    lab.post(
        SEND_DISCOVERY,
        json!({ "email_address": "Ada@acme.example" }),
    )
    .await
    .ok();
    assert_eq!(lab.world.messages()[0].kind, "discovery_otp");
    let code = lab.code("ada@acme.example");
    let body = json!({ "email_address": "ada@acme.example", "code": code });
    lab.post(
        AUTHENTICATE_DISCOVERY,
        json!({ "email_address": "ada@acme.example", "code": wrong(&code) }),
    )
    .await
    .is_error(404, "otp_code_not_found");
    let answer = lab.post(AUTHENTICATE_DISCOVERY, body.clone()).await.ok();
    let expected = [
        ("acme", "active_member"),
        ("initech", "active_member"),
        ("oneil", "active_member"),
    ];
    assert_eq!(listed(&answer), pairs(&expected));
    lab.post(AUTHENTICATE_DISCOVERY, body)
        .await
        .is_error(401, "unable_to_auth_otp_code");
    let member = lab
        .exchange(&text(&answer["intermediate_session_token"]), "acme")
        .await
        .ok();
    assert_eq!(
        member["member_session"]["authentication_factors"][0]["type"],
        "email_otp"
    );
    lab.post(SEND_DISCOVERY, json!({ "email_address": "ada" }))
        .await
        .is_error(400, "invalid_email");
}

/// There is no member to lock, so the code is invalidated.
#[tokio::test]
async fn five_wrong_guesses_invalidate_a_discovery_code() {
    let lab = Lab::start().await;
    lab.post(
        SEND_DISCOVERY,
        json!({ "email_address": "ada@acme.example" }),
    )
    .await
    .ok();
    let code = lab.code("ada@acme.example");
    let guess = async |code: &str| {
        lab.post(
            AUTHENTICATE_DISCOVERY,
            json!({ "email_address": "ada@acme.example", "code": code }),
        )
        .await
    };
    for _ in 0..5 {
        guess(&wrong(&code))
            .await
            .is_error(404, "otp_code_not_found");
    }
    guess(&code).await.is_error(401, "unable_to_auth_otp_code");
}

#[tokio::test]
async fn a_code_can_be_added_to_a_session() {
    let lab = Lab::start().await;
    let (session, _) = lab.adas_session().await;
    lab.send_email_code("acme", "ada@acme.example", json!({}))
        .await
        .ok();
    let body = json!({ "organization_id": "acme", "email_address": "ada@acme.example", "code": lab.code("ada@acme.example"), "session_token": session });
    let answer = lab.post("/v1/b2b/otps/email/authenticate", body).await.ok();
    assert_eq!(answer["session_token"], session);
    assert_eq!(
        answer["member_session"]["authentication_factors"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}
