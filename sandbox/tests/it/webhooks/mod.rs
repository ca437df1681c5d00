//! Webhooks: events, deliveries and retries.

mod deliveries;
mod events;
pub mod mirror;
mod receiver;
mod registration;
mod retries;

use serde_json::{Value, json};

use self::receiver::Receiver;
use super::{
    control::{control, good, look, steer},
    lab::Lab,
};

/// Registers a webhook for all events, and returns its object.
async fn register(lab: &Lab, url: &str) -> Value {
    good(&steer(lab, "webhooks", json!({ "url": url })).await)
}

/// The project's deliveries, newest first.
async fn deliveries(lab: &Lab) -> Vec<Value> {
    let list = look(lab, "webhooks/deliveries").await["deliveries"].take();
    list.as_array().expect("a list").clone()
}

/// Waits until the deliveries pass this check, at most ten seconds.
async fn wait_for(lab: &Lab, check: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let found = deliveries(lab).await;
        if check(&found) {
            return found;
        }
        assert!(std::time::Instant::now() < end, "{found:#?}");
        tokio::task::yield_now().await;
    }
}

/// Creates a member of Acme through the API, and returns the object.
async fn create_member(lab: &Lab, email: &str) -> Value {
    create(lab, "acme", email).await
}

/// Creates a member of this organization through the API, and returns the object.
async fn create(lab: &Lab, organization: &str, email: &str) -> Value {
    let body = json!({ "email_address": email });
    let path = format!("/v1/b2b/organizations/{organization}/members");
    lab.post(&path, body).await.ok()["member"].take()
}
