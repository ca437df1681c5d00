//! The format of deliveries, and that they delay nothing.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use stytch_sandbox::Limits;

use super::{Receiver, create_member, deliveries, receiver::Response, register, wait_for};
use crate::{
    control::{good, steer},
    lab::{Lab, text},
};

#[expect(clippy::disallowed_methods, reason = "what a receiver compares with")]
fn this_machines_time() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

#[tokio::test]
async fn a_delivery_is_signed_as_svix_signs() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let secret = text(&register(&lab, &receiver.url).await["secret"]);
    // The signature uses this machine's time, even if the world is in another century.
    good(
        &steer(
            &lab,
            "clock",
            json!({ "freeze_at": "2099-01-01T00:00:00Z" }),
        )
        .await,
    );
    create_member(&lab, "zoe@acme.example").await;
    let delivered = receiver.next().await;
    assert_eq!(delivered.first_line, "POST /hooks?a=b HTTP/1.1");
    assert_eq!(delivered.header("content-type"), "application/json");
    assert!(
        receiver.url.contains(delivered.header("host")) && !delivered.header("host").is_empty()
    );
    assert!(
        delivered
            .header("user-agent")
            .starts_with("stytch-sandbox/")
    );
    let [id, at, signature] =
        ["svix-id", "svix-timestamp", "svix-signature"].map(|it| delivered.header(it));
    assert!(id.starts_with("msg_") && id.len() == 31, "{id}");
    let drift = this_machines_time() - at.parse::<i64>().expect("seconds");
    assert!((0..60).contains(&drift), "{at}");
    assert!(text(&delivered.json()["timestamp"]).starts_with("2099-01-01T00:00:00"));

    let key = STANDARD
        .decode(secret.trim_start_matches("whsec_"))
        .expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = format!("{id}.{at}.{}", delivered.body);
    let given = STANDARD
        .decode(signature.strip_prefix("v1,").expect("v1"))
        .expect("base64");
    hmac::verify(&key, signed.as_bytes(), &given).expect("a good signature");

    let list = wait_for(&lab, |list| list[0]["status"] == "delivered").await;
    let delivery = &list[0];
    assert_eq!(delivery["message_id"], id);
    assert_eq!(delivery["event"], "direct.member.create");
    assert_eq!(delivery["payload"], delivered.json());
    assert_eq!(delivery["next_attempt_at"], json!(null));
    let attempt = json!({ "at": "2099-01-01T00:00:00Z", "status": 200, "error": null });
    assert_eq!(delivery["attempts"], json!([attempt]));
}

/// The event has one message id, and each webhook has its own signature.
#[tokio::test]
async fn two_webhooks_get_the_same_message() {
    let lab = Lab::start().await;
    let (mut one, mut other) = (Receiver::start().await, Receiver::start().await);
    register(&lab, &one.url).await;
    register(&lab, &other.url.replace("127.0.0.1", "localhost")).await;
    create_member(&lab, "zoe@acme.example").await;
    let (one, other) = (one.next().await, other.next().await);
    assert_eq!(one.header("svix-id"), other.header("svix-id"));
    assert_eq!(one.body, other.body);
    assert_ne!(one.header("svix-signature"), other.header("svix-signature"));
}

/// S29: a receiver can't redirect the sandbox to another URL.
#[tokio::test]
async fn a_redirect_is_a_failure() {
    let lab = Lab::start().await;
    let (mut receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    receiver.respond([Response::Redirect(elsewhere.url.clone())]);
    register(&lab, &receiver.url).await;
    create_member(&lab, "zoe@acme.example").await;
    receiver.next().await;
    let list = wait_for(&lab, |list| list[0]["attempts"] != json!([])).await;
    assert_eq!(list[0]["status"], "pending");
    assert_eq!(list[0]["attempts"][0]["status"], 302);
    assert!(elsewhere.is_empty());
}

#[tokio::test]
async fn a_receiver_that_never_responds_delays_nothing() {
    let lab = Lab::with(Limits {
        delivery_within: std::time::Duration::from_millis(200),
        ..Limits::default()
    })
    .await;
    let (mut slow, mut quick) = (Receiver::start().await, Receiver::start().await);
    slow.respond([Response::Never]);
    register(&lab, &slow.url).await;
    register(&lab, &quick.url).await;
    create_member(&lab, "a@acme.example").await;
    slow.next().await;
    quick.next().await;
    create_member(&lab, "b@acme.example").await;
    assert_eq!(
        quick.event().await["member"]["email_address"],
        "b@acme.example"
    );
    // After the timeout, the slow receiver gets the next event.
    assert_eq!(
        slow.event().await["member"]["email_address"],
        "b@acme.example"
    );
    let list = deliveries(&lab).await;
    let error = list
        .iter()
        .find_map(|it| it["attempts"][0]["error"].as_str());
    assert_eq!(error, Some("no response within 0.2 s"));
}

/// An app's handler calls the API before it responds.
#[tokio::test]
async fn a_receiver_can_call_the_api() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.respond([Response::Never]);
    register(&lab, &receiver.url).await;
    create_member(&lab, "a@acme.example").await;
    receiver.next().await;
    create_member(&lab, "b@acme.example").await;
    assert_eq!(deliveries(&lab).await.len(), 2);
}

#[tokio::test]
async fn events_arrive_in_their_order() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    register(&lab, &receiver.url).await;
    let emails: Vec<String> = (0..20).map(|it| format!("m{it}@acme.example")).collect();
    for email in &emails {
        create_member(&lab, email).await;
    }
    for email in &emails {
        assert_eq!(
            receiver.event().await["member"]["email_address"],
            json!(email)
        );
    }
}
