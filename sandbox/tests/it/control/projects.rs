//! Creating, listing and inspecting projects.

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::World;

use super::{control, good, look, refused, steer};
use crate::lab::{Lab, text};

/// Creates a world with a POST, and finds it by its id in this process.
async fn made(lab: &Lab, body: Option<Value>) -> (Value, World) {
    let reply = control(lab, Method::POST, "/projects", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let made = good(&reply);
    let world = lab.sandbox.project(&text(&made["project_id"]));
    (made, world.expect("it is there"))
}

#[tokio::test]
async fn a_missing_body_creates_the_default_world() {
    let lab = Lab::start().await;
    let (made, world) = made(&lab, None).await;
    let own = world.credentials();
    assert_eq!(
        made,
        json!({ "project_id": own.project_id, "secret": own.secret, "public_token": own.public_token })
    );
    assert!(own.project_id.starts_with("project-test-") && own.secret.starts_with("secret-test-"));
    assert_eq!(world.state(), lab.world.state());
    let other = Lab { world, ..lab };
    let own = "http://localhost:3000/authenticate";
    assert_eq!(
        look(&other, "state").await["redirect_urls"],
        json!({
            "login": [own], "signup": [own], "invite": [own], "reset_password": [own],
            "discovery": [own, "http://localhost:3000/discovery"],
        })
    );
}

#[tokio::test]
async fn an_empty_project_can_have_other_redirect_urls() {
    let lab = Lab::start().await;
    let urls = json!({ "login": ["http://localhost:4000/in", "https://app.example/in"], "signup": [],
        "discovery": ["http://localhost:4000/d"], "invite": [], "reset_password": [] });
    let mut given = urls.clone();
    given["signup"].take(); // null, which counts as omitted
    let body = json!({ "seed": "empty", "redirect_urls": given });
    let (_, world) = made(&lab, Some(body)).await;
    let lab = Lab { world, ..lab };
    let state = look(&lab, "state").await;
    assert_eq!(state["redirect_urls"], urls);
    for nothing in ["organizations", "members", "sessions", "people"] {
        assert_eq!(state[nothing], json!([]), "{nothing}");
    }
}

#[tokio::test]
async fn the_first_world_is_listed_first() {
    let lab = Lab::start().await;
    let (second, _) = made(&lab, Some(json!({ "seed": "empty" }))).await;
    let (third, _) = made(&lab, Some(json!({ "seed": null }))).await;
    let list = good(&control(&lab, Method::GET, "/projects", None).await);
    let own = lab.credentials();
    let entry = |id: &Value, token: &Value, seed: &str| json!({ "project_id": id, "public_token": token, "seed": seed });
    assert_eq!(
        list["projects"],
        json!([
            entry(&json!(own.project_id), &json!(own.public_token), "default"),
            entry(&second["project_id"], &second["public_token"], "empty"),
            entry(&third["project_id"], &third["public_token"], "default"),
        ])
    );
}

#[tokio::test]
async fn the_state_contains_the_vendors_objects_and_the_people() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let state = look(&lab, "state").await;
    let world = lab.world.state();
    for same in ["organizations", "members", "sessions"] {
        assert_eq!(state[same], world[same]);
    }
    assert_eq!(state["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        state["people"][5],
        json!({
            "id": "person-6", "name": "Dave Dunn", "email": "dave@hooli.example",
            "accounts": [
                { "provider": "github", "subject": "github-00000006", "hd": null, "tenants": ["9001"], "email_verified": true },
                { "provider": "slack", "subject": "slack-00000006", "hd": null, "tenants": ["T-HOOLI"], "email_verified": true },
                { "provider": "hubspot", "subject": "hubspot-00000006", "hd": null, "tenants": ["7007"], "email_verified": true },
            ],
        })
    );
    assert!(text(&state["now"]).ends_with('Z'));
}

#[tokio::test]
async fn calls_are_listed_and_cleared() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    lab.exchange(&ist, "nowhere")
        .await
        .is_error(404, "organization_not_found");
    let calls = look(&lab, "calls").await;
    let call = &calls["calls"][1];
    assert_eq!(
        (
            &call["method"],
            &call["path"],
            &call["status"],
            &call["error_type"]
        ),
        (
            &json!("POST"),
            &json!("/v1/b2b/discovery/intermediate_sessions/exchange"),
            &json!(404),
            &json!("organization_not_found")
        )
    );
    assert!(text(&call["request_id"]).starts_with("request-id-test-"));
    assert!(text(&call["at"]).ends_with('Z'));
    assert_eq!(call.as_object().map(serde_json::Map::len), Some(10));
    let path = format!("/projects/{}/calls", lab.credentials().project_id);
    good(&control(&lab, Method::DELETE, &path, None).await);
    assert_eq!(
        look(&lab, "calls").await,
        json!({ "calls": [], "dropped": 0 })
    );
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    let post = |body: Value| control(&lab, Method::POST, "/projects", Some(body));
    for (body, field) in [
        (json!({ "seeds": "empty" }), "seeds"),
        (json!({ "seed": "full" }), "seed"),
        (json!({ "seed": 3 }), "seed"),
        (json!({ "redirect_urls": [] }), "redirect_urls"),
        (
            json!({ "redirect_urls": { "logout": [] } }),
            "redirect_urls.logout",
        ),
        (
            json!({ "redirect_urls": { "login": "http://x" } }),
            "redirect_urls.login",
        ),
        (
            json!({ "redirect_urls": { "login": ["http://x", "ftp://x"] } }),
            "redirect_urls.login[1]",
        ),
        (
            json!({ "redirect_urls": { "invite": [3] } }),
            "redirect_urls.invite[0]",
        ),
    ] {
        refused(&post(body).await, 400, field);
    }
    assert_eq!(
        good(&control(&lab, Method::GET, "/projects", None).await)["projects"]
            .as_array()
            .map(Vec::len),
        Some(1),
        "no world was created"
    );
    refused(&steer(&lab, "restore", json!({})).await, 400, "snapshot");
}
