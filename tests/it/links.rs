//! Every relative link in the documents leads to a file of the tree, and every anchor to a heading.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn links_resolve() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut links, mut anchors) = (0, 0);
    for path in documents(root) {
        let text = without_code(&fs::read_to_string(&path).unwrap());
        for link in links_in(&text) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.parent().unwrap().join(file)
            };
            assert!(target.exists(), "{} links to {link}", path.display());
            links += 1;
            if anchor.is_empty() {
                continue;
            }
            let headings = headings(&fs::read_to_string(&target).unwrap());
            assert!(
                headings.iter().any(|it| it == anchor),
                "{} links to {link}, but the headings there are {headings:?}",
                path.display()
            );
            anchors += 1;
        }
    }
    assert!(links > 100 && anchors > 20, "{links}, {anchors}");
}

/// All Markdown files of the tree, without those in hidden folders other than `.github`, and without `target`.
fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_hidden = name.starts_with('.') && name != ".github";
            if path.is_dir() && !is_hidden && !["target", "node_modules"].contains(&name) {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// The text without code blocks, in which nothing is a link or a heading.
fn without_code(text: &str) -> String {
    let mut plain = String::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            plain += line;
            plain += "\n";
        }
    }
    plain
}

/// The targets of `[text](target)` and `[name]: target` that are not URLs.
fn links_in(text: &str) -> impl Iterator<Item = &str> {
    let inline = text.split("](").skip(1);
    let inline = inline.map(|rest| rest.split([')', ' ']).next().unwrap());
    let named = text.lines().filter(|line| line.starts_with('['));
    let named = named.filter_map(|line| line.split_once("]: ").map(|(_, target)| target.trim()));
    inline
        .chain(named)
        .filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
}

/// The anchors of a document's headings, as GitHub makes them: lower case, without punctuation, with hyphens for
/// blanks, and with a number if the same heading came before.
pub fn headings(text: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let text = without_code(text);
    let titles = text.lines().filter_map(|line| {
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        ((1..=6).contains(&level) && title.starts_with(' ')).then(|| title.trim())
    });
    let anchors = titles.map(|title| {
        // A link in a heading counts as its text.
        let title = title
            .split("](")
            .map(|part| part.rsplit(')').next().unwrap());
        let anchor: String = title
            .collect::<String>()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let count = seen.entry(anchor.clone()).or_default();
        *count += 1;
        match *count {
            1 => anchor,
            n => format!("{anchor}-{}", n - 1),
        }
    });
    anchors.collect()
}

#[test]
fn anchors_are_made_as_github_makes_them() {
    let text = "# `POST /_sandbox/projects`\n## V: Stytch, and the client\n## Twice\n## Twice\n```\n# no heading\n```\n";
    assert_eq!(
        headings(text),
        [
            "post-_sandboxprojects",
            "v-stytch-and-the-client",
            "twice",
            "twice-1"
        ]
    );
}
