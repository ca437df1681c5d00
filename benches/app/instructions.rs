//! Counts the processor instructions of one page with Valgrind's Callgrind. The figure depends neither on the machine
//! nor on its load.
//!
//! The bench starts itself under Valgrind with `-- page PATH`.

use std::process::Command;

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use stytch_b2b_axum::app;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use tower_sessions::session::Id;

use crate::lab::App;

const TIMES: u32 = 300;

/// Serves a page [`TIMES`] times without a network. `/bare` is a bare axum page of the same size.
pub fn serve(path: &str, http: &reqwest::Client, runtime: &Runtime) {
    let mut app = runtime.block_on(async { App::start("memory") });
    let id = runtime.block_on(app.sessions(http, 1))[0];
    let port = app.server.port;
    let own = app::router(app.state.clone());
    let page = runtime.block_on(body(own.clone(), "/org/acme", port, id));
    let router = match path {
        "/bare" => crate::bare(page.into()),
        _ => own,
    };
    runtime.block_on(body(router.clone(), path, port, id)); // work that only a first request causes
    counted(&|| {
        runtime.block_on(body(router.clone(), path, port, id));
    });
}

/// Callgrind counts only inside this function.
#[inline(never)]
fn counted(request: &dyn Fn()) {
    for _ in 0..TIMES {
        request();
    }
}

async fn body(router: Router, path: &str, port: u16, id: Id) -> Vec<u8> {
    let request = Request::get(path)
        .header(header::HOST, format!("localhost:{port}"))
        .header(header::ACCEPT, "text/html")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, format!("stytch_b2b_axum_{port}={id}"))
        .body(Body::empty())
        .expect("a request");
    let Ok(response) = router.oneshot(request).await;
    assert_eq!(response.status(), 200, "{path}");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    body.expect("a body").into()
}

/// Instructions of one request, or `None` without Valgrind.
pub fn of(path: &str) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*instructions::counted*")
        .arg(std::env::current_exe().ok()?)
        .args(["page", path])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    let all: u64 = line.rsplit(':').next()?.trim().parse().ok()?;
    Some(all / u64::from(TIMES))
}
