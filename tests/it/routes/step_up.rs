use serde_json::json;
use stytch_b2b_axum::stytch::{AuthenticateOptions, secret::CallbackToken};
use stytch_sandbox::{FaultKind, HeldRequest, World};
use url::form_urlencoded;

use crate::support::{
    Browser, Page, TestApp,
    app::{SEARCH, Setup},
};

const CODE: &str = "/v1/b2b/otps/email/authenticate";
const SEND: &str = "/v1/b2b/otps/email/login_or_signup";

/// Grace signs in by GitHub, which does not prove her address to Acme.
pub async fn at_step_up(app: &TestApp) -> Browser {
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    let page = grace.go("Acme Corp").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    grace
}

fn newest(world: &World) -> stytch_sandbox::Message {
    world.messages()[0].clone()
}

fn signed_in(page: &Page) {
    assert_eq!(page.path(), "/org/acme", "{}", page.text());
    assert!(page.text().contains("You are signed in"), "{}", page.text());
}

/// One click sends the code and shows its field. A wrong code can be corrected. The session has both proofs.
#[tokio::test]
async fn a_code_by_email_completes_the_step_up() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    assert!(
        !grace.page().body.contains("id=\"code\""),
        "no code yet, no field"
    );
    let page = grace.go("Email me a code").await;
    assert!(
        page.text()
            .contains("We sent a code to grace@acme.example. Enter it within"),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains("to request another code."),
        "{}",
        page.text()
    );
    let sent = newest(&app.world);
    assert_eq!(sent.to, "grace@acme.example");
    let code = sent.code.unwrap();
    let wrong = grace
        .fill("Sign in with the code", &[("code", "000000")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("That code is not correct"),
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains("Enter it within"));
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    grace
        .fill("Sign in with the code", &[("code", &spaced)])
        .await;
    let page = grace.arrive().await;
    signed_in(&page);
    assert!(
        page.text().contains("GitHub") && page.text().contains("email"),
        "{}",
        page.text()
    );
    assert!(!app.state.store.dump().contains("\"ist\""));
    let body = &app.calls(CODE)[0].body;
    assert!(
        body["intermediate_session_token"].is_string(),
        "passed along"
    );
}

/// Another code can be sent after half a minute. An expired code is reported as such.
#[tokio::test]
async fn another_code_can_be_sent() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Email me a code").await;
    let old = newest(&app.world).code.unwrap();
    grace.post("/step_up/send", &[("way", "email_otp")]).await;
    assert_eq!(app.calls(SEND).len(), 1, "too early");
    app.advance(31);
    grace.get("/step_up").await;
    grace.go("Send another code").await;
    assert_eq!(app.calls(SEND).len(), 2);
    let late = grace.fill("Sign in with the code", &[("code", &old)]).await;
    assert_eq!(late.status, 422, "{}", late.text());
    grace
        .fill(
            "Sign in with the code",
            &[("code", &newest(&app.world).code.unwrap())],
        )
        .await;
    signed_in(&grace.arrive().await);
}

/// Stytch accepts fewer languages with a code or link from an email than elsewhere. A browser in another language can
/// sign in, too.
#[tokio::test]
async fn a_browser_in_another_language_can_sign_in() {
    const LINK: &str = "/v1/b2b/magic_links/authenticate";
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Email me a code").await;
    let code = newest(&app.world).code.unwrap();
    let action = grace
        .page()
        .action("Sign in with the code", &[("code", &code)]);
    let request = grace
        .request("POST", action.url.as_ref())
        .header("accept-language", "it,fr;q=0.5")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&action.fields)
                .finish(),
        );
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["location"], "/org/acme");
    assert_eq!(app.calls(CODE)[0].body.get("locale"), None);

    let stytch = &app.state.stytch;
    for (locale, sent) in [("it", None), ("fr", Some("fr"))] {
        app.world.clear_calls();
        let mut options = AuthenticateOptions::default();
        options.options.locale = Some(locale);
        let token = CallbackToken::new("unknown");
        let done = stytch.magic_links().authenticate(&token, &options).await;
        assert!(done.is_err());
        let body = &app.calls(LINK)[0].body;
        assert_eq!(body.get("locale").and_then(|it| it.as_str()), sent);
    }
}

