//! The calls and messages of an app in the console.

use serde_json::json;

use super::{accepted, page, path};
use crate::lab::Lab;

#[tokio::test]
async fn calls_can_be_searched_and_followed() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    lab.exchange("x", "acme").await;
    let text = page(&lab, "/calls").await;
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    assert!(
        at("sessions/exchange") < at("oauth/authenticate"),
        "newest first"
    );
    let found = page(&lab, "/calls?q=error").await;
    assert!(found.contains("sessions/exchange") && !found.contains("oauth/authenticate"));
    assert!(
        found.contains("/calls?q=error&#38;follow=yes\""),
        "the search stays"
    );
    let followed = lab.open(&format!("{}/calls?follow=yes", path(&lab))).await;
    assert_eq!(followed.header("refresh"), "3");
    let still = lab.open(&format!("{}/calls", path(&lab))).await;
    assert!(!still.headers.contains_key("refresh"));
}

#[tokio::test]
async fn the_body_of_a_call_has_no_secrets() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let body = json!({ "session_token": token, "session_duration_minutes": 77 });
    lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
    let id = lab.world.calls().pop().expect("the call").request_id;
    assert!(
        page(&lab, "/calls")
            .await
            .contains(&format!("calls/{id}\""))
    );
    let text = page(&lab, &format!("/calls/{id}")).await;
    assert!(
        text.contains("\n  &#34;session_duration_minutes&#34;: 77"),
        "{text}"
    );
    assert!(text.contains("***") && !text.contains(&token), "{text}");
}

#[tokio::test]
async fn messages_are_shown_and_cleared() {
    let lab = Lab::start().await;
    let send = "/v1/b2b/magic_links/email/discovery/send";
    let body = json!({ "email_address": "ada@acme.example" });
    lab.post(send, body).await.ok();
    let text = page(&lab, "/messages").await;
    assert!(text.contains("ada@acme.example") && text.contains("Open the link"));
    assert!(page(&lab, "/messages?q=bob").await.contains("None found."));
    assert_eq!(
        accepted(&lab, "messages", &[]).await,
        "/messages?done=cleared"
    );
    assert!(lab.world.messages().is_empty());
}

/// A call whose token does not work says why.
#[tokio::test]
async fn a_refused_token_is_explained() {
    let lab = Lab::start().await;
    let body = json!({ "oauth_token": lab.oauth_token("google", "ada@acme.example", "acme") });
    let path = "/v1/b2b/oauth/authenticate";
    lab.post(path, body.clone()).await.ok();
    lab.post(path, body).await;
    let ids = lab.world.calls().into_iter().rev().map(|it| it.request_id);
    let [refused, accepted] = ids.take(2).collect::<Vec<_>>().try_into().expect("two");
    let text = page(&lab, &format!("/calls/{refused}")).await;
    assert!(text.contains("oauth_token was used"), "{text}");
    assert!(text.contains(&accepted), "{text}");
    let text = page(&lab, &format!("/calls/{accepted}")).await;
    assert!(!text.contains("<dt>Token</dt>"), "{text}");
}
