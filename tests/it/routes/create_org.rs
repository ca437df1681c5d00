use stytch_sandbox::FaultKind;

use crate::support::{TestApp, app::CREATE};

#[tokio::test]
async fn creating_an_organization_signs_in() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    assert!(
        frank
            .page()
            .text()
            .contains("You don't belong to an organization yet")
    );
    let form = frank.go("Create an organization").await;
    assert!(
        form.body.contains(r#"value="Startup""#) && form.body.contains(r#"value="startup""#),
        "{}",
        form.body
    );
    let inside = frank
        .fill(
            "Create organization",
            &[("organization_name", "Start & Sons")],
        )
        .await;
    assert_eq!(inside.location().path(), "/org/startup");
    let page = frank.arrive().await;
    assert!(page.text().contains("Start & Sons") && page.text().contains("stytch_admin"));
    assert_eq!(app.calls(CREATE)[0].body["session_duration_minutes"], 60);
}

/// This call of the vendor's accepts no locale.
#[tokio::test]
async fn creating_sends_no_locale() {
    let app = TestApp::start().await;
    let frank = app.choosing("frank@startup.example").await;
    let request = frank.request("POST", "/create_org?form_id=1");
    let request = request.header("accept-language", "fr");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(
        request
            .body("email=frank%40startup.example")
            .send()
            .await
            .unwrap()
            .status(),
        303
    );
    assert_eq!(app.calls(CREATE)[0].body.get("locale"), None);
}

/// O5: an empty field is left out, and Stytch derives the value.
#[tokio::test]
async fn empty_fields_are_omitted() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    let values = [("organization_name", "  "), ("organization_slug", "")];
    let page = frank.fill("Create organization", &values).await;
    assert_eq!(page.status, 303, "{}", page.text());
    let body = app.calls(CREATE)[0].body.clone();
    assert_eq!(body.get("organization_name"), None);
    assert_eq!(body.get("organization_slug"), None);
    assert!(frank.arrive().await.text().contains("You are signed in"));
}

/// O5: refused values are shown again with the reason at the field, and the sign-in is kept.
#[tokio::test]
async fn refused_values_are_shown_again() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    let long = "x".repeat(10_000);
    for (name, slug, reason) in [
        ("Mine", "acme", "Another organization has this address"),
        ("Mine", "a", "2 to 128 characters"),
        ("Mine", "späce bar", "2 to 128 characters"),
        ("Mine", "--", "at least one letter or digit"),
        (long.as_str(), "startup", "1 to 128 characters"),
    ] {
        let values = [("organization_name", name), ("organization_slug", slug)];
        let page = frank.fill("Create organization", &values).await;
        assert_eq!(page.status, 422, "{slug}: {}", page.text());
        assert!(page.text().contains(reason), "{reason}: {}", page.text());
        let html = page.html();
        let value = |id: &str| {
            let input = html
                .select(&crate::support::page::selector(id))
                .next()
                .unwrap();
            input.value().attr("value").unwrap().to_owned()
        };
        assert_eq!(
            (
                value("#organization_name").as_str(),
                value("#organization_slug").as_str()
            ),
            (name, slug)
        );
        assert_eq!(
            html.select(&crate::support::page::selector("[aria-invalid]"))
                .count(),
            1
        );
    }
    let kept = app.state.store.dump();
    assert!(kept.contains(&long[..128]) && !kept.contains(&long[..129]));
    let error = |error_type: &str| FaultKind::Error {
        status: 400,
        error_type: error_type.into(),
        message: "the vendor's own words".into(),
    };
    for (error_type, reason) in [
        (
            "organization_name_includes_banned_words",
            "a word that is not allowed",
        ),
        ("organization_name_missing", "Enter a name"),
    ] {
        app.fault(CREATE, error(error_type));
        let page = frank
            .fill("Create organization", &[("organization_slug", "startup")])
            .await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains(reason) && !page.text().contains("own words"));
    }
    let page = frank
        .fill(
            "Create organization",
            &[
                ("organization_name", "👩‍🚀 میخواهم"),
                ("organization_slug", "startup"),
            ],
        )
        .await;
    assert_eq!(page.status, 303, "{}", page.text());
}

