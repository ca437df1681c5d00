//! `docs/operating.md` quotes the lines of the log exactly.

use std::{fs, path::Path};

/// Every line that the document lists for alerts is in the source.
#[test]
fn the_lines_to_alert_on_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/operating.md")).unwrap();
    let (_, table) = document.split_once("Lines to alert on:\n\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let lines: Vec<&str> = rows
        .skip(2)
        .filter_map(|row| row.split('`').nth(1))
        .collect();
    assert!(lines.len() > 5, "{lines:?}");
    let mut source = String::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                source += &fs::read_to_string(path).unwrap();
            }
        }
    }
    for line in lines {
        assert!(source.contains(line), "no source logs {line:?}");
    }
}
