//! Registering, listing and deleting webhooks.

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{Limits, Options, Sandbox};

use super::{Receiver, control, create_member, deliveries, good, look, register, steer};
use crate::{
    control::refused,
    lab::{Lab, text},
};

const ALL: [&str; 6] = [
    "direct.organization.create",
    "direct.organization.update",
    "direct.organization.delete",
    "direct.member.create",
    "direct.member.update",
    "direct.member.delete",
];

async fn delete(lab: &Lab, id: &str) -> crate::lab::Reply {
    let path = format!("/projects/{}/webhooks/{id}", lab.credentials().project_id);
    control(lab, Method::DELETE, &path, None).await
}

#[tokio::test]
async fn a_webhook_has_a_secret_and_all_events() {
    let lab = Lab::start().await;
    let reply = steer(
        &lab,
        "webhooks",
        json!({ "url": "http://localhost:3000/hooks" }),
    )
    .await;
    assert_eq!(reply.status, 201);
    let made = good(&reply);
    assert_eq!(made.as_object().expect("an object").len(), 4, "{made}");
    assert!(text(&made["webhook_id"]).starts_with("webhook-test-"));
    assert_eq!(made["url"], "http://localhost:3000/hooks");
    assert_eq!(made["events"], json!(ALL));
    let secret = text(&made["secret"]);
    assert!(
        secret.starts_with("whsec_") && secret.len() == 38,
        "{secret}"
    );
    assert!(lab.world.minted_secrets().contains(&secret));

    let pinned = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = json!({ "url": "http://[::1]:3000/", "events": [ALL[3], ALL[0], ALL[3]], "secret": pinned });
    let other = good(&steer(&lab, "webhooks", body).await);
    assert_eq!(
        (&other["secret"], &other["events"]),
        (&json!(pinned), &json!([ALL[3], ALL[0]]))
    );
    assert_eq!(
        look(&lab, "webhooks").await,
        json!({ "webhooks": [made, other] })
    );

    let id = text(&made["webhook_id"]);
    assert_eq!(good(&delete(&lab, &id).await), json!({}));
    assert_eq!(look(&lab, "webhooks").await, json!({ "webhooks": [other] }));
    refused(&delete(&lab, &id).await, 404, "webhook_id");
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    let url = "http://localhost:3000/";
    let mistakes: [(Value, &str); 9] = [
        (json!({}), "url"),
        (json!({ "url": url, "event": [] }), "event"),
        (json!({ "url": url, "events": [] }), "events"),
        (
            json!({ "url": url, "events": "direct.member.create" }),
            "events",
        ),
        (
            json!({ "url": url, "events": [ALL[0], "member.create"] }),
            "events[1]",
        ),
        (
            json!({ "url": url, "events": ["dashboard.member.create"] }),
            "events[0]",
        ),
        (json!({ "url": url, "secret": "" }), "secret"),
        (json!({ "url": url, "secret": "whsec_c2hvcnQ=" }), "secret"),
        (json!({ "url": url, "secret": 7 }), "secret"),
    ];
    for (body, field) in mistakes {
        refused(&steer(&lab, "webhooks", body).await, 400, field);
    }
    assert_eq!(look(&lab, "webhooks").await, json!({ "webhooks": [] }));
    let id = lab.credentials().project_id;
    for path in ["webhooks?x=1", "webhooks/deliveries?webhook=1"] {
        let path = format!("/projects/{id}/{path}");
        assert_eq!(
            control(&lab, Method::GET, &path, None).await.status,
            400,
            "{path}"
        );
    }
}

/// S29: the sandbox sends requests only to this machine and to hosts that its user has allowed.
#[tokio::test]
async fn only_this_machine_and_allowed_hosts_get_deliveries() {
    let mut lab = Lab::start().await;
    lab.sandbox = Sandbox::with(Options {
        allow_hosts: vec!["app".to_owned(), "10.0.0.7".to_owned()],
        ..Options::default()
    });
    lab.world = lab.sandbox.world();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    lab.url = format!("http://{}", listener.local_addr().expect("it listens"));
    let serving = lab.sandbox.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    for good in [
        "http://localhost/hooks",
        "http://LOCALHOST:3000",
        "http://127.0.0.1:3000/",
        "http://127.9.9.9/",
        "http://[::1]:3000/hooks?x=y",
        "http://app:3000/hooks",
        "http://10.0.0.7:3000/",
    ] {
        let reply = steer(&lab, "webhooks", json!({ "url": good })).await;
        assert_eq!(reply.status, 201, "{good}: {}", reply.text);
    }
    for bad in [
        "https://localhost:3000/",
        "http://169.254.169.254/latest/meta-data/",
        "http://example.com/",
        "http://app.example/",
        "http://localhost.example/",
        "http://127.0.0.1.nip.io/",
        "http://10.0.0.8/",
        "http://0.0.0.0:3000/",
        "http://[::ffff:127.0.0.1]:3000/",
        "http://[::]:3000/",
        "http://user@localhost:3000/",
        "http://:password@localhost:3000/",
        "http://localhost:3000/#part",
        "ftp://localhost/",
        "file:///etc/passwd",
        "localhost:3000",
        "/hooks",
        "",
    ] {
        refused(
            &steer(&lab, "webhooks", json!({ "url": bad })).await,
            400,
            "url",
        );
    }
}

#[tokio::test]
async fn a_webhook_receives_only_its_events() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let body = json!({ "url": receiver.url, "events": ["direct.member.delete"] });
    good(&steer(&lab, "webhooks", body).await);
    let member = create_member(&lab, "zoe@acme.example").await;
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        text(&member["member_id"])
    );
    lab.delete(&path).await.ok();
    assert_eq!(receiver.event().await["action"], "DELETE");
    assert_eq!(deliveries(&lab).await.len(), 1);
}

#[tokio::test]
async fn the_numbers_of_webhooks_and_deliveries_are_limited() {
    let lab = Lab::with(Limits {
        webhooks: 1,
        deliveries: 2,
        ..Limits::default()
    })
    .await;
    let first = register(&lab, "http://127.0.0.1:1/").await;
    let reply = steer(&lab, "webhooks", json!({ "url": "http://127.0.0.1:1/" })).await;
    assert_eq!(reply.status, 409, "{}", reply.text);
    assert_eq!(reply.json()["error_type"], "sandbox_too_many_webhooks");
    for name in ["a", "b", "c"] {
        create_member(&lab, &format!("{name}@acme.example")).await;
    }
    let list = look(&lab, "webhooks/deliveries").await;
    let emails: Vec<&Value> = list["deliveries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["payload"]["member"]["email_address"])
        .collect();
    assert_eq!(emails, ["c@acme.example", "b@acme.example"]);
    assert_eq!(list["dropped"], 1);
    let id = text(&first["webhook_id"]);
    let of = |id: &str| format!("webhooks/deliveries?webhook_id={id}");
    assert_eq!(
        look(&lab, &of(&id)).await["deliveries"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(look(&lab, &of("other")).await["deliveries"], json!([]));
}

/// A deleted project sends nothing.
#[tokio::test]
async fn each_project_has_its_own_webhooks() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    register(&lab, &receiver.url).await;
    let world = lab.sandbox.create_world(
        stytch_sandbox::Seed::Default,
        stytch_sandbox::RedirectUrls::default(),
    );
    world.patch_member("acme", "ada@acme.example", json!({ "name": "Other" }));
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "name": "Own" }));
    assert_eq!(receiver.event().await["member"]["name"], "Own");
    assert!(receiver.is_empty());
}
