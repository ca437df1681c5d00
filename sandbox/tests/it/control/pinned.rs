//! Projects with chosen credentials, redirect URLs that change, and queries with a misspelled parameter.

use reqwest::Method;
use serde_json::{Value, json};

use super::{control, good, look, refused, steer};
use crate::lab::Lab;

const ID: &str = "project-test-11111111-2222-4333-8444-555555555555";
const TOKEN: &str = "public-token-test-11111111-2222-4333-8444-666666666666";
const SECRET: &str = "secret-test-as:in-the-app's-code=";

fn pinned() -> Value {
    json!({ "project_id": ID, "secret": SECRET, "public_token": TOKEN })
}

async fn create(lab: &Lab, body: Value) -> super::Reply {
    control(lab, Method::POST, "/projects", Some(body)).await
}

async fn count(lab: &Lab) -> usize {
    let list = good(&control(lab, Method::GET, "/projects", None).await);
    list["projects"].as_array().map_or(0, Vec::len)
}

/// An app with credentials in its code can use its own project. After deletion, the ids are free again.
#[tokio::test]
async fn credentials_can_be_chosen() {
    let lab = Lab::start().await;
    assert_eq!(good(&create(&lab, pinned()).await), pinned());
    let world = lab.sandbox.project(ID).expect("the project");
    let own = Lab { world, ..lab };
    own.get("/v1/b2b/organizations/acme").await.ok();
    own.begin("google", "discovery/start", "").await;
    for (field, other) in [
        ("project_id", json!({ "project_id": ID })),
        ("public_token", json!({ "public_token": TOKEN })),
        ("project_id", pinned()),
    ] {
        refused(&create(&own, other).await, 409, field);
    }
    let first = own.sandbox.world().credentials().clone();
    let taken = json!({ "project_id": first.project_id });
    refused(&create(&own, taken).await, 409, "project_id");
    assert_eq!(count(&own).await, 2, "no project was created");
    let path = format!("/projects/{ID}");
    let deleted = control(&own, Method::DELETE, &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(create(&own, pinned()).await.status, 201);
    // One can be chosen alone; the others are generated.
    let secret = good(&create(&own, json!({ "secret": SECRET })).await);
    assert_eq!(secret["secret"], SECRET);
    assert_ne!(secret["project_id"], ID);
}

#[tokio::test]
async fn the_first_project_cannot_be_deleted() {
    let lab = Lab::start().await;
    let path = format!("/projects/{}", lab.credentials().project_id);
    let reply = control(&lab, Method::DELETE, &path, None).await;
    refused(&reply, 409, "project_id");
    lab.get("/v1/b2b/organizations/acme").await.ok();
}

#[tokio::test]
async fn chosen_credentials_must_have_the_vendors_format() {
    let lab = Lab::start().await;
    let live = "project-live-11111111-2222-4333-8444-555555555555";
    let upper = ID.to_uppercase();
    let long = format!("secret-test-{}", "x".repeat(256));
    for (field, value) in [
        ("project_id", json!("mine")),
        ("project_id", json!(live)),
        ("project_id", json!(upper)),
        ("project_id", json!("")),
        ("project_id", json!(TOKEN)),
        ("secret", json!("secret-test-")),
        ("secret", json!("secret-live-x")),
        ("secret", json!("secret-test-a b")),
        ("secret", json!(long)),
        ("public_token", json!(ID)),
        ("public_token", json!(7)),
    ] {
        let mut body = pinned();
        body[field] = value;
        refused(&create(&lab, body).await, 400, field);
    }
    assert_eq!(count(&lab).await, 1);
}

/// `rbac` accepts the response of `GET /v1/b2b/rbac/policy`, or only its `policy`.
#[tokio::test]
async fn the_policy_has_the_format_of_the_api() {
    let lab = Lab::start().await;
    let mut answer = lab.get("/v1/b2b/rbac/policy").await.ok();
    answer["policy"]["roles"]
        .as_array_mut()
        .expect("roles")
        .push(json!({ "role_id": "editor", "description": "", "permissions": [] }));
    for rbac in [&answer, &answer["policy"]] {
        let made = good(&create(&lab, json!({ "rbac": rbac })).await);
        let id = made["project_id"].as_str().expect("an id");
        let world = lab.sandbox.project(id).expect("the project");
        let own = Lab {
            world,
            sandbox: lab.sandbox.clone(),
            url: lab.url.clone(),
            http: lab.http.clone(),
        };
        let policy = own.get("/v1/b2b/rbac/policy").await.ok();
        assert_eq!(policy["policy"], answer["policy"]);
    }
    for (rbac, field) in [
        (json!(3), "rbac"),
        (json!({ "rules": [] }), "rbac.rules"),
        (json!({ "policy": { "roles": 3 } }), "rbac.policy.roles"),
        (json!({ "policy": {}, "roles": [] }), "rbac.roles"),
    ] {
        refused(&create(&lab, json!({ "rbac": rbac })).await, 400, field);
    }
    let both = json!({ "rbac": {}, "rbac_policy": {} });
    refused(&create(&lab, both).await, 400, "rbac_policy");
}

/// A PUT replaces all types, as when a project is created, and a reset undoes it.
#[tokio::test]
async fn redirect_urls_are_replaced() {
    let lab = Lab::start().await;
    let before = look(&lab, "state").await["redirect_urls"].clone();
    let path = format!("/projects/{}/redirect_urls", lab.credentials().project_id);
    let put = |body: Value| control(&lab, Method::PUT, &path, Some(body));
    let mine = "http://localhost:5173/callback";
    let urls = json!({ "login": [mine], "signup": [mine], "discovery": [mine], "invite": [],
        "reset_password": [] });
    let mut given = urls.clone();
    given["invite"].take();
    assert_eq!(good(&put(given).await), urls);
    assert_eq!(look(&lab, "state").await["redirect_urls"], urls);
    let consent = lab.begin("google", "discovery/start", "").await;
    let back = consent.choose("ada@acme.example").await;
    assert!(back.header("location").starts_with(mine), "{back:?}");
    for (body, field) in [
        (json!({ "login": [mine, "x"] }), "login[1]"),
        (json!({ "login": mine }), "login"),
        (json!({ "logout": [mine] }), "logout"),
    ] {
        refused(&put(body).await, 400, field);
    }
    let text = control(&lab, Method::PUT, &path, None).await;
    assert_eq!(good(&text)["login"], json!([]), "an empty body is {{}}");
    good(&steer(&lab, "reset", json!({})).await);
    assert_eq!(look(&lab, "state").await["redirect_urls"], before);
}

/// A misspelled parameter would otherwise silently have no effect.
#[tokio::test]
async fn unknown_query_parameters_are_refused() {
    let lab = Lab::start().await;
    let before = look(&lab, "state").await;
    let fault = json!({ "method": "*", "path": "/v1/b2b/*", "kind": "garbage" });
    let id = lab.credentials().project_id;
    for (method, call, body) in [
        (Method::GET, "/projects".to_owned(), None),
        (Method::POST, "/projects".to_owned(), Some(json!({}))),
        (Method::DELETE, format!("/projects/{id}"), None),
        (Method::GET, format!("/projects/{id}/state"), None),
        (Method::GET, format!("/projects/{id}/calls"), None),
        (Method::DELETE, format!("/projects/{id}/calls"), None),
        (Method::DELETE, format!("/projects/{id}/inbox"), None),
        (Method::POST, format!("/projects/{id}/faults"), Some(fault)),
        (
            Method::POST,
            format!("/projects/{id}/keys/rotate"),
            Some(json!({})),
        ),
        (
            Method::PUT,
            format!("/projects/{id}/redirect_urls"),
            Some(json!({})),
        ),
        (Method::GET, "/support".to_owned(), None),
    ] {
        let path = format!("{call}?kid=x");
        let reply = control(&lab, method.clone(), &path, body).await;
        refused(&reply, 400, "kid");
        assert!(reply.text.contains("no query parameters"), "{}", reply.text);
    }
    let mut after = look(&lab, "state").await;
    after["now"] = before["now"].clone();
    assert_eq!(after, before);
    assert_eq!(look(&lab, "faults").await, json!({ "faults": [] }));
}
