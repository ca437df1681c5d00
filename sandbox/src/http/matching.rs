//! Finding the route of a path.

use std::collections::HashMap;

use crate::http::Route;

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Match<'t, H> {
    Found(&'t Route<H>, HashMap<&'static str, String>),
    /// The path is known with these methods only.
    OtherMethods(Vec<&'static str>),
    Unknown,
}

/// The path as the routes know it: SDK examples write `//v1`, people end with a slash (fact sheet §1.1).
pub fn tidy(path: &str) -> String {
    format!("/{}", path.trim_matches('/'))
}

/// Looks the tidy path up in the table. The first route that fits wins.
pub fn find<'t, H>(table: &'t [Route<H>], method: &str, path: &str) -> Match<'t, H> {
    let mut methods = Vec::new();
    for route in table {
        let Some(parts) = parts(route.path, path) else {
            continue;
        };
        if route.method == method {
            return Match::Found(route, parts);
        }
        methods.push(route.method);
    }
    if methods.is_empty() {
        Match::Unknown
    } else {
        Match::OtherMethods(methods)
    }
}

/// The named parts of a path that fits the pattern. `{name}` stands for one whole segment.
fn parts(pattern: &'static str, path: &str) -> Option<HashMap<&'static str, String>> {
    let mut parts = HashMap::new();
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        let segment = given.next()?;
        if let Some(name) = wanted
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            parts.insert(name, decoded(segment).filter(|text| !text.is_empty())?);
        } else if wanted != segment {
            return None;
        }
    }
    given.next().is_none().then_some(parts)
}

/// Takes percent-encoding away. `None` when it is none, or no UTF-8.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_forgiven() {
        assert_eq!(tidy("//v1/b2b/sessions/"), "/v1/b2b/sessions");
    }

    #[test]
    fn parts_are_decoded_and_whole_segments() {
        let parts = parts("/a/{b}", "/a/x%2Fy").expect("fits");
        assert_eq!(parts["b"], "x/y");
        assert!(super::parts("/a/{b}", "/a/x/y").is_none());
        assert!(super::parts("/a/{b}", "/a/%zz").is_none());
        assert!(super::parts("/a/{b}", "/a").is_none());
    }
}
