//! The inbox and the authenticator app over HTTP.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::{control, good, look, refused, steer};
use crate::lab::{Lab, Reply, text};

const LINK: &str = "/v1/b2b/magic_links/email/login_or_signup";
const CODE: &str = "/v1/b2b/otps/email/login_or_signup";

async fn send(lab: &Lab, path: &str, email: &str) {
    let body = json!({ "organization_id": "acme", "email_address": email });
    lab.post(path, body).await.ok();
}

async fn ask(lab: &Lab, what: &str) -> Reply {
    let path = format!("/projects/{}/{what}", lab.credentials().project_id);
    control(lab, Method::GET, &path, None).await
}

fn subjects(inbox: &Value) -> Vec<(String, String)> {
    let messages = inbox["messages"].as_array().expect("messages");
    let pair = |it: &Value| (text(&it["to"]), text(&it["kind"]));
    messages.iter().map(pair).collect()
}

#[tokio::test]
async fn messages_are_listed_newest_first_and_can_be_filtered() {
    let lab = Lab::start().await;
    assert_eq!(
        look(&lab, "inbox").await,
        json!({ "messages": [], "dropped": 0 })
    );
    send(&lab, LINK, "ada@acme.example").await;
    send(&lab, CODE, "ada@acme.example").await;
    send(&lab, CODE, "grace@acme.example").await;
    let all = look(&lab, "inbox").await;
    let newest = &all["messages"][0];
    let names: Vec<&String> = newest.as_object().expect("an object").keys().collect();
    assert_eq!(names.len(), 9, "{names:?}");
    for name in [
        "id", "channel", "to", "kind", "subject", "locale", "code", "link", "sent_at",
    ] {
        assert!(names.iter().any(|it| *it == name), "{name}");
    }
    assert_eq!(subjects(&all).len(), 3);
    assert_eq!(newest["to"], "grace@acme.example");
    assert_eq!(text(&newest["code"]).len(), 6);
    let adas = look(&lab, "inbox?to=ADA%40acme.example&channel=email").await;
    assert_eq!(subjects(&adas).len(), 2);
    let link = text(&adas["messages"][1]["link"]);
    assert!(link.starts_with(&lab.url), "{link}");
    let followed = Reply::send(lab.http.get(&link)).await;
    assert_eq!(followed.status, 302, "the link works");
    assert_eq!(subjects(&look(&lab, "inbox?channel=sms").await), []);
    good(&steer(&lab, "reset", json!({})).await);
    assert_eq!(
        look(&lab, "inbox").await,
        json!({ "messages": [], "dropped": 0 })
    );
}

/// The call returns when the message arrives, before the end of the wait.
#[tokio::test]
async fn it_waits_for_the_first_matching_message() {
    let lab = Lab::start().await;
    let begun = Instant::now();
    let (inbox, ()) = tokio::join!(
        look(&lab, "inbox?to=grace%40acme.example&wait_seconds=60"),
        async {
            send(&lab, CODE, "ada@acme.example").await;
            send(&lab, CODE, "grace@acme.example").await;
        }
    );
    assert_eq!(subjects(&inbox).len(), 1);
    assert_eq!(inbox["messages"][0]["to"], "grace@acme.example");
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    let nothing = look(&lab, "inbox?to=nobody%40acme.example&wait_seconds=0").await;
    assert_eq!(nothing, json!({ "messages": [], "dropped": 0 }));
}

/// A test that knows the newest message can wait for the next one.
#[tokio::test]
async fn it_waits_for_messages_after_a_given_one() {
    let lab = Lab::start().await;
    send(&lab, CODE, "grace@acme.example").await;
    send(&lab, CODE, "ada@acme.example").await;
    let known = text(&look(&lab, "inbox").await["messages"][0]["id"]);
    let since = format!("inbox?since={known}");
    assert_eq!(subjects(&look(&lab, &since).await), []);
    let waiting = format!("{since}&to=grace%40acme.example&wait_seconds=60");
    let begun = Instant::now();
    let (inbox, ()) = tokio::join!(look(&lab, &waiting), async {
        send(&lab, CODE, "ada@acme.example").await;
        send(&lab, LINK, "grace@acme.example").await;
    });
    assert_eq!(
        subjects(&inbox),
        [("grace@acme.example".to_owned(), "signup".to_owned())]
    );
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    assert_eq!(subjects(&look(&lab, &since).await).len(), 2);
    refused(&ask(&lab, "inbox?since=message-1").await, 404, "since");
}

