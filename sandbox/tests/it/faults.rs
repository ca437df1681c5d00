//! Each fault has its effect, and only on matching calls.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stytch_sandbox::{Fault, FaultKind, HeldRequest};

use super::lab::{Lab, Reply, text};

const SEARCH: &str = "/v1/b2b/organizations/search";
const CREATE: &str = "/v1/b2b/discovery/organizations/create";

fn once(lab: &Lab, path: &str, kind: FaultKind) {
    lab.world.fault(Fault {
        method: "POST".into(),
        path: path.into(),
        times: 1,
        kind,
    });
}

async fn search(lab: &Lab) -> Reply {
    lab.post(SEARCH, json!({})).await
}

/// A call with an effect, which is visible in the organizations.
async fn create(lab: &Lab, slug: &str) -> reqwest::Result<Reply> {
    let ist = lab.ist("google", "frank@startup.example").await;
    lab.try_post(
        CREATE,
        json!({ "intermediate_session_token": ist, "organization_slug": slug }),
    )
    .await
}

fn exists(lab: &Lab, slug: &str) -> bool {
    lab.organization(slug).is_object()
}

#[tokio::test]
async fn faults_match_by_method_and_path_and_are_used_up() {
    let lab = Lab::start().await;
    let fault = |method: &str, path: &str, times: u32, status: u16| Fault {
        method: method.into(),
        path: path.into(),
        times,
        kind: FaultKind::Status {
            status,
            headers: vec![],
            body: None,
        },
    };
    lab.world.fault(fault("GET", SEARCH, 9, 500));
    lab.world
        .fault(fault("POST", "/v1/b2b/organizations", 9, 500));
    lab.world.fault(fault("POST", "/v1/b2b/sessions/*", 9, 500));
    search(&lab).await.ok();
    lab.world
        .fault(fault("POST", "/v1/b2b/organizations/*", 2, 500));
    lab.world.fault(fault("POST", SEARCH, 1, 503));
    search(&lab).await.is_error(500, "internal_server_error");
    search(&lab).await.is_error(500, "internal_server_error");
    search(&lab).await.is_error(503, "server_unavailable");
    search(&lab).await.ok();
    lab.world.fault(fault("POST", SEARCH, 9, 429));
    search(&lab).await.is_error(429, "too_many_requests");
    lab.world.clear_faults();
    search(&lab).await.ok();
}

#[tokio::test]
async fn a_status_has_its_headers_and_body_and_no_effect() {
    let lab = Lab::start().await;
    let headers = vec![
        ("Retry-After".to_owned(), "7".to_owned()),
        ("Content-Type".to_owned(), "text/html".to_owned()),
    ];
    once(
        &lab,
        CREATE,
        FaultKind::Status {
            status: 502,
            headers,
            body: Some("<h1>Bad Gateway</h1>".into()),
        },
    );
    let reply = create(&lab, "made").await.expect("an answer");
    assert_eq!(
        (
            reply.status,
            reply.header("retry-after"),
            reply.text.as_str()
        ),
        (502, "7", "<h1>Bad Gateway</h1>")
    );
    assert_eq!(reply.header("content-type"), "text/html");
    assert!(!exists(&lab, "made"));
    let call = lab.world.calls().pop().expect("the call is logged");
    assert_eq!((call.status, call.error_type), (502, None));

    let error = FaultKind::Error {
        status: 400,
        error_type: "organization_slug_already_used".into(),
        message: "taken".into(),
    };
    once(&lab, CREATE, error);
    create(&lab, "made")
        .await
        .expect("an answer")
        .is_error(400, "organization_slug_already_used");
    assert!(!exists(&lab, "made"));
}

