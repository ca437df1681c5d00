//! The start of the program: it binds its addresses, and tells the operator about them and about probable mistakes.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::{Host, Url};

use crate::{
    config::{Account, Config, is_loopback, is_one_word},
    session::store::{FULL, Readiness, Store},
};

/// Time limit for another program on this machine to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(300);

/// Listens on `BIND`, and stores the port in the configuration.
///
/// # Errors
/// If the address is in use or can't be bound. The message names the variable, and suggests a free address.
pub async fn listen_for_browsers(config: &mut Config) -> Result<TcpListener, String> {
    let next = free_address(config, config.bind);
    let also = if !config.app_url_follows_bind() && is_loopback(&config.app_url) {
        format!(" and APP_URL=http://localhost:{}", next.port())
    } else {
        String::new()
    };
    let fix = format!("BIND={next}{also}");
    let listener = listen("BIND", config.bind, &fix).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    config.bound_to(address);
    Ok(listener)
}

/// Listens on the address of the sandbox.
///
/// # Errors
/// If the address is in use or can't be bound. The message names the variable, and suggests a free address.
pub async fn listen_for_sandbox(
    config: &Config,
    address: SocketAddr,
) -> Result<TcpListener, String> {
    let fix = format!("SANDBOX_BIND={}", free_address(config, address));
    listen("SANDBOX_BIND", address, &fix).await
}

/// Listens on an address that is configured in `variable`.
///
/// # Errors
/// If the address is in use or can't be bound. The message names the variable and the `fix`.
async fn listen(variable: &str, address: SocketAddr, fix: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("{variable}: {address} is in use by another program. Stop it, or set {fix}")
            }
            _ => format!("{variable}: can't listen on {address}: {error}"),
        })
}

/// The same address with the next port that the configuration does not use.
fn free_address(config: &Config, address: SocketAddr) -> SocketAddr {
    let stytch = match &config.stytch {
        Account::Sandbox { bind, .. } => Some(bind.port()),
        Account::Real { base_url, .. } => base_url.port(),
    };
    let used = [Some(address.port()), Some(config.bind.port()), stytch];
    // Port 0 would be any port.
    let mut later = (1..=u16::MAX).map(|steps| address.port().wrapping_add(steps));
    let port = later.find(|port| *port != 0 && !used.contains(&Some(*port)));
    SocketAddr::new(address.ip(), port.unwrap_or(address.port()))
}

/// Logs a warning if sessions can't be stored, or if the settings of the store will cause this later. The app starts
/// anyway, because the store may become available.
pub async fn probe(store: &Store) {
    match store.ready().await {
        Ok(Readiness::Ready) => {}
        Ok(Readiness::Full) => tracing::warn!("{FULL}"),
        Err(error) => {
            tracing::warn!(%error, "the session store does not work, so visitors can't sign in: check SESSION_STORE, its user and password, and the commands that this user may run");
            return;
        }
    }
    match store.memory_advice().await {
        Ok(advice) => {
            for line in advice {
                tracing::warn!("{line}");
            }
        }
        Err(error) => {
            tracing::info!(%error, "maxmemory and maxmemory-policy of Redis could not be read: make sure that maxmemory is set and that maxmemory-policy is volatile-ttl, or allow the Redis user to run INFO, so that the app can check both when it starts");
        }
    }
}

/// Logs that clients behind a proxy have no limit per client, if that is so. It is a warning if strangers can reach the
/// app.
pub fn tell_client_limits(config: &Config) {
    if config.client_ip_header.is_some() {
        return;
    }
    let text = "CLIENT_IP_HEADER is not set, so requests from loopback and private addresses have no limit per client";
    if is_loopback(&config.app_url) {
        tracing::info!("{text}");
    } else {
        tracing::warn!(
            "{text}: behind a proxy with such an address, a single visitor can use up the lookups and emails of all visitors. Set \
             CLIENT_IP_HEADER to the header in which the proxy puts the client's address, such as X-Forwarded-For"
        );
    }
}

/// URL of a listener for calls from this machine. For a listener on all addresses, it is the loopback address.
pub fn url_of(mut address: SocketAddr) -> Url {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Url::parse(&format!("http://{address}")).expect("an address is a host")
}

