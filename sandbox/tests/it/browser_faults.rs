//! Faults on the vendor's URLs that browsers open. Each one affects one request, and only in its own project.

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

/// The vendor's URLs that browsers open.
#[tokio::test]
async fn faults_work_on_every_url_that_browsers_open() {
    let lab = Lab::start().await;
    lab.magic_token("acme", "ada@acme.example", json!({})).await;
    for (path, query) in [
        (START, ""),
        ("/v1/b2b/public/oauth/github/start", "&slug=acme"),
        ("/v1/public/oauth/google/discovery/start", ""),
        ("/v1/public/sso/start", "&organization_id=globex"),
        ("/v1/magic_links/redirect", "&token=any"),
    ] {
        let before = get(&lab, path, query).await.expect("a response").status;
        add(
            &lab,
            "GET",
            path,
            json!({ "kind": "status", "status": 503 }),
        )
        .await;
        get(&lab, path, query)
            .await
            .expect("a response")
            .is_error(503, "server_unavailable");
        let after = get(&lab, path, query).await.expect("a response").status;
        assert_eq!(after, before, "{path}: once");
    }
    // One that the sandbox does not support, with its project in the path.
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

/// Every kind has the same effect on pages as on calls.
#[tokio::test]
async fn every_kind_of_fault_works_on_pages() {
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
        (json!({ "kind": "garbage" }), Ok("this is not JSON")),
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
                let answer = answer.expect("a response").text;
                assert!(answer.contains(part), "{fault}: {answer}");
            }
            Err(()) => assert!(answer.is_err(), "{fault}"),
        }
        assert_eq!(look(&lab, "faults").await["faults"], json!([]), "{fault}");
        let whole = get(&lab, START, "").await.expect("a response").text;
        serde_json::from_str::<Value>(&whole).expect("JSON again");
    }
    add(
        &lab,
        "GET",
        START,
        json!({ "kind": "redirect", "url": "http://127.0.0.1:9/x" }),
    )
    .await;
    let answer = get(&lab, START, "").await.expect("a response");
    assert_eq!(answer.header("location"), "http://127.0.0.1:9/x");
}

/// A held request waits for its release and has no effect before.
#[tokio::test]
async fn a_browser_request_can_be_held() {
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
    assert_eq!(answer.expect("a response").status, 302);
}

/// A fault affects its own project only, and no requests that name no project.
#[tokio::test]
async fn a_fault_does_not_affect_other_projects() {
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
    let anonymous = lab.http.get(format!("{}{START}", lab.url));
    Reply::send(anonymous)
        .await
        .is_error(400, "public_token_required");
    let other = Lab {
        world,
        sandbox: lab.sandbox.clone(),
        url: lab.url.clone(),
        http: lab.http.clone(),
    };
    assert_eq!(
        get(&other, START, "").await.expect("a response").status,
        302
    );
    assert!(get(&lab, START, "").await.is_err());
}

/// Such requests do not name a project, or do not exist.
#[tokio::test]
async fn a_fault_that_no_request_can_match_is_refused() {
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
