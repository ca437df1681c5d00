//! Authenticator apps and recovery codes. See `docs/stytch.md#second-factors`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::{Color, QrCode};
use serde_json::{Value, json};

use super::email_otps::wrong;
use super::lab::{Lab, Reply, text};

const CAROL: &str = "carol@initech.example";
const HAL: &str = "hal@hooli.example";

impl Lab {
    pub fn totp(&self, organization: &str, email: &str) -> String {
        self.world
            .totp_code(&self.member_id(organization, email))
            .expect("an authenticator app")
    }

    async fn spend_totp(&self, email: &str, more: Value) -> Reply {
        self.second("totp/authenticate", "initech", email, more)
            .await
    }

    async fn recovery_codes(&self, email: &str) -> Vec<String> {
        let path = format!(
            "/v1/b2b/recovery_codes/initech/{}",
            self.member_id("initech", email)
        );
        let answer = self.get(&path).await.ok();
        answer["recovery_codes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(text)
            .collect()
    }
}

/// They are the same at every start, so a README can contain them and a phone can have the app.
#[tokio::test]
async fn carol_has_an_authenticator_app_and_ten_recovery_codes() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    assert!(lab.world.messages().is_empty(), "SMS is not her default");
    let codes = lab.recovery_codes(CAROL).await;
    assert_eq!((codes.len(), codes[0].as_str()), (10, "uyrl-7b5a-e31k"));
    let code = lab.totp("initech", CAROL);
    let answer = lab
        .spend_totp(
            CAROL,
            json!({ "code": code, "intermediate_session_token": ist }),
        )
        .await
        .ok();
    let factors = answer["member_session"]["authentication_factors"]
        .as_array()
        .expect("factors");
    assert_eq!(
        (&factors[1]["type"], &factors[1]["delivery_method"]),
        (&json!("totp"), &json!("authenticator_app"))
    );
    assert_eq!(
        factors[1]["authenticator_app_factor"]["totp_id"],
        answer["member"]["totp_registration_id"]
    );
    assert_eq!(lab.world.totp_code("member-test-nobody"), None);
    assert_eq!(
        lab.world
            .totp_code(&lab.member_id("initech", "ada@acme.example")),
        None
    );
}

#[tokio::test]
async fn a_code_can_be_used_once_within_its_half_minute_and_the_next() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    let code = lab.totp("initech", CAROL);
    let spend = async |code: &str| {
        lab.spend_totp(
            CAROL,
            json!({ "code": code, "intermediate_session_token": ist }),
        )
        .await
    };
    spend("12345").await.is_error(400, "invalid_code");
    spend(&wrong(&code))
        .await
        .is_error(401, "unable_to_authenticate_totp");
    lab.world.advance(Duration::from_mins(1));
    spend(&code)
        .await
        .is_error(401, "unable_to_authenticate_totp");
    let code = lab.totp("initech", CAROL);
    lab.world.advance(Duration::from_secs(29));
    let session = text(&spend(&code).await.ok()["session_token"]);
    let again = json!({ "code": code, "session_token": session });
    lab.spend_totp(CAROL, again)
        .await
        .is_error(400, "totp_code_already_authenticated");
    lab.world.advance(Duration::from_secs(30));
    let next = json!({ "code": lab.totp("initech", CAROL), "session_token": session });
    lab.spend_totp(CAROL, next).await.ok();
    assert_eq!(
        lab.member("initech", CAROL)["is_locked"],
        false,
        "a reused code is not a wrong guess"
    );
}

