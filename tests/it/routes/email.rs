use stytch_sandbox::FaultKind;

use crate::support::{Browser, TestApp, page::selector};

const SEND_CODE: &str = "/v1/b2b/otps/email/discovery/send";
const CODE: &str = "/v1/b2b/otps/email/discovery/authenticate";

/// A browser in which Ada has had a code or a link sent.
pub async fn emailed(app: &TestApp, press: &str) -> Browser {
    let mut ada = app.browser();
    ada.get("/email").await;
    ada.fill(press, &[("email_address", "ada@acme.example")])
        .await;
    ada.arrive().await;
    ada
}

#[tokio::test]
async fn a_code_leads_to_the_list() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with email").await;
    assert_eq!(ada.cookie(), None, "a visit stores nothing");
    let page = ada
        .fill(
            "Email me a code",
            &[("email_address", " ada@acme.example ")],
        )
        .await;
    assert_eq!(page.status, 303);
    let page = ada.arrive().await;
    assert!(
        page.text().contains("We sent a code to ada@acme.example"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("You can request another code in "));
    let wrong = ada.fill("Continue", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(wrong.text().contains("That code is not correct"));
    let code = app.world.messages()[0].code.clone().unwrap();
    let before = ada.cookie();
    ada.fill("Continue", &[("code", &code)]).await;
    let page = ada.arrive().await;
    assert_eq!(page.path(), "/organizations", "{}", page.text());
    assert_ne!(ada.cookie(), before, "a new session id");
    assert!(page.text().contains("Signed in as ada@acme.example"));
    assert_eq!(ada.go("Sign in to Acme Corp").await.path(), "/org/acme");
    assert!(
        !ada.get("/email").await.text().contains("We sent a code to"),
        "forgotten"
    );
}

/// The link works in any browser, after a confirmation. The same list follows.
#[tokio::test]
async fn a_link_leads_to_the_list_in_any_browser() {
    let app = TestApp::start().await;
    for elsewhere in [false, true] {
        let mut ada = app.browser();
        ada.get("/email").await;
        ada.fill("Email me a link", &[("email_address", "ada@acme.example")])
            .await;
        let page = ada.arrive().await;
        assert!(page.text().contains("Check your email"), "{}", page.text());
        let link = app.world.messages()[0].link.clone().unwrap();
        if elsewhere {
            ada = app.browser();
        }
        ada.get(&link).await;
        assert_eq!(ada.arrive().await.path(), "/confirm");
        assert_eq!(ada.get("/member").await.status, 401);
        ada.get("/confirm").await;
        let page = ada.go("Continue").await;
        assert_eq!(page.path(), "/organizations", "{}", page.text());
        assert_eq!(ada.go("Sign in to Acme Corp").await.path(), "/org/acme");
        // The same link again, in a browser without a session: it is spent.
        let mut late = app.browser();
        late.get(&link).await;
        late.arrive().await;
        let page = late.go("Continue").await;
        assert_eq!(page.status, 400, "{}", page.text());
        assert!(page.text().contains("already used"));
        page.action("Start again by email", &[]);
    }
}

#[tokio::test]
async fn a_malformed_address_is_shown_again() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/email").await;
    for (typed, words) in [
        ("nonsense", "That is not an email address"),
        ("", "Enter your email address"),
        ("<script>@", "That is not an email address"),
    ] {
        let page = ada
            .fill("Email me a code", &[("email_address", typed)])
            .await;
        assert_eq!(page.status, 422, "{typed}: {}", page.text());
        assert!(page.text().contains(words), "{}", page.text());
        let action = page.action("Email me a code", &[]);
        assert!(
            action
                .fields
                .contains(&("email_address".into(), typed.into())),
            "{action:?}"
        );
    }
    assert_eq!(ada.cookie(), None);
}

