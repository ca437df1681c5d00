//! Decides between a page and JSON.

use hyper::{HeaderMap, header::ACCEPT};

/// Whether `Accept` prefers HTML over JSON. Without a preference, the response is JSON, as at the vendor.
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    quality(accept, "text/html") > quality(accept, "application/json")
}

/// The quality value of the type in the header, by name or by wildcard.
fn quality(accept: &str, wanted: &str) -> f32 {
    let group = format!("{}/*", wanted.split('/').next().unwrap_or_default());
    let mut best = 0.0_f32;
    let mut best_rank = 0;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let rank = match parts.next().unwrap_or_default() {
            name if name.eq_ignore_ascii_case(wanted) => 3,
            name if name == group => 2,
            "*/*" => 1,
            _ => continue,
        };
        let quality = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if rank > best_rank {
            (best, best_rank) = (quality, rank);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_get_json() {
        let prefers =
            |accept: &str| quality(accept, "text/html") > quality(accept, "application/json");
        assert!(prefers(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(!prefers("*/*"));
        assert!(!prefers(""));
        assert!(!prefers("application/json, text/html;q=0.5"));
    }
}
