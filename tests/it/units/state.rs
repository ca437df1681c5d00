//! The shared state of the app.

use std::time::Duration;

use stytch_b2b_axum::{
    session::Context,
    state::{AppState, Settings},
    stytch::{Credentials, Stytch},
    web::site::Site,
};
use url::Url;

/// Cloning the state, or what a layer uses of it, increments one reference count.
#[test]
fn cloning_the_state_copies_one_pointer() {
    let pointer = size_of::<usize>();
    assert_eq!(size_of::<AppState>(), pointer);
    assert_eq!(size_of::<Context>(), pointer);
    assert_eq!(size_of::<Site>(), pointer);
}

/// P8, O10: the settings of an embedding application recognize a sandbox by its URL, too.
#[tokio::test]
async fn a_sandbox_is_known_by_its_url() {
    let settings = |base_url: &str| {
        let credentials =
            Credentials::new("project-test-1", "secret-test-1", "public-token-test-1");
        let base_url = Url::parse(base_url).unwrap();
        let stytch = Stytch::new(credentials, base_url, Duration::from_secs(1)).unwrap();
        Settings::new(stytch, Url::parse("http://localhost:3000").unwrap())
    };
    let sandbox = settings("http://127.0.0.1:3100");
    assert_eq!(sandbox.sandbox.as_deref(), Some("http://127.0.0.1:3100"));
    assert!(sandbox.cached_for <= Duration::from_secs(1));
    let account = settings("https://test.stytch.com");
    assert_eq!(account.sandbox, None);
    assert_eq!(account.cached_for, Duration::from_secs(30));
}
