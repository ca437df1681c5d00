//! Limits for kept data, linear work, and long calls that do not delay others. Threat P14.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{
    Credentials, Fault, FaultKind, HeldRequest, Limits, RedirectUrls, Seed, World,
};

use super::{
    control::{control, good, look, refused, steer},
    lab::{Lab, Reply, text},
};

/// Longer than linear work on a slow machine, and much shorter than quadratic work.
const PATIENCE: Duration = Duration::from_mins(1);

fn small() -> Limits {
    Limits {
        projects: 4,
        calls: 5,
        messages: 3,
        sign_ins: 3,
        snapshots: 2,
        faults: 2,
        ..Limits::default()
    }
}

/// A call with these credentials.
async fn status(lab: &Lab, credentials: &Credentials) -> u16 {
    let request = lab
        .http
        .get(format!("{}/v1/b2b/organizations/acme", lab.url));
    let request = request.basic_auth(&credentials.project_id, Some(&credentials.secret));
    Reply::send(request).await.status
}

fn create(lab: &Lab) -> World {
    lab.sandbox
        .create_world(Seed::Default, RedirectUrls::default())
}

/// P14
#[tokio::test]
async fn the_oldest_projects_are_dropped_but_never_the_first() {
    let lab = Lab::with(small()).await;
    let worlds: Vec<World> = (0..6).map(|_| create(&lab)).collect();
    let list = good(&control(&lab, Method::GET, "/projects", None).await);
    assert_eq!(list["dropped"], 3);
    let ids: Vec<String> = list["projects"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| text(&it["project_id"]))
        .collect();
    let kept = [&lab.world, &worlds[3], &worlds[4], &worlds[5]];
    assert_eq!(
        ids,
        kept.map(|world| world.credentials().project_id.clone())
    );
    for world in &worlds[..3] {
        assert_eq!(status(&lab, world.credentials()).await, 401);
        let path = format!("/projects/{}/state", world.credentials().project_id);
        let gone = control(&lab, Method::GET, &path, None).await;
        refused(&gone, 404, "project_id");
        assert!(gone.text.contains("keeps the newest 4"), "{}", gone.text);
        let token = &world.credentials().public_token;
        let start = format!("/v1/b2b/public/oauth/google/discovery/start?public_token={token}");
        assert_eq!(lab.open(&start).await.status, 404);
    }
    for world in kept {
        assert_eq!(status(&lab, world.credentials()).await, 200);
    }
    let page = lab.open("/_sandbox/").await;
    assert!(page.text.contains("3 older projects were dropped"));
}

/// P14
#[tokio::test]
async fn a_project_can_be_deleted() {
    let lab = Lab::start().await;
    let first = lab.credentials();
    let world = create(&lab);
    let lab = Lab { world, ..lab };
    let own = lab.credentials();
    let consent = lab.begin("google", "discovery/start", "").await;
    assert_eq!(consent.page().await.status, 200);
    let hold = HeldRequest::new();
    lab.world.fault(Fault {
        method: "GET".into(),
        path: "/v1/b2b/organizations/acme".into(),
        times: 1,
        kind: FaultKind::Hold(hold.clone()),
    });
    let path = format!("/projects/{}", own.project_id);
    let answered = status(&lab, &own);
    let delete = async {
        while hold.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        control(&lab, Method::DELETE, &path, None).await
    };
    let both = async { tokio::join!(answered, delete) };
    let (answered, deleted) = tokio::time::timeout(PATIENCE, both).await.expect("let go");
    assert_eq!(good(&deleted), json!({}));
    assert_eq!(answered, 200, "a call in progress is completed");
    assert_eq!(status(&lab, &own).await, 401);
    assert_eq!(consent.page().await.status, 404);
    refused(
        &control(&lab, Method::DELETE, &path, None).await,
        404,
        "project_id",
    );
    let path = format!("/projects/{}", first.project_id);
    let kept = control(&lab, Method::DELETE, &path, None).await;
    refused(&kept, 409, "project_id");
    assert_eq!(status(&lab, &first).await, 200);
    let request = lab
        .http
        .delete(format!("{}/_sandbox{path}", lab.url))
        .header("sec-fetch-site", "cross-site");
    assert_eq!(Reply::send(request).await.status, 403);
}

