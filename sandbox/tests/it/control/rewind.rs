//! Reset, snapshot, restore.

use std::time::Instant;

use serde_json::{Value, json};

use super::{good, look, refused, steer};
use crate::lab::{Lab, text};

async fn seed_of(lab: &Lab) -> Value {
    let mut state = look(lab, "state").await;
    state["now"].take();
    state
}

#[tokio::test]
async fn a_reset_returns_to_the_seed() {
    let lab = Lab::start().await;
    let begun = seed_of(&lab).await;
    let (token, _) = lab.adas_session().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    lab.create(json!({ "intermediate_session_token": ist }))
        .await
        .ok();
    lab.begin("google", "discovery/start", "")
        .await
        .press("/person", "name=S&email=s%40x.example&workspace=yes")
        .await;
    let waiting = lab.begin("google", "discovery/start", "").await;
    let unspent = lab.discovery_token("google", "ada@acme.example");
    good(
        &steer(
            &lab,
            "faults",
            json!({ "method": "*", "path": "/v1/*", "kind": "garbage" }),
        )
        .await,
    );
    good(
        &steer(
            &lab,
            "clock",
            json!({ "freeze_at": "2031-01-01T00:00:00Z" }),
        )
        .await,
    );
    good(&steer(&lab, "keys/rotate", json!({})).await);
    assert_ne!(seed_of(&lab).await, begun);

    good(&steer(&lab, "reset", json!({})).await);
    assert_eq!(seed_of(&lab).await, begun);
    assert_eq!(look(&lab, "calls").await["calls"], json!([]));
    assert_eq!(look(&lab, "faults").await["faults"], json!([]));
    assert!(lab.world.now().year() < 2031);
    assert_eq!(waiting.page().await.status, 404);
    lab.post(
        "/v1/b2b/sessions/authenticate",
        json!({ "session_token": token }),
    )
    .await
    .is_error(404, "session_not_found");
    lab.post(
        "/v1/b2b/oauth/discovery/authenticate",
        json!({ "discovery_oauth_token": unspent }),
    )
    .await
    .is_error(400, "oauth_token_not_found");
    let path = format!("/v1/b2b/sessions/jwks/{}", lab.credentials().project_id);
    assert_eq!(
        lab.get(&path).await.ok()["keys"].as_array().map(Vec::len),
        Some(1)
    );
    assert!(
        lab.world.minted_secrets().contains(&token),
        "issued secrets stay recorded"
    );
}

#[tokio::test]
async fn a_snapshot_can_be_restored_many_times() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    good(&steer(&lab, "clock", json!({ "advance_seconds": 600 })).await);
    let snapshot = text(&good(&steer(&lab, "snapshot", json!({})).await)["snapshot"]);
    let kept = seed_of(&lab).await;
    for _ in 0..2 {
        lab.post("/v1/b2b/sessions/revoke", json!({ "session_token": token }))
            .await
            .ok();
        lab.world
            .add_organization(json!({ "name": "New", "slug": "new" }));
        good(&steer(&lab, "clock", json!({ "advance_seconds": 86400 })).await);
        assert_ne!(seed_of(&lab).await, kept);
        good(&steer(&lab, "restore", json!({ "snapshot": snapshot })).await);
        assert_eq!(seed_of(&lab).await, kept);
        let session = json!({ "session_token": token });
        lab.post("/v1/b2b/sessions/authenticate", session)
            .await
            .ok();
        good(&steer(&lab, "restore", json!({ "snapshot": snapshot })).await);
    }
    // A reset removes the world's contents but not its snapshots.
    good(&steer(&lab, "reset", json!({})).await);
    good(&steer(&lab, "restore", json!({ "snapshot": snapshot })).await);
    assert_eq!(seed_of(&lab).await, kept);
}

#[tokio::test]
async fn a_snapshot_belongs_to_its_project() {
    let lab = Lab::start().await;
    let snapshot = text(&good(&steer(&lab, "snapshot", json!({})).await)["snapshot"]);
    let world = lab.sandbox.create_world(
        stytch_sandbox::Seed::Empty,
        stytch_sandbox::RedirectUrls::default(),
    );
    let other = Lab { world, ..lab };
    let reply = steer(&other, "restore", json!({ "snapshot": snapshot })).await;
    refused(&reply, 404, "snapshot");
    let reply = steer(&other, "restore", json!({ "snapshot": 3 })).await;
    refused(&reply, 400, "snapshot");
    assert_eq!(other.world.state()["organizations"], json!([]));
}

/// The limit of half a second for a hundred of each allows for slow machines.
#[tokio::test]
async fn snapshots_and_resets_take_milliseconds() {
    let lab = Lab::start().await;
    let snapshot = lab.world.snapshot();
    let begun = Instant::now();
    for _ in 0..100 {
        lab.world.reset();
        assert!(lab.world.restore(&snapshot));
    }
    assert!(begun.elapsed().as_millis() < 2000, "{:?}", begun.elapsed());
}

/// Otherwise it would be held forever, because its hold could no longer be deleted.
#[tokio::test]
async fn a_held_call_continues_after_a_reset() {
    let lab = Lab::start().await;
    let hold = stytch_sandbox::HeldRequest::new();
    let path = "/v1/b2b/organizations/search";
    lab.world.fault(stytch_sandbox::Fault {
        method: "POST".into(),
        path: path.into(),
        times: 1,
        kind: stytch_sandbox::FaultKind::Hold(hold.clone()),
    });
    let (reply, ()) = tokio::join!(lab.post(path, json!({})), async {
        hold.reached().await;
        good(&steer(&lab, "reset", json!({})).await);
    });
    reply.ok();
}
