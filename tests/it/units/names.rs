//! Names in HTML: escaped, isolated, and without characters that change the text around them.

use serde_json::json;
use stytch_b2b_axum::views::names::{bdi, bdi_json, bdi_lines};

#[test]
fn a_name_is_escaped_and_isolated() {
    let cases = [
        ("Acme", "<bdi>Acme</bdi>"),
        ("O'Neil & <b>", "<bdi>O&#39;Neil &#38; &#60;b&#62;</bdi>"),
        ("Zoë \"Z\"", "<bdi>Zoë &#34;Z&#34;</bdi>"),
        ("Safe \u{2069}\u{202e}moc", "<bdi>Safe moc</bdi>"),
        ("a\u{7}b\u{7f}<", "<bdi>ab&#60;</bdi>"),
    ];
    for (name, html) in cases {
        assert_eq!(bdi(name).to_string(), html, "{name:?}");
    }
}

/// Plain ASCII needs no isolation. Every other line does.
#[test]
fn each_line_is_harmless() {
    let text = "{\n  \"name\": \"<i>\",\n  \"next\": \"\u{202e}Zoë\"\n}";
    let html = "{\n  &#34;name&#34;: &#34;&#60;i&#62;&#34;,\n<bdi>  &#34;next&#34;: &#34;Zoë&#34;</bdi>\n}";
    assert_eq!(bdi_lines(text).to_string(), html);
}

/// JSON is printed as if its text were escaped afterwards.
#[test]
fn json_is_as_harmless() {
    let value = json!({
        "\"O'Neil\" & <b>": ["&\"\\", "\u{202e}Zoë <", "\u{7}\u{7f}\n", "Acme", 1.5, null, true],
        "empty": [[], {}, ""],
    });
    let text = serde_json::to_string_pretty(&value).unwrap();
    let html = bdi_json(&value).to_string();
    assert_eq!(html, bdi_lines(text).to_string());
    assert!(html.contains("<bdi>") && !html.contains("<b>") && !html.contains('"'));
}
