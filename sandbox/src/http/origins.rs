//! The origins of pages whose scripts may call the sandbox.

use hyper::header::HeaderValue;
use url::{Host, Url};

use crate::http::hosts::is_of_the_vendor;

/// Parses an origin for [`Options::allow_origins`](crate::world::sandbox::Options::allow_origins), as browsers write it
/// in `Origin`: `https://app.example` or `http://app.internal:8080`. A slash at the end is removed. The error is a
/// sentence for people.
pub fn origin(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| {
        let is_web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        is_web && is_bare && url.username().is_empty() && url.password().is_none()
    });
    let url = url.filter(|url| !url.host_str().is_some_and(|host| host.contains('*')));
    let url = url.ok_or_else(|| {
        format!("{text:?} is not the origin of a page, such as https://app.example:8443")
    })?;
    if url.domain().is_some_and(is_of_the_vendor) {
        return Err(format!("{text} belongs to the real Stytch"));
    }
    Ok(url.origin().ascii_serialization())
}

/// Whether a page of this origin may call: an origin of this machine, on any port, or an allowed one.
pub fn may_call(origin: &HeaderValue, allowed: &[String]) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    allowed.iter().any(|it| it == origin) || is_loopback(origin)
}

/// Whether the text is an origin whose host is `localhost`, a name below it, or a loopback address.
fn is_loopback(text: &str) -> bool {
    let url = Url::parse(text).ok();
    // Only what browsers write: nothing before the host, and nothing after the port.
    let url = url.filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    });
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_may_call() {
        for (origin, expected) in [
            ("http://localhost:3000", true),
            ("https://localhost", true),
            ("http://app.localhost:3000", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:3000", true),
            ("null", false),
            ("", false),
            ("http://localhost.evil.example", false),
            ("http://notlocalhost", false),
            ("http://evil.example", false),
            ("http://localhost@evil.example", false),
            ("http://localhost:3000/", false),
            ("http://localhost:3000, http://evil.example", false),
            ("file://localhost", false),
            ("http://0.0.0.0:3000", false),
            ("http://192.168.0.7", false),
        ] {
            let header = HeaderValue::from_str(origin).expect("a header");
            assert_eq!(may_call(&header, &[]), expected, "{origin}");
        }
        let allowed = ["https://app.example".to_owned()];
        for (origin, expected) in [
            ("https://app.example", true),
            ("http://app.example", false),
            ("https://app.example:8443", false),
            ("https://app.example.evil.example", false),
        ] {
            let header = HeaderValue::from_str(origin).expect("a header");
            assert_eq!(may_call(&header, &allowed), expected, "{origin}");
        }
    }

    #[test]
    fn an_origin_has_a_scheme_a_host_and_an_optional_port() {
        for (text, expected) in [
            ("https://app.example", "https://app.example"),
            ("https://App.Example:443/", "https://app.example"),
            ("http://app:3000", "http://app:3000"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(expected));
        }
        for text in [
            "",
            "*",
            "null",
            "app.example",
            "https://*.app.example",
            "https://app.example/login",
            "https://app.example?x",
            "https://ada@app.example",
            "ftp://app.example",
            "https://test.stytch.com",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }
}
