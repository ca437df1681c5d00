//! The vendor's documented rate limits, by the world's clock.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::Limits;

use super::lab::{Lab, Reply, text};

const ADA: &str = "ada@acme.example";
const SEARCHES: [&str; 2] = [
    "/v1/b2b/organizations/search",
    "/v1/b2b/organizations/members/search",
];
const LINK: &str = "/v1/b2b/magic_links/email/login_or_signup";
const DISCOVERY_LINK: &str = "/v1/b2b/magic_links/email/discovery/send";

async fn limited() -> Lab {
    let lab = Lab::with(Limits::default()).await;
    lab.world.freeze_at(lab.world.now());
    lab
}

/// Another project of the same sandbox.
async fn project(lab: &Lab, body: Value) -> Lab {
    let url = format!("{}/_sandbox/projects", lab.url);
    let made = Reply::send(lab.http.post(url).json(&body)).await.json();
    let world = lab
        .sandbox
        .project(&text(&made["project_id"]))
        .expect("a project");
    world.freeze_at(world.now());
    Lab {
        world,
        sandbox: lab.sandbox.clone(),
        url: lab.url.clone(),
        http: lab.http.clone(),
    }
}

fn to(email: &str) -> Value {
    json!({ "organization_id": "acme", "email_address": email })
}

fn is_refused(reply: &Reply) {
    reply.is_error(429, "too_many_requests");
}

#[tokio::test]
async fn each_search_can_be_called_a_hundred_times_a_minute() {
    let lab = limited().await;
    let body = json!({ "organization_ids": ["acme"] });
    for path in SEARCHES {
        for _ in 0..100 {
            lab.post(path, body.clone()).await.ok();
        }
        is_refused(&lab.post(path, body.clone()).await);
    }
    // Another project has its own windows, and the next minute is a new window.
    let other = project(&lab, json!({})).await;
    for path in SEARCHES {
        other.post(path, body.clone()).await.ok();
    }
    lab.world.advance(Duration::from_mins(1));
    for path in SEARCHES {
        lab.post(path, body.clone()).await.ok();
    }
}

#[tokio::test]
async fn an_address_can_receive_one_link_a_second() {
    let lab = limited().await;
    lab.post(LINK, to(ADA)).await.ok();
    let sent = lab.world.messages().len();
    is_refused(&lab.post(LINK, to("ADA@acme.example")).await);
    is_refused(
        &lab.post(DISCOVERY_LINK, json!({ "email_address": ADA }))
            .await,
    );
    is_refused(&lab.invite("initech", ADA, json!({})).await);
    assert_eq!(lab.world.messages().len(), sent);
    // Other addresses have their own limit, and codes do not count as links.
    lab.post(LINK, to("grace@acme.example")).await.ok();
    lab.post("/v1/b2b/otps/email/login_or_signup", to(ADA))
        .await
        .ok();
    lab.world.advance(Duration::from_secs(1));
    lab.post(DISCOVERY_LINK, json!({ "email_address": ADA }))
        .await
        .ok();
    // A call without an address gets the error about the address.
    let reply = lab.post(DISCOVERY_LINK, json!({})).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn rate_limits_can_be_turned_off() {
    let lab = limited().await;
    for (given, status) in [(json!(false), 200), (Value::Null, 429)] {
        for body in [
            json!({ "rate_limits": given }),
            json!({ "seed": { "organizations": [{ "name": "Acme", "slug": "acme" }], "rate_limits": given } }),
        ] {
            let other = project(&lab, body).await;
            let link = json!({ "email_address": ADA });
            other.post(DISCOVERY_LINK, link.clone()).await.ok();
            assert_eq!(other.post(DISCOVERY_LINK, link).await.status, status);
        }
    }
}
