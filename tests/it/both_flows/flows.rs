//! Both flows, and how they can end.

use stytch_b2b_axum::stytch::{PkceVerifier, pkce};
use stytch_sandbox::FaultKind;

use super::{Example, assert_failed, challenge};
use crate::support::app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE};

#[tokio::test]
async fn discovery_signs_in_to_the_chosen_organization() {
    let example = Example::start().await;
    let mut ada = example.browser();
    ada.get("/").await;
    let start = ada.click("Continue with Google").await;
    let challenge = challenge(&start);
    ada.arrive().await;
    let list = ada.go("ada@acme.example").await;
    assert_eq!(list.url.as_str(), format!("{}/organizations", example.url));
    assert!(list.text().contains("Continue to Initech"));
    // Stytch got the verifier whose challenge was in the start URL.
    let call = &example.calls(DISCOVERY)[0];
    let verifier = call.body["pkce_code_verifier"].as_str().unwrap();
    assert_eq!(pkce::challenge(&PkceVerifier::new(verifier)), challenge);
    let page = ada.go("Continue to Acme Corp").await;
    assert_eq!(page.url.as_str(), format!("{}/dashboard", example.url));
    let text = "You are signed in to Acme Corp as ada@acme.example.";
    assert!(page.text().contains(text), "{}", page.text());
}

#[tokio::test]
async fn discovery_creates_an_organization() {
    let example = Example::start().await;
    let mut frank = example.choosing("frank@startup.example").await;
    assert!(!frank.page().text().contains("Continue to"));
    frank.go("Create an organization").await;
    let values = [("name", " Startup "), ("slug", "startup")];
    frank.fill("Create organization", &values).await;
    let page = frank.arrive().await;
    assert_eq!(page.path(), "/dashboard");
    let text = "You are signed in to Startup as frank@startup.example.";
    assert!(page.text().contains(text), "{}", page.text());
    let body = &example.calls(CREATE)[0].body;
    assert_eq!(body["organization_name"], "Startup");
}

/// Stytch derives a missing name or slug, so an empty field must not be sent as an empty text.
#[tokio::test]
async fn name_and_slug_may_be_left_empty() {
    let example = Example::start().await;
    let mut frank = example.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    let blank = [("name", " "), ("slug", "")];
    frank.fill("Create organization", &blank).await;
    assert_eq!(frank.arrive().await.path(), "/dashboard");
    let body = &example.calls(CREATE)[0].body;
    assert!(body.get("organization_name").is_none());
    assert!(body.get("organization_slug").is_none());
}

/// A refused name spends nothing: the visitor goes back and chooses another one.
#[tokio::test]
async fn a_slug_that_is_taken_can_be_corrected() {
    let example = Example::start().await;
    let mut frank = example.choosing("frank@startup.example").await;
    let form = frank.go("Create an organization").await;
    let taken = [("name", "Acme"), ("slug", "acme")];
    let page = frank.fill("Create organization", &taken).await;
    assert_failed(&page, 403, "Check your input");
    frank.page = Some(form);
    let free = [("name", "Acme"), ("slug", "acme-two")];
    frank.fill("Create organization", &free).await;
    assert_eq!(frank.arrive().await.path(), "/dashboard");
}

#[tokio::test]
async fn an_organizations_page_signs_in_to_it() {
    let example = Example::start().await;
    let mut bob = example.browser();
    let page = bob.get("/org/globex").await;
    assert!(page.text().contains("Sign in to Globex"));
    assert!(!page.text().contains("Microsoft"), "only the allowed ways");
    let start = bob.click("Continue with Google").await;
    let challenge = challenge(&start);
    bob.arrive().await;
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.url.as_str(), format!("{}/dashboard", example.url));
    let text = "You are signed in to Globex as bob@globex.example.";
    assert!(page.text().contains(text), "{}", page.text());
    let call = &example.calls(AUTHENTICATE)[0];
    let verifier = call.body["pkce_code_verifier"].as_str().unwrap();
    assert_eq!(pkce::challenge(&PkceVerifier::new(verifier)), challenge);
}

#[tokio::test]
async fn an_organization_that_does_not_exist_has_no_page() {
    let example = Example::start().await;
    let mut browser = example.browser();
    let page = browser.get("/org/nowhere").await;
    assert_failed(&page, 404, "There is no such organization.");
    let start = browser.get("/org/nowhere/start/google").await;
    assert_failed(&start, 404, "There is no such organization.");
    assert_eq!(browser.get("/start/myspace").await.status, 400);
    assert_eq!(browser.cookie(), None);
}

