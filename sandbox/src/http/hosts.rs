//! The host names for which the sandbox serves requests.

use hyper::{HeaderMap, header::HOST};

use url::{Host, Url};

/// Whether the request's `Host` is a name of this machine, an allowed host, or exactly the host of the public URL. This
/// prevents DNS rebinding: a page of another site whose name resolves to 127.0.0.1 is refused.
pub fn is_ours(headers: &HeaderMap, allowed: &[String], public_url: Option<&Url>) -> bool {
    let host = received(headers);
    let name = without_port(host).to_ascii_lowercase();
    if public_url.is_some_and(|url| has_host(url, host)) {
        return true;
    }
    matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]")
        || allowed.iter().any(|allowed| is_allowed(allowed, &name))
}

/// Whether the name equals the allowed one, or matches a wildcard such as `*.example.test`.
pub(crate) fn is_allowed(allowed: &str, name: &str) -> bool {
    let Some(end) = allowed.strip_prefix("*.") else {
        return allowed == name;
    };
    let before = name.strip_suffix(end).and_then(|it| it.strip_suffix('.'));
    before.is_some_and(is_name)
}

fn received(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Compares as browsers do: without case, and without the scheme's default port.
fn has_host(url: &Url, host: &str) -> bool {
    let is_authority = !host.contains(['/', '@', '?', '#', '\\']);
    let named = Url::parse(&format!("{}://{host}", url.scheme()));
    is_authority && named.is_ok_and(|named| named.origin() == url.origin())
}

/// The error for a host name that the sandbox does not serve. It names the received host, if that is a valid name.
pub fn misdirected(headers: &HeaderMap) -> String {
    const OURS: &str = "Otherwise, open the sandbox at 127.0.0.1, localhost or [::1].";
    let name = without_port(received(headers)).to_ascii_lowercase();
    if let Ok(name) = host_name(&name) {
        return format!(
            "The sandbox does not serve requests for the host {name}. To allow this host, start stytch-sandbox with \
             --allow-host {name}, or set SANDBOX_PUBLIC_URL to the URL that browsers open. {OURS}"
        );
    }
    let is_host = is_name(&name) || matches!(Host::parse(&name), Ok(Host::Ipv6(_)));
    let host = if is_host {
        format!("the host {name}")
    } else {
        "the host in this request".to_owned()
    };
    format!(
        "The sandbox does not serve requests for {host}. Start stytch-sandbox with --allow-host and the name under which \
         clients reach it, or set SANDBOX_PUBLIC_URL to the URL that browsers open. {OURS}"
    )
}

/// Parses a URL for [`Options::public_url`](crate::world::sandbox::Options::public_url): http or https, a host and
/// optionally a port, and nothing else. The vendor's own hosts are refused. The error is a sentence for people.
pub fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        let is_web = matches!(url.scheme(), "http" | "https");
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        is_web && is_bare && url.username().is_empty() && url.password().is_none()
    });
    let url = url.ok_or_else(|| {
        format!("{text:?} is not a URL of a host and a port, such as http://127.0.0.1:3100")
    })?;
    if url.domain().is_some_and(is_of_the_vendor) {
        return Err(format!("{text} belongs to the real Stytch"));
    }
    Ok(url)
}

pub(crate) fn is_of_the_vendor(name: &str) -> bool {
    name == "stytch.com" || name.ends_with(".stytch.com")
}

/// Parses a name for [`Options::allow_hosts`](crate::world::sandbox::Options::allow_hosts), and returns it in
/// lowercase: a host name without scheme and port, or a wildcard such as `*.example.test` with at least two labels (or
/// `*.localhost`). The vendor's own hosts are refused, so that a client that means the vendor never reaches a sandbox.
/// The error is a sentence for people.
pub fn host_name(text: &str) -> Result<String, String> {
    let name = text.to_ascii_lowercase();
    let end = name.strip_prefix("*.");
    if !is_name(end.unwrap_or(&name)) {
        return Err(format!(
            "{text:?} is not a host name without scheme and port, such as stytch-sandbox or *.example.test"
        ));
    }
    if end.is_some_and(|end| !end.contains('.') && end != "localhost") {
        return Err(format!(
            "{text:?} would be too many hosts: write at least two labels after *., such as *.example.test, or *.localhost"
        ));
    }
    if is_of_the_vendor(end.unwrap_or(&name)) {
        return Err(format!("{text} belongs to the real Stytch"));
    }
    Ok(name)
}

/// Whether the text consists of labels separated by dots.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(good)
    };
    text.len() <= 253 && text.split('.').all(label)
}
