//! Finds the route of a path.

use std::collections::HashMap;

use crate::http::Route;

/// The result of looking up a method and a path.
#[derive(Debug)]
pub enum Match<'t, H> {
    Found(&'t Route<H>, HashMap<&'static str, String>),
    /// The path exists, but only with these methods.
    OtherMethods(Vec<&'static str>),
    Unknown,
}

/// The path without double and trailing slashes, because SDK examples write `//v1` and people append a slash.
pub fn tidy(path: &str) -> String {
    format!("/{}", path.trim_matches('/'))
}

/// Looks the tidy path up in the table. The first matching route wins.
pub fn find<'t, H>(table: &'t [Route<H>], method: &str, path: &str) -> Match<'t, H> {
    let mut methods = Vec::new();
    let near = table.iter().filter(|route| {
        let (first, last) = route.ends;
        path.starts_with(first) && path.ends_with(last)
    });
    for route in near {
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

/// The named parts of a path that matches the pattern. `{name}` stands for one whole segment, and `{*}` at the end for
/// one or more unnamed segments.
fn parts(pattern: &'static str, path: &str) -> Option<HashMap<&'static str, String>> {
    let mut parts = HashMap::new();
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        let segment = given.next()?;
        if wanted == "{*}" {
            return Some(parts);
        }
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

/// Whether the path matches the pattern.
pub fn fits(pattern: &'static str, path: &str) -> bool {
    parts(pattern, path).is_some()
}

/// Whether a path that matches the pattern can begin with this text.
pub fn may_begin(pattern: &str, beginning: &str) -> bool {
    let mut wanted = pattern.split('/');
    let mut given = beginning.split('/').peekable();
    while let Some(segment) = given.next() {
        let Some(wanted) = wanted.next() else {
            return false;
        };
        let is_named = wanted.starts_with('{');
        let is_good = match given.peek() {
            None => is_named || wanted.starts_with(segment),
            Some(_) => (is_named && !segment.is_empty()) || wanted == segment,
        };
        if !is_good {
            return false;
        }
    }
    true
}

/// Decodes percent-encoding. `None` if it is invalid or not UTF-8.
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
    fn extra_slashes_are_ignored() {
        assert_eq!(tidy("//v1/b2b/sessions/"), "/v1/b2b/sessions");
    }

    #[test]
    fn a_path_prefix_matches_its_paths() {
        for (beginning, expected) in [
            ("/", true),
            ("/a/b", true),
            ("/a/bc", true),
            ("/a/bc/anything/", true),
            ("/a/bc/anything/d", true),
            ("/a/bc/anything/d/", false),
            ("/a/bc//d", false),
            ("/a/x", false),
            ("/a/b/", false),
        ] {
            assert_eq!(
                may_begin("/a/bc/{name}/d", beginning),
                expected,
                "{beginning}"
            );
        }
    }

    #[test]
    fn parts_are_whole_decoded_segments() {
        let parts = parts("/a/{b}", "/a/x%2Fy").expect("fits");
        assert_eq!(parts["b"], "x/y");
        assert!(super::parts("/a/{b}", "/a/x/y").is_none());
        assert!(super::parts("/a/{b}", "/a/%zz").is_none());
        assert!(super::parts("/a/{b}", "/a").is_none());
        assert!(super::parts("/a/{*}", "/a/x/y").is_some_and(|parts| parts.is_empty()));
        assert!(super::parts("/a/{*}", "/a").is_none());
    }
}