#[tokio::test]
async fn latency_delays_a_call() {
    let lab = Lab::start().await;
    once(&lab, SEARCH, FaultKind::Latency(Duration::from_millis(200)));
    let begun = Instant::now();
    search(&lab).await.ok();
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_hold_stops_the_call_before_its_effect() {
    let lab = Lab::start().await;
    let hold = HeldRequest::new();
    once(&lab, CREATE, FaultKind::Hold(hold.clone()));
    let (reply, ()) = tokio::join!(create(&lab, "made"), async {
        hold.reached().await;
        assert!(!exists(&lab, "made"));
        assert_eq!(
            lab.world.calls().last().map(|call| call.status),
            Some(0),
            "it is logged without a response"
        );
        hold.release();
    });
    reply.expect("an answer").ok();
    assert!(exists(&lab, "made"));
}

#[tokio::test]
async fn a_hold_after_stops_the_response() {
    let lab = Lab::start().await;
    let hold = HeldRequest::new();
    once(&lab, CREATE, FaultKind::HoldAfter(hold.clone()));
    let (reply, ()) = tokio::join!(create(&lab, "made"), async {
        hold.reached().await;
        assert!(exists(&lab, "made"));
        hold.release();
    });
    reply.expect("an answer").ok();
}

#[tokio::test]
async fn a_call_of_a_disconnected_caller_is_logged() {
    let lab = Lab::start().await;
    let hold = HeldRequest::new();
    once(&lab, SEARCH, FaultKind::Hold(hold.clone()));
    tokio::select! {
        _ = search(&lab) => panic!("it is held"),
        () = hold.reached() => {}
    }
    assert_eq!(lab.world.calls().len(), 1);
}

#[tokio::test]
async fn resets_end_the_connection_before_or_after_the_effect() {
    let lab = Lab::start().await;
    for (kind, happened) in [
        (FaultKind::ResetBefore, false),
        (FaultKind::ResetMid, true),
        (FaultKind::ResetAfter, true),
    ] {
        let name = format!("{kind:?}");
        let slug = name.to_lowercase();
        once(&lab, CREATE, kind);
        let error = create(&lab, &slug).await.expect_err("no answer");
        assert!(
            !error.is_connect() && !error.is_timeout(),
            "{name}: {error:?}"
        );
        assert_eq!(exists(&lab, &slug), happened, "{name}");
        let creates = lab
            .world
            .calls()
            .iter()
            .filter(|call| call.path == CREATE)
            .count();
        assert_eq!(creates, 1, "{name}: the client does not retry");
        lab.world.clear_calls();
    }
    search(&lab).await.ok();
}

#[tokio::test]
async fn a_reset_in_the_middle_has_headers_and_half_a_body() {
    let lab = Lab::start().await;
    once(&lab, SEARCH, FaultKind::ResetMid);
    let own = lab.credentials();
    let request = lab
        .http
        .post(format!("{}{SEARCH}", lab.url))
        .basic_auth(own.project_id, Some(own.secret));
    let mut response = request.json(&json!({})).send().await.expect("headers");
    assert_eq!(response.status(), 200);
    let promised = response.content_length().expect("a length");
    let mut received = 0;
    let ended = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received += chunk.len() as u64,
            other => break other,
        }
    };
    assert!(
        ended.is_err() && received > 0 && received < promised,
        "{received} of {promised}"
    );
}

#[tokio::test]
async fn unreadable_responses_are_sent() {
    let lab = Lab::start().await;
    let whole = search(&lab).await.text.len();
    once(&lab, SEARCH, FaultKind::Garbage);
    let reply = search(&lab).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.text.is_empty() && serde_json::from_str::<Value>(&reply.text).is_err());
    once(&lab, SEARCH, FaultKind::Empty);
    let reply = search(&lab).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    once(&lab, SEARCH, FaultKind::Truncated);
    let reply = search(&lab).await;
    assert_eq!((reply.status, reply.text.len()), (200, whole / 2));
    assert!(serde_json::from_str::<Value>(&reply.text).is_err());
    once(&lab, CREATE, FaultKind::Truncated);
    create(&lab, "made").await.expect("an answer");
    assert!(
        exists(&lab, "made"),
        "the call of a truncated response has happened"
    );
}

