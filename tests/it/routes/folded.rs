//! A page shows one method first and folds the others. A field with an error is never folded.

use crate::{
    routes::{mfa::at_mfa, step_up::at_step_up},
    support::{Page, TestApp, page::selector},
};

/// Whether the visitor sees this field without unfolding anything; `None` if it is not on the page.
fn is_shown(page: &Page, css: &str) -> Option<bool> {
    let html = page.html();
    html.select(&selector(css)).next()?;
    let folded = format!("details:not([open]) {css}");
    Some(html.select(&selector(&folded)).next().is_none())
}

fn main_buttons(page: &Page) -> usize {
    page.html().select(&selector("main .main")).count()
}

#[tokio::test]
async fn a_recovery_code_is_folded_until_it_is_wrong() {
    let app = TestApp::start().await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    assert_eq!(is_shown(carol.page(), "#totp"), Some(true));
    assert_eq!(is_shown(carol.page(), "#recovery"), Some(false));
    assert_eq!(main_buttons(carol.page()), 1);
    let wrong = carol
        .fill(
            "Sign in with the recovery code",
            &[("code", "abcd-efgh-ijkl")],
        )
        .await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let field = "#recovery[autofocus][aria-invalid]";
    assert_eq!(is_shown(&wrong, field), Some(true), "{}", wrong.body);
}

#[tokio::test]
async fn a_wrong_phone_number_stays_visible() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    assert_eq!(is_shown(ada.page(), "#phone_number"), Some(true));
    assert_eq!(main_buttons(ada.page()), 1);
    ada.fill("Send a code", &[("phone_number", "+15555550199")])
        .await;
    ada.arrive().await;
    app.advance(31);
    let page = ada.get("/mfa").await;
    assert_eq!(is_shown(&page, "#sms"), Some(true));
    assert_eq!(is_shown(&page, "#phone_number"), Some(false));
    let wrong = ada
        .fill(
            "Send a code to this number",
            &[("phone_number", "nonsense")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(is_shown(&wrong, "#phone_number[autofocus]"), Some(true));
}

#[tokio::test]
async fn step_up_shows_one_method_first() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    let link = r#"input[value="magic_link"]"#;
    assert_eq!(
        is_shown(grace.page(), r#"input[value="email_otp"]"#),
        Some(true)
    );
    assert_eq!(is_shown(grace.page(), link), Some(false));
    assert_eq!(main_buttons(grace.page()), 1);
    let page = grace.go("Email me a code").await;
    assert_eq!(is_shown(&page, "#code"), Some(true));
    assert_eq!(main_buttons(&page), 1);
}

/// While the codes of the app are locked, the page has no field for them. It shows the recovery codes at once.
#[tokio::test]
async fn a_locked_app_unfolds_the_other_factor() {
    let app = TestApp::start().await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    let open = "details.more[open] #recovery";
    for n in 1..=4 {
        assert_eq!(is_shown(carol.page(), open), None, "{n}");
        let typed = [("code", "000000")];
        let page = carol.fill("Sign in with the app code", &typed).await;
        let is_locked = page.text().contains("There were too many wrong codes.");
        assert_eq!(is_locked, n == 4, "{}", page.text());
    }
    let page = carol.get("/mfa").await;
    assert!(
        page.text().contains("Wait before you try again"),
        "{}",
        page.text()
    );
    assert_eq!(is_shown(&page, "#totp"), None);
    assert_eq!(is_shown(&page, open), Some(true), "{}", page.body);
}