#[tokio::test]
async fn enrollment_returns_secret_qr_code_and_recovery_codes() {
    let lab = Lab::start().await;
    lab.world.add_member("initech", json!({ "email": HAL }));
    let ist = lab.ist_for_mfa(HAL, "initech").await;
    let answer = lab
        .second(
            "totp",
            "initech",
            HAL,
            json!({ "intermediate_session_token": ist }),
        )
        .await
        .ok();
    let secret = text(&answer["secret"]);
    assert!(
        secret.len() == 32
            && secret
                .bytes()
                .all(|it| it.is_ascii_uppercase() || (b'2'..=b'7').contains(&it)),
        "{secret}"
    );
    let codes = answer["recovery_codes"].as_array().expect("codes");
    assert!(codes.len() == 10 && codes.iter().all(|it| text(it).len() == 14));
    assert_eq!(
        lab.member("initech", HAL)["totp_registration_id"],
        "",
        "not active before its first use"
    );

    let expected = format!(
        "otpauth://totp/Stytch%20sandbox:hal%40hooli.example?secret={secret}&issuer=Stytch%20sandbox&algorithm=SHA1&digits=6&period=30"
    );
    let picture = text(&answer["qr_code"]);
    let picture = picture.strip_prefix("data:image/png;base64,");
    let picture = STANDARD.decode(picture.expect("a data URI"));
    assert!(shows(&picture.expect("base64"), &expected));

    let body = json!({ "code": lab.totp("initech", HAL), "intermediate_session_token": ist, "set_default_mfa": true });
    let done = lab.spend_totp(HAL, body).await.ok();
    let member = &done["member"];
    assert_eq!(
        member["totp_registration_id"],
        answer["totp_registration_id"]
    );
    assert_eq!(
        (&member["mfa_enrolled"], &member["default_mfa_method"]),
        (&json!(true), &json!("totp"))
    );
    let more = json!({ "session_token": done["session_token"] });
    lab.second("totp", "initech", HAL, more)
        .await
        .is_error(400, "active_totp_exists");
}

/// Whether the PNG is the QR code of this text. The rows of the PNG are not compressed.
fn shows(png: &[u8], text: &str) -> bool {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let side = u32::from_be_bytes(png[16..20].try_into().expect("four bytes")) as usize;
    let rows = &png[33 + 8 + 2 + 5..]; // after the header chunk and the heads of the data chunk, zlib and the block
    let width = side.div_ceil(8) + 1;
    let black = |x: usize, y: usize| rows[y * width + 1 + x / 8] & (0x80 >> (x % 8)) == 0;
    let code = QrCode::new(text).expect("a QR code");
    let modules = code.width();
    assert_eq!(side, (modules + 8) * 6);
    (0..modules).all(|y| {
        (0..modules)
            .all(|x| black((x + 4) * 6 + 3, (y + 4) * 6 + 3) == (code[(x, y)] == Color::Dark))
    }) && !black(0, 0)
}

#[tokio::test]
async fn an_unused_registration_expires_and_can_be_replaced() {
    let lab = Lab::start().await;
    lab.world.add_member("acme", json!({ "email": HAL }));
    let session = lab
        .sign_in(
            "google",
            HAL,
            "acme",
            json!({ "session_duration_minutes": 600 }),
        )
        .await
        .ok()["session_token"]
        .clone();
    let create = async |minutes: Value| {
        lab.second(
            "totp",
            "acme",
            HAL,
            json!({ "session_token": session, "expiration_minutes": minutes }),
        )
        .await
    };
    for minutes in [4, 1441] {
        create(json!(minutes))
            .await
            .is_error(400, "invalid_expiration");
    }
    for (minutes, lives) in [(json!(null), 60), (json!(5), 5)] {
        create(minutes).await.ok();
        lab.world.advance(Duration::from_secs(lives * 60 - 5));
        lab.totp("acme", HAL);
        lab.world.advance(Duration::from_secs(5));
        let member_id = lab.member_id("acme", HAL);
        assert_eq!(lab.world.totp_code(&member_id), None);
        let body = json!({ "code": "123456", "session_token": session });
        lab.second("totp/authenticate", "acme", HAL, body)
            .await
            .is_error(404, "totp_not_found");
    }
    create(json!(5)).await.ok();
    let first = lab.totp("acme", HAL);
    create(json!(5)).await.ok();
    let code = lab.totp("acme", HAL);
    if first != code {
        let body = json!({ "code": first, "session_token": session });
        lab.second("totp/authenticate", "acme", HAL, body)
            .await
            .is_error(401, "unable_to_authenticate_totp");
    }
    let body = json!({ "code": code, "session_token": session });
    let answer = lab
        .second("totp/authenticate", "acme", HAL, body)
        .await
        .ok();
    assert_eq!(
        answer["member"]["mfa_enrolled"], false,
        "MFA is optional and was not requested"
    );
    // A deleted registration can't be used anymore.
    lab.world
        .patch_member("acme", HAL, json!({ "totp_registration_id": "" }));
    let body = json!({ "code": lab_code(&lab), "session_token": session });
    lab.second("totp/authenticate", "acme", HAL, body)
        .await
        .is_error(404, "totp_not_found");
}

