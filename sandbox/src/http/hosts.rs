//! Under which names the sandbox answers.

use hyper::{HeaderMap, header::HOST};

/// Whether the request's `Host` is a name of this machine or one of those allowed besides. A page elsewhere whose name
/// leads to 127.0.0.1 gets nothing (DNS rebinding).
pub fn is_ours(headers: &HeaderMap, allowed: &[String]) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]") || allowed.contains(&name)
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
    if name == "stytch.com" || name.ends_with(".stytch.com") {
        return Err(format!("{text} belongs to the real Stytch"));
    }
    Ok(name)
}