/// The link completes the step-up in this browser, after a confirmation. On another device it signs in there.
#[tokio::test]
async fn a_link_by_email_completes_it_here_or_signs_in_elsewhere() {
    let app = TestApp::start().await;
    for here in [true, false] {
        let mut grace = at_step_up(&app).await;
        let page = grace.go("Email me a link").await;
        assert!(
            page.text()
                .contains("If you open it on another device, you will be signed in there"),
            "{}",
            page.text()
        );
        let link = newest(&app.world).link.unwrap();
        let mut elsewhere = app.browser();
        let opened = if here { &mut grace } else { &mut elsewhere };
        opened.get(&link).await;
        let page = opened.arrive().await;
        assert_eq!(page.path(), "/confirm", "{}", page.text());
        let page = opened.go("Continue").await;
        signed_in(&page);
        assert_eq!(
            page.text().contains("GitHub"),
            here,
            "both proofs in one session"
        );
        if !here {
            assert_eq!(
                grace.get("/member").await.status,
                401,
                "the first browser stays as it is"
            );
            assert_eq!(grace.get("/step_up").await.status, 200);
        }
        app.world.patch_member(
            "acme",
            "grace@acme.example",
            json!({"status": "pending", "email_address_verified": false}),
        );
    }
}

/// A link for another organization does not affect the step-up: the intermediate session stays where it belongs.
#[tokio::test]
async fn a_link_for_another_organization_does_not_affect_the_step_up() {
    let app = TestApp::start().await;
    app.world
        .add_member("oneil", json!({"email_address": "grace@acme.example"}));
    let mut grace = at_step_up(&app).await;
    let other = "organization-test-00000006-0000-4000-8000-000000000000";
    let other = stytch_b2b_axum::stytch::OrganizationId::parse(other).unwrap();
    let links = app.state.stytch.magic_links();
    let back = app.state.app.site().url("/authenticate");
    links
        .send(&other, "grace@acme.example", &back, None)
        .await
        .unwrap();
    grace.get(&newest(&app.world).link.unwrap()).await;
    grace.arrive().await;
    assert_eq!(grace.go("Continue").await.path(), "/org/oneil");
    let body = &app.calls("/v1/b2b/magic_links/authenticate")[0].body;
    assert!(body.get("intermediate_session_token").is_none(), "{body}");
}

/// A provider that proves the address. The app suggests the address to it.
#[tokio::test]
async fn a_provider_completes_the_step_up() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    let start = grace.click("Continue with Google").await.location();
    let query: Vec<(String, String)> = start.query_pairs().into_owned().collect();
    let has = |name: &str, value: &str| query.iter().any(|(n, v)| n == name && v == value);
    assert!(
        has("provider_login_hint", "grace@acme.example"),
        "{query:?}"
    );
    assert!(
        query
            .iter()
            .any(|(name, value)| name == "pkce_code_challenge" && value.len() == 43)
    );
    grace.arrive().await;
    let page = grace.go("grace@acme.example").await;
    signed_in(&page);
    assert!(
        page.text().contains("GitHub") && page.text().contains("Google"),
        "{}",
        page.text()
    );
}

