//! The vendor's browser SDK, unchanged and from its registry, in a page on another site than the sandbox.
//! `sandbox/tests/it/conformance/install` fetches it.

mod headless;
mod prebuilt;

use std::path::Path;

use axum::{Router, http::header::CONTENT_TYPE, response::Html, routing::get};
use serde_json::Value;
use stytch_sandbox::{Limits, Options, Sandbox, World};
use tokio::net::TcpListener;

use crate::chrome::{Chrome, until};

const ADA: &str = "ada@acme.example";
/// Ada's phone number at Initech.
const PHONE: &str = "+15555550100";

/// A page on `localhost` that calls a sandbox on `127.0.0.1`.
struct Site {
    world: World,
    /// Origin of the page.
    url: String,
}

impl Site {
    /// Starts a page with this script: `vanilla`, the SDK without a user interface, or `react`, the prebuilt one.
    async fn start(script: &str) -> Self {
        let page = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}", page.local_addr().unwrap().port());
        let sandbox = Sandbox::with(Options {
            app_url: url.clone(),
            limits: Limits {
                rate_limits: false, // a test is faster than a person
                ..Limits::default()
            },
            ..Options::default()
        });
        let world = sandbox.world();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { sandbox.serve(listener, std::future::pending()).await });
        let public_token = &world.credentials().public_token;
        let html = format!(
            "<!doctype html><title>App</title><div id=\"app\"></div>\
             <script>window.settings = {{ publicToken: \"{public_token}\", sandboxUrl: \"http://{address}\" }};</script>\
             <script src=\"/sdk.js\"></script>"
        );
        let script = bundle(script);
        let pages = Router::new()
            .route(
                "/sdk.js",
                get(async || ([(CONTENT_TYPE, "text/javascript")], script)),
            )
            .fallback(get(async || Html(html)));
        tokio::spawn(async move { axum::serve(page, pages).await });
        Self { world, url }
    }

    /// The code of the newest message to this address or number.
    fn code(&self, to: &str) -> String {
        self.message(to, |it| it.code)
    }

    /// The link of the newest email to this address.
    fn link(&self, to: &str) -> String {
        self.message(to, |it| it.link)
    }

    fn message(
        &self,
        to: &str,
        part: impl Fn(stytch_sandbox::Message) -> Option<String>,
    ) -> String {
        let messages = self.world.messages_to(Some(to), None);
        messages.into_iter().find_map(part).expect("a message")
    }

    /// The id of an organization's member.
    fn member(&self, slug: &str, email: &str) -> String {
        let id = self.organization(slug);
        let state = self.world.state();
        let mut members = state["members"].as_array().unwrap().iter();
        let found = members.find(|it| it["organization_id"] == *id && it["email_address"] == email);
        found.unwrap()["member_id"].as_str().unwrap().to_owned()
    }

    /// The id of an organization.
    fn organization(&self, slug: &str) -> String {
        let state = self.world.state();
        let mut organizations = state["organizations"].as_array().unwrap().iter();
        let found = organizations.find(|it| it["organization_slug"] == slug);
        found.unwrap()["organization_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// The file that `install` has built from one in `sandbox/tests/it/conformance/browser/`.
fn bundle(name: &str) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let file = target.join(format!("conformance/browser/{name}.js"));
    std::fs::read_to_string(file).expect("run sandbox/tests/it/conformance/install")
}

impl Chrome {
    /// Resolves a promise of the SDK. Its error is `{error_type, message}`.
    async fn sdk(&self, expression: &str) -> Result<Value, Value> {
        let ready = async || {
            let found = self.run("return typeof window.stytch").await;
            (found == "object").then_some(())
        };
        until(ready).await.expect("the page has the SDK");
        let script = format!(
            "const done = arguments[0]; \
             const shown = (it) => ({{ error_type: it.error_type, message: String(it.message) }}); \
             Promise.resolve({expression}).then((it) => done([it ?? null, null]), (it) => done([null, shown(it)]))"
        );
        let response = self.driver.execute_async(&script, Vec::new()).await;
        match response.unwrap().json().as_array().unwrap().as_slice() {
            [value, Value::Null] => Ok(value.clone()),
            [_, error] => Err(error.clone()),
            other => panic!("{other:?}"),
        }
    }

    /// Like `sdk`, for a promise that must not fail.
    async fn good(&self, expression: &str) -> Value {
        let response = self.sdk(expression).await;
        response.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }
}