fn lab_code(lab: &Lab) -> String {
    let member_id = lab.member_id("acme", HAL);
    lab.world
        .totp_code(&member_id)
        .unwrap_or_else(|| "123456".to_owned())
}

#[tokio::test]
async fn a_recovery_code_can_be_used_once() {
    let lab = Lab::start().await;
    let codes = lab.recovery_codes(CAROL).await;
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    let recover = async |code: &str, ist: &str| {
        lab.second(
            "recovery_codes/recover",
            "initech",
            CAROL,
            json!({ "recovery_code": code, "intermediate_session_token": ist }),
        )
        .await
    };
    recover("aaaa-aaaa-aaaa", &ist)
        .await
        .is_error(401, "unable_to_authenticate_recovery_code");
    recover(&lab.totp("initech", CAROL), &ist)
        .await
        .is_error(400, "totp_code_used_as_recovery_code");
    let answer = recover(&codes[0], &ist).await.ok();
    assert_eq!(answer["recovery_codes_remaining"], 9);
    let factor = &answer["member_session"]["authentication_factors"][1];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("recovery_codes"), &json!("recovery_code"))
    );
    assert!(factor["recovery_code_factor"]["totp_recovery_code_id"].is_string());
    assert_eq!(answer["member"]["default_mfa_method"], "totp");
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    recover(&codes[0], &ist)
        .await
        .is_error(401, "unable_to_authenticate_recovery_code");
    recover("", &ist).await.is_error(400, "bad_request");
    assert_eq!(lab.recovery_codes(CAROL).await, codes[1..]);
}

#[tokio::test]
async fn rotation_returns_ten_new_codes() {
    let lab = Lab::start().await;
    let old = lab.recovery_codes(CAROL).await;
    let answer = lab
        .second("recovery_codes/rotate", "initech", CAROL, json!({}))
        .await
        .ok();
    let new: Vec<String> = answer["recovery_codes"]
        .as_array()
        .expect("codes")
        .iter()
        .map(text)
        .collect();
    assert!(new.len() == 10 && old.iter().all(|it| !new.contains(it)));
    assert_eq!(lab.recovery_codes(CAROL).await, new);
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    let body = json!({ "recovery_code": old[0], "intermediate_session_token": ist });
    lab.second("recovery_codes/recover", "initech", CAROL, body)
        .await
        .is_error(401, "unable_to_authenticate_recovery_code");
    lab.second(
        "recovery_codes/rotate",
        "acme",
        "ada@acme.example",
        json!({}),
    )
    .await
    .is_error(404, "totp_not_found");
    let path = format!(
        "/v1/b2b/recovery_codes/acme/{}",
        lab.member_id("acme", "ada@acme.example")
    );
    lab.get(&path).await.is_error(404, "totp_not_found");
    lab.get("/v1/b2b/recovery_codes/acme/nobody")
        .await
        .is_error(404, "member_not_found");
}

#[tokio::test]
async fn wrong_recovery_and_totp_codes_also_lock() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    for _ in 0..6 {
        let body = json!({ "recovery_code": "nope", "intermediate_session_token": ist });
        lab.second("recovery_codes/recover", "initech", CAROL, body)
            .await
            .is_error(401, "unable_to_authenticate_recovery_code");
    }
    let code = lab.totp("initech", CAROL);
    for _ in 0..4 {
        let body = json!({ "code": wrong(&code), "intermediate_session_token": ist });
        lab.spend_totp(CAROL, body)
            .await
            .is_error(401, "unable_to_authenticate_totp");
    }
    let body = json!({ "code": code, "intermediate_session_token": ist });
    lab.spend_totp(CAROL, body)
        .await
        .is_error(429, "user_lock_limit_reached");
}
