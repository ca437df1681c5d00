//! The configuration, read once from environment variables. All mistakes are reported together, without any secret
//! values.

mod account;
mod client_ip_header;
mod credentials;
mod dotenv;
pub mod environment;
mod inspector;
mod log_filter;
mod log_time;
mod look_alikes;
mod session_store;

use std::{
    collections::HashMap,
    fmt,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::http::HeaderName;
use url::{Host, Url};

pub use self::{
    account::{Account, SandboxState},
    log_filter::log_filter,
    log_time::LogTime,
    session_store::{DEFAULT_MEMORY, SessionStore},
};
use crate::stytch::Provider;

/// Every variable that the app reads.
#[rustfmt::skip]
pub const VARIABLES: [&str; 20] = [
    "STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_PUBLIC_TOKEN", "STYTCH_BASE_URL", "STYTCH_PUBLIC_URL", "APP_URL",
    "BIND", "CLIENT_IP_HEADER", "SANDBOX_BIND", "SANDBOX_PUBLIC_URL", "SANDBOX_SEED", "SANDBOX_STATE", "ALLOW_PUBLIC_SANDBOX", "SESSION_STORE",
    "SESSION_MEMORY_MB", "SESSION_KEY", "SESSION_MINUTES", "OAUTH_PROVIDERS", "INSPECTOR", "RUST_LOG",
];

/// The configuration of the app.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Stytch project or sandbox.
    pub stytch: Account,
    /// Origin at which browsers reach the app, without a path.
    pub app_url: Url,
    /// Address on which the app listens. Port 0 means any free port, until [`Config::bound_to`].
    pub bind: SocketAddr,
    /// Whether `APP_URL` is not set, and derived from `bind`.
    app_url_follows_bind: bool,
    /// Header in which a proxy in front of the app puts the client's address.
    pub client_ip_header: Option<HeaderName>,
    /// Where sessions are stored.
    pub session_store: SessionStore,
    /// Length of a member session in minutes, 5 to 527 040.
    pub session_minutes: u32,
    /// Providers that the home page offers.
    pub providers: Vec<Provider>,
    /// Whether each page shows the requests and calls of the sign-in.
    pub inspector: bool,
}

/// Everything that is wrong with the configuration, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration is invalid:")?;
        for mistake in &self.0 {
            writeln!(f, "  - {mistake}")?;
        }
        write!(f, "Every variable is explained in .env.example.")
    }
}

impl std::error::Error for Mistakes {}

impl Config {
    /// Parses the app's variables. A value that is empty or blank counts as not set.
    ///
    /// # Errors
    /// If a value is invalid or missing. All mistakes are returned together.
    pub fn from_values(values: &HashMap<String, String>) -> Result<Self, Mistakes> {
        let mut env = Reader {
            values,
            mistakes: Vec::new(),
        };
        let bind = env.address("BIND", "127.0.0.1:3000");
        let app_url_follows_bind = env.get("APP_URL").is_none();
        let app_url = if app_url_follows_bind {
            url_on_this_machine(bind)
        } else {
            env.origin("APP_URL", "http://localhost:3000", is_loopback)
        };
        let client_ip_header = env.client_ip_header();
        env.check_allow_public_sandbox();
        let credentials = env.credentials();
        let stytch = match credentials {
            Some(credentials) => env.real_account(credentials, &app_url),
            None => env.sandbox(&app_url, bind),
        };
        let real = !stytch.is_sandbox();
        let session_minutes = env.session_minutes();
        let providers = env.providers(real);
        let inspector = env.inspector(&stytch, &app_url);
        let session_store = env.session_store();
        env.check_log_filter();
        if !env.mistakes.is_empty() {
            return Err(Mistakes(env.mistakes));
        }
        Ok(Self {
            stytch,
            app_url,
            bind,
            app_url_follows_bind,
            client_ip_header,
            session_store,
            session_minutes,
            providers,
            inspector,
        })
    }

    /// Sets the address on which the app listens, once the operating system has chosen the port.
    pub fn bound_to(&mut self, address: SocketAddr) {
        self.bind = address;
        if self.app_url_follows_bind {
            self.app_url = url_on_this_machine(address);
        }
    }

    /// Whether `APP_URL` is not set, and derived from `BIND`.
    pub fn app_url_follows_bind(&self) -> bool {
        self.app_url_follows_bind
    }
}