/// The text that the program prints at its start: where to open the app, and which URLs to register at Stytch.
/// `stytch_url` is the URL of Stytch for browsers.
pub fn announcement(config: &Config, stytch_url: &Url, state_file: Option<&Path>) -> String {
    let app_url = config.app_url.as_str().trim_end_matches('/');
    let stytch = stytch_url.as_str().trim_end_matches('/');
    let about = format!(
        "\n  Open    {app_url}\n  Listen  {}\n  Stytch  {stytch}",
        config.bind
    );
    let (what, register) = match config.stytch {
        Account::Sandbox { .. } => {
            let state = state_file.map_or_else(String::new, |file| {
                let file = file.display();
                format!("\n  State   {file} (SANDBOX_STATE=off: start fresh each time)")
            });
            return format!("{about} (the sandbox: made-up people, no account; console at /_sandbox/){state}\n\n");
        }
        Account::Real { .. } if config.stytch.is_sandbox() => (
            " (a sandbox: made-up people, no account; console at /_sandbox/)",
            format!(
                "Start the sandbox with APP_URL={app_url}, which registers these redirect URLs:"
            ),
        ),
        Account::Real { .. } => (
            "",
            "Register these in the dashboard under Redirect URLs, exactly as they are written here:"
                .to_owned(),
        ),
    };
    format!(
        "{about}{what}

  {register}
    {app_url}/discovery       type Discovery
    {app_url}/authenticate    types Login, Signup and Invite

"
    )
}

/// Warnings about a sandbox, and about URLs that browsers probably can't reach, one line each.
pub async fn warnings(config: &Config, stytch_url: &Url) -> Vec<String> {
    let mut warnings = Vec::new();
    if config.stytch.is_sandbox() {
        let app_url = config.app_url.origin().ascii_serialization();
        warnings.push(if is_loopback(&config.app_url) && !config.bind.ip().is_loopback() {
            format!("the app uses a sandbox instead of Stytch, and listens on {}: anyone who can reach this address can sign in as anyone", config.bind)
        } else if is_loopback(&config.app_url) {
            "the app uses a sandbox instead of Stytch, so anyone who can reach the app can sign in as anyone: use it only for development and tests".to_owned()
        } else {
            format!("the app uses a sandbox instead of Stytch, and APP_URL is public: anyone who finds {app_url} can sign in as anyone")
        });
    }
    if is_one_word(stytch_url) {
        warnings.push(format!(
            "browsers are sent to {}, a host name that probably only containers can resolve: set STYTCH_PUBLIC_URL to the \
             URL that browsers use",
            stytch_url.origin().ascii_serialization()
        ));
    }
    warnings.extend(unreachable(config).await);
    warnings
}

/// Reasons why a browser on this machine may not reach the app at `APP_URL`, one line each. They are only warnings,
/// because there may be a proxy or a forwarded port.
async fn unreachable(config: &Config) -> Vec<String> {
    let (app_url, bound) = (&config.app_url, config.bind);
    let tried = tried_by_browsers(app_url);
    if tried.is_empty() {
        return Vec::new();
    }
    let app_url = app_url.origin().ascii_serialization();
    let (ours, others): (Vec<_>, Vec<_>) = tried
        .into_iter()
        .partition(|address| accepts(bound, *address));
    if ours.is_empty() {
        let port = config.app_url.port_or_known_default().unwrap_or_default();
        let fix = if port == bound.port() {
            format!("set BIND=127.0.0.1:{port}")
        } else {
            "make the port in APP_URL and BIND the same".to_owned()
        };
        return vec![format!(
            "browsers open the app at {app_url} (APP_URL), but it listens on {bound} (BIND): this works only with a proxy or \
             a forwarded port. Without one, {fix}"
        )];
    }
    let mut warnings = Vec::new();
    for other in others {
        if let Ok(Ok(_)) = timeout(CONNECT_TIMEOUT, TcpStream::connect(other)).await {
            warnings.push(format!(
                "another program listens on {other}, and the app on {bound}: a browser that opens {app_url} may reach either. \
                 Stop the other program, or change the port in BIND and APP_URL"
            ));
        }
    }
    warnings
}

/// The addresses that a browser tries for a URL on this machine. For a name, these are both families, IPv6 first. The
/// list is empty for other URLs, and for https, which a proxy must serve.
fn tried_by_browsers(url: &Url) -> Vec<SocketAddr> {
    let port = url.port_or_known_default().unwrap_or_default();
    let ips = match url.host() {
        _ if url.scheme() != "http" || !is_loopback(url) => Vec::new(),
        Some(Host::Domain(_)) => vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()],
        Some(Host::Ipv4(ip)) => vec![ip.into()],
        Some(Host::Ipv6(ip)) => vec![ip.into()],
        None => Vec::new(),
    };
    let addresses = ips.into_iter().map(|ip| SocketAddr::new(ip, port));
    addresses.collect()
}

/// Whether a listener on `bound` accepts connections to `address`. A listener on `[::]` accepts IPv4 too, except on
/// Windows.
fn accepts(bound: SocketAddr, address: SocketAddr) -> bool {
    let same_family = bound.is_ipv4() == address.is_ipv4();
    let anywhere =
        bound.ip().is_unspecified() && (same_family || bound.is_ipv6() && !cfg!(windows));
    bound.port() == address.port() && (bound.ip() == address.ip() || anywhere)
}