/// Another person's account is refused, and the step-up can still be completed.
#[tokio::test]
async fn another_account_is_refused() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Continue with Google").await;
    let page = grace.go("mallory@evil.example").await;
    assert!(page.status == 409 || page.status == 403, "{}", page.text());
    assert_eq!(grace.get("/member").await.status, 401);
    assert_eq!(grace.get("/step_up").await.status, 200);
    grace.go("Continue with Google").await;
    let page = grace.go("ada@acme.example").await;
    assert_eq!(page.status, 409, "{}", page.text());
    assert!(
        page.text().contains("That was another account"),
        "{}",
        page.text()
    );
    assert_eq!(grace.go("Back to your sign-in").await.path(), "/step_up");
    grace.go("Continue with Google").await;
    signed_in(&grace.go("grace@acme.example").await);
}

/// A proof that is not accepted either is reported, and the page offers the other methods.
#[tokio::test]
async fn a_proof_that_is_not_accepted_is_reported() {
    let app = TestApp::start().await;
    let mut erin = app.choosing("erin@freemail.example").await;
    erin.go("Create an organization").await;
    erin.fill(
        "Create organization",
        &[
            ("organization_name", "Erin's"),
            ("organization_slug", "erins"),
        ],
    )
    .await;
    let page = erin.arrive().await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    erin.go("Continue with Google").await;
    let page = erin.go("erin@freemail.example").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    assert!(
        page.text()
            .contains("This organization does not accept that way either"),
        "{}",
        page.text()
    );
    erin.go("Email me a code").await;
    let code = newest(&app.world).code.unwrap();
    erin.fill("Sign in with the code", &[("code", &code)]).await;
    assert_eq!(erin.arrive().await.path(), "/org/erins");
}

/// A message that was sent before a refused proof is still valid, and is not sent again so soon.
#[tokio::test]
async fn sent_messages_are_remembered_after_a_refused_proof() {
    let app = TestApp::start().await;
    let mut erin = app.choosing("erin@freemail.example").await;
    erin.go("Create an organization").await;
    assert_eq!(erin.go("Create organization").await.path(), "/step_up");
    erin.go("Email me a code").await;
    erin.go("Email me a link").await;
    erin.go("Continue with Google").await;
    let page = erin.go("erin@freemail.example").await;
    let text = page.text();
    assert!(
        text.contains("This organization does not accept that way either"),
        "{text}"
    );
    assert!(text.contains("to request another code."), "{text}");
    assert!(text.contains("to request another link."), "{text}");
    app.forget_calls().await;
    for way in ["email_otp", "magic_link"] {
        let page = erin.post("/step_up/send", &[("way", way)]).await;
        assert_eq!(page.location().path(), "/step_up");
    }
    assert!(app.world.calls().is_empty(), "too early");
}

/// Only methods that Stytch listed, and only a connection of that organization.
#[tokio::test]
async fn only_accepted_methods_can_be_started() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    assert_eq!(grace.get("/step_up/start/slack").await.status, 403);
    assert_eq!(grace.get("/step_up/start/unknown").await.status, 404);
    assert_eq!(
        grace
            .get("/step_up/sso/saml-connection-test-x")
            .await
            .status,
        403
    );
    assert_eq!(
        grace
            .post("/step_up/send", &[("way", "carrier_pigeon")])
            .await
            .status,
        422
    );
    let mut anonymous = app.browser();
    for path in ["/step_up/start/google", "/step_up/sso/x"] {
        assert_eq!(anonymous.get(path).await.status, 400, "{path}");
    }
    for path in ["/step_up", "/step_up/send"] {
        assert_eq!(
            anonymous
                .post(path, &[("way", "email_otp"), ("code", "123456")])
                .await
                .status,
            400
        );
    }
    assert_eq!(anonymous.cookie(), None);
}

