//! The language in which Stytch writes to the visitor.

use axum::http::{HeaderMap, HeaderValue, header::ACCEPT_LANGUAGE};
use stytch_b2b_axum::web::language::locale;

fn for_header(value: &'static str) -> Option<&'static str> {
    locale(&HeaderMap::from_iter([(
        ACCEPT_LANGUAGE,
        HeaderValue::from_static(value),
    )]))
}

#[test]
fn the_best_language_of_the_vendor_is_chosen() {
    assert_eq!(for_header("de-AT,de;q=0.9,en;q=0.8"), Some("de-DE"));
    assert_eq!(for_header("ja,ca;q=0.1"), Some("ca-ES"));
    assert_eq!(for_header("sv,en;q=0.5,fr;q=0.9"), Some("fr"));
    assert_eq!(for_header("pt"), Some("pt-br"));
    assert_eq!(for_header("zh-TW, it;q=0.1"), Some("it"));
    assert_eq!(for_header("sv, *;q=0.1"), None);
    assert_eq!(for_header("en;q=0"), None);
    assert_eq!(for_header("en;q=x,,;"), None);
}
