//! Under which names the sandbox answers.

use hyper::{HeaderMap, header::HOST};

use url::Url;

/// Whether the request's `Host` is a name of this machine, one of those allowed besides, or exactly that of the public
/// URL. A page elsewhere whose name leads to 127.0.0.1 gets nothing (DNS rebinding).
pub fn is_ours(headers: &HeaderMap, allowed: &[String], public_url: Option<&Url>) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    if public_url.is_some_and(|url| has_host(url, host)) {
        return true;
    }
    matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]") || allowed.contains(&name)
}

/// Compares as a browser would: case folded, the scheme's default port left out.
fn has_host(url: &Url, host: &str) -> bool {
    let is_authority = !host.contains(['/', '@', '?', '#', '\\']);
    let named = Url::parse(&format!("{}://{host}", url.scheme()));
    is_authority && named.is_ok_and(|named| named.origin() == url.origin())
}

/// A URL for [`Options::public_url`](crate::world::sandbox::Options::public_url): http or https, a host and perhaps a port,
/// and nothing after them. The vendor's own hosts are refused. The error is for people.
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

/// A name for [`Options::allow_hosts`](crate::world::sandbox::Options::allow_hosts), in lowercase: a host's name without
/// scheme and port, such as a container's. The vendor's own are refused: who believes to speak to them must not speak
/// to a sandbox. The error is for people.
pub fn host_name(text: &str) -> Result<String, String> {
    let name = text.to_ascii_lowercase();
    let label = |label: &str| {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(good)
    };
    if name.len() > 253 || !name.split('.').all(label) {
        return Err(format!(
            "{text:?} is not a host name without scheme and port, such as stytch-sandbox"
        ));
    }
    if is_of_the_vendor(&name) {
        return Err(format!("{text} belongs to the real Stytch"));
    }
    Ok(name)
}