/// The organization's own single sign-on, if it would be accepted.
#[tokio::test]
async fn sso_completes_the_step_up() {
    let app = TestApp::start().await;
    app.world
        .add_member("globex", json!({"email_address": "ada@acme.example"}));
    app.world
        .patch_organization("globex", json!({"allowed_auth_methods": ["sso"]}));
    let mut bob = app.choosing("bob@globex.example").await;
    let page = bob.go("Sign in to Globex").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    assert!(
        !page.text().contains("Continue with Google") && !page.text().contains("Code by email")
    );
    for way in ["email_otp", "magic_link"] {
        assert_eq!(bob.post("/step_up/send", &[("way", way)]).await.status, 403);
    }
    assert!(
        app.calls(SEND).is_empty(),
        "Stytch is not called for methods that are not accepted"
    );
    bob.get("/step_up").await;
    bob.go("Continue with Globex Okta").await;
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.path(), "/org/globex", "{}", page.text());
    assert_eq!(bob.get("/member").await.status, 200);
}

/// O9: single sign-on is offered only if it would be accepted.
#[tokio::test]
async fn single_sign_on_that_is_not_accepted_is_not_offered() {
    let app = TestApp::start().await;
    let rule = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"]});
    app.world.patch_organization("globex", rule);
    let mut bob = app.choosing("bob@globex.example").await;
    let page = bob.go("Sign in to Globex").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    assert!(!page.text().contains("Globex Okta"), "{}", page.text());
    assert!(app.calls(SEARCH).is_empty(), "and it is not looked up");
}

/// The provider's tokens are kept while a link by email completes the sign-in.
#[tokio::test]
async fn a_link_keeps_the_provider_tokens() {
    let app = TestApp::start().await;
    let mut grace = app.browser();
    grace.get("/org/acme").await;
    grace.go("Continue with GitHub").await;
    assert_eq!(grace.go("grace@acme.example").await.path(), "/step_up");
    grace.go("Email me a link").await;
    grace.get(&newest(&app.world).link.unwrap()).await;
    grace.arrive().await;
    signed_in(&grace.go("Continue").await);
    let page = grace.get("/org/acme/provider/github").await;
    assert!(
        page.text()
            .contains("in provider_values when you signed in with"),
        "{}",
        page.text()
    );
}

/// If the organization can't be looked up, the page shows the methods that it knows. If it knows no other, it says so.
#[tokio::test]
async fn an_outage_of_the_lookup_hides_only_single_sign_on() {
    let app = TestApp::start().await;
    for (methods, status) in [(vec!["sso"], 503), (vec!["sso", "email_otp"], 200)] {
        let rule = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": methods});
        app.world.patch_organization("globex", rule);
        let mut bob = app.choosing("bob@globex.example").await;
        let page = bob.go("Sign in to Globex").await;
        assert_eq!(page.path(), "/step_up", "{}", page.text());
        assert!(page.text().contains("Continue with Globex Okta"));
        app.faults(SEARCH, 2, FaultKind::ResetBefore);
        let page = bob.get("/step_up").await;
        assert_eq!(page.status, status, "{methods:?}: {}", page.text());
        assert!(!page.text().contains("Continue with Globex Okta"));
        let others = page.text().contains("Email me a code");
        assert_eq!(others, status == 200, "{methods:?}");
        app.world.clear_faults();
    }
}

/// A code and a link are sent concurrently, and the session remembers both.
#[tokio::test]
async fn concurrent_emails_are_both_remembered() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    let hold = HeldRequest::new();
    app.fault(SEND, FaultKind::Hold(hold.clone()));
    let mut tab = grace.clone();
    let slow = tokio::spawn(async move {
        let link = [("way", "email_otp")];
        tab.post("/step_up/send", &link).await
    });
    hold.reached().await;
    let mut tab = grace.clone();
    let second = tokio::spawn(async move {
        let link = [("way", "magic_link")];
        tab.post("/step_up/send", &link).await
    });
    hold.release();
    for sent in [slow, second] {
        assert_eq!(sent.await.unwrap().location().path(), "/step_up");
    }
    let text = grace.get("/step_up").await.text();
    assert!(text.contains("to request another code."), "{text}");
    assert!(text.contains("to request another link."), "{text}");
}

