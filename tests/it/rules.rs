//! Rules about the source itself, which tests enforce.

use std::{
    collections::HashSet,
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

/// O6: templates contain no script, no event handler, no inline style and no unquoted attribute, and never switch
/// escaping off.
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
                // "on" counts only at the start of an event handler's attribute.
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

/// Values that templates print without isolation: the app's own words, numbers, and ids that Stytch or the sandbox
/// made.
#[rustfmt::skip]
const OUR_OWN: &[&str] = &[
    "shell.request_id", "words.title", "names::heading(words.title)", "names::heading(title())", "provider", "offered.relation()", "title()", "others()", "verb.0", "verb.1", "verb().0", "verb().1", "kind()",
    "label", "button", "words", "what", "token", "field_error.text", "name_error", "slug_error", "jit_fault",
    "code.expose()", "enrollment.secret.expose()",
    "member.member.member_id.as_str()", "member.organization.organization_id.as_str()", "member.member_session_id",
    "registration.access_token.masked()", "registration.id_token.masked()",
    "step.outcome()", "step.file()", "step.session_words()", "call.outcome()", "call.method", "shell.inspector()",
    // Values of the sandbox.
    "provider.label()", "provider.tenant_word()", "connection.protocol()", "error", "words", "title", "text", "mismatch.kind",
    "code", "sent_at", "message.locale", "project_id", "seed", "now", "project.id", "project.seed", "fault.id", "story.label",
    "organization.id", "member.status", "session.ends", "call.at", "call.status",
    "dropped_projects", "dropped", "most", "found", "count", "note", "lead", "kind", "id", "status", "created", "proved", "phone_proved",
    "shell.project_id", "tab.label", "form.button", "group.legend", "field.name", "field.label", "field.hint",
    "call.request_id", "connection.kind", "membership.status",
];

/// W9: a template prints names and addresses as `names::bdi(…)`, and as `names::isolated(…)` in titles and labels,
/// where no element is allowed. Its other values are in [`OUR_OWN`], or in an attribute that is not read aloud.
#[test]
fn names_are_isolated() {
    let mut found = 0;
    for (path, template) in ["templates", "sandbox/templates"]
        .into_iter()
        .flat_map(|it| files(it, ".html"))
    {
        let template = without_tags(&template);
        for (at, _) in template.match_indices("{{") {
            let print = template[at + 2..].split("}}").next().unwrap().trim();
            let Some(isolation) = isolation(&template[..at]) else {
                continue;
            };
            // The texts of error pages hold names that are isolated already.
            let is_text = path.ends_with("error.html") && print.starts_with("names::text(");
            let is_block = isolation == "names::bdi("
                && (print.starts_with("names::bdi_lines(")
                    || print.starts_with("names::bdi_json("));
            let is_isolated = print.starts_with(isolation) || is_text || is_block;
            let is_number = print.contains(".len()")
                || [".more", ".found", ".all", ".number", ".last", "_count"]
                    .iter()
                    .any(|it| print.ends_with(it));
            let is_own = OUR_OWN.contains(&print) || print.starts_with("words::") || is_number;
            assert!(
                is_isolated || is_own,
                "{}: {{{{ {print} }}}} needs {isolation}…)",
                path.display()
            );
            found += usize::from(is_isolated);
        }
    }
    assert!(found > 60, "{found}");
}

/// Pages show times as words that need no time zone, each in a `<time>` element: only `time.html` prints them.
#[test]
fn times_need_no_zone() {
    for (path, template) in files("templates", ".html") {
        let is_printer = path.ends_with("time.html");
        for forbidden in ["UTC", "words::datetime", "words::time_"] {
            assert!(
                is_printer || !template.contains(forbidden),
                "{}",
                path.display()
            );
        }
    }
}

/// How a name must be printed after this part of a template; `None` in an attribute that is not read aloud.
fn isolation(before: &str) -> Option<&'static str> {
    let (open, close) = (before.rfind('<')?, before.rfind('>'));
    if close.is_none_or(|close| close < open) {
        let (start, _) = before.rsplit_once("=\"")?;
        let name = start.rsplit(' ').next()?;
        let is_read = ["aria-label", "title", "alt", "placeholder"].contains(&name);
        return is_read.then_some("names::isolated(");
    }
    let in_title = ["<title>", "<option "]
        .iter()
        .any(|it| before[open..].starts_with(it));
    Some(if in_title {
        "names::isolated("
    } else {
        "names::bdi("
    })
}

/// The template without `{% … %}`, whose operators look like tags. Its title block becomes an element.
fn without_tags(template: &str) -> String {
    let template = template.replace("{% block title %}", "<title>");
    let mut parts = template.split("{%");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (tag, rest) = part.split_once("%}").unwrap();
        // This ends the title, too: no other block starts in a title.
        plain += if tag.contains("endblock") {
            "</title>"
        } else {
            ""
        };
        plain += rest;
    }
    plain
}

