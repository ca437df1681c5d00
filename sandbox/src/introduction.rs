//! The text that the program prints when it starts to listen.

use std::net::SocketAddr;

use serde_json::json;
use stytch_sandbox::{Sandbox, StateKeeper};

/// The settings that an app needs. Printing the secret is safe, because it is in the program's public source and gives
/// access to this sandbox only.
pub fn text(sandbox: &Sandbox, address: SocketAddr, keeper: Option<&StateKeeper>) -> String {
    let world = sandbox.world();
    let credentials = world.credentials();
    let urls = world.redirect_urls();
    let list = |urls: &[String]| match urls {
        [] => "none".to_owned(),
        urls => urls.join(", "),
    };
    let (login, signup, discovery, invite) = (
        list(&urls.login),
        list(&urls.signup),
        list(&urls.discovery),
        list(&urls.invite),
    );
    let (own, browsers) = (format!("http://{address}"), world.base_url());
    let public_url = if browsers == own {
        String::new()
    } else {
        format!("\n  STYTCH_PUBLIC_URL={browsers}")
    };
    let state = keeper.map_or_else(String::new, |keeper| {
        format!("State: kept in {}\n", keeper.path().display())
    });
    format!(
        "stytch-sandbox listens on http://{address}

Point your app at it:
  STYTCH_BASE_URL=http://{address}/{public_url}
  STYTCH_PROJECT_ID={}
  STYTCH_SECRET={}
  STYTCH_PUBLIC_TOKEN={}

Redirect URLs
  login      {login}
  signup     {signup}
  discovery  {discovery}
  invite     {invite}

{state}Console: {browsers}/_sandbox/
Official SDKs: environment=\"http://{address}/\" in Python, env: \"http://{address}/\" in Node
Browser SDK: endpoints: {{ testAPIURL: \"{browsers}\" }}
",
        credentials.project_id, credentials.secret, credentials.public_token
    )
}

/// The credentials for programs, as one line of JSON.
pub fn json(sandbox: &Sandbox, address: SocketAddr) -> String {
    let world = sandbox.world();
    let credentials = world.credentials();
    let line = json!({
        "url": format!("http://{address}/"),
        "project_id": credentials.project_id,
        "secret": credentials.secret,
        "public_token": credentials.public_token,
    });
    format!("{line}\n")
}
