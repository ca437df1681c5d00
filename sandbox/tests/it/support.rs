//! Checks that the support table is correct: `SUPPORT.md` has the routes of the URL table, and supported endpoints
//! respond.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use stytch_sandbox::support::{self, Level};

use super::lab::{Lab, Reply};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn the_file_contains_the_table() {
    let file = root().join("SUPPORT.md");
    let table = support::as_markdown();
    if std::env::var("SUPPORT").is_ok_and(|wish| wish == "write") {
        fs::write(&file, &table).expect("the file can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == table,
        "sandbox/SUPPORT.md is outdated. Run SUPPORT=write cargo test -p stytch-sandbox --test it support::"
    );
}

/// Each supported endpoint names an existing test module. No endpoint is listed twice, because the second row would
/// never match.
#[test]
fn each_supported_endpoint_names_its_test() {
    for it in support::table() {
        if it.level == Level::Not {
            continue;
        }
        let endpoint = format!("{} {}", it.method, it.path);
        assert!(
            !it.test.is_empty(),
            "{endpoint} names no test in sandbox/src/support/routes.rs"
        );
        let module = root().join(format!("tests/it/{}.rs", it.test.replace("::", "/")));
        assert!(
            module.exists(),
            "{endpoint} names the test {}, which does not exist",
            it.test
        );
        assert!(
            it.level == Level::Done || !it.differs.is_empty(),
            "{endpoint} is supported partly, but does not say what is missing"
        );
    }
    let mut endpoints: Vec<String> = support::table()
        .iter()
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    endpoints.sort_unstable();
    for pair in endpoints.windows(2) {
        assert_ne!(pair[0], pair[1], "listed twice");
    }
}

/// Over HTTP, exactly the endpoints with `not` return 501.
#[tokio::test]
async fn the_table_is_correct() {
    let lab = Lab::start().await;
    let credentials = lab.credentials();
    let mut asked = 0;
    for it in support::table() {
        let path = it.path.replace(['{', '}'], "");
        let request = lab
            .http
            .request(
                it.method.parse::<Method>().expect("a method"),
                format!("{}{path}", lab.url),
            )
            .basic_auth(&credentials.project_id, Some(&credentials.secret))
            .header("content-type", "application/json");
        let reply = Reply::send(request.body("{}")).await;
        assert_eq!(
            reply.status == 501,
            it.level == Level::Not,
            "{} {path}: {}",
            it.method,
            reply.text
        );
        asked += 1;
    }
    assert!(asked > 100, "{asked}");
}
