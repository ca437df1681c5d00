//! Runs the files of `docs/recipes` as a reader would, with the built program.
//!
//! `app.mjs` is an app that does not know about the sandbox. `tests/run` installs the dependencies.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::conformance::program::{Program, target};

/// A folder with the files of all recipes and of this test, in which Node and Python find the installed packages.
struct Project(PathBuf);

impl Project {
    fn new(name: &str) -> Self {
        let packages = target().join("conformance");
        assert!(
            packages.join("node_modules/@playwright/test").exists()
                && packages.join("venv/bin/pytest").exists(),
            "the packages are not installed: sandbox/tests/it/conformance/install"
        );
        let folder = packages.join("recipes").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let recipes = repository().join("docs/recipes");
        for from in [
            recipes.clone(),
            recipes.join("playwright"),
            recipes.join("pytest"),
            recipes.join("node"),
            here(),
        ] {
            for entry in fs::read_dir(&from).expect("a folder") {
                let file = entry.expect("an entry").path();
                if file.is_file() {
                    fs::copy(&file, folder.join(file.file_name().expect("a name"))).expect("space");
                }
            }
        }
        Self(folder)
    }

    /// Runs a program in this folder, and returns its output. Fails if the program fails.
    fn run(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.0)
            .env("PATH", path())
            .env("CHROMIUM_PATH", chromium())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("README", repository().join("sandbox/README.md"))
            .env("DOCKERFILE", repository().join("sandbox/Dockerfile"))
            .env("PROGRAM", env!("CARGO_BIN_EXE_stytch-sandbox"))
            .env_remove("STYTCH_BASE_URL")
            .envs(variables.iter().copied())
            .output()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{program} {arguments:?}\n{printed}\n{errors}"
        );
        printed
    }
}

fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the repository")
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/recipes")
}

/// `PATH` with the virtual environment's tools first, without the built program.
fn path() -> String {
    let venv = target().join("conformance/venv/bin");
    let before = env::var("PATH").expect("a PATH");
    format!("{}:{before}", venv.display())
}

fn chromium() -> String {
    let usual = "/usr/bin/chromium";
    env::var("CHROMIUM_PATH").unwrap_or_else(|_| usual.to_owned())
}

/// `PATH` with the built program first.
fn path_with_program() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_stytch-sandbox"));
    let folder = program.parent().expect("a folder");
    format!("{}:{}", folder.display(), path())
}

#[test]
#[ignore = "needs Chromium and Playwright: tests/run"]
fn playwright_runs_with_a_world_per_worker() {
    let program = Program::start();
    let printed = Project::new("playwright").run(
        "node",
        &[
            "../../node_modules/@playwright/test/cli.js",
            "test",
            "--workers=2",
            "--reporter=list",
        ],
        &[("STYTCH_BASE_URL", &format!("{}/", program.url))],
    );
    let mut worlds = HashMap::new();
    for line in printed.lines() {
        if let Some((_, rest)) = line.split_once("WORLD ") {
            let (worker, world) = rest.split_once(' ').expect("a worker and a world");
            let first = worlds
                .entry(worker.to_owned())
                .or_insert_with(|| world.to_owned());
            assert_eq!(first, world, "worker {worker} keeps its world");
        }
    }
    let different: std::collections::HashSet<&String> = worlds.values().collect();
    assert!(worlds.len() >= 2, "{printed}");
    assert_eq!(different.len(), worlds.len(), "{printed}");
    // The fixtures have removed all worlds.
    for world in different {
        let path = format!("/_sandbox/projects/{world}/state");
        assert_eq!(program.status("GET", &path), 404);
    }
}

#[test]
#[ignore = "needs pytest: tests/run"]
fn pytest_starts_the_sandbox() {
    let project = Project::new("pytest");
    let printed = project.run(
        "python",
        &["-m", "pytest"],
        &[("PATH", &path_with_program())],
    );
    assert!(printed.contains("3 passed"), "{printed}");
}

#[test]
#[ignore = "needs the SDKs: tests/run"]
fn the_node_hook_redirects_an_unmodified_app() {
    let program = Program::start();
    let hook = "./stytch-sandbox-hook.mjs";
    let printed = Project::new("node").run(
        "node",
        &["--import", hook, "--test", "hook_checks.mjs"],
        &[
            ("STYTCH_BASE_URL", &format!("{}/", program.url)),
            ("STYTCH_PROJECT_ID", &program.project_id),
            ("STYTCH_SECRET", &program.secret),
            (
                "STYTCH_PUBLIC_TOKEN",
                "public-token-test-5a4db0c5-0000-4000-8000-000000000002",
            ),
        ],
    );
    assert!(printed.contains("# pass 5"), "{printed}");
}

#[test]
#[ignore = "needs the Python packages: tests/run"]
fn compose_and_workflow_match_their_schemas() {
    let project = Project::new("schemas");
    for (schema, file, word) in [
        ("vendor.compose-spec", "compose.yaml", "condition:"),
        ("vendor.github-workflows", "github-workflow.yml", "runs-on:"),
    ] {
        project.run("check-jsonschema", &["--builtin-schema", schema, file], &[]);
        // An invalid file fails the check.
        let text = fs::read_to_string(project.0.join(file)).expect("the file");
        fs::write(project.0.join(file), text.replace(word, "misspelled:")).expect("space");
        let status = Command::new("check-jsonschema")
            .args(["--builtin-schema", schema, file])
            .current_dir(&project.0)
            .env("PATH", path())
            .output()
            .expect("it runs")
            .status;
        assert_eq!(status.code(), Some(1), "{file}");
    }
}

#[test]
#[ignore = "needs the Python packages and the SDKs: tests/run"]
fn the_commands_of_compose_run() {
    let printed = Project::new("compose").run("python", &["commands.py", "compose"], &[]);
    assert!(printed.contains("COMMANDS DONE"), "{printed}");
}

#[test]
#[ignore = "needs Chromium, the Python packages and the SDKs: tests/run"]
fn the_commands_of_the_workflow_run() {
    let printed = Project::new("workflow").run("python", &["commands.py", "workflow"], &[]);
    assert!(printed.contains("COMMANDS DONE"), "{printed}");
}
