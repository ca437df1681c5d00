//! Settings of the Stytch project or sandbox: `STYTCH_…`, `SANDBOX_…` and `ALLOW_PUBLIC_SANDBOX`.

use std::{net::SocketAddr, path::PathBuf};

use url::Url;

use super::{Reader, is_loopback, is_near, is_sandbox};
use crate::stytch::Credentials;

/// The Stytch project or sandbox that the app uses.
#[derive(Clone, Debug)]
pub enum Account {
    /// A project with configured credentials: a Stytch account, or a separate sandbox.
    Real {
        /// The three values from the dashboard's API keys page.
        credentials: Credentials,
        /// URL for this server's calls: `https://test.stytch.com`, `https://api.stytch.com`, the project's custom
        /// domain, or the http URL of a sandbox.
        base_url: Url,
        /// URL for browsers. It differs from `base_url` only for a sandbox that browsers reach at another address.
        public_url: Url,
    },
    /// The embedded sandbox, if no credentials are configured.
    Sandbox {
        /// Address on which it listens.
        bind: SocketAddr,
        /// URL for browsers, if it differs from that address.
        public_url: Option<Url>,
        /// File with its organizations and people; `None` for the built-in ones.
        seed: Option<PathBuf>,
        /// Where it saves its state.
        state: SandboxState,
    },
}

/// Where the embedded sandbox saves its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxState {
    /// It does not save its state, and starts fresh each time.
    Off,
    /// In this file.
    File(PathBuf),
    /// Not configured: below `target/` if Cargo runs the app; otherwise the same as `Off`.
    Default,
}

impl SandboxState {
    /// The file, if there is one, and whether it was configured. `manifest_dir` is the value of `CARGO_MANIFEST_DIR`.
    pub fn file(&self, manifest_dir: Option<PathBuf>) -> Option<(PathBuf, bool)> {
        match self {
            Self::Off => None,
            Self::File(path) => Some((path.clone(), true)),
            Self::Default => {
                let file = manifest_dir?.join("target/sandbox-state.json");
                Some((file, false))
            }
        }
    }
}

impl Account {
    /// Whether it is a sandbox, where anyone can sign in as anyone.
    pub fn is_sandbox(&self) -> bool {
        match self {
            Self::Real { base_url, .. } => is_sandbox(base_url),
            Self::Sandbox { .. } => true,
        }
    }
}

