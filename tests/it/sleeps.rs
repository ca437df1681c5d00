//! No test sleeps: it moves the clock, or waits for a condition. What waits for a condition may pause between two looks.

use std::{fs, path::Path};

/// Files with a loop that looks for a condition until a bound, or with such a bound, and how many.
const LOOPS: [(&str, usize); 4] = [
    ("tests/browser/chrome/mod.rs", 1),
    ("sandbox/tests/it/state.rs", 1),
    ("sandbox/tests/it/recipes/commands.py", 1),
    ("sandbox/tests/it/recipes/hook_checks.mjs", 1),
];

/// How languages of the tests sleep.
const SLEEPS: [&str; 4] = ["sleep(", "sleep_until(", "setTimeout(", "waitForTimeout("];

#[test]
fn no_test_sleeps() {
    let mut found = Vec::new();
    for folder in ["tests", "sandbox/tests"] {
        look(Path::new(folder), &mut found);
    }
    found.sort();
    let mut expected = LOOPS.map(|(file, count)| (file.to_owned(), count));
    expected.sort();
    assert_eq!(found, expected, "wait for a condition instead");
}

/// Adds each file that sleeps.
fn look(folder: &Path, found: &mut Vec<(String, usize)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            look(&path, found);
            continue;
        }
        let is_code = ["rs", "py", "mjs", "js", "ts"].iter().any(|ending| {
            path.extension()
                .is_some_and(|extension| extension == *ending)
        });
        // This file names what it looks for.
        if is_code && !path.ends_with("it/sleeps.rs") {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            let count = SLEEPS.iter().map(|it| text.matches(it).count()).sum();
            if count > 0 {
                found.push((path.display().to_string(), count));
            }
        }
    }
}
