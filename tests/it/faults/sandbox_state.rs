//! The embedded sandbox restores its state: with `cargo run`, and with `SANDBOX_STATE`.

use std::path::Path;

use serde_json::{Value, json};

use super::process::{APP, Running, directory, refuses};

const FREE: [(&str, &str); 2] = [("BIND", "127.0.0.1:0"), ("SANDBOX_BIND", "127.0.0.1:0")];

/// An app that Cargo runs in this folder.
fn start(folder: &Path, env: &[(&str, &str)], until: &str) -> Running {
    let manifest = folder.to_string_lossy();
    let env = [&FREE[..], &[("CARGO_MANIFEST_DIR", &manifest)], env].concat();
    Running::start(APP, folder, &env, until)
}

fn empty(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(folder);
    directory(name, "")
}

/// Number of the sandbox's organizations, after creating one more if a slug is given.
async fn organizations(app: &Running, create: Option<&str>) -> usize {
    let stytch = app.said.lines().find(|line| line.contains("Stytch  http"));
    let url = stytch.unwrap().split_whitespace().nth(1).unwrap();
    let id = "project-test-5a4db0c5-0000-4000-8000-000000000001";
    let secret = "secret-test-c2FuZGJveC1vbmx5LXRoaXMtaXMtbm90LWEtc2VjcmV0";
    let http = reqwest::Client::new();
    if let Some(slug) = create {
        let body = json!({ "organization_name": slug, "organization_slug": slug });
        let create = http.post(format!("{url}/v1/b2b/organizations")).json(&body);
        let created = create.basic_auth(id, Some(secret)).send().await.unwrap();
        assert_eq!(created.status(), 200);
    }
    let state = http.get(format!("{url}/_sandbox/projects/{id}/state"));
    let state: Value = state.send().await.unwrap().json().await.unwrap();
    state["organizations"].as_array().unwrap().len()
}

#[tokio::test]
async fn cargo_run_restores_the_state() {
    let folder = empty("sandbox-state");
    let file = folder.join("target/sandbox-state.json");
    let mut app = start(&folder, &[], "State   ");
    assert!(
        app.said.contains(&format!("State   {}", file.display()))
            && app.said.contains("SANDBOX_STATE=off"),
        "{}",
        app.said
    );
    let before = organizations(&app, Some("kept")).await;
    // A second sandbox at the same time has a world of its own, and says so. If the file was requested, it refuses to
    // start.
    let mut second = start(&folder, &[], "(the sandbox");
    assert!(
        second
            .said
            .contains("the sandbox does not save its state: the state file")
            && second.said.contains("in use by another sandbox"),
        "{}",
        second.said
    );
    assert_eq!(organizations(&second, None).await, before - 1);
    assert_eq!(second.stop(), Some(0));
    let path = file.to_string_lossy();
    let refused = refuses(APP, &folder, &[FREE[0], FREE[1], ("SANDBOX_STATE", &path)]);
    assert!(
        refused.contains("error: SANDBOX_STATE: the state file"),
        "{refused}"
    );
    assert_eq!(app.stop(), Some(0));

    let mut again = start(&folder, &[], "State   ");
    assert_eq!(organizations(&again, None).await, before);
    assert_eq!(again.stop(), Some(0));
    let mut off = start(&folder, &[("SANDBOX_STATE", "off")], "(the sandbox");
    assert_eq!(organizations(&off, Some("lost")).await, before);
    assert_eq!(off.stop(), Some(0));
    let mut again = start(&folder, &[], "State   ");
    assert_eq!(
        organizations(&again, None).await,
        before,
        "it was there, and not changed"
    );
    assert_eq!(again.stop(), Some(0));
}

/// Without Cargo, the state is stored only in a named file.
#[tokio::test]
async fn the_state_is_stored_in_a_named_file() {
    let folder = empty("sandbox-state-named");
    let mut app = Running::start(APP, &folder, &FREE, "(the sandbox");
    let before = organizations(&app, Some("lost")).await;
    assert_eq!(app.stop(), Some(0));
    assert!(!folder.join("target").exists());
    let named = [FREE[0], FREE[1], ("SANDBOX_STATE", "my state.json")];
    let mut app = Running::start(APP, &folder, &named, "State   ");
    assert_eq!(organizations(&app, Some("kept")).await, before);
    assert_eq!(app.stop(), Some(0));
    assert!(folder.join("my state.json").is_file());
    std::fs::write(folder.join("my state.json"), "damaged").unwrap();
    let mut app = Running::start(APP, &folder, &named, "State   ");
    assert!(app.said.contains("because it is damaged"), "{}", app.said);
    assert_eq!(organizations(&app, None).await, before - 1);
    assert_eq!(app.stop(), Some(0));
}
