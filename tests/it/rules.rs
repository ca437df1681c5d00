//! Rules about the source itself, so that they are not only prose.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this ending, and its text.
fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// O6: templates hold no script, no handler, no inline style, no unquoted attribute, and never switch escaping off.
#[test]
fn templates_are_plain() {
    let both = ["templates", "sandbox/templates"];
    for (path, template) in both.into_iter().flat_map(|it| files(it, ".html")) {
        for forbidden in [
            "|safe",
            "| safe",
            "escape",
            "<script",
            "javascript:",
            "style=",
            "<style",
            " on",
            "src=",
        ] {
            let found = template.match_indices(forbidden).find(|(at, _)| {
                // "on" only where an event handler's attribute would stand.
                forbidden != " on"
                    || template[*at + 3..]
                        .trim_start_matches(|c: char| c.is_ascii_lowercase())
                        .starts_with('=')
            });
            assert!(found.is_none(), "{forbidden} in {}", path.display());
        }
        for (at, _) in template.match_indices("={{") {
            let tag = template[..at].rsplit('<').next().unwrap();
            let quoted = tag.matches('"').count() % 2 == 1;
            assert!(
                quoted,
                "an unquoted attribute in {}: <{tag}",
                path.display()
            );
        }
    }
}

/// The compiler keeps the app out of the sandbox. In the app, only what starts a sandbox names it.
#[test]
fn the_sandbox_stands_alone() {
    let manifest = fs::read_to_string(root().join("sandbox/Cargo.toml")).unwrap();
    for unwanted in ["stytch-b2b-axum", "redis"] {
        assert!(!manifest.contains(unwanted), "{unwanted}");
    }
    let (needs, _) = manifest.split_once("[dev-dependencies]").unwrap();
    assert!(!needs.contains("reqwest") && !needs.contains("rustls"));
    for (path, source) in files("src", ".rs") {
        let starter = ["src/main.rs", "src/config.rs"]
            .iter()
            .any(|file| path == Path::new(file));
        for line in source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let names_it = line.contains("sandbox::");
            assert!(starter || !names_it, "{}: {line}", path.display());
        }
    }
}

/// V2: what is secret has a type of its own, which Debug can't print.
#[test]
fn secrets_are_no_strings() {
    for (path, source) in files("src", ".rs") {
        for line in source.lines().map(str::trim) {
            let Some((name, kind)) = line.trim_start_matches("pub ").split_once(": ") else {
                continue;
            };
            let field = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let secret = ["token", "jwt", "verifier", "secret", "ist", "password"]
                .iter()
                .any(|word| name.split('_').any(|part| part == *word));
            // The public token stands in URLs; `stytch_token_type` and the callback's query are read and dropped.
            let known = ["public_token", "stytch_token_type", "last_token"].contains(&name)
                || path.ends_with("routes/mod.rs");
            let plain = kind.starts_with("String") || kind.starts_with("Option<String>");
            assert!(
                !(field && secret && plain && !known),
                "{}: {line}",
                path.display()
            );
        }
    }
}

/// Handlers are short, files hold one concept.
#[test]
fn handlers_are_short() {
    for (path, source) in files("src/routes", ".rs") {
        for handler in source.split("\npub async fn ").skip(1) {
            let body = handler.split("\n}\n").next().unwrap();
            let name = body.split('(').next().unwrap();
            assert!(
                body.lines().count() <= 40,
                "{} in {}: {} lines",
                name,
                path.display(),
                body.lines().count()
            );
        }
    }
    for (path, source) in ["src", "sandbox/src"]
        .into_iter()
        .flat_map(|it| files(it, ".rs"))
    {
        let lines = source.lines().count();
        assert!(lines <= 400, "{}: {lines} lines", path.display());
    }
}

/// Every row that is due names tests, and every test that is named exists.
#[test]
fn the_threat_map_is_true() {
    let map = include_str!("../fixtures/threats.md");
    let sources: String = ["src", "tests", "sandbox/src", "sandbox/tests"]
        .into_iter()
        .flat_map(|folder| files(folder, ".rs"))
        .map(|(_, text)| text)
        .collect();
    let mut rows = Vec::new();
    for line in map.lines().filter(|line| {
        line.starts_with("| ") && !line.starts_with("| Row") && !line.starts_with("| ---")
    }) {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (row, tests) = (cells.next().unwrap(), cells.next().unwrap());
        rows.push(row.to_owned());
        let mut named = 0;
        for test in tests.split(", ") {
            let name = test.trim_matches('`').rsplit("::").next().unwrap();
            assert!(
                sources.contains(&format!("fn {name}(")),
                "{row} names {test}, which does not exist"
            );
            named += 1;
        }
        assert!(named > 0);
    }
    let range = |letter: &str, numbers: std::ops::RangeInclusive<u32>| {
        numbers.map(|n| format!("{letter}{n}")).collect::<Vec<_>>()
    };
    let due = [
        range("C", 1..=15),
        range("S", 1..=17),
        range("O", 1..=10),
        range("W", 1..=7),
        range("V", 1..=12),
        range("P", 1..=8),
    ];
    for row in due.concat() {
        assert!(
            rows.contains(&row),
            "{row} is not in tests/fixtures/threats.md"
        );
    }
}
