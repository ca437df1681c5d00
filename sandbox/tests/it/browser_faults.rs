//! Faults of what a browser opens at the vendor's: they fire, once each, and only in their own project.

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{Fault, FaultKind, RedirectUrls, Seed};

use super::{
    control::{control, look, refused, steer},
    lab::{Lab, Reply, text},
};

const START: &str = "/v1/b2b/public/oauth/google/discovery/start";

async fn add(lab: &Lab, method: &str, path: &str, mut fault: Value) {
    fault["method"] = json!(method);
    fault["path"] = json!(path);
    let reply = steer(lab, "faults", fault).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

async fn get(lab: &Lab, path: &str, query: &str) -> reqwest::Result<Reply> {
    let token = lab.credentials().public_token;
    let url = format!("{}{path}?public_token={token}{query}", lab.url);
    let response = lab.http.get(url).send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    Ok(Reply {
        status,
        headers,
        text,
    })
}

/// Each URL that a browser opens at the vendor's.
#[tokio::test]
async fn every_browser_route_has_faults() {
    let lab = Lab::start().await;
    lab.magic_token("acme", "ada@acme.example", json!({})).await;
    for (path, query) in [
        (START, ""),
        ("/v1/b2b/public/oauth/github/start", "&slug=acme"),
        ("/v1/public/oauth/google/discovery/start", ""),
        ("/v1/public/sso/start", "&organization_id=globex"),
        ("/v1/magic_links/redirect", "&token=any"),
    ] {
        let before = get(&lab, path, query).await.expect("an answer").status;
        add(
            &lab,
            "GET",
            path,
            json!({ "kind": "status", "status": 503 }),
        )
        .await;
        get(&lab, path, query)
            .await
            .expect("an answer")
            .is_error(503, "server_unavailable");
        let after = get(&lab, path, query).await.expect("an answer").status;
        assert_eq!(after, before, "{path}: once");
    }
    // One that the sandbox lacks, with its project in the path.
    let path = format!("/v1/public/{}/oauth2/token", lab.credentials().project_id);
    add(
        &lab,
        "POST",
        &path,
        json!({ "kind": "status", "status": 429 }),
    )
    .await;
    for (status, error) in [(429, "too_many_requests"), (501, "sandbox_not_implemented")] {
        Reply::send(lab.http.post(format!("{}{path}", lab.url)))
            .await
            .is_error(status, error);
    }
}

/// Every kind does to a page's answer what it does to a call's.
#[tokio::test]
async fn every_kind_works() {
    let lab = Lab::start().await;
    for (fault, expected) in [
        (json!({ "kind": "latency", "ms": 1 }), Ok("redirect_url")),
        (
            json!({ "kind": "error", "status": 404, "error_type": "made_up", "error_message": "So." }),
            Ok("made_up"),
        ),
        (json!({ "kind": "reset_before" }), Err(())),
        (json!({ "kind": "reset_mid" }), Err(())),
        (json!({ "kind": "reset_after" }), Err(())),
        (json!({ "kind": "garbage" }), Ok("this is no JSON")),
        (json!({ "kind": "empty" }), Ok("")),
        (json!({ "kind": "truncated" }), Ok("{\"re")),
        (
            json!({ "kind": "extra_fields" }),
            Ok("sandbox_unknown_field"),
        ),
    ] {
        add(&lab, "*", "/v1/b2b/public/oauth/*", fault.clone()).await;
        let answer = get(&lab, START, "").await;
        match expected {
            Ok(part) => {
                let answer = answer.expect("an answer").text;
                assert!(answer.contains(part), "{fault}: {answer}");
            }
            Err(()) => assert!(answer.is_err(), "{fault}"),
        }
        assert_eq!(look(&lab, "faults").await["faults"], json!([]), "{fault}");
        let whole = get(&lab, START, "").await.expect("an answer").text;
        serde_json::from_str::<Value>(&whole).expect("JSON again");
    }
    add(
        &lab,
        "GET",
        START,
        json!({ "kind": "redirect", "url": "http://127.0.0.1:9/x" }),
    )
    .await;
    let answer = get(&lab, START, "").await.expect("an answer");
    assert_eq!(answer.header("location"), "http://127.0.0.1:9/x");
}

/// A held request waits for its release, and has no effect before.
#[tokio::test]
async fn a_browser_can_be_held() {
    let lab = Lab::start().await;
    add(&lab, "GET", START, json!({ "kind": "hold" })).await;
    let release = async {
        loop {
            let faults = look(&lab, "faults").await["faults"].take();
            if faults[0]["held"] == 1 {
                let project = lab.credentials().project_id;
                let path = format!("/projects/{project}/faults/{}", text(&faults[0]["id"]));
                control(&lab, Method::DELETE, &path, None).await;
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let both = async { tokio::join!(get(&lab, START, ""), release) };
    let (answer, ()) = tokio::time::timeout(std::time::Duration::from_secs(20), both)
        .await
        .expect("it is released");
    assert_eq!(answer.expect("an answer").status, 302);
}

/// A fault is of one project, and a request without a project's name is spared.
#[tokio::test]
async fn another_project_is_spared() {
    let lab = Lab::start().await;
    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    lab.world.fault(Fault {
        method: "*".into(),
        path: "/v1/*".into(),
        times: 9,
        kind: FaultKind::ResetBefore,
    });
    let nobody = lab.http.get(format!("{}{START}", lab.url));
    Reply::send(nobody)
        .await
        .is_error(400, "public_token_required");
    let other = Lab {
        world,
        sandbox: lab.sandbox.clone(),
        url: lab.url.clone(),
        http: lab.http.clone(),
    };
    assert_eq!(get(&other, START, "").await.expect("an answer").status, 302);
    assert!(get(&lab, START, "").await.is_err());
}

/// What could never fire is refused: nothing in these calls names a project, or there is no such call.
#[tokio::test]
async fn a_fault_that_cannot_fire_is_a_mistake() {
    let lab = Lab::start().await;
    for (method, path) in [
        ("GET", "/v1/b2b/oauth/callback/oauth-callback-test-1"),
        ("GET", "/v1/b2b/oauth/callback/*"),
        ("GET", "/v1/b2b/sso/callback/*"),
        ("POST", START),
        ("POST", "/v1/b2b/public/*"),
        ("*", "/v1/nothing/*"),
        ("*", "/v1/b2b/organisations*"),
    ] {
        let body = json!({ "method": method, "path": path, "kind": "garbage" });
        refused(&steer(&lab, "faults", body).await, 400, "path");
    }
    assert_eq!(look(&lab, "faults").await["faults"], json!([]));
    for (method, path) in [
        ("*", "/v1/*"),
        ("POST", "/v1/b2b/org*"),
        ("PUT", "/v1/b2b/organizations/some-id/mem*"),
        ("GET", "/v1/b2b/public/oauth/slack/start"),
    ] {
        add(&lab, method, path, json!({ "kind": "garbage" })).await;
    }
}