/// URL at which a browser on this machine reaches a listener. Uses `localhost` instead of an address where that works,
/// so that the sandbox at 127.0.0.1 is a different site for browsers, as Stytch is in production.
fn url_on_this_machine(address: SocketAddr) -> Url {
    let ip = address.ip();
    let has_own_address =
        ip.is_loopback() && ip != Ipv4Addr::LOCALHOST && ip != Ipv6Addr::LOCALHOST;
    let url = if has_own_address {
        format!("http://{address}")
    } else {
        format!("http://localhost:{}", address.port())
    };
    Url::parse(&url).expect("an address is a host")
}

struct Reader<'a> {
    values: &'a HashMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn get(&mut self, name: &str) -> Option<String> {
        let value = self.values.get(name)?;
        if value.trim().is_empty() {
            return None;
        }
        if value.trim() != value || value.contains(|c: char| c.is_control() || c == '\u{fffd}') {
            self.wrong(format!(
                "{name} begins or ends with a space, or contains a control character: retype the line"
            ));
        }
        Some(value.trim().to_owned())
    }

    /// Records a mistake. If a variable is read twice, its mistake is recorded once.
    fn wrong(&mut self, mistake: String) {
        if !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
    }

    /// Parses a URL without a path. It must be https, unless `may_be_http` allows http.
    fn origin(&mut self, name: &str, default: &str, may_be_http: fn(&Url) -> bool) -> Url {
        let value = self.get(name).unwrap_or_else(|| default.to_owned());
        let fallback = Url::parse(default).expect("defaults are URLs");
        let Ok(url) = Url::parse(&value) else {
            self.wrong(format!("{name} is not a URL: write it like {default}"));
            return fallback;
        };
        if !url.username().is_empty() || url.password().is_some() {
            self.wrong(format!("{name} must not contain a user name or password"));
        }
        if !matches!(url.scheme(), "http" | "https") {
            self.wrong(format!(
                "{name} must begin with https:// (or http:// on localhost)"
            ));
        } else if url.scheme() == "http" && !may_be_http(&url) {
            self.wrong(format!("{name} is http on a public host: use https, because cookies or secrets would be sent unencrypted"));
        }
        let is_origin = url.cannot_be_a_base() || url.path() == "/";
        if !is_origin || url.query().is_some() || url.fragment().is_some() {
            self.wrong(format!(
                "{name} must end after the host and port, like {default}"
            ));
        }
        url
    }

    fn address(&mut self, name: &str, default: &str) -> SocketAddr {
        let value = self.get(name).unwrap_or_else(|| default.to_owned());
        value.parse().unwrap_or_else(|_| {
            self.wrong(format!(
                "{name} is not an address with a port: write it like {default}"
            ));
            default.parse().expect("defaults are addresses")
        })
    }

    fn session_minutes(&mut self) -> u32 {
        let Some(value) = self.get("SESSION_MINUTES") else {
            return 60;
        };
        match value.parse() {
            Ok(minutes) if (5..=527_040).contains(&minutes) => minutes,
            _ => {
                self.wrong("SESSION_MINUTES must be a whole number from 5 to 527040".to_owned());
                60
            }
        }
    }

    fn providers(&mut self, real: bool) -> Vec<Provider> {
        let Some(value) = self.get("OAUTH_PROVIDERS") else {
            // A new project has only these two enabled.
            let common = vec![Provider::Google, Provider::Microsoft];
            return if real { common } else { Provider::ALL.to_vec() };
        };
        let mut providers = Vec::new();
        for name in value.split(',').map(str::trim) {
            match name.parse::<Provider>() {
                Ok(provider) if !providers.contains(&provider) => providers.push(provider),
                Ok(_) => self.wrong(format!("OAUTH_PROVIDERS names {name} twice")),
                Err(()) => self.wrong(format!("OAUTH_PROVIDERS: unknown provider {name:?}, expected google, microsoft, github, slack or hubspot, separated by commas")),
            }
        }
        providers
    }
}

/// Whether a base URL is that of a sandbox: http, which the real Stytch never uses, on this machine or on a host name
/// of one word, such as the name of a container.
pub fn is_sandbox(base_url: &Url) -> bool {
    base_url.scheme() == "http" && is_near(base_url)
}

/// Whether a URL's host is this machine, or a name of one word, which public hosts don't have.
pub(crate) fn is_near(url: &Url) -> bool {
    is_loopback(url) || is_one_word(url)
}

/// Whether a URL's host is a name of one word.
pub(crate) fn is_one_word(url: &Url) -> bool {
    let name = url
        .domain()
        .map(|name| name.strip_suffix('.').unwrap_or(name));
    name.is_some_and(|name| !name.contains('.') && name != "localhost")
}

/// Whether a URL's host is this machine. A trailing dot of the name is ignored.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}
