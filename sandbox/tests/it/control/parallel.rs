//! Parallel test workers with a world each do not affect each other.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{control, good};
use crate::lab::{Lab, Reply, text};

const WORLDS: usize = 200;

/// A call with a project's credentials.
async fn call(lab: &Lab, project: &Value, path: &str, body: Value) -> Reply {
    let (id, secret) = (text(&project["project_id"]), text(&project["secret"]));
    let request = lab.http.post(format!("{}{path}", lab.url));
    Reply::send(request.basic_auth(id, Some(secret)).json(&body)).await
}

/// Starts a sign-in, adds a person on the consent page, lists organizations, creates one, and gets a session.
async fn worker(lab: Lab, number: usize) -> (Value, String) {
    let project = good(&control(&lab, Method::POST, "/projects", Some(json!({}))).await);
    let world = lab.sandbox.project(&text(&project["project_id"]));
    let lab = Lab {
        world: world.expect("it was made"),
        ..lab
    };
    let consent = lab.begin("google", "discovery/start", "").await;
    let form = format!("name=Worker+{number}&email=worker%40number-{number}.example&workspace=yes");
    let back = consent.press("/person", &form).await;
    let (_, token) = back
        .header("location")
        .split_once("&token=")
        .expect("a token");
    let body = json!({ "discovery_oauth_token": token });
    let found = call(&lab, &project, "/v1/b2b/oauth/discovery/authenticate", body)
        .await
        .ok();
    assert_eq!(
        found["email_address"],
        format!("worker@number-{number}.example")
    );
    assert_eq!(
        found["discovered_organizations"],
        json!([]),
        "no data of other workers"
    );
    let body = json!({ "intermediate_session_token": found["intermediate_session_token"],
        "organization_slug": "the-same-everywhere" });
    let path = "/v1/b2b/discovery/organizations/create";
    let made = call(&lab, &project, path, body).await.ok();
    assert_eq!(made["member_authenticated"], true);
    (project, text(&made["session_token"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_parallel_worlds_are_isolated() {
    let lab = Lab::start().await;
    let mut workers = JoinSet::new();
    for number in 0..WORLDS {
        let lab = Lab {
            sandbox: lab.sandbox.clone(),
            world: lab.world.clone(),
            url: lab.url.clone(),
            http: lab.http.clone(),
        };
        workers.spawn(worker(lab, number));
    }
    let finished = workers.join_all().await;
    let ids: HashSet<String> = finished
        .iter()
        .map(|(it, _)| text(&it["project_id"]))
        .collect();
    assert_eq!(ids.len(), WORLDS);
    for (index, (project, token)) in finished.iter().enumerate() {
        let path = format!("/projects/{}/state", text(&project["project_id"]));
        let state = good(&control(&lab, Method::GET, &path, None).await);
        let count = |name: &str| state[name].as_array().map_or(0, Vec::len);
        // The cast has 6 organizations, 8 members and 9 people; each worker added one of each.
        assert_eq!(
            (
                count("organizations"),
                count("members"),
                count("people"),
                count("sessions")
            ),
            (7, 9, 10, 1)
        );
        let body = json!({ "session_token": token });
        let path = "/v1/b2b/sessions/authenticate";
        let (other, _) = &finished[(index + 1) % WORLDS];
        call(&lab, other, path, body.clone())
            .await
            .is_error(404, "session_not_found");
        call(&lab, project, path, body).await.ok();
    }
    assert!(lab.world.calls().is_empty(), "the first world is unchanged");
}