/// P14
#[tokio::test]
async fn the_call_log_keeps_the_newest_calls_and_counts_the_others() {
    let lab = Lab::with(small()).await;
    for number in 0..5 {
        lab.get(&format!("/v1/b2b/organizations/o{number}")).await;
    }
    assert_eq!(look(&lab, "calls").await["dropped"], 0);
    let calls = format!("/_sandbox/console/{}/calls", lab.credentials().project_id);
    assert!(!lab.open(&calls).await.text.contains("were dropped"));
    for number in 5..8 {
        lab.get(&format!("/v1/b2b/organizations/o{number}")).await;
    }
    let log = look(&lab, "calls").await;
    assert_eq!(log["dropped"], 3);
    let paths: Vec<&Value> = log["calls"]
        .as_array()
        .expect("calls")
        .iter()
        .map(|call| &call["path"])
        .collect();
    let expected = [3, 4, 5, 6, 7].map(|number| format!("/v1/b2b/organizations/o{number}"));
    assert_eq!(paths, expected.each_ref());
    let page = lab.open(&calls).await.text;
    assert!(page.contains("3 older calls were dropped, because the log keeps the newest 5"));
    good(&steer(&lab, "reset", json!({})).await);
    assert_eq!(
        look(&lab, "calls").await,
        json!({ "calls": [], "dropped": 0 })
    );
}

/// P14
#[tokio::test]
async fn a_long_body_is_truncated_in_the_log() {
    let lab = Lab::start().await;
    for length in [10_000, 200_000] {
        let body = json!({ "organization_name": "é".repeat(length / 2) });
        lab.post("/v1/b2b/organizations", body).await;
    }
    let calls = lab.world.calls();
    assert_eq!(
        text(&calls[0].body["organization_name"]).len(),
        10_000,
        "a normal body is complete"
    );
    let cut = text(&calls[1].body);
    assert!(cut.starts_with("{\"organization_name\":\"éé") && cut.len() < 17_000);
    assert!(
        cut.ends_with("(cut: the body had 200024 bytes)"),
        "{}",
        &cut[cut.len() - 60..]
    );
}

/// P14
#[tokio::test]
async fn the_oldest_sign_ins_are_dropped() {
    let lab = Lab::with(small()).await;
    let mut pages = Vec::new();
    for _ in 0..5 {
        pages.push(lab.begin("google", "discovery/start", "").await);
        lab.world.advance(Duration::from_secs(1));
    }
    for (number, page) in pages.iter().enumerate() {
        let expected = if number < 2 { 404 } else { 200 };
        assert_eq!(page.page().await.status, expected, "{number}");
    }
    let gone = pages[0].page().await.text;
    assert!(gone.contains("only the newest 1,000 are kept"), "{gone}");
    let back = pages[2].choose("ada@acme.example").await;
    assert!(back.header("location").contains("token="));
    assert_eq!(pages[4].page().await.status, 200);
}

/// P14
#[tokio::test]
async fn the_oldest_messages_are_dropped() {
    let lab = Lab::with(small()).await;
    let mut oldest = String::new();
    for number in 0..5 {
        let body = json!({ "email_address": format!("p{number}@x.example") });
        lab.post("/v1/b2b/otps/email/discovery/send", body)
            .await
            .ok();
        if number == 0 {
            oldest = text(&look(&lab, "inbox").await["messages"][0]["code"]);
        }
        lab.world.advance(Duration::from_secs(1));
    }
    let body = json!({ "email_address": "p0@x.example", "code": oldest });
    let path = "/v1/b2b/otps/email/discovery/authenticate";
    assert_eq!(lab.post(path, body).await.status, 404);
    let inbox = look(&lab, "inbox").await;
    assert_eq!(inbox["dropped"], 2);
    let messages = inbox["messages"].as_array().expect("messages");
    let to: Vec<String> = messages.iter().map(|it| text(&it["to"])).collect();
    assert_eq!(to, ["p4@x.example", "p3@x.example", "p2@x.example"]);
    let code = text(&messages[0]["code"]);
    let body = json!({ "email_address": "p4@x.example", "code": code });
    lab.post("/v1/b2b/otps/email/discovery/authenticate", body)
        .await
        .ok();
}

/// P14
#[tokio::test]
async fn the_numbers_of_snapshots_and_faults_are_limited() {
    let lab = Lab::with(small()).await;
    let mut snapshots = Vec::new();
    for _ in 0..3 {
        snapshots.push(good(&steer(&lab, "snapshot", json!({})).await));
    }
    let gone = steer(&lab, "restore", snapshots[0].clone()).await;
    refused(&gone, 404, "snapshot");
    assert!(gone.text.contains("keeps the newest 2"), "{}", gone.text);
    good(&steer(&lab, "restore", snapshots[1].clone()).await);
    let fault = json!({ "method": "*", "path": "/v1/*", "kind": "empty" });
    for _ in 0..2 {
        good(&steer(&lab, "faults", fault.clone()).await);
    }
    let refused = steer(&lab, "faults", fault.clone()).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    lab.get("/v1/b2b/organizations/acme").await;
    good(&steer(&lab, "faults", fault).await);
}

