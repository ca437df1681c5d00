//! The app's permissions in Redis: the documents list them, and the probes notice if one is missing.

use redis::cmd;

use crate::support::{Redis, TestApp, app::Setup, child, redis::free_port};

/// The commands that `docs/operating.md` lists.
pub(super) const COMMANDS: [&str; 6] = ["get", "set", "del", "eval", "exists", "getrange"];

/// The URL for a user who may run only these commands.
pub(super) async fn with_commands(redis: &Redis, commands: &[&str]) -> String {
    let mut connection = redis.connect().await;
    let mut set = cmd("ACL");
    set.arg(&[
        "SETUSER",
        "app",
        "reset",
        "on",
        ">p#ss",
        "~stytch_b2b_axum:*",
        "-@all",
    ]);
    set.arg(
        commands
            .iter()
            .map(|it| format!("+{it}"))
            .collect::<Vec<_>>(),
    );
    set.query_async::<()>(&mut connection).await.unwrap();
    redis.url().replacen("redis://", "redis://app:p%23ss@", 1)
}

async fn app_on(url: String) -> TestApp {
    let setup = Setup {
        redis: Some(url),
        ..Setup::default()
    };
    TestApp::with(setup).await
}

/// S10: everything works with the commands that the documents list.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn the_listed_commands_are_enough() {
    for document in [
        include_str!("../../../docs/operating.md"),
        include_str!("../../../.env.example"),
    ] {
        let commands = COMMANDS.map(str::to_uppercase).join(", ");
        assert!(document.contains(&commands), "{commands}");
    }
    let redis = Redis::start();
    let app = app_on(with_commands(&redis, &COMMANDS).await).await;
    assert_eq!(app.browser().get("/health/ready").await.status, 200);
    assert_eq!(redis.records().await.len(), 0, "probes leave nothing");
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    assert_eq!(ada.get("/org/acme").await.status, 200);
    ada.go("Switch organization").await;
    assert_eq!(ada.go("Switch to O'Neil").await.path(), "/org/oneil");
    ada.go("Sign out").await;
    assert_eq!(ada.cookie(), None);
}

/// S10: without any one of them visitors could not sign in, and the app is not ready.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_missing_command_is_noticed() {
    let redis = Redis::start();
    for missing in COMMANDS {
        let mut commands = COMMANDS.to_vec();
        commands.retain(|command| *command != missing);
        let app = app_on(with_commands(&redis, &commands).await).await;
        let page = app.browser().get("/health/ready").await;
        assert_eq!(page.status, 503, "without {missing}");
    }
}

/// S10: a wrong password is in the log before the first visitor comes, and the app starts nevertheless.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_wrong_password_is_logged_at_the_start() {
    let redis = Redis::start();
    let right = with_commands(&redis, &COMMANDS).await;
    let nowhere = format!("redis://app:p%23ss@127.0.0.1:{}", free_port());
    for (url, told) in [
        (
            right.replace("p%23ss", "hunter2"),
            Some("authentication failed"),
        ),
        (nowhere, Some("Connection refused")),
        (right, None),
    ] {
        let said = child::said_at_the_start(&[("SESSION_STORE", &url)]);
        assert_eq!(
            said.contains("the session store does not work"),
            told.is_some(),
            "{said}"
        );
        assert!(said.contains(told.unwrap_or("Open")), "{said}");
        assert!(
            !said.contains("hunter2") && !said.contains("p#ss"),
            "{said}"
        );
    }
}
