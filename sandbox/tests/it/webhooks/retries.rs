//! Retries of failed deliveries, by the world's clock.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{Limits, Options, Sandbox};
use tokio::{net::TcpListener, sync::oneshot};

use super::{Receiver, control, create_member, deliveries, receiver::Response, register, wait_for};
use crate::{
    control::{good, look, steer},
    lab::{Lab, text},
};

/// Seconds between the attempts: Svix's schedule.
const PAUSES: [u64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

fn attempts(list: &[Value]) -> usize {
    list[0]["attempts"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn eight_attempts_follow_svixs_schedule() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let webhook = register(&lab, &receiver.url).await;
    let freeze = json!({ "freeze_at": "2030-01-01T00:00:00Z" });
    good(&steer(&lab, "clock", freeze).await);
    receiver.respond([Response::Status(500)]);
    create_member(&lab, "zoe@acme.example").await;
    let first = receiver.next().await;
    for (number, pause) in (1..).zip(PAUSES) {
        // The oldest delivery is the one that fails.
        let list = wait_for(&lab, |list| attempts(&list[list.len() - 1..]) == number).await;
        assert_eq!(list[list.len() - 1]["status"], "pending");
        lab.world.advance(Duration::from_secs(pause - 1));
        let email = format!("{number}@acme.example");
        create_member(&lab, &email).await;
        let next = receiver.event().await;
        assert_eq!(
            next["member"]["email_address"],
            json!(email),
            "no retry yet"
        );
        wait_for(&lab, |list| list[0]["status"] == "delivered").await;
        receiver.respond([Response::Status(503)]);
        lab.world.advance(Duration::from_secs(1));
        let retry = receiver.next().await;
        assert_eq!(retry.header("svix-id"), first.header("svix-id"));
        assert_eq!(retry.body, first.body);
    }
    let path = format!(
        "webhooks/deliveries?webhook_id={}",
        text(&webhook["webhook_id"])
    );
    let list = wait_for(&lab, |list| list[list.len() - 1]["status"] == "failed").await;
    assert_eq!(look(&lab, &path).await["deliveries"], json!(list));
    let failed = &list[list.len() - 1];
    let all = failed["attempts"].as_array().expect("a list");
    let statuses: Vec<&Value> = all.iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, [500, 503, 503, 503, 503, 503, 503, 503]);
    assert_eq!(all[7]["at"], "2030-01-02T03:35:05Z");
    assert_eq!(failed["next_attempt_at"], json!(null));
    // No further attempt follows.
    lab.world.advance(Duration::from_hours(100));
    create_member(&lab, "last@acme.example").await;
    let next = receiver.event().await;
    assert_eq!(next["member"]["email_address"], "last@acme.example");
}

/// The passing of time makes a retry due, without a call.
#[tokio::test]
async fn a_retry_needs_no_call() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.respond([Response::Status(500)]);
    register(&lab, &receiver.url).await;
    create_member(&lab, "zoe@acme.example").await;
    receiver.next().await;
    wait_for(&lab, |list| attempts(list) == 1).await;
    lab.world.advance(Duration::from_secs(4)); // the retry is due in a second
    receiver.next().await;
    wait_for(&lab, |list| list[0]["status"] == "delivered").await;
}

#[tokio::test]
async fn a_refused_connection_is_retried() {
    let lab = Lab::start().await;
    register(&lab, "http://127.0.0.1:1/").await;
    create_member(&lab, "zoe@acme.example").await;
    let list = wait_for(&lab, |list| attempts(list) == 1).await;
    let attempt = &list[0]["attempts"][0];
    assert_eq!(attempt["status"], json!(null));
    assert!(
        text(&attempt["error"]).starts_with("could not connect: "),
        "{attempt}"
    );
    assert_ne!(list[0]["next_attempt_at"], json!(null));
}

#[tokio::test]
async fn a_deleted_webhook_gets_no_retry() {
    let lab = Lab::start().await;
    let webhook = register(&lab, "http://127.0.0.1:1/").await;
    create_member(&lab, "zoe@acme.example").await;
    wait_for(&lab, |list| attempts(list) == 1).await;
    let path = format!(
        "/projects/{}/webhooks/{}",
        lab.credentials().project_id,
        text(&webhook["webhook_id"])
    );
    good(&control(&lab, Method::DELETE, &path, None).await);
    let list = deliveries(&lab).await;
    assert_eq!(
        (&list[0]["status"], &list[0]["next_attempt_at"]),
        (&json!("canceled"), &json!(null))
    );
    create_member(&lab, "other@acme.example").await;
    assert_eq!(deliveries(&lab).await.len(), 1);
}

/// A delivery that was pending in a snapshot is sent after the restore, without a call.
#[tokio::test]
async fn a_restored_delivery_continues() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.respond([Response::Status(500)]);
    register(&lab, &receiver.url).await;
    create_member(&lab, "zoe@acme.example").await;
    let first = receiver.next().await;
    wait_for(&lab, |list| attempts(list) == 1).await;
    lab.world.advance(Duration::from_secs(4)); // the retry is due in a second
    let snapshot = good(&steer(&lab, "snapshot", json!({})).await)["snapshot"].take();
    assert_eq!(receiver.next().await.body, first.body);
    wait_for(&lab, |list| list[0]["status"] == "delivered").await;
    good(&steer(&lab, "restore", json!({ "snapshot": snapshot })).await);
    assert_eq!(receiver.next().await.body, first.body);
}

/// Two servers of one sandbox, as for both loopback addresses, make each attempt once. When one server ends, the other
/// continues.
#[tokio::test]
async fn a_second_server_takes_over() {
    let lab = Lab::start().await;
    let sandbox = Sandbox::with(Options {
        limits: Limits {
            delivery_within: Duration::from_millis(300),
            ..Limits::default()
        },
        ..Options::default()
    });
    let mut receiver = Receiver::start().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (first, second) = (listen().await, listen().await);
    let lab = Lab {
        url: format!("http://{}", second.local_addr().expect("it listens")),
        world: sandbox.world(),
        sandbox: sandbox.clone(),
        ..lab
    };
    let serving = sandbox.clone();
    let first = tokio::spawn(async move {
        let stopped = async move { _ = stopped.await };
        serving.serve(first, stopped).await
    });
    tokio::spawn(async move { sandbox.serve(second, std::future::pending()).await });
    register(&lab, &receiver.url).await;
    receiver.respond([Response::Never, Response::Status(200), Response::Never]);
    let email = |event: Value| text(&event["member"]["email_address"]);
    create_member(&lab, "a@acme.example").await;
    assert_eq!(email(receiver.event().await), "a@acme.example");
    create_member(&lab, "b@acme.example").await;
    assert_eq!(
        email(receiver.event().await),
        "b@acme.example",
        "the first one is not sent again"
    );
    create_member(&lab, "c@acme.example").await;
    assert_eq!(email(receiver.event().await), "c@acme.example");
    stop.send(()).expect("it runs");
    first.await.expect("it ends").expect("well");
    assert_eq!(
        email(receiver.event().await),
        "c@acme.example",
        "its outcome is not known"
    );
}
