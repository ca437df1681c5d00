//! No test sleeps: it moves the clock, or waits for a condition. A loop that waits for a condition may pause between
//! two checks.

use std::{fs, path::Path};

/// Files with loops that check a condition until a limit, or with such a limit, and the number of these places.
const LOOPS: [(&str, usize); 4] = [
    ("tests/browser/chrome/mod.rs", 1),
    ("sandbox/tests/it/state.rs", 1),
    ("sandbox/tests/it/recipes/commands.py", 1),
    ("sandbox/tests/it/recipes/hook_checks.mjs", 1),
];

/// How the tests' languages sleep.
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
        // This file names the calls that it looks for.
        if is_code && !path.ends_with("it/sleeps.rs") {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            let count = SLEEPS.iter().map(|it| text.matches(it).count()).sum();
            if count > 0 {
                found.push((path.display().to_string(), count));
            }
        }
    }
}
