//! What the tests use: the real app and the real sandbox on free ports, a browser without a screen, the logs.

use proptest::test_runner::Config;

pub mod admin;
pub mod app;
pub mod browser;
pub mod child;
pub mod instances;
pub mod logs;
pub mod page;
pub mod proxy;
pub mod redis;
pub mod store;

pub use app::TestApp;
pub use browser::Browser;
pub use instances::Instances;
pub use page::Page;
pub use redis::Redis;
pub use store::{Fault, TestStore};

/// This number of random cases, or `PROPTEST_CASES` in a search for more. `PROPTEST_RNG_SEED` is proptest's own
/// variable: with it the cases are the same each time.
pub fn random(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok();
    Config {
        cases: asked.and_then(|it| it.parse().ok()).unwrap_or(cases),
        failure_persistence: None,
        ..Config::default()
    }
}
