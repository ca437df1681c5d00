//! The app and its sandbox in a real Chromium, as a person uses them: by clicking, on two sites, under the shipped
//! headers. What a test of plain HTTP can't see is here: cookies between sites, history, the back button, double
//! clicks, speculation, the content security policy. Both flows run in Firefox too.
//!
//! Every test needs Chromium and its driver, so plain `cargo test` passes them over; `tests/run` runs them. Their
//! runtime has several threads, because what ends Chromium after a failed test blocks the one it runs on.

mod chrome;
mod neighbour;
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
