//! Responses of Stytch that have status 200 and lack something.

mod absurd;
mod calls;
mod fields;
mod json;
mod pages;
mod whole;

use serde_json::{Value, json};
use stytch_sandbox::{Approval, Approved, Fault, FaultKind, Flow};

use crate::support::{
    TestApp,
    app::{DISCOVERY, EXCHANGE},
};

const TOTP: &str = "/v1/b2b/totp";

/// A real response of the sandbox.
async fn real(app: &TestApp, path: &str, body: Value) -> Value {
    let url = app.stytch_url.join(path).unwrap();
    let credentials = app.world.credentials();
    let request = reqwest::Client::new()
        .post(url)
        .basic_auth(&credentials.project_id, Some(&credentials.secret))
        .json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

/// Makes calls of this path return this body.
fn respond_with(app: &TestApp, path: &str, body: &Value) {
    app.world.fault(Fault {
        method: "*".into(),
        path: path.into(),
        times: 1,
        kind: FaultKind::Status {
            status: 200,
            headers: Vec::new(),
            body: Some(body.to_string()),
        },
    });
}

fn approved(app: &TestApp, provider: &str, email: &str, organization: Option<&str>) -> Approved {
    app.world.approve(Approval {
        flow: organization.map_or(Flow::DiscoveryOauth, |_| Flow::Oauth),
        provider,
        email,
        organization,
        pkce_code_challenge: None,
    })
}

/// The response at the end of Discovery with this provider.
async fn discovered(app: &TestApp, provider: &str, email: &str) -> Value {
    let token = approved(app, provider, email, None).token;
    let body = json!({"discovery_oauth_token": token});
    real(app, DISCOVERY, body).await
}

/// The response to such a person who enters an organization.
async fn exchanged(app: &TestApp, discovered: &Value, slug: &str) -> Value {
    let body = json!({
        "intermediate_session_token": discovered["intermediate_session_token"],
        "organization_id": id_of(discovered, slug),
    });
    real(app, EXCHANGE, body).await
}

fn id_of(discovered: &Value, slug: &str) -> String {
    let found = discovered["discovered_organizations"].as_array().unwrap();
    let organizations = found.iter().map(|found| &found["organization"]);
    let mut wanted = organizations.filter(|it| it["organization_slug"] == slug);
    let id = &wanted.next().unwrap()["organization_id"];
    id.as_str().unwrap().to_owned()
}

/// The body of a search for one organization.
fn by_slug(slug: &str) -> Value {
    json!({"limit": 1, "query": {"operator": "AND", "operands": [
        {"filter_name": "organization_slugs", "filter_value": [slug]},
    ]}})
}

/// The arguments of a call that sets up a second factor.
fn of_partial(due: &Value) -> Value {
    json!({
        "organization_id": due["organization"]["organization_id"],
        "member_id": due["member_id"],
        "intermediate_session_token": due["intermediate_session_token"],
    })
}

/// The path and the response of the last call for a provider's tokens.
async fn tokens(app: &TestApp) -> (String, Value) {
    let mut calls = app.world.calls().into_iter().map(|it| it.path);
    let path = calls.rfind(|it| it.contains("oauth_providers")).unwrap();
    let pinned = app.world.credentials();
    let request = reqwest::Client::new().get(app.stytch_url.join(&path).unwrap());
    let request = request.basic_auth(&pinned.project_id, Some(&pinned.secret));
    let response = request.send().await.unwrap();
    (path, response.json().await.unwrap())
}
