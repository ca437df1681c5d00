//! The files in `.github` fit the schemas of the programs that read them. GitHub ignores a file that does not, without
//! a message that a test could see.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A schema of check-jsonschema, and the files that must fit it.
const SCHEMAS: [(&str, &[&str]); 5] = [
    (
        "vendor.github-workflows",
        &["workflows/ci.yml", "workflows/release.yml"],
    ),
    // A job without a timeout costs six hours if it hangs.
    (
        "custom.github-workflows-require-timeout",
        &["workflows/ci.yml", "workflows/release.yml"],
    ),
    ("vendor.dependabot", &["dependabot.yml"]),
    (
        "vendor.github-issue-forms",
        &[
            "ISSUE_TEMPLATE/bug.yml",
            "ISSUE_TEMPLATE/difference.yml",
            "ISSUE_TEMPLATE/feature.yml",
        ],
    ),
    ("vendor.github-issue-config", &["ISSUE_TEMPLATE/config.yml"]),
];

#[test]
#[ignore = "needs check-jsonschema: tests/run"]
fn files_for_github_fit_their_schemas() {
    for (schema, files) in SCHEMAS {
        for file in files {
            let path = folder().join(file);
            let checked = check(schema, &path);
            let printed = String::from_utf8_lossy(&checked.stdout).into_owned();
            assert!(checked.status.success(), "{file}: {printed}");
        }
    }
    // Shows that the check can fail.
    let spoiled = env::temp_dir().join(format!("ci-{}.yml", std::process::id()));
    let text = fs::read_to_string(folder().join("workflows/ci.yml")).unwrap();
    fs::write(&spoiled, text.replace("runs-on:", "runs:")).unwrap();
    let checked = check("vendor.github-workflows", &spoiled);
    fs::remove_file(&spoiled).unwrap();
    assert_eq!(checked.status.code(), Some(1));
}

/// Every YAML file is in the table above.
#[test]
fn every_file_for_github_has_a_schema() {
    let listed: Vec<PathBuf> = SCHEMAS
        .iter()
        .flat_map(|(_, files)| files.iter().map(|file| folder().join(file)))
        .collect();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "yml") {
                assert!(listed.contains(&path), "{} has no schema", path.display());
            }
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".github")
}

fn check(schema: &str, file: &Path) -> Output {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target"),
        PathBuf::from,
    );
    Command::new(target.join("conformance/venv/bin/check-jsonschema"))
        .args(["--builtin-schema", schema])
        .arg(file)
        .output()
        .expect("check-jsonschema: sandbox/tests/it/conformance/install")
}
