//! What the inspector's list says, and how.

use std::{collections::HashSet, fs, path::Path};

use serde_json::json;
use stytch_b2b_axum::web::inspector::routes::{ROUTES, Role};

use super::app;
use crate::support::page::selector;

/// A name that tries to leave its element.
const NAME: &str = "O'Neil & \"Sons\" </script><img src=x onerror=alert(1)>\u{2069}\u{202e}";

/// A complete sign-in, in order: requests of the browser, and the calls behind them.
#[tokio::test]
async fn a_discovery_sign_in_reads_in_order() {
    let app = app().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let page = ada.go("Sign in to Acme Corp").await;
    let steps = page.steps();
    let expected = [
        "GET /start/google",
        "GET /discovery?stytch_token_type=discovery_oauth&token=••••",
        "oauth.discovery.authenticate 200, ",
        "POST /login/organization-test-",
        "discovery.intermediate_sessions.exchange 200, ",
        "GET /org/acme",
    ];
    // The keys for the JWT are requested once.
    let steps: Vec<&String> = steps
        .iter()
        .filter(|it| !it.starts_with("sessions.get_jwks"))
        .collect();
    assert_eq!(steps.len(), expected.len(), "{steps:#?}");
    for (step, expected) in steps.iter().zip(expected) {
        let step = step.replace(['\u{2068}', '\u{2069}'], "");
        assert!(step.starts_with(expected), "{step} {expected}");
    }
    let text = page.text().replace(['\u{2068}', '\u{2069}'], "");
    for part in [
        format!(
            "303 to {}v1/b2b/public/oauth/google/discovery/start?public_token=public-token-test-",
            app.stytch_url
        ),
        "303 to /organizations".to_owned(),
        "303 to /org/acme".to_owned(),
        "src/routes/discovery.rs".to_owned(),
        "src/routes/login.rs".to_owned(),
        "POST /v1/b2b/discovery/intermediate_sessions/exchange".to_owned(),
        "\"email_address\": \"ada@acme.example\"".to_owned(),
        "Response request-id-test-".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    let html = page.html();
    let links: Vec<_> = html
        .select(&selector(".inspector a"))
        .filter_map(|it| it.attr("href"))
        .collect();
    assert_eq!(
        links,
        [
            "https://stytch.com/docs/b2b/api/authenticate-discovery-oauth",
            "https://stytch.com/docs/b2b/api/exchange-intermediate-session",
        ]
    );
    // The call spends the token of the callback, and the next call spends the intermediate session that it returns.
    let marks = |before: &str| {
        let marks = text.match_indices(before).map(|(at, _)| {
            let rest = &text[at + before.len()..];
            rest.chars().take(10).collect::<String>()
        });
        marks.collect::<HashSet<_>>()
    };
    assert_eq!(marks("&token="), marks("\"discovery_oauth_token\": \""));
    assert_eq!(
        marks("\"intermediate_session_token\": \"••").len(),
        1,
        "{text}"
    );
    assert_eq!(
        marks("session id ").len(),
        3,
        "one at the start, and one for each change: {text}"
    );
}

/// A page shows its own calls, which are not stored.
#[tokio::test]
async fn a_page_shows_its_own_calls() {
    let app = app().await;
    let mut ada = app.browser();
    let page = ada.get("/org/acme").await;
    let steps = page.steps().join("\n");
    assert!(
        steps.starts_with("GET /org/acme\n") || steps.contains("GET /org/acme"),
        "{steps}"
    );
    assert!(steps.contains("organizations.search"), "{steps}");
    assert_eq!(app.state.store.len(), 0, "a visit stores nothing");
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let kept = super::kept(&app);
    ada.get("/organizations").await;
    assert!(
        ada.page()
            .steps()
            .join("\n")
            .contains("discovery.organizations.list")
    );
    ada.get("/org/acme").await;
    assert!(
        !ada.page()
            .steps()
            .join("\n")
            .contains("discovery.organizations.list")
    );
    assert_eq!(super::kept(&app), kept);
}

/// O6, W9: names in the JSON stay text.
#[tokio::test]
async fn names_stay_text() {
    let app = app().await;
    let name = json!({"name": NAME});
    app.world.patch_member("acme", "ada@acme.example", name);
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.page();
    let list = page.inspected().unwrap();
    assert!(
        list.contains("O&#39;Neil &#38; \\&#34;Sons\\&#34; &#60;/script&#62;"),
        "{list}"
    );
    assert!(!list.contains("<script") && !list.contains("<img") && !list.contains('\u{202e}'));
    let html = page.html();
    assert_eq!(html.select(&selector("script, img")).count(), 0);
}

/// The list names the file of each handler as `app.rs` does, and every page ends with the list.
#[test]
fn routes_are_those_of_the_app() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join("src/app.rs")).unwrap();
    let mut found = HashSet::new();
    for route in source.split(".route(").skip(1) {
        let route = route.split("\n        .route").next().unwrap();
        let path = route.split('"').nth(1).unwrap();
        for method in ["get", "post"] {
            for handler in route.split(&format!("{method}(")).skip(1) {
                let module = handler.split("::").next().unwrap();
                found.insert((
                    method.to_uppercase(),
                    path.to_owned(),
                    format!("src/routes/{module}.rs"),
                ));
            }
        }
    }
    let no_page = ["/static/", "/signed_out.css", "/health/"];
    found.retain(|(_, path, _)| !no_page.iter().any(|it| path.starts_with(it)));
    let listed: HashSet<_> = ROUTES
        .iter()
        .map(|it| (it.method.to_owned(), it.path.to_owned(), it.file.to_owned()))
        .collect();
    assert_eq!(listed, found);
    assert_eq!(listed.len(), ROUTES.len());
    for route in ROUTES {
        assert!(root.join(route.file).exists(), "{}", route.file);
        // A GET is a step only where it starts or completes a sign-in.
        let flow = ["/start/", "/sso/", "/discovery", "/authenticate"];
        let is_flow = flow.iter().any(|it| route.path.contains(it));
        assert_eq!(
            route.role != Role::Page,
            is_flow || route.method == "POST",
            "{}",
            route.path
        );
    }
}
