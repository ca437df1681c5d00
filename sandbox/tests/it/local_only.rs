//! The rule that keeps a sandbox away from real accounts and from public addresses.

use std::net::SocketAddr;

use stytch_sandbox::{Refusal, may_start};
use url::Url;

const HERE: &str = "127.0.0.1:3000";

fn reasons(credentials_set: bool, bind: &str, app_url: &str, sandbox_bind: &str) -> Vec<Refusal> {
    let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
    let app_url = Url::parse(app_url).expect("a URL");
    match may_start(
        credentials_set,
        address(bind),
        &app_url,
        address(sandbox_bind),
    ) {
        Ok(()) => Vec::new(),
        Err(refused) => refused.reasons().to_vec(),
    }
}

#[test]
fn a_sandbox_on_this_machine_is_allowed() {
    for bind in [HERE, "127.9.9.9:1", "[::1]:3000"] {
        for app_url in [
            "http://localhost:3000",
            "http://app.localhost",
            "https://127.0.0.1",
            "http://[::1]:3000",
        ] {
            assert_eq!(reasons(false, bind, app_url, bind), [], "{bind} {app_url}");
        }
    }
}

#[test]
fn each_reason_names_its_variable() {
    let local = "http://localhost:3000";
    for (refused, variable) in [
        (
            reasons(true, HERE, local, HERE),
            "STYTCH_SECRET or STYTCH_PUBLIC_TOKEN is set",
        ),
        (
            reasons(false, "0.0.0.0:3000", local, HERE),
            "BIND must be a loopback address, not 0.0.0.0:3000",
        ),
        (
            reasons(false, HERE, "https://app.example", HERE),
            "APP_URL must be on localhost, not https://app.example/",
        ),
        (
            reasons(false, HERE, "http://localhost.example", HERE),
            "APP_URL must be on localhost",
        ),
        (
            reasons(false, HERE, "http://192.0.2.1", HERE),
            "APP_URL must be on localhost",
        ),
        (
            reasons(false, HERE, local, "[::]:3100"),
            "SANDBOX_BIND must be a loopback address, not [::]:3100",
        ),
    ] {
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].to_string().contains(variable), "{}", refused[0]);
    }
}

#[test]
fn all_reasons_are_reported_together() {
    let app_url = Url::parse("https://app.example").expect("a URL");
    let public: SocketAddr = "0.0.0.0:1".parse().expect("an address");
    let refused = may_start(true, public, &app_url, public).expect_err("a refusal");
    assert_eq!(refused.reasons().len(), 4);
    assert_eq!(refused.to_string().lines().count(), 4);
}
