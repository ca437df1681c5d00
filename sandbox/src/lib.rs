//! A local Stytch B2B that replaces `https://test.stytch.com`, for development without an account and tests without a
//! network. It runs in this process, or as the program `stytch-sandbox`.
//!
//! It behaves as Stytch does where Stytch's behavior is known, and more strictly where it is not. It reads and writes
//! Stytch's JSON and shares no types with the app, so the app's tests fail if the app misspells a field.
//!
//! The modules are layers, from top to bottom; imports go down only (`tests/it/layers.rs`):
//!
//! - `server/`: connections, the sandbox's own URLs, the log of calls, faults on the wire
//! - `console/`: pages for people
//! - `control/`: JSON for tests
//! - `support/`: the vendor's URLs, each with its differences and its test
//! - `sdk/`: the API of the browser SDK
//! - `api/`, `public/`: the server API; the URLs that browsers open
//! - `http/`: requests, responses, authentication, matching of URLs
//! - `world/`: one world with its methods for tests in this process; all worlds of a sandbox
//! - `seed/`: the initial content of a world; `seed/default.toml` is the built-in one
//! - `rules/`: who can sign in, join and act, and every change of a world's state
//! - `model/`: the plain data of a world
//!
//! Each project is a separate world with its own organizations, members, people, sessions, clock, faults and call log.
//!
//! In a test, the sandbox runs in the same process. The test signs a person in without a browser, and the app under
//! test uses the token as it would at Stytch:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use stytch_sandbox::{Approval, Flow, Sandbox};
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let base_url = format!("http://{}", listener.local_addr()?);
//! let sandbox = Sandbox::new("http://localhost:3000");
//! let world = sandbox.world();
//! tokio::spawn(async move { sandbox.serve(listener, std::future::pending()).await });
//!
//! // The token that the provider's page would send to the app when Ada signs in to Acme.
//! let approved = world.approve(Approval {
//!     flow: Flow::Oauth,
//!     provider: "google",
//!     email: "ada@acme.example",
//!     organization: Some("acme"),
//!     pkce_code_challenge: None,
//! });
//!
//! // The call that the app makes with it.
//! let credentials = world.credentials();
//! let response = reqwest::Client::new()
//!     .post(format!("{base_url}/v1/b2b/oauth/authenticate"))
//!     .basic_auth(&credentials.project_id, Some(&credentials.secret))
//!     .json(&serde_json::json!({ "oauth_token": approved.token }))
//!     .send()
//!     .await?;
//! assert_eq!(response.status(), 200);
//!
//! // The log of calls shows what the app sent.
//! assert_eq!(world.calls()[0].path, "/v1/b2b/oauth/authenticate");
//! # Ok(())
//! # }
//! ```

#![warn(clippy::use_self)]

mod api;
mod console;
mod control;
mod http;
mod model;
mod public;
mod rules;
mod sdk;
mod seed;
mod server;
pub mod support;
mod world;

pub use crate::{
    http::{
        hosts::{host_name, public_url},
        origins::origin,
    },
    model::{
        calls::Call,
        faults::{Fault, FaultKind},
        held_request::HeldRequest,
        inbox::{Channel, Message},
        limits::Limits,
        password_settings::{PasswordSettings, StrengthPolicy},
        policy::Policy as RbacPolicy,
        project::{Credentials, Locks, ProjectSettings, RedirectUrls, redirect_url},
    },
    rules::approve::{Approval, Approved, Flow},
    seed::{Mistake, Seed, SeedMistakes, cast::Cast},
    server::listeners::Listeners,
    world::{
        World,
        keeper::StateKeeper,
        local_only::{Refusal, Refused, may_start},
        sandbox::{Options, Sandbox},
        worlds::Taken,
    },
};
