//! The inspector shows and stores nothing private, in any flow.

use serde_json::json;
use stytch_sandbox::FaultKind;

use super::{app, kept};
use crate::{
    routes::{
        email::emailed,
        mfa::{at_mfa, newest_code, recovery_codes},
        step_up::at_step_up,
    },
    support::{Browser, TestApp, app::AUTHENTICATE, page::selector},
};

/// Values that must not be shown: [`TestApp::secrets`], all session ids, and the codes that were sent.
fn secrets(app: &TestApp, browsers: &[Browser], more: Vec<String>) -> Vec<String> {
    let mut secrets = app.secrets();
    let cookies = browsers.iter().flat_map(|it| it.seen_cookies.clone());
    secrets.extend(cookies);
    let codes = app.world.messages().into_iter().filter_map(|it| it.code);
    secrets.extend(codes);
    secrets.extend(more);
    secrets
}

/// S30: checks every list that these browsers saw, and every list that is stored.
fn nothing_private(app: &TestApp, browsers: &[Browser], more: Vec<String>) {
    let secrets = secrets(app, browsers, more);
    assert!(secrets.len() > 3, "{}", secrets.len());
    let shown: Vec<&String> = browsers.iter().flat_map(|it| &it.inspected).collect();
    assert!(!shown.is_empty());
    let kept = kept(app);
    for list in shown.into_iter().chain(&kept) {
        for secret in &secrets {
            let at = list.find(secret);
            let before = at.map(|at| &list[at.saturating_sub(60)..at]);
            assert!(
                before.is_none(),
                "{}… is shown after {before:?}",
                &secret[..4]
            );
        }
        // Every call has a name, and no header is shown.
        assert!(!list.contains("<summary><code><bdi>/v1"), "{list}");
        assert!(
            !list.contains("Basic ") && !list.contains("__Host-"),
            "{list}"
        );
    }
}

/// S30: Discovery, provider tokens, JIT provisioning, a switch, and a new organization.
#[tokio::test]
async fn discovery_shows_nothing_private() {
    let app = app().await;
    let mut ada = app.choosing("ada@acme.example").await;
    ada.go("Sign in to Acme Corp").await;
    ada.go("Google tokens").await;
    ada.get("/org/acme").await;
    ada.go("Turn off joining by email domain").await;
    ada.go("Switch organization").await;
    ada.go("Switch to O'Neil").await;
    ada.get("/member").await;
    app.advance_app(360);
    ada.get("/org/oneil").await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    frank.go("Create organization").await;
    assert_eq!(frank.page().path(), "/org/startup");
    assert_eq!(kept(&app).len(), 2);
    nothing_private(&app, &[ada, frank], Vec::new());
}

/// S30: sign-ins to one organization, and provider tokens.
#[tokio::test]
async fn an_organization_shows_nothing_private() {
    let app = app().await;
    let mut browsers = Vec::new();
    for (provider, email, slug) in [
        ("Google", "ada@acme.example", "acme"),
        ("Microsoft", "ada@acme.example", "acme"),
        ("GitHub", "dave@hooli.example", "hooli"),
        ("Slack", "dave@hooli.example", "hooli"),
        ("HubSpot", "dave@hooli.example", "hooli"),
        ("Globex Okta", "bob@globex.example", "globex"),
        ("Globex Entra", "bob@globex.example", "globex"),
    ] {
        let mut person = app.browser();
        person.get(&format!("/org/{slug}")).await;
        person.go(&format!("Continue with {provider}")).await;
        assert_eq!(person.go(email).await.path(), format!("/org/{slug}"));
        if slug != "globex" {
            person.go(&format!("{provider} tokens")).await;
        }
        browsers.push(person);
    }
    nothing_private(&app, &browsers, Vec::new());
}

/// S30: codes by SMS, recovery codes, and a new authenticator app.
#[tokio::test]
async fn a_second_factor_shows_nothing_private() {
    let app = app().await;
    let mut more = vec![
        "918273".to_owned(),
        "nonsense".to_owned(),
        "5555550100".to_owned(),
    ];
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill("Sign in with the SMS code", &[("code", "918273")])
        .await;
    let code = newest_code(&app.world);
    ada.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(ada.arrive().await.path(), "/org/initech");

    let codes = recovery_codes(&app).await;
    more.extend(codes.iter().map(|code| code.as_str().to_owned()));
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    carol
        .fill("Sign in with the recovery code", &[("code", "nonsense")])
        .await;
    carol
        .fill("Sign in with the recovery code", &[("code", &more[3])])
        .await;
    assert_eq!(carol.arrive().await.path(), "/org/initech");

    app.ada_without_phone();
    let mut again = at_mfa(&app, "ada@acme.example").await;
    let page = again.go("Set up an authenticator app").await;
    let html = page.html();
    let selector = selector(".codes code, .card p code");
    let shown = html.select(&selector);
    more.extend(shown.map(|code| code.text().collect::<String>()));
    assert!(more.len() > 20, "{}", more.len());
    let code = app
        .world
        .totp_code("member-test-00000001-0003-4000-8000-000000000000")
        .unwrap();
    more.push(code.clone());
    again.fill("Finish and sign in", &[("code", &code)]).await;
    assert_eq!(
        again.arrive().await.path(),
        "/org/initech",
        "{}",
        again.page().text()
    );
    nothing_private(&app, &[ada, carol, again], more);
}