/// A second request within half a minute sends nothing. A later one does, and so does one for another address. After a
/// code has expired, the visitor starts again.
#[tokio::test]
async fn a_message_is_not_sent_again_within_half_a_minute() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/email").await;
    let send = [("email_address", "ada@acme.example"), ("way", "code")];
    assert_eq!(ada.post("/email", &send).await.status, 303);
    app.advance(10);
    for _ in 0..2 {
        let page = ada.post("/email", &send).await;
        assert_eq!(page.status, 429, "{}", page.text());
        let wait: u32 = page.header("retry-after").parse().unwrap();
        assert!((15..=20).contains(&wait), "{wait}");
        let text = "You requested an email to this address less than 30 seconds ago. \
                    You can request another one in";
        assert!(page.text().contains(text), "{}", page.text());
        let field = "details[open] #email_address[aria-invalid]";
        assert!(page.html().select(&selector(field)).next().is_some());
        // The code that was sent can be entered here.
        page.action("Continue", &[("code", "123456")]);
    }
    assert_eq!(app.calls(SEND_CODE).len(), 1);
    // Another browser does not learn of it.
    let page = at_email(&app).await.post("/email", &send).await;
    assert_eq!(page.status, 303, "{}", page.text());
    assert_eq!(app.calls(SEND_CODE).len(), 2);
    let other = [("email_address", "bob@globex.example"), ("way", "code")];
    ada.post("/email", &other).await;
    assert_eq!(app.calls(SEND_CODE).len(), 3);
    // The last message was a link, so there is no code to enter.
    ada.post(
        "/email",
        &[("email_address", "ada@acme.example"), ("way", "link")],
    )
    .await;
    let page = ada.post("/email/code", &[("code", "123456")]).await;
    assert!(page.text().contains("out of date"), "{}", page.text());
    app.advance(31);
    ada.post("/email", &other).await;
    assert_eq!(app.calls(SEND_CODE).len(), 4);
    app.advance(601);
    let page = ada.post("/email/code", &[("code", "123456")]).await;
    assert_eq!(page.status, 410, "{}", page.text());
    assert_eq!(
        page.action("Start again by email", &[]).url.path(),
        "/email"
    );
    assert!(app.calls(CODE).is_empty());
}

/// Anyone can enter any address, from any number of browsers. After five emails in ten minutes, the page says when to
/// try again.
#[tokio::test]
async fn emails_to_one_mailbox_are_limited() {
    let app = TestApp::start().await;
    for n in 0..6 {
        let mut stranger = at_email(&app).await;
        let send = [
            (
                "email_address",
                if n % 2 == 0 {
                    "ada@acme.example"
                } else {
                    "ADA@acme.example"
                },
            ),
            ("way", "code"),
        ];
        let page = stranger.post("/email", &send).await;
        assert_eq!(
            page.status,
            if n < 5 { 303 } else { 429 },
            "{}",
            page.text()
        );
    }
    assert_eq!(app.calls(SEND_CODE).len(), 5);
    let other = [("email_address", "bob@globex.example"), ("way", "code")];
    assert_eq!(
        at_email(&app).await.post("/email", &other).await.status,
        303
    );
    app.advance(600);
    let again = [("email_address", "ada@acme.example"), ("way", "code")];
    assert_eq!(
        at_email(&app).await.post("/email", &again).await.status,
        303
    );
}

/// A code has four attempts, and another code is another email. A browser does not use up the attempts of another one.
#[tokio::test]
async fn codes_can_not_be_guessed() {
    let app = TestApp::start().await;
    let send = [("email_address", "ada@acme.example"), ("way", "code")];
    let wrong = [("code", "000000")];
    let mut thief = at_email(&app).await;
    thief.post("/email", &send).await;
    for n in 1..7 {
        let page = thief.post("/email/code", &wrong).await;
        assert_eq!(page.status, if n < 5 { 422 } else { 429 });
        let used_up = page
            .text()
            .contains("You entered four wrong codes. Request a new code.");
        assert_eq!(used_up, n >= 4, "{}", page.text());
        let html = page.html();
        let has = |css: &str| html.select(&selector(css)).next().is_some();
        assert_eq!(has("#code"), !used_up, "{}", page.text());
        assert_eq!(has("details.more[open]"), used_up, "{}", page.text());
        if used_up {
            assert!(page.text().contains("Request a new code You entered four"));
            assert!(!page.text().contains("We sent a link"), "{}", page.text());
            let main = html.select(&selector("main .main")).next().unwrap();
            assert_eq!(main.text().collect::<String>(), "Email me a code");
        }
        if n >= 5 {
            let wait: u32 = page.header("retry-after").parse().unwrap();
            assert!((25..=30).contains(&wait), "{wait}");
        }
    }
    assert_eq!(app.calls(CODE).len(), 4);
    let mut ada = at_email(&app).await;
    ada.post("/email", &send).await;
    ada.arrive().await;
    let code = app.world.messages()[0].code.clone().unwrap();
    ada.fill("Continue", &[("code", &code)]).await;
    assert_eq!(ada.arrive().await.path(), "/organizations");
    // Another code has four attempts of its own.
    app.advance(60);
    thief.post("/email", &send).await;
    assert_eq!(thief.post("/email/code", &wrong).await.status, 422);
}

