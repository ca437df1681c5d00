//! The clock of a world.

use serde_json::{Value, json};

use super::{good, look, refused, steer};
use crate::lab::{Lab, text};

async fn clock(lab: &Lab, body: Value) -> Value {
    good(&steer(lab, "clock", body).await)
}

async fn session(lab: &Lab, token: &str) -> crate::lab::Reply {
    let body = json!({ "session_token": token });
    lab.post("/v1/b2b/sessions/authenticate", body).await
}

#[tokio::test]
async fn lifetimes_follow_the_clock() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    assert_eq!(
        clock(&lab, json!({ "advance_seconds": 599 })).await["frozen"],
        false
    );
    let discovered = |ist: String| {
        lab.post(
            "/v1/b2b/discovery/organizations",
            json!({ "intermediate_session_token": ist }),
        )
    };
    discovered(ist.clone()).await.ok();
    clock(&lab, json!({ "advance_seconds": 2 })).await;
    discovered(ist)
        .await
        .is_error(404, "intermediate_session_not_found");
    session(&lab, &token).await.ok();
    clock(&lab, json!({ "advance_seconds": 3000 })).await;
    session(&lab, &token)
        .await
        .is_error(404, "session_not_found");
}

#[tokio::test]
async fn a_frozen_clock_stays_until_it_is_moved_or_resumed() {
    let lab = Lab::start().await;
    let frozen = clock(&lab, json!({ "freeze_at": "2031-05-01T14:30:00+02:00" })).await;
    assert_eq!(
        frozen,
        json!({ "now": "2031-05-01T12:30:00Z", "frozen": true })
    );
    let (token, jwt) = lab.adas_session().await;
    let answer = session(&lab, &token).await.ok();
    assert_eq!(
        answer["member_session"]["expires_at"],
        "2031-05-01T13:30:00Z"
    );
    assert_eq!(look(&lab, "state").await["now"], "2031-05-01T12:30:00Z");
    assert_eq!(lab.world.now(), lab.world.now(), "exactly the same");
    // The times in a JWT never exceed this machine's, because local checks would refuse it.
    assert!(issued(&jwt) <= machine_seconds());
    let moved = clock(&lab, json!({ "advance_seconds": 3599 })).await;
    assert_eq!(
        moved,
        json!({ "now": "2031-05-01T13:29:59Z", "frozen": true })
    );
    session(&lab, &token).await.ok();
    clock(&lab, json!({ "advance_seconds": 1 })).await;
    session(&lab, &token)
        .await
        .is_error(404, "session_not_found");
    let resumed = clock(&lab, json!({ "resume": true })).await;
    assert_eq!(resumed["frozen"], false);
    let real = lab.world.now().unix_timestamp();
    assert!((real - machine_seconds()).abs() <= 1, "real time again");
}

#[tokio::test]
async fn the_clock_can_be_set_to_the_past() {
    let lab = Lab::start().await;
    clock(&lab, json!({ "freeze_at": "2001-09-09T01:46:40Z" })).await;
    let (_, jwt) = lab.adas_session().await;
    assert_eq!(issued(&jwt), 1_000_000_000);
    let session = &look(&lab, "state").await["sessions"][0];
    assert_eq!(session["started_at"], "2001-09-09T01:46:40Z");
}

#[tokio::test]
async fn errors_name_the_field_and_do_not_move_the_clock() {
    let lab = Lab::start().await;
    clock(&lab, json!({ "freeze_at": "2030-01-01T00:00:00Z" })).await;
    for (body, field) in [
        (json!({}), "The body"),
        (json!({ "advance_seconds": 1, "resume": true }), "The body"),
        (json!({ "advance_seconds": null }), "The body"),
        (json!({ "advance_seconds": -1 }), "advance_seconds"),
        (json!({ "advance_seconds": 1.5 }), "advance_seconds"),
        (json!({ "advance_seconds": "60" }), "advance_seconds"),
        (json!({ "advance_seconds": u64::MAX }), "advance_seconds"),
        (
            json!({ "advance_seconds": 3_155_760_000_u64 }),
            "advance_seconds",
        ), // two hundred years, which is too far
        (
            json!({ "advance_seconds": 5_400_000_000_u64 }),
            "advance_seconds",
        ),
        (json!({ "freeze_at": "tomorrow" }), "freeze_at"),
        (json!({ "freeze_at": 3 }), "freeze_at"),
        (json!({ "freeze_at": "1969-12-31T23:59:59Z" }), "freeze_at"),
        (json!({ "freeze_at": "2200-01-01T00:00:00Z" }), "freeze_at"),
        (json!({ "resume": false }), "resume"),
        (json!({ "resume": "yes" }), "resume"),
    ] {
        if body["advance_seconds"] == 3_155_760_000_u64 {
            clock(&lab, json!({ "freeze_at": "2130-01-01T00:00:00Z" })).await;
        }
        refused(&steer(&lab, "clock", body).await, 400, field);
    }
    assert_eq!(
        text(&look(&lab, "state").await["now"]),
        "2130-01-01T00:00:00Z"
    );
}

fn issued(jwt: &str) -> i64 {
    use base64::Engine as _;
    let claims = jwt.split('.').nth(1).expect("three parts");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["iat"].as_i64().expect("a number")
}

fn machine_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("before the end of time")
}
