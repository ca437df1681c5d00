//! The changes that are events, and the content of events.

use serde_json::{Value, json};

use super::{Receiver, create, create_member, deliveries, register};
use crate::{
    control::{good, steer},
    lab::{Lab, text},
};

/// `CREATE organization`, `UPDATE member`
fn kind(event: &Value) -> String {
    format!("{} {}", text(&event["action"]), text(&event["object_type"]))
}

/// An empty list of deliveries.
const NONE: [Value; 0] = [];

async fn lab_with_receiver() -> (Lab, Receiver) {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    register(&lab, &receiver.url).await;
    (lab, receiver)
}

#[tokio::test]
async fn a_created_organization_is_sent_completely() {
    let (lab, mut receiver) = lab_with_receiver().await;
    let body = json!({ "organization_name": "Umbrella", "organization_slug": "umbrella" });
    let created = lab.post("/v1/b2b/organizations", body).await.ok();
    let event = receiver.event().await;
    let mut keys: Vec<&String> = event.as_object().expect("an object").keys().collect();
    keys.sort();
    let wanted = [
        "action",
        "event_id",
        "id",
        "object_type",
        "organization",
        "project_id",
        "source",
        "timestamp",
        "vertical",
    ];
    assert_eq!(keys, wanted);
    assert_eq!(event["organization"], created["organization"]);
    assert_eq!(event["id"], created["organization"]["organization_id"]);
    assert_eq!(event["project_id"], json!(lab.credentials().project_id));
    assert_eq!(kind(&event), "CREATE organization");
    assert_eq!(
        (&event["source"], &event["vertical"]),
        (&json!("DIRECT"), &json!("B2B"))
    );
    assert!(
        text(&event["event_id"]).starts_with("webhook-event-test-"),
        "{event}"
    );
    let timestamp = text(&event["timestamp"]);
    assert!(
        timestamp.len() == 27 && timestamp.ends_with('Z'),
        "{timestamp}"
    );
}

#[tokio::test]
async fn each_action_of_a_member_is_an_event() {
    let (lab, mut receiver) = lab_with_receiver().await;
    let mut member = create_member(&lab, "zoe@acme.example").await;
    let event = receiver.event().await;
    assert_eq!(
        (kind(&event).as_str(), &event["member"]),
        ("CREATE member", &member)
    );

    // Only a member with a verified address can be reactivated below.
    let proven = json!({ "email_address_verified": true });
    lab.world.patch_member("acme", "zoe@acme.example", proven);
    member = receiver.event().await["member"].take();
    let id = text(&member["member_id"]);
    let path = format!("/v1/b2b/organizations/acme/members/{id}");
    let updated = lab.put(&path, json!({ "name": "Zoe" })).await.ok();
    let event = receiver.event().await;
    assert_eq!(
        (kind(&event).as_str(), &event["id"]),
        ("UPDATE member", &json!(id))
    );
    assert_eq!(event["member"], updated["member"]);

    lab.delete(&path).await.ok();
    let event = receiver.event().await;
    assert_eq!(
        (kind(&event).as_str(), &event["id"]),
        ("DELETE member", &json!(id))
    );
    assert!(event.get("member").is_none(), "{event}");

    lab.put(&format!("{path}/reactivate"), json!({})).await.ok();
    let event = receiver.event().await;
    assert_eq!(
        (kind(&event).as_str(), &event["id"]),
        ("UPDATE member", &json!(id))
    );
}

#[tokio::test]
async fn the_deletion_of_an_organization_is_sent_after_that_of_its_members() {
    let (lab, mut receiver) = lab_with_receiver().await;
    lab.put(
        "/v1/b2b/organizations/globex",
        json!({ "organization_name": "Globex 2" }),
    )
    .await
    .ok();
    let event = receiver.event().await;
    assert_eq!(kind(&event), "UPDATE organization");
    assert_eq!(event["organization"]["organization_name"], "Globex 2");
    // A member who was already deleted is reported once.
    let bob = text(&lab.member("globex", "bob@globex.example")["member_id"]);
    create(&lab, "globex", "zoe@globex.example").await;
    assert_eq!(kind(&receiver.event().await), "CREATE member");
    let path = format!("/v1/b2b/organizations/globex/members/{bob}");
    lab.delete(&path).await.ok();
    assert_eq!(receiver.event().await["id"], json!(bob));
    lab.delete("/v1/b2b/organizations/globex").await.ok();
    let mut last = receiver.event().await;
    assert_eq!(kind(&last), "DELETE member");
    while kind(&last) == "DELETE member" {
        assert_ne!(last["id"], json!(bob));
        last = receiver.event().await;
    }
    assert_eq!(
        (kind(&last).as_str(), &last["id"]),
        ("DELETE organization", &event["id"])
    );
    assert!(last.get("organization").is_none(), "{last}");
}

#[tokio::test]
async fn a_login_is_an_event_if_it_changes_a_member() {
    let (lab, mut receiver) = lab_with_receiver().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    let created = lab
        .create(json!({ "intermediate_session_token": ist }))
        .await
        .ok();
    let (first, second) = (receiver.event().await, receiver.event().await);
    assert_eq!(
        (kind(&first), kind(&second)),
        ("CREATE organization".into(), "CREATE member".into())
    );
    assert_eq!(second["member"], created["member"]);

    lab.adas_session().await;
    let event = receiver.event().await;
    assert_eq!(kind(&event), "UPDATE member", "the account is registered");
    assert_eq!(
        event["member"]["oauth_registrations"][0]["provider_type"],
        "Google"
    );
    let known = deliveries(&lab).await.len();
    lab.adas_session().await;
    assert_eq!(
        deliveries(&lab).await.len(),
        known,
        "nothing changed this time"
    );
}

/// Changes by a test in this process use the same lock.
#[tokio::test]
async fn changes_by_tests_are_events() {
    let (lab, mut receiver) = lab_with_receiver().await;
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "is_locked": true }));
    let event = receiver.event().await;
    assert_eq!(
        (kind(&event).as_str(), &event["member"]["is_locked"]),
        ("UPDATE member", &json!(true))
    );
}

#[tokio::test]
async fn nothing_else_is_an_event() {
    let (lab, _receiver) = lab_with_receiver().await;
    let refused = lab
        .post(
            "/v1/b2b/organizations/acme/members",
            json!({ "email_address": "ada@acme.example" }),
        )
        .await;
    assert_eq!(refused.status, 400, "she is already a member");
    lab.get("/v1/b2b/organizations/acme").await.ok();
    let snapshot = text(&good(&steer(&lab, "snapshot", json!({})).await)["snapshot"]);
    assert_eq!(deliveries(&lab).await, NONE);
    create_member(&lab, "zoe@acme.example").await;
    assert_eq!(deliveries(&lab).await.len(), 1);
    good(&steer(&lab, "restore", json!({ "snapshot": snapshot })).await);
    assert_eq!(deliveries(&lab).await, NONE, "as at the snapshot");
    good(&steer(&lab, "reset", json!({})).await);
    create_member(&lab, "zoe@acme.example").await;
    assert_eq!(deliveries(&lab).await, NONE, "the webhook is removed");
}
