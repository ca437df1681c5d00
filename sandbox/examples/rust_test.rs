//! Tests of an app against the sandbox in the same process: no account, no network, no port to choose. Copy what you need.
//!
//! `cargo test -p stytch-sandbox --example rust_test` runs them. Your `Cargo.toml` needs:
//!
//! ```toml
//! [dev-dependencies]
//! stytch-sandbox = { git = "<URL of this repository>" }
//! ```

use serde_json::{Value, json};
use stytch_sandbox::Credentials;

/// The app under test: it authenticates the token that arrives at its redirect URL. Your app reads the base URL and the
/// credentials from its configuration.
pub async fn sign_in(
    base_url: &str,
    credentials: &Credentials,
    token: &str,
) -> Result<Value, String> {
    let url = format!("{base_url}/v1/b2b/oauth/authenticate");
    let request = reqwest::Client::new()
        .post(url)
        .basic_auth(&credentials.project_id, Some(&credentials.secret))
        .json(&json!({ "oauth_token": token, "session_duration_minutes": 60 }));
    let response = request.send().await.map_err(|error| error.to_string())?;
    let body: Value = response.json().await.map_err(|error| error.to_string())?;
    match body["error_type"].as_str() {
        None => Ok(body["member"].clone()),
        Some(error_type) => Err(error_type.to_owned()),
    }
}

fn main() {
    println!("Run the tests: cargo test -p stytch-sandbox --example rust_test");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use stytch_sandbox::{Approval, Fault, FaultKind, Flow, RedirectUrls, Sandbox, Seed, World};
    use tokio::net::TcpListener;

    use super::sign_in;

    /// A new world for each test, so its changes, clock and faults do not affect other tests.
    async fn world() -> World {
        let sandbox = Sandbox::new("http://localhost:3000");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let world = sandbox.create_world(
            Seed::Default,
            RedirectUrls::of_new_project("http://localhost:3000"),
        );
        let address = listener.local_addr().expect("it listens");
        tokio::spawn(async move { sandbox.serve(listener, std::future::pending()).await });
        // From here on, `world.base_url()` leads to the listener.
        while !world.base_url().ends_with(&address.to_string()) {
            tokio::task::yield_now().await;
        }
        world
    }

    /// The token that Google's consent page would send to the app when Ada signs in to Acme.
    fn adas_token(world: &World) -> String {
        let approval = Approval {
            flow: Flow::Oauth,
            provider: "google",
            email: "ada@acme.example",
            organization: Some("acme"),
            pkce_code_challenge: None,
        };
        world.approve(approval).token
    }

    #[tokio::test]
    async fn a_member_signs_in() {
        let world = world().await;
        let token = adas_token(&world);
        let member = sign_in(&world.base_url(), world.credentials(), &token)
            .await
            .expect("a member");
        assert_eq!(member["email_address"], "ada@acme.example");
        assert_eq!(world.calls().len(), 1, "the app made one call");
    }

    #[tokio::test]
    async fn a_token_expires() {
        let world = world().await;
        let token = adas_token(&world);
        world.advance(Duration::from_mins(11));
        let refused = sign_in(&world.base_url(), world.credentials(), &token).await;
        assert_eq!(refused, Err("oauth_token_not_found".to_owned()));
    }

    #[tokio::test]
    async fn an_organization_restricts_its_sign_in_methods() {
        let world = world().await;
        world.patch_organization(
            "acme",
            json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] }),
        );
        let token = adas_token(&world);
        let refused = sign_in(&world.base_url(), world.credentials(), &token).await;
        assert!(refused.is_err(), "{refused:?}");
    }

    #[tokio::test]
    async fn stytch_is_down() {
        let world = world().await;
        world.fault(Fault {
            method: "POST".to_owned(),
            path: "/v1/b2b/oauth/*".to_owned(),
            times: 1,
            kind: FaultKind::ResetBefore,
        });
        let token = adas_token(&world);
        let (url, credentials) = (world.base_url(), world.credentials());
        assert!(sign_in(&url, credentials, &token).await.is_err());
        sign_in(&url, credentials, &token)
            .await
            .expect("the token was not used");
    }
}
