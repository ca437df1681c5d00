//! Errors at form fields, as password managers and screen readers get them.

use stytch_sandbox::FaultKind;

use super::{email::emailed, mfa::at_mfa, step_up::at_step_up};
use crate::support::{Page, TestApp, page::selector};

/// Checks that the page starts with the error: its title says so, and focus is on this control, whose description is
/// the error.
fn assert_error_at(page: &Page, control: &str, error: &str) {
    let html = page.html();
    let title = html.select(&selector("title")).next().unwrap();
    let title: String = title.text().collect();
    assert!(title.starts_with("Error: "), "{title}");
    let focused: Vec<_> = html.select(&selector("[autofocus]")).collect();
    assert_eq!(focused.len(), 1, "{}", page.body);
    let focused = focused[0].value();
    assert!(
        focused.name() == control || focused.id() == Some(control),
        "{focused:?}"
    );
    let invalid = html.select(&selector("[aria-invalid=true]")).count();
    assert_eq!(invalid, usize::from(focused.name() == "input"));
    let descriptions = focused.attr("aria-describedby").expect("a description");
    let described = descriptions.split_whitespace().any(|id| {
        let description = html.select(&selector(&format!("#{id}"))).next();
        let description = description.unwrap_or_else(|| panic!("#{id} is missing"));
        description.text().collect::<String>().contains(error)
    });
    assert!(described, "{descriptions}: {}", page.text());
}

/// Checks that a page without an error claims none.
fn assert_no_error(page: &Page, focused: &[&str]) {
    let html = page.html();
    assert!(!page.body.contains("<title>Error"));
    assert_eq!(html.select(&selector("[aria-invalid]")).count(), 0);
    let focus = selector("[autofocus]");
    let ids: Vec<_> = html
        .select(&focus)
        .filter_map(|it| it.value().id())
        .collect();
    assert_eq!(ids, focused, "{}", page.path());
}

#[tokio::test]
async fn email_errors_are_at_their_fields() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    assert_no_error(&ada.get("/email").await, &["email_address"]);
    for typed in ["", "nonsense"] {
        let values = [("email_address", typed)];
        let page = ada.fill("Email me a code", &values).await;
        assert_error_at(&page, "email_address", "mail address");
    }
    let mut ada = emailed(&app, "Email me a code").await;
    assert_no_error(ada.page(), &["code"]);
    let page = ada.fill("Continue", &[("code", "000000")]).await;
    assert_error_at(&page, "code", "That code is not correct");
    app.advance(60);
    let page = ada
        .fill("Email me a code", &[("email_address", "nonsense")])
        .await;
    assert_error_at(&page, "email_address", "not an email address");
    let link = emailed(&app, "Email me a link").await;
    assert_no_error(link.page(), &[]);
}

/// The code has expired, so its field is gone: focus is on the button that helps.
#[tokio::test]
async fn an_expired_code_focuses_the_button_that_helps() {
    let app = TestApp::start().await;
    let mut ada = emailed(&app, "Email me a code").await;
    app.advance(5 * 60);
    let address = [("email_address", "ada@acme.example")];
    ada.fill("Email me a link", &address).await;
    app.advance(5 * 60);
    let page = ada.post("/email/code", &[("code", "000000")]).await;
    assert_error_at(&page, "button", "code");
}

#[tokio::test]
async fn first_factor_errors_are_at_their_fields() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    assert_no_error(&grace.go("Email me a code").await, &[]);
    let page = grace
        .fill("Sign in with the code", &[("code", "000000")])
        .await;
    assert_error_at(&page, "code", "That code is not correct");
}

/// Only the field with the error gets focus. A recovery code is not a one-time code, which password managers fill in.
#[tokio::test]
async fn second_factor_errors_are_at_their_fields() {
    let app = TestApp::start().await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    assert_no_error(carol.page(), &[]);
    let completes = |id: &str| {
        let html = carol.page().html();
        let field = html.select(&selector(id)).next().unwrap();
        field.value().attr("autocomplete").unwrap().to_owned()
    };
    assert_eq!(completes("#totp"), "one-time-code");
    assert_eq!(completes("#recovery"), "off");
    for (button, field, error) in [
        (
            "Sign in with the app code",
            "totp",
            "That code is not correct",
        ),
        (
            "Sign in with the recovery code",
            "recovery",
            "a code from the app",
        ),
    ] {
        let page = carol.fill(button, &[("code", "000000")]).await;
        assert_error_at(&page, field, error);
    }
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let page = ada
        .fill("Sign in with the SMS code", &[("code", "000000")])
        .await;
    assert_error_at(&page, "sms", "That code is not correct");
    // The field is gone when the code has expired and another one can be sent.
    app.advance(150);
    let page = ada
        .post("/mfa", &[("method", "sms"), ("code", "000000")])
        .await;
    assert_error_at(&page, "button", "code");
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let page = ada.fill("Send a code", &[("phone_number", "1")]).await;
    assert_error_at(&page, "phone_number", "country code");
}

#[tokio::test]
async fn creation_errors_are_at_their_fields() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    assert_no_error(&frank.go("Create an organization").await, &[]);
    let page = frank
        .fill("Create organization", &[("organization_slug", "acme")])
        .await;
    assert_error_at(
        &page,
        "organization_slug",
        "Another organization has this address",
    );
    let values = [
        ("organization_name", "\u{202e}"),
        ("organization_slug", "acme"),
    ];
    let page = frank.fill("Create organization", &values).await;
    assert_error_at(&page, "organization_name", "The name can't contain");
}

#[tokio::test]
async fn the_error_of_jit_provisioning_is_at_its_button() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.click("Turn off joining by email domain").await;
    assert_no_error(&ada.get("/org/acme").await, &[]);
    let id = ada.get("/org/acme").await.text();
    assert!(id.contains("Let people at acme.example join"));
    let organization = &app.world.state()["organizations"][0];
    let path = format!(
        "/v1/b2b/organizations/{}",
        organization["organization_id"].as_str().unwrap()
    );
    app.world.fault(stytch_sandbox::Fault {
        method: "PUT".into(),
        path,
        times: 1,
        kind: FaultKind::Error {
            status: 400,
            error_type: "organization_settings_domain_too_common".into(),
            message: String::new(),
        },
    });
    let page = ada.click("Let people at acme.example join").await;
    assert_eq!(page.status, 422, "{}", page.text());
    assert_error_at(&page, "button", "You can't use your email domain");
}