/// Only providers that this app is configured for. With the others, the visitor would end on an error page of Stytch's.
#[tokio::test]
async fn only_providers_of_this_app_are_offered() {
    let app = TestApp::with(Setup {
        providers: "google,github",
        ..Setup::default()
    })
    .await;
    let mut grace = at_step_up(&app).await;
    assert!(grace.page().text().contains("Continue with Google"));
    assert!(!grace.page().text().contains("Microsoft"));
    for path in ["/step_up/start/microsoft", "/org/acme/start/microsoft"] {
        assert_eq!(grace.get(path).await.status, 404, "{path}");
    }
}

/// A second factor follows if one is required.
#[tokio::test]
async fn mfa_follows_the_step_up() {
    let app = TestApp::start().await;
    app.world.patch_organization("initech", json!({"email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.example", "initech.example"]}));
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    let page = grace.go("Join Initech").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    assert!(
        page.text()
            .contains("You will then be asked for a second factor"),
        "{}",
        page.text()
    );
    grace.go("Email me a code").await;
    let code = newest(&app.world).code.unwrap();
    grace
        .fill("Sign in with the code", &[("code", &code)])
        .await;
    assert_eq!(grace.arrive().await.path(), "/mfa");
    assert_eq!(grace.get("/member").await.status, 401);
}

/// A failure at the provider leads back into the step-up, not past it.
#[tokio::test]
async fn a_failure_at_the_provider_leads_back() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Continue with Google").await;
    let page = grace.go("Cancel").await;
    assert_eq!(page.status, 400, "{}", page.text());
    let again = page.action("Start again with Google", &[]);
    assert_eq!(again.url.path(), "/step_up/start/google");
    grace.go("Start again with Google").await;
    let page = grace.go("grace@acme.example").await;
    signed_in(&page);
    assert!(
        page.text().contains("GitHub"),
        "both proofs: {}",
        page.text()
    );
}

/// S4: the visitor returns too late from the provider. The sign-in that lacked a factor has expired as well, so it
/// starts again at the organization.
#[tokio::test]
async fn a_late_return_from_the_provider_requires_a_new_sign_in() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    grace.go("Continue with Google").await;
    app.advance_app(610);
    let page = grace.go("grace@acme.example").await;
    assert_eq!(page.status, 410, "{}", page.text());
    let again = page.action("Start again with Google", &[]);
    assert_eq!(again.url.path(), "/org/acme/start/google");
}

/// After a step-up has expired, its other routes do nothing and make no call.
#[tokio::test]
async fn an_expired_step_up_requires_a_new_sign_in() {
    let app = TestApp::start().await;
    let mut grace = at_step_up(&app).await;
    app.advance_app(610);
    app.forget_calls().await;
    for path in ["/step_up", "/step_up/start/google", "/step_up/sso/x"] {
        assert_eq!(grace.get(path).await.status, 410, "{path}");
    }
    let code = [("code", "123456")];
    assert_eq!(grace.post("/step_up", &code).await.status, 410);
    let way = [("way", "email_otp")];
    assert_eq!(grace.post("/step_up/send", &way).await.status, 410);
    assert!(app.world.calls().is_empty());
}

/// The next person in the same browser inherits nothing of the previous person's step-up.
#[tokio::test]
async fn the_next_person_inherits_nothing() {
    let app = TestApp::start().await;
    app.world.add_member("acme", json!({"email_address": "dave@hooli.example", "status": "invited", "email_address_verified": false}));
    let mut browser = at_step_up(&app).await;
    browser.go("Email me a code").await;
    browser.get("/org/acme").await;
    browser.go("Continue with GitHub").await;
    let page = browser.go("dave@hooli.example").await;
    assert_eq!(page.path(), "/step_up", "{}", page.text());
    assert!(
        !page.text().contains("does not accept that way") && !page.text().contains("We sent"),
        "{}",
        page.text()
    );
    page.action("Email me a code", &[]);
}