/// The typed address is still there when Stytch responds again. An email that may have been sent is not repeated within
/// half a minute.
#[tokio::test]
async fn an_outage_keeps_the_typed_address() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/email").await;
    app.fault(SEND_CODE, FaultKind::ResetBefore);
    let typed = [("email_address", "ada@acme.example")];
    let page = ada.fill("Email me a code", &typed).await;
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(page.text().contains("The email may not have been sent"));
    assert!(page.text().contains("try again in 30 seconds"));
    let mut impatient = ada.clone();
    impatient.go("Email me a code").await;
    assert!(app.world.messages().is_empty());
    app.advance(30);
    ada.get("/email").await;
    let page = ada.go("Email me a code").await;
    assert!(page.text().contains("We sent"), "{}", page.text());
    assert_eq!(app.world.messages()[0].to, "ada@acme.example");
}

/// The code expired while the page was open. The response says so, although it no longer has a field for the code.
#[tokio::test]
async fn an_expired_code_is_reported() {
    let app = TestApp::start().await;
    let mut ada = emailed(&app, "Email me a code").await;
    app.advance(580);
    let link = [("email_address", "ada@acme.example"), ("way", "link")];
    ada.clone().post("/email", &link).await;
    app.advance(30);
    let code = app.world.messages()[1].code.clone().unwrap();
    let page = ada.fill("Continue", &[("code", &code)]).await;
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(
        page.text().contains("already used or has expired"),
        "{}",
        page.text()
    );
}

/// A code and a link can be valid at the same time.
#[tokio::test]
async fn a_code_and_a_link_are_both_valid() {
    let app = TestApp::start().await;
    let mut ada = emailed(&app, "Email me a code").await;
    let code = app.world.messages()[0].code.clone().unwrap();
    let page = ada.go("Email me a link").await;
    assert!(
        page.text()
            .contains("The link in the other email works too"),
        "{}",
        page.text()
    );
    ada.fill("Continue", &[("code", &code)]).await;
    assert_eq!(ada.arrive().await.path(), "/organizations");
}

/// A link that never reached Stytch is not lost. It works as soon as Stytch can be called.
#[tokio::test]
async fn a_link_that_never_reached_stytch_still_works() {
    let app = TestApp::start().await;
    let mut ada = at_email(&app).await;
    ada.post(
        "/email",
        &[("email_address", "ada@acme.example"), ("way", "link")],
    )
    .await;
    let link = app.world.messages()[0].link.clone().unwrap();
    ada.get(&link).await;
    ada.arrive().await;
    app.fault(
        "/v1/b2b/magic_links/discovery/authenticate",
        stytch_sandbox::FaultKind::Status {
            status: 429,
            headers: Vec::new(),
            body: None,
        },
    );
    assert_eq!(ada.click("Continue").await.status, 429);
    // Longer than the response to a duplicate is stored.
    app.advance(61);
    ada.get(&link).await;
    assert_eq!(
        ada.arrive().await.path(),
        "/confirm",
        "it asks for confirmation again"
    );
    assert_eq!(ada.go("Continue").await.path(), "/organizations");
}

/// The response does not reveal who has an account.
#[tokio::test]
async fn unknown_addresses_get_the_same_response() {
    let app = TestApp::start().await;
    let mut texts = Vec::new();
    for email in ["ada@acme.example", "unknown@nowhere.example"] {
        let mut browser = app.browser();
        browser.get("/email").await;
        browser
            .fill("Email me a code", &[("email_address", email)])
            .await;
        texts.push(browser.arrive().await.text().replace(email, ""));
    }
    assert_eq!(texts[0], texts[1]);
}

/// A browser that shows the form.
pub async fn at_email(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    browser.get("/email").await;
    browser
}
