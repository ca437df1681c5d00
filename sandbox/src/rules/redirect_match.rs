//! Compares redirect URLs with registered ones.
//!
//! The comparison is textual, with two exceptions that the vendor's page about redirect URLs describes: `www.` in front
//! of the domain is ignored, and a query parameter registered as `name={}` accepts any value.

/// Placeholder for any value of a query parameter.
const ANY_VALUE: &str = "{}";

/// Whether the received URL matches the registered one.
pub fn matches(registered: &str, received: &str) -> bool {
    let (registered, registered_query) = split(registered);
    let (received, received_query) = split(received);
    without_www(registered) == without_www(received)
        && query_matches(registered_query, received_query)
}

/// Whether a registered URL has placeholders, whose values only the app knows.
pub fn has_placeholder(registered: &str) -> bool {
    split(registered)
        .1
        .is_some_and(|query| query.split('&').any(|pair| placeholder(pair).is_some()))
}

/// Whether a query matches the registered one: the same parameters in the same order with the same values, or with any
/// value that is not empty for a placeholder.
pub fn query_matches(registered: Option<&str>, received: Option<&str>) -> bool {
    let (Some(registered), Some(received)) = (registered, received) else {
        return registered == received;
    };
    let received: Vec<&str> = received.split('&').collect();
    let registered: Vec<&str> = registered.split('&').collect();
    registered.len() == received.len()
        && registered
            .into_iter()
            .zip(received)
            .all(|(registered, received)| pair_matches(registered, received))
}

/// The host without `www.`.
pub fn apex(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn pair_matches(registered: &str, received: &str) -> bool {
    match placeholder(registered) {
        None => registered == received,
        Some(name) => received
            .split_once('=')
            .is_some_and(|(key, value)| key == name && !value.is_empty() && !value.contains('#')),
    }
}

/// The name of a parameter that is registered with a placeholder.
fn placeholder(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    (value == ANY_VALUE).then_some(name)
}

fn split(url: &str) -> (&str, Option<&str>) {
    match url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    }
}

/// The scheme, and the rest of a URL without its query.
fn without_www(base: &str) -> (&str, &str) {
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    match scheme {
        "http" | "https" => (scheme, apex(rest)),
        _ => (scheme, rest),
    }
}