/// Neither flow signs in while a second factor is missing, although Stytch's status is 200. The list stays usable.
#[tokio::test]
async fn a_missing_second_factor_is_not_a_sign_in() {
    let example = Example::start().await;
    let mut ada = example.choosing("ada@acme.example").await;
    let list = ada.page().clone();
    let page = ada.go("Continue to Initech").await;
    assert_failed(
        &page,
        403,
        "MFA is required here. This example leaves it out.",
    );
    assert_eq!(ada.get("/dashboard").await.status, 401);
    ada.page = Some(list);
    assert_eq!(ada.go("Continue to Acme Corp").await.path(), "/dashboard");
    let mut fresh = example.browser();
    fresh.get("/org/initech").await;
    fresh.go("Continue with Google").await;
    let page = fresh.go("ada@acme.example").await;
    assert_failed(
        &page,
        403,
        "MFA is required here. This example leaves it out.",
    );
    assert_eq!(fresh.get("/dashboard").await.status, 401);
}

/// GitHub does not verify Grace's address, so Acme Corp requires another first factor.
#[tokio::test]
async fn a_missing_step_up_is_not_a_sign_in() {
    let example = Example::start().await;
    let mut grace = example.browser();
    grace.get("/org/acme").await;
    grace.go("Continue with GitHub").await;
    let page = grace.go("grace@acme.example").await;
    assert_failed(&page, 403, "Step-up is required here.");
    assert_eq!(grace.get("/dashboard").await.status, 401);
}

#[tokio::test]
async fn cancel_at_the_provider_leads_to_a_new_start() {
    let example = Example::start().await;
    for page in ["/", "/org/acme"] {
        let mut ada = example.browser();
        ada.get(page).await;
        ada.go("Continue with Google").await;
        let page = ada.go("Cancel").await;
        assert_failed(&page, 400, "No sign-in is in progress here.");
        ada.go("Start again").await;
        ada.go("Continue with Google").await;
        assert_eq!(ada.go("ada@acme.example").await.path(), "/organizations");
    }
    assert!(example.calls(AUTHENTICATE).is_empty());
}

/// People choose their names. In text and in attributes, names stay text.
#[tokio::test]
async fn names_are_escaped() {
    let name = r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#;
    let example = Example::start().await;
    let mut ada = example.choosing("ada@acme.example").await;
    let list = ada.page().clone();
    let organization = ada.get("/org/oneil").await;
    ada.page = Some(list.clone());
    let dashboard = ada.go("O'Neil").await;
    assert_eq!(dashboard.path(), "/dashboard");
    for page in [list, organization, dashboard] {
        assert!(page.text().contains(name), "{}", page.body);
        assert!(!page.body.contains("<img"), "{}", page.body);
        assert!(!page.body.contains("</script"), "{}", page.body);
        assert!(!page.body.contains("\"Sons\""), "{}", page.body);
        assert!(!page.body.contains("O'Neil"), "{}", page.body);
    }
}

/// A value that looks like a placeholder is not filled in, and `&` is escaped first.
#[tokio::test]
async fn values_are_filled_in_once() {
    let example = Example::start().await;
    let patch = serde_json::json!({"organization_name": "{} &lt; {0}"});
    example.world.patch_organization("acme", patch);
    let mut ada = example.choosing("ada@acme.example").await;
    let page = ada.go("{} &lt; {0}").await;
    let text = "You are signed in to {} &lt; {0} as ada@acme.example.";
    assert!(page.text().contains(text), "{}", page.body);
}

/// A failure at Stytch becomes a page without internals, and does not sign the visitor in.
#[tokio::test]
async fn a_failure_at_stytch_is_a_page() {
    let example = Example::start().await;
    let error = |status, error_type: &str| FaultKind::Error {
        status,
        error_type: error_type.into(),
        message: "secret words".into(),
    };
    let unavailable = "Sign-in is not available.";
    let cases = [
        (
            error(404, "oauth_token_not_found"),
            403,
            "Stytch refused this.",
        ),
        (error(401, "unauthorized_credentials"), 503, unavailable),
        (error(429, "too_many_requests"), 503, unavailable),
        (error(500, "internal_server_error"), 503, unavailable),
        (FaultKind::ResetBefore, 503, unavailable),
        (FaultKind::Garbage, 503, unavailable),
    ];
    for (fault, status, text) in cases {
        let mut ada = example.browser();
        ada.get("/start/google").await;
        ada.arrive().await;
        example.fault(DISCOVERY, fault);
        let page = ada.go("ada@acme.example").await;
        assert_failed(&page, status, text);
        assert!(!page.body.contains("secret words"));
        assert_eq!(ada.get("/organizations").await.status, 400);
    }
    // A response about another organization than the one requested.
    let mut ada = example.choosing("ada@acme.example").await;
    example.fault(EXCHANGE, FaultKind::OtherOrganization);
    let page = ada.go("Continue to Acme Corp").await;
    assert_failed(&page, 503, unavailable);
    assert_eq!(ada.get("/dashboard").await.status, 401);
}