/// P14
#[tokio::test]
async fn a_long_url_is_refused() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let start = format!("/v1/b2b/public/oauth/google/discovery/start?public_token={token}");
    let scopes = |length: usize| format!("&custom_scopes={}", "s".repeat(length));
    let long = lab.open(&(start.clone() + &scopes(8_192))).await;
    assert_eq!(long.status, 414);
    assert!(long.text.contains("8,192"), "{}", long.text);
    assert_eq!(lab.open(&(start + &scopes(7_000))).await.status, 302);
    let path = format!("/v1/b2b/organizations/{}", "o".repeat(9_000));
    assert_eq!(lab.get(&path).await.status, 414);
    assert_eq!(lab.world.calls().len(), 0);
}

/// P14: checking 30,000 members takes a second. Quadratic work would take an hour.
#[test]
fn a_seed_is_read_in_linear_time() {
    let organizations: Vec<Value> = (0..1_000)
        .map(|number| json!({ "name": format!("O {number}"), "slug": format!("o-{number}") }))
        .collect();
    let email = |number: usize| format!("p{number}@o.example");
    let people: Vec<Value> = (0..30_000)
        .map(|number| json!({ "name": "P", "email": email(number) }))
        .collect();
    let members: Vec<Value> = (0..30_000)
        .map(|number| json!({ "organization": format!("o-{}", number % 1_000), "email": email(number) }))
        .collect();
    let seed = json!({ "organizations": organizations, "people": people, "members": members });
    let text = serde_json::to_string_pretty(&seed).expect("JSON");
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(Seed::from_json(&text).is_ok()));
    assert_eq!(
        result.recv_timeout(PATIENCE),
        Ok(true),
        "reading the seed is too slow"
    );
}

/// P14: error messages do not list all organizations of a large seed.
#[test]
fn error_messages_about_a_large_seed_stay_short() {
    let organizations: Vec<Value> = (0..500)
        .map(|number| json!({ "name": format!("O {number}"), "slug": format!("o-{number}") }))
        .collect();
    let member = json!({ "organization": "nowhere", "email": "p@o.example" });
    let seed = json!({ "organizations": organizations, "members": [member] });
    let mistakes = Seed::from_value(&seed).expect_err("no such organization");
    let expected = &mistakes.first().expected;
    assert!(
        expected.ends_with("o-18, o-19 and 480 more") && expected.len() < 300,
        "{expected}"
    );
}

/// P14: the request has as many domains as fit into a body.
#[tokio::test]
async fn thousands_of_domains_are_checked_in_linear_time() {
    let lab = Lab::start().await;
    let domains: Vec<String> = (0..45_000)
        .map(|number| format!("d{number}.example"))
        .collect();
    for field in ["email_allowed_domains", "claimed_email_domains"] {
        let mut repeated = domains.clone();
        repeated.push("D44999.example".to_owned());
        for (list, expected) in [(repeated, 400), (domains.clone(), 200)] {
            let change = lab.put("/v1/b2b/organizations/acme", json!({ field: list }));
            let change = tokio::time::timeout(Duration::from_secs(10), change);
            let reply = change.await.expect("the work is linear");
            assert_eq!(reply.status, expected, "{}", &reply.text[..200]);
        }
    }
    // In another organization, all of them are already claimed.
    let taken = lab.put(
        "/v1/b2b/organizations/globex",
        json!({ "claimed_email_domains": domains }),
    );
    let taken = tokio::time::timeout(Duration::from_secs(10), taken);
    let taken = taken.await.expect("the work is linear");
    taken.is_error(400, "action_not_allowed_email_domain_is_claimed");
}

/// P14: the test has one thread for all connections. Reading the seed on it would block it for half a second.
#[tokio::test]
async fn a_long_call_does_not_delay_others() {
    let lab = Lab::start().await;
    let members: Vec<Value> = (0..6_000)
        .map(|number| json!({ "organization": "acme", "email": format!("p{number}@o.example") }))
        .collect();
    let acme = json!({ "name": "Acme", "slug": "acme" });
    let seed = json!({ "seed": { "organizations": [acme], "members": members } });
    let created = control(&lab, Method::POST, "/projects", Some(seed));
    let served = Arc::new(AtomicU32::new(0));
    let others = async {
        loop {
            assert_eq!(lab.open("/_sandbox/health").await.status, 200);
            lab.get("/v1/b2b/organizations/acme").await.ok();
            served.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::select! {
        reply = created => { good(&reply); }
        () = others => {}
    }
    let served = served.load(Ordering::Relaxed);
    assert!(served >= 5, "{served} calls were answered meanwhile");
}
