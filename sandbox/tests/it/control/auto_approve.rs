//! Automatic approval of sign-ins.

use reqwest::Method;
use serde_json::{Value, json};

use super::{good, look, refused, steer};
use crate::lab::{Lab, Reply, text};

const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

async fn start(lab: &Lab, path: &str) -> Reply {
    let token = lab.credentials().public_token;
    lab.open(&format!("{path}public_token={token}")).await
}

/// The token in a redirect to the app.
#[track_caller]
fn token(reply: &Reply, begins: &str) -> String {
    let location = reply.header("location");
    assert!(location.starts_with(begins), "{location}");
    assert_eq!(reply.header("set-cookie"), "", "no page, no cookie");
    let (_, token) = location.split_once("&token=").expect("a token");
    token.to_owned()
}

/// The token belongs to this person and requires the verifier of the start.
#[tokio::test]
async fn every_start_url_redirects_to_the_app() {
    let lab = Lab::start().await;
    let email = "new.person@acme.example";
    let on = good(
        &steer(
            &lab,
            "auto_approve",
            json!({ "email": "New.Person@acme.example" }),
        )
        .await,
    );
    assert_eq!(on, json!({ "email": email }));
    assert_eq!(look(&lab, "auto_approve").await, on);
    let challenge = format!("pkce_code_challenge={CHALLENGE}&");

    let discovery = format!("/v1/b2b/public/oauth/google/discovery/start?{challenge}");
    let reply = start(&lab, &discovery).await;
    assert_eq!(reply.status, 302);
    let discovered = token(&reply, "http://localhost:3000/discovery?");
    let spend = |more: Value| {
        let mut body = more;
        body["discovery_oauth_token"] = json!(discovered);
        lab.post("/v1/b2b/oauth/discovery/authenticate", body)
    };
    spend(json!({}))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let answer = spend(json!({ "pkce_code_verifier": VERIFIER })).await.ok();
    assert_eq!(answer["email_address"], email);

    let login = format!("/v1/b2b/public/oauth/microsoft/start?slug=acme&{challenge}");
    let oauth = token(
        &start(&lab, &login).await,
        "http://localhost:3000/authenticate?",
    );
    let body = json!({ "oauth_token": oauth, "pkce_code_verifier": VERIFIER });
    let answer = lab.post("/v1/b2b/oauth/authenticate", body).await.ok();
    assert_eq!(answer["member"]["email_address"], email);

    let connection = crate::sso::SAML;
    let sso = format!("/v1/public/sso/start?connection_id={connection}&{challenge}");
    let sso = token(
        &start(&lab, &sso).await,
        "http://localhost:3000/authenticate?",
    );
    lab.spend_sso(&sso, json!({}))
        .await
        .is_error(400, "pkce_expected_code_verifier");
}

/// An invalid start URL is refused as usual, and HEAD starts no sign-in.
#[tokio::test]
async fn an_invalid_start_url_starts_no_sign_in() {
    let lab = Lab::start().await;
    good(&steer(&lab, "auto_approve", json!({ "email": "sam@acme.example" })).await);
    let people = look(&lab, "state").await["people"].clone();
    let bad =
        "/v1/b2b/public/oauth/google/discovery/start?discovery_redirect_url=http://evil.example&";
    assert_eq!(start(&lab, bad).await.status, 400);
    let head = lab.http.request(
        Method::HEAD,
        format!(
            "{}/v1/b2b/public/oauth/google/discovery/start?public_token={}",
            lab.url,
            lab.credentials().public_token
        ),
    );
    Reply::send(head).await;
    assert_eq!(
        look(&lab, "state").await["people"],
        people,
        "no person was created"
    );
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let lab = Lab::start().await;
    assert_eq!(look(&lab, "auto_approve").await, Value::Null);
    let on = json!({ "email": "ada@acme.example" });
    for off in ["auto_approve", "reset"] {
        good(&steer(&lab, "auto_approve", on.clone()).await);
        let body = match off {
            "reset" => json!({}),
            _ => json!({ "off": true }),
        };
        good(&steer(&lab, off, body).await);
        assert_eq!(look(&lab, "auto_approve").await, Value::Null, "{off}");
        // The page is shown again.
        let consent = lab.begin("google", "discovery/start", "").await;
        assert_eq!(consent.page().await.status, 200);
    }
    good(&steer(&lab, "auto_approve", on.clone()).await);
    for (body, field) in [
        (json!({}), "email"),
        (json!({ "email": "ada" }), "email"),
        (json!({ "email": 3 }), "email"),
        (json!({ "off": false }), "off"),
        (json!({ "off": true, "email": "bob@acme.example" }), "off"),
        (json!({ "mail": "bob@acme.example" }), "mail"),
    ] {
        refused(&steer(&lab, "auto_approve", body).await, 400, field);
        let still = text(&look(&lab, "auto_approve").await["email"]);
        assert_eq!(still, "ada@acme.example");
    }
}