/// The compiler keeps the app out of the sandbox. In the app, only the code that starts a sandbox names it.
#[test]
fn the_sandbox_is_independent_of_the_app() {
    let manifest = fs::read_to_string(root().join("sandbox/Cargo.toml")).unwrap();
    for unwanted in ["stytch-b2b-axum", "redis"] {
        assert!(!manifest.contains(unwanted), "{unwanted}");
    }
    let (needs, _) = manifest.split_once("[dev-dependencies]").unwrap();
    assert!(!needs.contains("reqwest") && !needs.contains("rustls"));
    for (path, source) in files("src", ".rs") {
        let starter = ["src/main.rs", "src/config/account.rs"]
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

/// V2: secrets have types of their own, which Debug can't print.
#[test]
fn secrets_are_not_strings() {
    for (path, source) in files("src", ".rs") {
        for line in source.lines().map(str::trim) {
            let Some((name, kind)) = line.trim_start_matches("pub ").split_once(": ") else {
                continue;
            };
            let field = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let secret = ["token", "jwt", "verifier", "secret", "ist", "password"]
                .iter()
                .any(|word| name.split('_').any(|part| part == *word));
            // The public token is part of URLs; `stytch_token_type` and the callback's query are read and dropped.
            let known = ["public_token", "stytch_token_type", "last_token"].contains(&name)
                || path.ends_with("routes/callback_query.rs");
            let plain = kind.starts_with("String") || kind.starts_with("Option<String>");
            assert!(
                !(field && secret && plain && !known),
                "{}: {line}",
                path.display()
            );
        }
    }
}

/// Handlers are short, and files contain one concept.
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

/// The README is an introduction. Longer texts belong in `docs`. The diagram and the links count, too.
#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let words = readme.split_whitespace().count();
    assert!(words <= 1200, "README.md has {words} words");
    for command in ["\ncargo run ", "\ntests/run "] {
        assert!(readme.contains(command), "README.md lacks {command:?}");
    }
}

/// The folders whose Rust files may hold tests. Not every checkout has all of them.
const SOURCES: [&str; 6] = [
    "src",
    "tests",
    "sandbox/src",
    "sandbox/tests",
    "examples",
    "benches",
];

fn sources() -> impl Iterator<Item = (PathBuf, String)> {
    let existing = SOURCES
        .into_iter()
        .filter(|folder| root().join(folder).is_dir());
    existing.flat_map(|folder| files(folder, ".rs"))
}

/// A row of `docs/threats.md` and the tests that it names.
struct Threat {
    row: String,
    tests: Vec<String>,
}

/// Reads the sections `### C1. Title`. Each has one line `Tests:` with names in backticks, or `Tests: none`.
fn threats() -> Vec<Threat> {
    let document = fs::read_to_string(root().join("docs/threats.md")).unwrap();
    let sections = document.split("\n### ").skip(1).map(|section| {
        let (row, _) = section.split_once(". ").unwrap();
        assert!(is_row(row), "not a row of docs/threats.md: ### {row}");
        let mut lists = section
            .lines()
            .filter_map(|line| line.strip_prefix("Tests: "));
        let (Some(list), None) = (lists.next(), lists.next()) else {
            panic!("{row} in docs/threats.md needs one line that starts with `Tests: `");
        };
        let names = list.split(", ").filter(|_| list != "none").map(|name| {
            let name = name.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
            name.unwrap_or_else(|| panic!("{row}: write `Tests: ` and names in backticks"))
                .to_owned()
        });
        Threat {
            row: row.to_owned(),
            tests: names.collect(),
        }
    });
    sections.collect()
}

/// Whether this is a row number of `docs/threats.md`: its letter and one or two digits.
fn is_row(text: &str) -> bool {
    let number = text.strip_prefix(['C', 'S', 'O', 'W', 'V', 'P']);
    number.is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// Every required row names tests, every named test exists, and no row appears twice.
#[test]
fn the_threat_map_is_true() {
    let threats = threats();
    let sources: String = sources().map(|(_, text)| text).collect();
    let mut seen = HashSet::new();
    for Threat { row, tests } in &threats {
        assert!(seen.insert(row), "docs/threats.md has {row} twice");
        for test in tests {
            let name = test.rsplit("::").next().unwrap();
            assert!(
                sources.contains(&format!("fn {name}(")),
                "{row} names {test}, which does not exist"
            );
        }
    }
    let range = |letter: &str, numbers: std::ops::RangeInclusive<u32>| {
        numbers.map(|n| format!("{letter}{n}")).collect::<Vec<_>>()
    };
    let due = [
        range("C", 1..=18),
        range("S", 1..=27),
        range("O", 1..=11),
        range("W", 1..=9),
        range("V", 1..=14),
        range("P", 1..=8),
        range("P", 10..=14),
    ];
    for row in due.concat() {
        let threat = threats.iter().find(|threat| threat.row == row);
        assert!(
            threat.is_some_and(|threat| !threat.tests.is_empty()),
            "docs/threats.md needs {row}, with at least one test"
        );
    }
}

/// A doc comment that starts with rows (`C5`, `S10, O3`, `S13: …`) names rows of `docs/threats.md`.
#[test]
fn rows_in_doc_comments_exist() {
    let rows: HashSet<String> = threats().into_iter().map(|threat| threat.row).collect();
    let mut found = HashSet::new();
    for (path, source) in sources() {
        for line in source.lines().map(str::trim_start) {
            let comment = line
                .strip_prefix("/// ")
                .or_else(|| line.strip_prefix("//! "));
            let parts = comment.unwrap_or_default().split([',', ':', '.']);
            for row in parts.map(str::trim).take_while(|part| is_row(part)) {
                assert!(
                    rows.contains(row),
                    "{} names {row}, which is not in docs/threats.md: {line}",
                    path.display()
                );
                found.insert(row.to_owned());
            }
        }
    }
    assert!(
        found.len() > 50,
        "doc comments name only {} rows",
        found.len()
    );
}