#[tokio::test]
async fn a_huge_response_does_not_end() {
    let lab = Lab::start().await;
    once(&lab, SEARCH, FaultKind::Huge);
    let own = lab.credentials();
    let request = lab
        .http
        .post(format!("{}{SEARCH}", lab.url))
        .basic_auth(own.project_id, Some(own.secret));
    let mut response = request.json(&json!({})).send().await.expect("headers");
    assert_eq!(
        (response.status().as_u16(), response.content_length()),
        (200, None)
    );
    let mut received = 0;
    while received < 8 * 1024 * 1024 {
        received += response.chunk().await.expect("more").expect("more").len();
    }
}

#[tokio::test]
async fn a_drip_is_sent_byte_by_byte() {
    let lab = Lab::start().await;
    once(&lab, SEARCH, FaultKind::Drip);
    let own = lab.credentials();
    let request = lab
        .http
        .post(format!("{}{SEARCH}", lab.url))
        .basic_auth(own.project_id, Some(own.secret));
    let mut response = request.json(&json!({})).send().await.expect("headers");
    let first = response.chunk().await.expect("a byte").expect("a byte");
    assert_eq!(&first[..], b"{");
    let second = tokio::time::timeout(Duration::from_millis(300), response.chunk()).await;
    assert!(second.is_err(), "the next byte takes a second");
}

#[tokio::test]
async fn a_redirect_is_sent() {
    let lab = Lab::start().await;
    once(
        &lab,
        SEARCH,
        FaultKind::Redirect("http://127.0.0.1:9/elsewhere".into()),
    );
    let reply = search(&lab).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (302, "http://127.0.0.1:9/elsewhere")
    );
}

#[tokio::test]
async fn unexpected_but_valid_responses_are_sent() {
    let lab = Lab::start().await;
    once(&lab, SEARCH, FaultKind::ExtraFields);
    let answer = search(&lab).await.ok();
    for object in [
        &answer,
        &answer["organizations"][0],
        &answer["results_metadata"],
        &answer["organizations"][0]["trusted_metadata"],
    ] {
        assert!(object["sandbox_unknown_field"].is_object(), "{object}");
    }
    once(
        &lab,
        "/v1/b2b/oauth/discovery/authenticate",
        FaultKind::UnknownEnum,
    );
    let answer = lab.discover("google", "ada@acme.example").await;
    let entry = &answer["discovered_organizations"][0];
    for word in [
        &answer["provider_type"],
        &entry["membership"]["type"],
        &entry["organization"]["auth_methods"],
        &entry["membership"]["member"]["status"],
    ] {
        assert_eq!(word, "sandbox_unknown_word");
    }
    assert_eq!(
        entry["organization"]["allowed_auth_methods"],
        json!(["sandbox_unknown_word"])
    );

    let acme = lab.organization("acme")["organization_id"].clone();
    once(
        &lab,
        "/v1/b2b/oauth/authenticate",
        FaultKind::OtherOrganization,
    );
    let answer = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let other = text(&answer["organization_id"]);
    assert!(other.starts_with("organization-test-") && acme != *other);
    for id in [
        &answer["organization"],
        &answer["member"],
        &answer["member_session"],
    ] {
        assert_eq!(id["organization_id"], *other);
    }
    assert_eq!(answer["organization"]["organization_slug"], "somebody-else");
}

#[tokio::test]
async fn faults_work_on_the_jwks() {
    let lab = Lab::start().await;
    let path = format!("/v1/b2b/sessions/jwks/{}", lab.credentials().project_id);
    let kind = FaultKind::Status {
        status: 500,
        headers: vec![],
        body: None,
    };
    lab.world.fault(Fault {
        method: "GET".into(),
        path: path.clone(),
        times: 1,
        kind,
    });
    lab.get(&path).await.is_error(500, "internal_server_error");
    lab.get(&path).await.ok();
}
