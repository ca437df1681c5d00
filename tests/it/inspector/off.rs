//! Where the inspector is on, and what it costs where it is off.

use std::collections::HashMap;

use stytch_b2b_axum::{
    config::Config,
    state::{AppState, Settings},
    stytch::{Credentials, Stytch},
};
use url::Url;

use super::app;
use crate::support::TestApp;

const ACCOUNT: [(&str, &str); 3] = [
    (
        "STYTCH_PROJECT_ID",
        "project-test-11111111-1111-4111-8111-111111111111",
    ),
    ("STYTCH_SECRET", "secret-test-s3cr3ts3cr3ts3cr3t"),
    (
        "STYTCH_PUBLIC_TOKEN",
        "public-token-test-11111111-1111-4111-8111-111111111111",
    ),
];
const SANDBOX: (&str, &str) = ("STYTCH_BASE_URL", "http://127.0.0.1:3100");
const PUBLIC: (&str, &str) = ("APP_URL", "https://app.example");

fn inspector(values: &[&[(&str, &str)]]) -> Result<bool, Vec<String>> {
    let values = values.concat().into_iter();
    let values: HashMap<_, _> = values
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let config = Config::from_values(&values).map_err(|mistakes| mistakes.0)?;
    Ok(config.inspector)
}

/// S31: without `INSPECTOR`, it is on only with the embedded sandbox, and only if others can't reach the app.
#[test]
fn the_inspector_is_on_by_default_only_with_the_embedded_sandbox() {
    let (on, off) = (("INSPECTOR", "on"), ("INSPECTOR", "off"));
    assert_eq!(inspector(&[]), Ok(true));
    assert_eq!(inspector(&[&[off]]), Ok(false));
    assert_eq!(inspector(&[&ACCOUNT]), Ok(false));
    assert_eq!(inspector(&[&ACCOUNT, &[on]]), Ok(true));
    assert_eq!(inspector(&[&ACCOUNT, &[SANDBOX]]), Ok(false));
    assert_eq!(inspector(&[&ACCOUNT, &[SANDBOX, on]]), Ok(true));
    assert_eq!(
        inspector(&[&ACCOUNT, &[("APP_URL", "http://127.0.0.1:3000"), on]]),
        Ok(true)
    );
    let allowed = [
        ("ALLOW_PUBLIC_SANDBOX", "1"),
        ("SANDBOX_PUBLIC_URL", "https://stytch.example"),
        PUBLIC,
    ];
    assert_eq!(
        inspector(&[&allowed]),
        Ok(false),
        "not where others reach it"
    );
}

/// S31: the error says why, and how to fix it.
#[test]
fn the_inspector_is_refused_where_others_reach_the_app() {
    let on = ("INSPECTOR", "on");
    for values in [
        vec![PUBLIC, on],
        vec![("APP_URL", "https://192.168.1.7"), on],
        vec![("APP_URL", "https://app.localhost.example"), on],
    ] {
        let mistakes = inspector(&[&ACCOUNT, &values]).unwrap_err();
        assert_eq!(
            mistakes,
            [
                "INSPECTOR is on, but APP_URL is not on localhost: the inspector shows visitors the calls to Stytch. Remove INSPECTOR, or set it to off"
            ]
        );
    }
    for word in ["yes", "1", "true", "ON"] {
        let mistakes = inspector(&[&[("INSPECTOR", word)]]).unwrap_err();
        assert_eq!(mistakes, ["INSPECTOR must be on or off"], "{word}");
    }
}

/// S31: it is refused in an application that embeds this one, too.
#[tokio::test]
#[should_panic(expected = "Settings::inspector is on, and app_url is not on localhost")]
async fn the_inspector_is_refused_in_an_embedding_app() {
    let credentials = Credentials::new("project-test-1", "secret", "public-token-test-1");
    let stytch = Url::parse("https://test.stytch.com").unwrap();
    let stytch = Stytch::new(credentials, stytch, std::time::Duration::from_secs(1)).unwrap();
    let mut settings = Settings::new(stytch, Url::parse("https://app.example").unwrap());
    assert!(!settings.inspector, "off by default");
    settings.inspector = true;
    let _ = AppState::new(settings);
}

/// Without the inspector, pages and records are as if it did not exist. With it, the session's own record is the same,
/// too.
#[tokio::test]
async fn the_inspector_costs_nothing_when_off() {
    let off = TestApp::start().await;
    let ada = off.signed_in("acme", "ada@acme.example").await;
    assert!(
        !ada.page().body.contains("inspector") && !ada.page().text().contains("What just happened")
    );
    let keys = |app: &TestApp| {
        let mut keys: Vec<String> = app
            .state
            .store
            .values()
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&off), ["browser", "rank"]);
    let loads = off.state.store.loads();
    off.browser().get("/").await;
    assert_eq!(off.state.store.loads(), loads);
    let on = app().await;
    on.signed_in("acme", "ada@acme.example").await;
    assert_eq!(keys(&on), ["browser", "inspector", "rank"]);
    let fields = |app: &TestApp| {
        let values = app.state.store.values().into_iter();
        let session = values
            .filter(|(key, _)| key == "browser")
            .map(|(_, value)| value);
        let session: serde_json::Value =
            serde_json::from_str(&session.collect::<String>()).unwrap();
        names(&session)
    };
    assert_eq!(fields(&off), fields(&on));
}

/// The names of all fields, in order.
fn names(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Object(fields) => {
            let all = fields.iter().flat_map(|(name, value)| {
                let mut all = vec![name.clone()];
                all.extend(names(value));
                all
            });
            all.collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}