impl Reader<'_> {
    pub(super) fn real_account(&mut self, credentials: Credentials, app_url: &Url) -> Account {
        let is_live = credentials.project_id.starts_with("project-live-");
        let (default, other) = if is_live {
            ("https://api.stytch.com", "test.stytch.com")
        } else {
            ("https://test.stytch.com", "api.stytch.com")
        };
        let base_url = self.origin("STYTCH_BASE_URL", default, is_near);
        let has_public_url = self.get("STYTCH_PUBLIC_URL").is_some();
        let public_url = if has_public_url {
            self.origin("STYTCH_PUBLIC_URL", default, is_near)
        } else {
            base_url.clone()
        };
        let mut both = vec![("STYTCH_BASE_URL", &base_url)];
        both.extend(has_public_url.then_some(("STYTCH_PUBLIC_URL", &public_url)));
        for (name, url) in both {
            if url.host_str() == Some(other) {
                self.wrong(format!(
                    "{name} and STYTCH_PROJECT_ID belong to different environments: remove {name}, or set it to {default}"
                ));
            }
        }
        if is_sandbox(&base_url) {
            if is_live {
                self.wrong("STYTCH_BASE_URL is http, which only a sandbox uses, but STYTCH_PROJECT_ID belongs to the live environment: remove STYTCH_BASE_URL, or use the sandbox's credentials".to_owned());
            }
            self.sandbox_reachable_from(app_url, has_public_url, "STYTCH_PUBLIC_URL");
            self.not_of_the_vendor("STYTCH_PUBLIC_URL", &public_url);
        } else if public_url.scheme() == "http" && base_url.scheme() == "https" {
            self.wrong("STYTCH_PUBLIC_URL is http, which only a sandbox uses, but STYTCH_BASE_URL is https: set both for the same Stytch".to_owned());
        }
        Account::Real {
            credentials,
            base_url,
            public_url,
        }
    }

    /// Requires that only this machine can reach the sandbox. An app that is deployed without its credentials must
    /// refuse to start, instead of letting everyone in.
    pub(super) fn sandbox(&mut self, app_url: &Url, bind: SocketAddr) -> Account {
        let names = "STYTCH_PROJECT_ID, STYTCH_SECRET and STYTCH_PUBLIC_TOKEN";
        let sandbox_bind = self.address("SANDBOX_BIND", "127.0.0.1:3100");
        let public_url = self
            .get("SANDBOX_PUBLIC_URL")
            .map(|_| self.origin("SANDBOX_PUBLIC_URL", "http://127.0.0.1:3100", is_near));
        #[cfg(feature = "sandbox")]
        {
            if !self.allows_public_sandbox()
                && let Err(refused) = stytch_sandbox::may_start(false, bind, app_url, sandbox_bind)
            {
                for reason in refused.reasons() {
                    self.wrong(format!("{reason} (or set {ALLOW} to let everyone in)"));
                }
            }
            let has_public_url = public_url.is_some();
            self.needs_public_url(app_url, has_public_url, "SANDBOX_PUBLIC_URL");
            if let Some(url) = &public_url {
                self.not_of_the_vendor("SANDBOX_PUBLIC_URL", url);
            }
        }
        #[cfg(not(feature = "sandbox"))]
        {
            let _ = (app_url, bind);
            self.wrong(format!(
                "{names} are missing, and this build has no sandbox"
            ));
        }
        for name in ["STYTCH_BASE_URL", "STYTCH_PUBLIC_URL"] {
            if self.get(name).is_some() {
                self.wrong(format!(
                    "{name} is set, but {names} are not: set them too, or remove it to use the sandbox"
                ));
            }
        }
        Account::Sandbox {
            bind: sandbox_bind,
            public_url,
            seed: self.get("SANDBOX_SEED").map(PathBuf::from),
            state: match self.get("SANDBOX_STATE") {
                None => SandboxState::Default,
                Some(word) if word == "off" => SandboxState::Off,
                Some(path) => SandboxState::File(path.into()),
            },
        }
    }

    /// Checks a separate sandbox, which lets everyone in as the embedded one does.
    fn sandbox_reachable_from(&mut self, app_url: &Url, has_public_url: bool, name: &str) {
        if !is_loopback(app_url) && !self.allows_public_sandbox() {
            self.wrong(format!("APP_URL must be on localhost, because STYTCH_BASE_URL is a sandbox, which lets everyone in (or set {ALLOW} to allow that)"));
        }
        self.needs_public_url(app_url, has_public_url, name);
    }

    /// A sandbox that listens on a loopback address needs a public URL if browsers on other machines use the app.
    fn needs_public_url(&mut self, app_url: &Url, has_public_url: bool, name: &str) {
        if !is_loopback(app_url) && self.allows_public_sandbox() && !has_public_url {
            self.wrong(format!("{name} is missing: APP_URL is not on localhost, so browsers need an https URL for the sandbox too"));
        }
    }

    fn not_of_the_vendor(&mut self, name: &str, url: &Url) {
        let host = url.domain().unwrap_or_default();
        if host == "stytch.com" || host.ends_with(".stytch.com") {
            self.wrong(format!(
                "{name} is a URL of the real Stytch, and must be the URL of the sandbox"
            ));
        }
    }

    fn allows_public_sandbox(&mut self) -> bool {
        let value = self.get("ALLOW_PUBLIC_SANDBOX");
        value.is_some_and(|value| value == "1")
    }

    /// Refuses any value other than 1, because it could mean yes or no.
    pub(super) fn check_allow_public_sandbox(&mut self) {
        if self.get("ALLOW_PUBLIC_SANDBOX").is_some() && !self.allows_public_sandbox() {
            self.wrong(format!(
                "ALLOW_PUBLIC_SANDBOX must be 1 or unset: write {ALLOW}, or remove it"
            ));
        }
    }
}

const ALLOW: &str = "ALLOW_PUBLIC_SANDBOX=1";
