//! The language in which Stytch writes to the visitor, from the browser's `Accept-Language`.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// The locales of the vendor's `locale` parameter, as it spells them.
const LOCALES: [&str; 8] = ["en", "es", "pt-br", "fr", "it", "de-DE", "zh-Hans", "ca-ES"];

/// The locale of Stytch's that the browser prefers, by the weights of RFC 9110 §12.5.4. `None` if the browser does not
/// list any of them; Stytch then writes in English.
pub fn locale(headers: &HeaderMap) -> Option<&'static str> {
    let asked = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut ranges: Vec<(f32, &str)> = asked.split(',').filter_map(weighted).collect();
    // The sort is stable: of two languages with the same weight, the first one wins.
    ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranges.into_iter().find_map(|(_, tag)| supported(tag))
}

fn weighted(range: &str) -> Option<(f32, &str)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let weight = match parameters.trim().strip_prefix("q=") {
        Some(weight) => weight.parse().ok()?,
        None => 1.0,
    };
    (weight > 0.0).then_some((weight, tag.trim()))
}

/// Compares primary languages: `de-DE` is used for `de` and `de-AT`. Simplified Chinese is not used for traditional.
fn supported(tag: &str) -> Option<&'static str> {
    let tag = tag.to_ascii_lowercase();
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
    if ["zh-hant", "zh-tw", "zh-hk", "zh-mo"]
        .iter()
        .any(|other| tag.starts_with(other))
    {
        return None;
    }
    LOCALES
        .into_iter()
        .find(|locale| primary(&locale.to_ascii_lowercase()) == primary(&tag))
}
