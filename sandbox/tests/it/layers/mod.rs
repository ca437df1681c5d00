//! The layers of `src/`: imports go down only.

mod check;

use std::path::Path;

use self::check::check;

/// The folders of `src/`, from top to bottom. Folders on one line may import one another.
const LAYERS: [&[&str]; 11] = [
    &["server"],
    &["console"],
    &["control"],
    &["support"],
    &["sdk"],
    &["api", "public"],
    &["http"],
    &["world"],
    &["seed"],
    &["rules"],
    &["model"],
];

#[test]
fn imports_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let checked = check(
        &source,
        &LAYERS,
        &[
            "lib.rs",
            "main.rs",
            "command_line.rs",
            "exec.rs",
            "introduction.rs",
        ],
    );
    assert!(checked > 200, "{checked}");
}
