//! The strength of passwords: zxcvbn, LUDS, breaches, and the settings.

use serde_json::{Value, json};
use stytch_sandbox::{PasswordSettings, RedirectUrls, Seed, StrengthPolicy};

use super::lab::Lab;
use super::passwords::{ADA, BETTER, GOOD};

impl Lab {
    async fn strength(&self, body: Value) -> Value {
        self.post("/v1/b2b/passwords/strength_check", body)
            .await
            .ok()
    }
}

#[tokio::test]
async fn zxcvbn_is_the_default() {
    let lab = Lab::start().await;
    let good = lab.strength(json!({ "password": GOOD })).await;
    assert_eq!(
        (
            &good["valid_password"],
            &good["strength_policy"],
            &good["breach_detection_on_create"]
        ),
        (&json!(true), &json!("zxcvbn"), &json!(true))
    );
    assert_eq!(good["score"], 4);
    let weak = lab.strength(json!({ "password": "P@ssword123" })).await;
    assert_eq!(weak["valid_password"], false);
    assert_ne!(weak["zxcvbn_feedback"]["suggestions"], json!([]));
    let worst = lab.strength(json!({ "password": "password" })).await;
    assert_eq!(
        (&worst["score"], &worst["breached_password"]),
        (&json!(1), &json!(false))
    );
    let known = json!({ "password": "password", "email_address": ADA });
    assert_eq!(lab.strength(known).await["breached_password"], true);
    // The person's own address is easy to guess.
    let address = "marguerite.duplessis@acme.example";
    assert_eq!(
        lab.strength(json!({ "password": address })).await["valid_password"],
        true
    );
    let own = json!({ "password": address, "email_address": address });
    assert_eq!(lab.strength(own).await["valid_password"], false);
    let path = "/v1/b2b/passwords/strength_check";
    lab.post(path, json!({})).await.is_error(400, "bad_request");
    let body = json!({ "password": GOOD, "email_address": "nobody" });
    lab.post(path, body).await.is_error(400, "invalid_email");
}

#[tokio::test]
async fn luds_checks_length_and_kinds_of_characters() {
    let policy = StrengthPolicy::Luds {
        min_length: 12,
        min_complexity: 3,
    };
    let settings = PasswordSettings {
        policy,
        ..PasswordSettings::default()
    };
    let lab = Lab::start().await.with_passwords(settings);
    let weak = lab.strength(json!({ "password": "Pässword" })).await;
    assert_eq!(weak["valid_password"], false);
    assert_eq!(
        weak["luds_feedback"],
        json!({ "has_lower_case": true, "has_upper_case": true, "has_digit": false, "has_symbol": true, "missing_complexity": 0, "missing_characters": 4 })
    );
    assert_eq!(
        (&weak["strength_policy"], &weak["zxcvbn_feedback"]),
        (&json!("luds"), &Value::Null)
    );
    let token = lab.reset_token("acme", ADA).await;
    lab.reset(
        &token,
        GOOD.to_lowercase()
            .replace([' ', '1', '9', '4', '8'], "")
            .as_str(),
        json!({}),
    )
    .await
    .is_error(400, "weak_password");
    lab.reset(&token, "Password1234", json!({})).await.ok();
}

/// It is refused when it is set, and must be reset at a sign-in.
#[tokio::test]
async fn breached_passwords_are_refused() {
    let settings = PasswordSettings {
        breached_passwords: vec![GOOD.to_owned()],
        ..PasswordSettings::default()
    };
    let lab = Lab::start().await.with_passwords(settings.clone());
    let checked = lab
        .strength(json!({ "password": GOOD, "email_address": ADA }))
        .await;
    assert_eq!(
        (&checked["breached_password"], &checked["valid_password"]),
        (&json!(true), &json!(false))
    );
    let token = lab.reset_token("acme", ADA).await;
    lab.reset(&token, GOOD, json!({}))
        .await
        .is_error(400, "breached_password");
    lab.reset(&token, BETTER, json!({})).await.ok();

    let only_at_sign_in = PasswordSettings {
        check_breach_on_creation: false,
        ..settings.clone()
    };
    let lab = lab.with_passwords(only_at_sign_in);
    lab.set_password("acme", ADA, GOOD).await;
    lab.use_password("acme", ADA, GOOD, json!({}))
        .await
        .is_error(400, "member_reset_password");
    // A wrong guess reveals nothing about this.
    lab.use_password("acme", ADA, BETTER, json!({}))
        .await
        .is_error(401, "unauthorized_credentials");
    lab.set_password("acme", ADA, BETTER).await;
    lab.use_password("acme", ADA, BETTER, json!({})).await.ok();

    let never = PasswordSettings {
        check_breach_on_creation: false,
        check_breach_on_authentication: false,
        ..settings
    };
    let lab = lab.with_passwords(never);
    lab.set_password("acme", ADA, GOOD).await;
    lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
}

#[tokio::test]
async fn a_project_has_its_own_rules() {
    let lab = Lab::start().await;
    let create = async |passwords: Value| {
        let url = format!("{}/_sandbox/projects", lab.url);
        let response = lab.http.post(url).json(&json!({ "passwords": passwords }));
        let response = response.send().await.expect("an answer");
        (
            response.status().as_u16(),
            response.json::<Value>().await.expect("JSON"),
        )
    };
    for (wrong, field) in [
        (
            json!({ "validation_policy": "NONE" }),
            "passwords.validation_policy",
        ),
        (
            json!({ "luds_min_password_length": 7 }),
            "passwords.luds_min_password_length",
        ),
        (
            json!({ "luds_min_password_complexity": 5 }),
            "passwords.luds_min_password_complexity",
        ),
        (
            json!({ "cross_org_passwords_enabled": "yes" }),
            "passwords.cross_org_passwords_enabled",
        ),
        (
            json!({ "breached_passwords": [1] }),
            "passwords.breached_passwords",
        ),
        (json!({ "strength": 3 }), "passwords.strength"),
        (json!([]), "passwords"),
    ] {
        let mistakes = Seed::from_value(&json!({ "passwords": wrong })).expect_err("a mistake");
        assert!(mistakes.to_string().contains(field), "{mistakes}");
        let (status, body) = create(wrong).await;
        assert_eq!((status, &body["field"]), (400, &json!(field)), "{body}");
    }
    let given = json!({ "cross_org_passwords_enabled": true, "validation_policy": "LUDS", "luds_min_password_length": 10, "breached_passwords": ["x"] });
    let (status, made) = create(given).await;
    assert_eq!(status, 201, "{made}");
    let id = made["project_id"].as_str().expect("an id");
    let state = lab
        .http
        .get(format!("{}/_sandbox/projects/{id}/state", lab.url));
    let state: Value = state
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        state["passwords"],
        json!({ "cross_org_passwords_enabled": true, "check_breach_on_creation": true, "check_breach_on_authentication": true, "validation_policy": "LUDS", "luds_min_password_length": 10, "luds_min_password_complexity": 3, "breached_passwords": 1 })
    );
    // The same settings in a seed.
    let toml = "[passwords]\nvalidation_policy = \"LUDS\"\nluds_min_password_complexity = 1\n";
    let seed = Seed::from_toml(toml).expect("a valid seed");
    let world = lab.sandbox.create_world(seed, RedirectUrls::default());
    let lab = Lab { world, ..lab };
    let checked = lab.strength(json!({ "password": "aaaaaaaa" })).await;
    assert_eq!(checked["valid_password"], true);
}
