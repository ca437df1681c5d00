//! The layers of the app's `src/`: imports go down, never up.

use std::path::Path;

#[path = "../../sandbox/tests/it/layers/check.rs"]
mod check;

/// The files and folders of `src/`, from top to bottom. Those on one line may import one another.
const LAYERS: [&[&str]; 11] = [
    &["app", "command_line", "doctor", "startup"],
    &["config", "state"],
    &["routes"],
    &["views"],
    &["web"],
    &["limits"],
    &["session"],
    &["error"],
    &["sign_in"],
    &["clock", "crypto"],
    &["stytch"],
];

#[test]
fn imports_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let checked = check::check(&source, &LAYERS, &["lib.rs", "main.rs", "bin/"]);
    assert!(checked > 150, "{checked}");
}

/// Copying `src/stytch` requires nothing else of this package.
#[test]
fn the_client_imports_nothing_else() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stytch");
    for file in std::fs::read_dir(source).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let import = code.find(|line| line.contains("crate::"));
        assert!(import.is_none(), "{}: {import:?}", path.display());
    }
}
