//! The rule that keeps a sandbox away from real accounts and from public addresses.

use std::{fmt, net::SocketAddr};

use url::{Host, Url};

/// Checks whether an app may start a sandbox.
///
/// A sandbox lets everyone in, so an app that has lost its credentials must refuse to start instead of falling back to
/// a sandbox on a public address. `credentials_set` is whether any of `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and
/// `STYTCH_PUBLIC_TOKEN` is set; `bind` and `app_url` are the app's listening address and public URL.
pub fn may_start(
    credentials_set: bool,
    bind: SocketAddr,
    app_url: &Url,
    sandbox_bind: SocketAddr,
) -> Result<(), Refused> {
    let mut reasons = Vec::new();
    if credentials_set {
        reasons.push(Refusal::CredentialsSet);
    }
    if !bind.ip().is_loopback() {
        reasons.push(Refusal::Bind(bind));
    }
    if !is_loopback(app_url) {
        reasons.push(Refusal::AppUrl(app_url.clone()));
    }
    if !sandbox_bind.ip().is_loopback() {
        reasons.push(Refusal::SandboxBind(sandbox_bind));
    }
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(Refused(reasons))
    }
}

/// All reasons why no sandbox may start. Its `Display` prints one reason per line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(Vec<Refusal>);

impl Refused {
    /// The reasons, at least one.
    pub fn reasons(&self) -> &[Refusal] {
        &self.0
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> = self.0.iter().map(Refusal::to_string).collect();
        f.write_str(&reasons.join("\n"))
    }
}

impl std::error::Error for Refused {}

/// One reason why no sandbox may start. Its `Display` names the variable, the rule and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The environment contains credentials of a real project.
    #[error(
        "STYTCH_PROJECT_ID, STYTCH_SECRET or STYTCH_PUBLIC_TOKEN is set, so no sandbox starts: remove all three to use \
         the sandbox"
    )]
    CredentialsSet,
    /// The app listens on an address that other machines can reach.
    #[error(
        "without STYTCH_PROJECT_ID, STYTCH_SECRET and STYTCH_PUBLIC_TOKEN the sandbox would let everybody in, so BIND \
         must be a loopback address, not {0}"
    )]
    Bind(SocketAddr),
    /// Browsers reach the app under a public host name.
    #[error(
        "without STYTCH_PROJECT_ID, STYTCH_SECRET and STYTCH_PUBLIC_TOKEN the sandbox would let everybody in, so \
         APP_URL must be on localhost, not {0}"
    )]
    AppUrl(Url),
    /// The sandbox itself would listen on an address that other machines can reach.
    #[error("SANDBOX_BIND must be a loopback address, not {0}")]
    SandboxBind(SocketAddr),
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
