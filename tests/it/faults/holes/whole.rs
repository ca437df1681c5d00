//! Whether a page lacks a value.

use crate::support::{Page, page::selector};

/// Elements that always contain text.
const TEXTS: &str =
    "title, h1, h2, p, strong, code, dt, dd, li, a, button, label, span:not(.verb, .hush)";

/// Words that something must follow.
const OPEN_ENDED: [&str; 9] = [
    "as", "at", "of", "to", "in to", "with", "Join", "from", "until",
];

pub fn assert_no_value_missing(page: &Page, case: &str) {
    let html = page.html();
    for element in html.select(&selector(TEXTS)) {
        if element.select(&selector("svg.qr")).next().is_some() {
            continue;
        }
        let text: String = element.text().collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mark = [" .", " ,", " ?", ", ,", "()", ",,"]
            .into_iter()
            .find(|mark| text.contains(mark));
        let ends = OPEN_ENDED
            .into_iter()
            .find(|word| text == *word || text.ends_with(&format!(" {word}")));
        let hole = text.is_empty() || text.ends_with(',') || mark.or(ends).is_some();
        assert!(
            !hole,
            "{case}: a value is missing in {:?}: {text:?}\n{}",
            element.value().name(),
            page.text()
        );
    }
}
