//! Which Stytch to talk to: `STYTCH_…`, `SANDBOX_…` and `ALLOW_PUBLIC_SANDBOX`.

use std::{net::SocketAddr, path::PathBuf};

use url::Url;

use super::{Reader, is_loopback, is_near, is_sandbox};
use crate::stytch::Credentials;

/// Which Stytch to talk to.
#[derive(Clone, Debug)]
pub enum Account {
    /// A project whose credentials are configured: an account, or a sandbox that runs on its own.
    Real {
        /// From the dashboard.
        credentials: Credentials,
        /// Where this server calls it: `https://test.stytch.com`, `https://api.stytch.com`, the project's own domain, or
        /// the http address of a sandbox.
        base_url: Url,
        /// Where browsers reach it. The same, except for a sandbox behind another address.
        public_url: Url,
    },
    /// None was configured: the embedded sandbox.
    Sandbox {
        /// Where it listens.
        bind: SocketAddr,
        /// Where browsers reach it, if not on that address.
        public_url: Option<Url>,
        /// A file with its organizations and people; none: the built-in cast.
        seed: Option<PathBuf>,
        /// Where it keeps what is in it.
        state: SandboxState,
    },
}

/// Where the embedded sandbox keeps what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxState {
    /// Nowhere: it begins anew at each start.
    Off,
    /// In this file.
    File(PathBuf),
    /// Not configured: below `target/` if Cargo runs the app, else nowhere.
    Default,
}

impl SandboxState {
    /// The file, if there is one; `manifest_dir` is what Cargo says. The flag is whether it was configured.
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
    /// Whether it is a sandbox, which lets everyone in.
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
                    "{name} belongs to another environment than STYTCH_PROJECT_ID: remove it, or set it to {default}"
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

    /// Only on this machine: an app that forgot its credentials must refuse to start and never let everyone in.
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

    /// A sandbox that runs on its own lets everyone in, too.
    fn sandbox_reachable_from(&mut self, app_url: &Url, has_public_url: bool, name: &str) {
        if !is_loopback(app_url) && !self.allows_public_sandbox() {
            self.wrong(format!("APP_URL must be on localhost, because STYTCH_BASE_URL is a sandbox, which lets everyone in (or set {ALLOW} to allow that)"));
        }
        self.needs_public_url(app_url, has_public_url, name);
    }

    /// Browsers that reach the app from elsewhere do not reach the sandbox on its own machine.
    fn needs_public_url(&mut self, app_url: &Url, has_public_url: bool, name: &str) {
        if !is_loopback(app_url) && self.allows_public_sandbox() && !has_public_url {
            self.wrong(format!("{name} is missing: browsers that reach the app at APP_URL must reach the sandbox too, under an https address of its own"));
        }
    }

    fn not_of_the_vendor(&mut self, name: &str, url: &Url) {
        let host = url.domain().unwrap_or_default();
        if host == "stytch.com" || host.ends_with(".stytch.com") {
            self.wrong(format!(
                "{name} belongs to the real Stytch, and not to a sandbox"
            ));
        }
    }

    fn allows_public_sandbox(&mut self) -> bool {
        let value = self.get("ALLOW_PUBLIC_SANDBOX");
        value.is_some_and(|value| value == "1")
    }

    /// Any other value than 1 could mean yes or no.
    pub(super) fn check_allow_public_sandbox(&mut self) {
        if self.get("ALLOW_PUBLIC_SANDBOX").is_some() && !self.allows_public_sandbox() {
            self.wrong(format!(
                "ALLOW_PUBLIC_SANDBOX must be 1 or left out: write {ALLOW}, or remove it"
            ));
        }
    }
}

const ALLOW: &str = "ALLOW_PUBLIC_SANDBOX=1";