/// S30: codes and links by email.
#[tokio::test]
async fn emails_show_nothing_private() {
    let app = app().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Email me a code").await;
    grace
        .fill("Sign in with the code", &[("code", "918273")])
        .await;
    let code = newest_code(&app.world);
    grace
        .fill("Sign in with the code", &[("code", &code)])
        .await;
    assert_eq!(grace.arrive().await.path(), "/org/acme");
    let mut again = at_step_up(&app).await;
    again.go("Email me a link").await;
    let link = app.world.messages()[0].link.clone().unwrap();
    again.get(&link).await;
    again.arrive().await;
    again.go("Continue").await;
    assert_eq!(again.page().path(), "/org/acme", "{}", again.page().text());
    let mut ada = emailed(&app, "Email me a code").await;
    let code = newest_code(&app.world);
    ada.fill("Continue", &[("code", &code)]).await;
    assert_eq!(ada.arrive().await.path(), "/organizations");
    emailed(&app, "Email me a link").await;
    let link = app.world.messages()[0].link.clone().unwrap();
    let mut elsewhere = app.browser();
    elsewhere.get(&link).await;
    assert_eq!(elsewhere.arrive().await.path(), "/confirm");
    elsewhere.go("Continue").await;
    assert_eq!(elsewhere.page().path(), "/organizations");
    nothing_private(&app, &[grace, again, ada, elsewhere], Vec::new());
}

/// S30, W7: error pages.
#[tokio::test]
async fn errors_show_nothing_private() {
    let app = app().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    ada.go("Cancel").await;
    assert!(ada.page().inspected().is_some());
    // Opened again, opened by another person, and with a value that can't be a token.
    let foreign = app.foreign_login("ada@acme.example", "acme");
    ada.get(&foreign).await;
    ada.arrive().await;
    ada.go("Continue").await;
    ada.get(&foreign).await;
    ada.arrive().await;
    let mut thief = app.browser();
    thief.get(&foreign.replace("token=", "other=")).await;
    // Not a real token, because a path can be in the log.
    let token = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2Rl";
    thief.get(&format!("/{token}")).await;
    thief.get(&format!("/org/{token}/x?code={token}")).await;
    thief.get(&format!("/start/{token}")).await;
    assert_eq!(thief.page().status, 404);
    assert!(thief.page().inspected().is_some());
    // A post from another site, which reaches no handler.
    let refused = thief.request("POST", &format!("/logout?token={token}"));
    let refused = refused
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 403);
    let body = refused.text().await.unwrap();
    assert!(
        body.contains("What just happened") && !body.contains(token),
        "{body}"
    );
    for kind in [
        FaultKind::Status {
            status: 500,
            headers: Vec::new(),
            body: Some(format!("{{\"error_message\": \"{token} {{{token}}}\"}}")),
        },
        FaultKind::Garbage,
        FaultKind::ResetBefore,
        FaultKind::ExtraFields,
    ] {
        app.fault(AUTHENTICATE, kind);
        let mut bob = app.browser();
        bob.get("/org/acme").await;
        bob.go("Continue with Google").await;
        bob.go("ada@acme.example").await;
        assert!(
            bob.page()
                .inspected()
                .unwrap()
                .contains("oauth.authenticate")
        );
        thief.inspected.extend(bob.inspected);
    }
    nothing_private(&app, &[ada, thief], vec![token.to_owned()]);
}

/// S30: a field that this client does not know, and a message that quotes a token.
#[tokio::test]
async fn unknown_fields_show_nothing_private() {
    let app = app().await;
    let token = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2Rl";
    let metadata = json!({"trusted_metadata": {"api": token, "session_token": "short", "note": format!("it is {token}")}});
    app.world.patch_member("acme", "ada@acme.example", metadata);
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let list = ada.page().inspected().unwrap();
    assert!(
        list.contains("trusted_metadata") && list.contains("it is ••••"),
        "{list}"
    );
    nothing_private(
        &app,
        &[ada],
        vec![
            token.to_owned(),
            "&quot;short&quot;".to_owned(),
            "short\\\"".to_owned(),
        ],
    );
}