/// Erin's provider does not prove her address. The organization is created, but she is not signed in.
#[tokio::test]
async fn creating_may_require_a_step_up() {
    let app = TestApp::start().await;
    let mut erin = app.choosing("erin@freemail.example").await;
    erin.go("Create an organization").await;
    let page = erin.go("Create organization").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    assert_eq!(erin.get("/member").await.status, 401);
}

/// Typed values are there at the next attempt, if Stytch was down, or if ten minutes have passed and a new sign-in
/// followed.
#[tokio::test]
async fn typed_values_are_kept() {
    let app = TestApp::start().await;
    let typed = [
        ("organization_name", "My & Co"),
        ("organization_slug", "my-co"),
    ];
    let kept = |page: &crate::support::Page| {
        let fields = page.action("Create organization", &[]).fields;
        typed
            .iter()
            .all(|(name, value)| fields.contains(&((*name).into(), (*value).into())))
    };
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.fault(CREATE, FaultKind::ResetBefore);
    let page = frank.fill("Create organization", &typed).await;
    assert_eq!(page.status, 503);
    assert!(kept(&frank.get("/create_org").await));
    app.advance(601);
    let form = [typed[0], typed[1], ("email", "frank@startup.example")];
    let page = frank.post("/create_org", &form).await;
    assert_eq!(page.status, 410, "{}", page.text());
    frank.go("Start again with Google").await;
    frank.go("frank@startup.example").await;
    frank.go("Create an organization").await;
    assert!(kept(frank.page()));
    assert_eq!(frank.go("Create organization").await.path(), "/org/my-co");
    assert!(
        !app.state.store.dump().contains("\"draft\":{"),
        "forgotten after the creation"
    );

    // Not for another address in the same browser.
    let mut other = app.choosing("frank@startup.example").await;
    app.fault(CREATE, FaultKind::ResetBefore);
    other.post("/create_org", &form).await;
    other.get("/start/google").await;
    other.arrive().await;
    other.go("mallory@evil.example").await;
    assert!(!kept(&other.get("/create_org").await));
    // A form without a session stores nothing.
    let mut anonymous = app.browser();
    anonymous.post("/create_org", &typed).await;
    assert_eq!(anonymous.cookie(), None);
}

/// O5: so are values that are typed after the ten minutes.
#[tokio::test]
async fn values_typed_too_late_are_kept() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.advance(601);
    let typed = [("organization_name", "Too late")];
    let page = frank.fill("Create organization", &typed).await;
    assert_eq!(page.status, 410, "{}", page.text());
    frank.go("Start again with Google").await;
    frank.go("frank@startup.example").await;
    let page = frank.go("Create an organization").await;
    assert!(page.body.contains("value=\"Too late\""), "{}", page.body);
}

/// An error that is not about the form is not shown at a field.
#[tokio::test]
async fn only_errors_of_the_form_are_at_its_fields() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.fault(
        CREATE,
        FaultKind::Error {
            status: 400,
            error_type: "invalid_email".into(),
            message: String::new(),
        },
    );
    let page = frank.click("Create organization").await;
    assert_eq!(page.status, 500, "{}", page.text());
}

/// O1: a form that was shown to one person creates nothing for another.
#[tokio::test]
async fn an_old_tab_creates_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.choosing("frank@startup.example").await;
    browser.go("Create an organization").await;
    let old = browser.page().clone();
    browser.get("/start/google").await;
    browser.arrive().await;
    browser.go("ada@acme.example").await;
    let action = old.action("Create organization", &[]);
    let fields: Vec<_> = action
        .fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let page = browser.post(action.url.as_str(), &fields).await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert!(app.calls(CREATE).is_empty());
    let page = browser.get("/create_org").await;
    assert_eq!(page.status, 200, "Ada's sign-in continues");
    assert!(!page.body.contains("startup"), "{}", page.text());
    assert!(!app.state.store.dump().contains("\"draft\":{"));
}
