//! The picture of an organization: the first letter of its name, as a reader sees it.

use stytch_b2b_axum::views::initial;

#[test]
fn an_initial_is_what_a_reader_sees() {
    for (name, expected) in [
        ("acme", "A"),
        ("  \"Sons\" & Co", "S"),
        ("42 Ltd", "4"),
        ("e\u{301}clair", "E\u{301}"),
        ("\u{202e}evil", "E"),
        ("👩‍👩‍👧‍👦 Family", "F"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("नमस्ते", "न"),
        ("***", "*"),
        ("", ""),
        (" ", ""),
    ] {
        assert_eq!(initial::of(name), expected, "{name}");
    }
    let stacked = format!("a{}", "\u{300}".repeat(500));
    assert_eq!(initial::of(stacked), "A", "marks don't cover other rows");
}

#[test]
fn the_color_depends_on_the_name() {
    let hues: Vec<u32> = ["Acme Corp", "Initech", "Globex", "Hooli", "Umbrella"]
        .map(initial::hue)
        .to_vec();
    assert!(hues.iter().all(|hue| *hue < 6), "{hues:?}");
    assert!(hues.iter().any(|hue| *hue != hues[0]), "{hues:?}");
    assert_eq!(initial::hue("Acme Corp"), hues[0]);
}
