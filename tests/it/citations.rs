//! Comments and documents cite nothing that is missing from the tree.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use super::links::headings;

/// Folders whose comments are checked. The documents are those of the whole tree.
const SOURCES: [&str; 8] = [
    "src",
    "tests",
    "examples",
    "benches",
    "sandbox/src",
    "sandbox/tests",
    "sandbox/examples",
    "sandbox/benches",
];

/// Published documents whose sections may be cited.
const STANDARDS: [&str; 5] = ["RFC", "ASVS", "NIST", "OpenID", "6265bis"];

/// A number such as `C5` is a row of `docs/threats.md`, and a section is one of a standard that is named beside it.
#[test]
fn cited_rows_and_sections_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let threats = fs::read_to_string(root.join("docs/threats.md")).unwrap();
    let rows: HashSet<&str> = threats
        .split("\n### ")
        .skip(1)
        .map(|section| section.split('.').next().unwrap())
        .collect();
    assert!(rows.len() > 80, "{}", rows.len());
    let mut cited = 0;
    for path in files(root) {
        let text = fs::read_to_string(&path).unwrap();
        let is_source = path.extension().is_some_and(|it| it == "rs");
        let mut before = "";
        for line in text.lines() {
            let prose = if is_source { comment(line) } else { line };
            let at = || format!("{}: {}", path.display(), line.trim());
            assert!(!prose.contains(concat!("fact ", "sheet")), "{}", at());
            for number in numbers(prose) {
                assert!(rows.contains(number), "no row {number}. {}", at());
                cited += 1;
            }
            let has_standard = STANDARDS
                .iter()
                .any(|it| prose.contains(it) || before.contains(it));
            assert!(!prose.contains('§') || has_standard, "{}", at());
            before = prose;
        }
    }
    assert!(cited > 300, "{cited}");
}

/// A comment cites a heading by the path of its document and its anchor.
#[test]
fn headings_that_comments_cite_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cited = 0;
    for path in files(root) {
        let text = fs::read_to_string(&path).unwrap();
        if path.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        for word in text.lines().flat_map(|line| comment(line).split('`')) {
            let Some((document, anchor)) = word.split_once(".md#") else {
                continue;
            };
            let document = root.join(format!("{document}.md"));
            let at = format!("{} cites {word}", path.display());
            let headings = headings(&fs::read_to_string(&document).expect(&at));
            assert!(headings.iter().any(|it| it == anchor), "{at}: {headings:?}");
            cited += 1;
        }
    }
    assert!(cited > 50, "{cited}");
}

/// The text after `//` in a line, if that starts a comment.
fn comment(line: &str) -> &str {
    let begins = |at: usize| line[..at].trim().is_empty() || line[..at].ends_with(' ');
    let found = line.match_indices("//").find(|(at, _)| begins(*at));
    found.map_or("", |(at, _)| &line[at..])
}

/// The words that are a capital letter and one or two digits.
fn numbers(prose: &str) -> impl Iterator<Item = &str> {
    let words = prose.split(|c: char| !(c.is_alphanumeric() || "_-./<>\"&=".contains(c)));
    let words = words.map(|word| word.trim_end_matches('.'));
    words.filter(|word| {
        let digits = word.strip_prefix(|c: char| c.is_ascii_uppercase());
        digits.is_some_and(|digits| {
            (1..=2).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
        })
    })
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ]
    .map(|name| root.join(name))
    .into();
    let mut folders: Vec<PathBuf> = SOURCES.map(|folder| root.join(folder)).into();
    folders.push(root.join("docs"));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs" || it == "md") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn numbers_are_words() {
    let found: Vec<&str> =
        numbers("// C5: S10, (O14). Base64 A1B <path d=\"M0 2\"> IPv6 V1.").collect();
    assert_eq!(found, ["C5", "S10", "O14", "V1"]);
}
