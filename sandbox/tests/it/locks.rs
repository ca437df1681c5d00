//! Locks after wrong codes: number of codes, duration, and settings.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::{Locks, ProjectSettings, RedirectUrls, Seed};

use super::email_otps::wrong;
use super::lab::Lab;

const ADA: &str = "ada@acme.example";
const LOCKED: &str = "user_lock_limit_reached";

impl Lab {
    /// Makes this number of wrong guesses of a code that was sent to Ada at Acme. Each must fail as a wrong code.
    async fn guess(&self, times: u32) {
        for _ in 0..times {
            let wrong = wrong(&self.code(ADA));
            let guess = self.spend_email_code("acme", ADA, &wrong).await;
            guess.is_error(404, "otp_code_not_found");
        }
    }

    async fn is_locked(&self) -> bool {
        let reply = self.send_email_code("acme", ADA, json!({})).await;
        match reply.status {
            200 => false,
            429 => {
                reply.is_error(429, LOCKED);
                true
            }
            other => panic!("{other}: {}", reply.text),
        }
    }

    /// The same server with a new world with these settings.
    fn in_world(self, seed: Seed, locks: Option<Locks>) -> Self {
        let settings = ProjectSettings {
            locks,
            ..RedirectUrls::default().into()
        };
        let world = self.sandbox.create_world(seed, settings);
        Self { world, ..self }
    }
}

/// A correct code resets the count.
#[tokio::test]
async fn ten_consecutive_wrong_codes_lock_for_an_hour() {
    let lab = Lab::start().await;
    assert!(!lab.is_locked().await);
    lab.guess(9).await;
    let right = lab.code(ADA);
    lab.spend_email_code("acme", ADA, &right).await.ok();
    assert!(!lab.is_locked().await);
    lab.guess(10).await;
    assert!(lab.is_locked().await);
    let right = lab.code(ADA);
    lab.spend_email_code("acme", ADA, &right)
        .await
        .is_error(429, LOCKED);
    lab.world.advance(Duration::from_secs(3595));
    assert!(lab.is_locked().await);
    lab.world.advance(Duration::from_secs(5));
    assert!(!lab.is_locked().await);
}

/// Only consecutive wrong codes count. A first factor alone does not reset the count.
#[tokio::test]
async fn a_sign_in_by_another_method_resets_the_count() {
    let lab = Lab::start().await;
    for _ in 0..2 {
        lab.is_locked().await;
        lab.guess(9).await;
        lab.adas_session().await;
    }
    lab.guess(9).await;
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    lab.ist_for_mfa(ADA, "acme").await;
    lab.guess(1).await;
    assert!(lab.is_locked().await);
}

/// The settings stay after a reset, and do not affect other worlds.
#[tokio::test]
async fn a_world_has_its_own_locks() {
    let lab = Lab::start().await;
    let locks = Locks {
        attempts: 2,
        minutes: 5,
    };
    let lab = lab.in_world(Seed::Default, Some(locks));
    for _ in 0..2 {
        lab.is_locked().await;
        lab.guess(2).await;
        assert!(lab.is_locked().await);
        lab.world.advance(Duration::from_mins(5));
        assert!(!lab.is_locked().await);
        lab.world.reset();
    }
    let lab = lab.in_world(Seed::Default, None);
    lab.is_locked().await;
    lab.guess(2).await;
    assert!(!lab.is_locked().await);
}

/// In a seed, missing fields have defaults. Settings over HTTP take precedence.
#[tokio::test]
async fn locks_are_set_in_a_seed_and_over_http() {
    let lab = Lab::start().await;
    let seed = json!({ "locks": { "attempts": 3 } });
    for (body, expected) in [
        (json!({}), json!({ "attempts": 10, "minutes": 60 })),
        (
            json!({ "seed": seed }),
            json!({ "attempts": 3, "minutes": 60 }),
        ),
        (
            json!({ "seed": seed, "locks": { "minutes": 7 } }),
            json!({ "attempts": 10, "minutes": 7 }),
        ),
        (
            json!({ "locks": { "attempts": 100, "minutes": 10080 } }),
            json!({ "attempts": 100, "minutes": 10080 }),
        ),
        (
            json!({ "seed": seed, "locks": null }),
            json!({ "attempts": 3, "minutes": 60 }),
        ),
    ] {
        let url = format!("{}/_sandbox/projects", lab.url);
        let made = super::lab::Reply::send(lab.http.post(&url).json(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.json()["project_id"].clone();
        let state = format!("{url}/{}/state", id.as_str().expect("an id"));
        let state = super::lab::Reply::send(lab.http.get(state)).await;
        assert_eq!(state.json()["locks"], expected, "{body}");
    }
    let toml = "[locks]\nattempts = 1\nminutes = 6\n";
    Seed::from_toml(toml).expect("a valid seed");
}

/// Values outside the vendor's bounds and unknown fields are refused.
#[tokio::test]
async fn errors_about_locks_name_the_field() {
    let lab = Lab::start().await;
    for (locks, field) in [
        (json!({ "attempts": 0 }), "locks.attempts"),
        (json!({ "attempts": 101 }), "locks.attempts"),
        (json!({ "attempts": "10" }), "locks.attempts"),
        (json!({ "attempts": 4_294_967_306_u64 }), "locks.attempts"),
        (json!({ "minutes": 4 }), "locks.minutes"),
        (json!({ "minutes": 10081 }), "locks.minutes"),
        (json!({ "minutes": -5 }), "locks.minutes"),
        (json!({ "minutes": 5.5 }), "locks.minutes"),
        (json!({ "hours": 1 }), "locks.hours"),
        (json!([10, 60]), "locks"),
    ] {
        let mistakes = Seed::from_value(&json!({ "locks": locks })).expect_err("a mistake");
        assert!(mistakes.to_string().contains(field), "{locks}: {mistakes}");
        let body: Value = json!({ "locks": locks });
        let url = format!("{}/_sandbox/projects", lab.url);
        let reply = super::lab::Reply::send(lab.http.post(url).json(&body)).await;
        super::control::refused(&reply, 400, field);
    }
}
