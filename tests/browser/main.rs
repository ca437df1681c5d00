//! The app and its sandbox in a real Chromium, used as a person does: by clicking, on two sites, with the shipped
//! headers. These tests cover what tests by plain HTTP can't: cookies between sites, history, the back button, double
//! clicks, prefetches, and the content security policy. Both flows run in Firefox too.
//!
//! Every test needs Chromium and its driver, so plain `cargo test` skips them, and `tests/run` runs them. Their runtime
//! has several threads, because ending Chromium after a failed test blocks its thread.

mod chrome;
mod neighbor;
mod process;
mod profile;
#[allow(
    dead_code,
    unused_imports,
    reason = "the other test binary uses the rest"
)]
#[path = "../it/support/mod.rs"]
mod support;
mod wire;

mod callback;
mod double_click;
mod firefox;
mod flows;
mod gallery;
mod hostile;
mod matrix;
mod more_flows;
mod no_script;
mod sdk;
mod session;