/// Links and codes in removed messages still work. A call that waits for messages after a removed one gets the next
/// one.
#[tokio::test]
async fn messages_can_be_cleared() {
    let lab = Lab::start().await;
    send(&lab, LINK, "ada@acme.example").await;
    let (_, token) = lab.follow("ada@acme.example").await;
    let known = text(&look(&lab, "inbox").await["messages"][0]["id"]);
    let path = format!("/projects/{}/inbox", lab.credentials().project_id);
    let waiting = format!("inbox?since={known}&wait_seconds=60");
    let (inbox, ()) = tokio::join!(look(&lab, &waiting), async {
        good(&control(&lab, Method::DELETE, &path, None).await);
        send(&lab, CODE, "grace@acme.example").await;
    });
    assert_eq!(subjects(&inbox).len(), 1);
    good(&control(&lab, Method::DELETE, &path, None).await);
    assert_eq!(
        look(&lab, "inbox").await,
        json!({ "messages": [], "dropped": 0 })
    );
    lab.spend_link(&token).await.ok();
}

#[tokio::test]
async fn an_authenticator_app_shows_its_code() {
    let lab = Lab::start().await;
    let carol = text(&lab.member("initech", "carol@initech.example")["member_id"]);
    let ada = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    let freeze = json!({ "freeze_at": "2030-01-01T00:00:00Z" });
    good(&steer(&lab, "clock", freeze).await);
    let first = look(&lab, &format!("totp?member_id={carol}")).await;
    assert_eq!(text(&first["code"]).len(), 6);
    assert_eq!(look(&lab, &format!("totp?member_id={carol}")).await, first);
    good(&steer(&lab, "clock", json!({ "advance_seconds": 30 })).await);
    assert_ne!(look(&lab, &format!("totp?member_id={carol}")).await, first);
    refused(
        &ask(&lab, &format!("totp?member_id={ada}")).await,
        404,
        "member_id",
    );
    refused(&ask(&lab, "totp?member_id=nobody").await, 404, "member_id");
    refused(&ask(&lab, "totp").await, 400, "member_id");
    refused(
        &ask(&lab, "totp?member_id=x&organization=y").await,
        400,
        "organization",
    );
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    for (query, field) in [
        ("channel=fax", "channel"),
        ("wait_seconds=soon", "wait_seconds"),
        ("wait_seconds=-1", "wait_seconds"),
        ("wait_seconds=301", "wait_seconds"),
        ("from=ada%40acme.example", "from"),
    ] {
        refused(&ask(&lab, &format!("inbox?{query}")).await, 400, field);
    }
    let unknown = control(&lab, Method::GET, "/projects/nobody/inbox", None).await;
    refused(&unknown, 404, "project_id");
    let path = format!(
        "{}/_sandbox/projects/{}/inbox",
        lab.url,
        lab.credentials().project_id
    );
    let elsewhere = lab.http.get(path).header("sec-fetch-site", "cross-site");
    assert_eq!(Reply::send(elsewhere).await.status, 403);
}

/// Links expire like other tokens.
#[tokio::test]
async fn a_link_can_be_made_to_expire() {
    let lab = Lab::start().await;
    send(&lab, LINK, "ada@acme.example").await;
    let (_, token) = lab.follow("ada@acme.example").await;
    good(&steer(&lab, "expire", json!({ "token": token })).await);
    refused(
        &steer(&lab, "expire", json!({ "token": token })).await,
        404,
        "token",
    );
    let reply = lab.spend_link(&token).await;
    assert!(reply.status >= 400, "{}", reply.text);
    send(&lab, LINK, "ada@acme.example").await;
    let (_, token) = lab.follow("ada@acme.example").await;
    lab.spend_link(&token).await.ok();
}

#[tokio::test]
async fn the_support_table_is_returned() {
    let lab = Lab::start().await;
    let table = good(&control(&lab, Method::GET, "/support", None).await);
    let endpoints = table["endpoints"].as_array().expect("endpoints");
    let of = |path: &str| {
        let found = endpoints.iter().find(|it| it["path"] == path);
        found.map(|it| text(&it["support"])).unwrap_or_default()
    };
    assert_eq!(of("/v1/b2b/oauth/authenticate"), "done");
    assert_eq!(of("/v1/b2b/impersonation/authenticate"), "not");
    assert!(
        endpoints
            .iter()
            .all(|it| !text(&it["path"]).starts_with("/_sandbox"))
    );
}
