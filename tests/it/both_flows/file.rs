//! Checks what the example promises as a file to copy.

use std::path::Path;

const SOURCE: &str = include_str!("../../../examples/both_flows.rs");

#[test]
fn the_example_is_short() {
    assert!(SOURCE.lines().count() <= 400);
}

/// The example needs nothing of this package but the folder `src/stytch`.
#[test]
fn the_example_imports_only_the_client() {
    let imports = SOURCE.match_indices("stytch_b2b_axum");
    let rest = imports.map(|(at, name)| &SOURCE[at + name.len()..]);
    let wrong: Vec<&str> = rest
        .filter(|rest| !rest.starts_with("::stytch::{"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The files that its header names exist.
#[test]
fn files_in_the_header_exist() {
    let header = SOURCE.lines().take_while(|line| line.starts_with("//!"));
    let header: String = header.collect();
    let names = header.split('`').filter(|part| part.starts_with("src/"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for name in names {
        assert!(root.join(name).exists(), "{name}");
        count += 1;
    }
    assert!(count >= 12, "{count}");
}
