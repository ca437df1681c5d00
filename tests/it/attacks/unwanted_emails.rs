//! A stranger has emails sent to other people's addresses.

use crate::support::{Browser, Page, TestApp, app::Setup};

const HEADER: &str = "x-forwarded-for";
const SEND: &str = "/v1/b2b/otps/email/discovery/send";
const LINK: &str = "/v1/b2b/magic_links/email/discovery/send";
const CODE: &str = "/v1/b2b/otps/email/discovery/authenticate";
const HAL: &str = "hal@hooli.example";

async fn ask(app: &TestApp, address: &str, way: &str) -> (Browser, Page) {
    ask_from(app.browser(), address, way).await
}

async fn ask_from(mut browser: Browser, address: &str, way: &str) -> (Browser, Page) {
    browser.get("/email").await;
    let form = [("email_address", address), ("way", way)];
    let page = browser.post("/email", &form).await;
    (browser, page)
}

async fn enter(browser: &mut Browser, code: &str, form_id: &str) -> Page {
    let path = format!("/email/code?form_id={form_id}");
    browser.post(&path, &[("code", code)]).await
}

fn last_code(app: &TestApp) -> String {
    app.world.messages()[0].code.clone().unwrap()
}

/// O14: one client can have thirty emails sent in ten minutes, whatever addresses it names. Others can sign in
/// meanwhile.
#[tokio::test]
async fn emails_are_limited_per_client() {
    let app = TestApp::with(Setup {
        client_ip_header: Some(HEADER),
        emails_per_minute: Some(60),
        ..Setup::default()
    })
    .await;
    let from = |address: &str| app.browser().with_client_ip(HEADER, address);
    for n in 0..100 {
        let address = format!("stranger{n}@victims-{n}.example");
        let way = if n % 2 == 0 { "code" } else { "link" };
        let client = from(&format!("198.51.100.{n}, 203.0.113.7"));
        let (_, page) = ask_from(client, &address, way).await;
        let expected = if n < 30 { 303 } else { 429 };
        assert_eq!(page.status, expected, "{n}: {}", page.text());
    }
    assert_eq!(app.calls(SEND).len() + app.calls(LINK).len(), 30);
    let (_, page) = ask_from(from("203.0.113.8"), "ada@acme.example", "code").await;
    assert_eq!(page.status, 303);
    app.advance(600);
    let (_, page) = ask_from(from("203.0.113.7"), "ada@acme.example", "code").await;
    assert_eq!(page.status, 303);
}

/// O14: the number of emails per minute is limited for all clients together.
#[tokio::test]
async fn emails_of_all_clients_are_limited() {
    let app = TestApp::with(Setup {
        emails_per_minute: Some(3),
        ..Setup::default()
    })
    .await;
    let expected = [303, 303, 303, 429, 429];
    for (n, expected) in expected.into_iter().enumerate() {
        let address = format!("stranger{n}@victims-{n}.example");
        let (_, page) = ask(&app, &address, "code").await;
        assert_eq!(page.status, expected, "{n}: {}", page.text());
        if expected == 429 {
            let wait: u64 = page.header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
    }
    app.advance(60);
    let (_, page) = ask(&app, "ada@acme.example", "code").await;
    assert_eq!(page.status, 303);
}

/// O14: a mailbox gets at most five emails in ten minutes, however its address is written.
#[tokio::test]
async fn other_spellings_of_an_address_are_the_same_mailbox() {
    let app = TestApp::start().await;
    for spellings in [
        ["ada+{}@acme.example", "ADA+{}@ACME.example"],
        ["g.race{}@gmail.com", "gr.ace{}@GoogleMail.com"],
    ] {
        let before = app.calls(SEND).len();
        for n in 0..30 {
            // Gmail ignores dots, and all providers ignore tags.
            let tag = if spellings[0].contains('+') {
                n.to_string()
            } else {
                format!("+{n}")
            };
            let address = spellings[n % 2].replace("{}", &tag);
            let (_, page) = ask(&app, &address, "code").await;
            let expected = if n < 5 { 303 } else { 429 };
            assert_eq!(page.status, expected, "{address}: {}", page.text());
        }
        assert_eq!(app.calls(SEND).len() - before, 5);
    }
    // Dots count elsewhere.
    let (_, page) = ask(&app, "a.da@acme.example", "code").await;
    assert_eq!(page.status, 303);
}

/// O14: a stranger uses up the emails to Hal's mailbox. Hal signs in with the last of their codes, which he received,
/// or in another way, and is told when he can request an email.
#[tokio::test]
async fn the_owner_of_a_flooded_mailbox_can_sign_in() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        assert_eq!(ask(&app, HAL, "code").await.1.status, 303);
    }
    let mut hal = app.browser();
    hal.get("/email").await;
    let page = hal.fill("Email me a code", &[("email_address", HAL)]).await;
    assert_eq!(page.status, 429);
    assert!(page.text().contains("in 10 minutes"), "{}", page.text());
    assert_eq!(page.action("sign in another way", &[]).url.path(), "/");
    let wait: u64 = page.header("retry-after").parse().unwrap();
    assert!((590..=600).contains(&wait), "{wait}");
    // Opening the page again, and another request for an email, change nothing.
    app.advance(60);
    assert!(hal.get("/email").await.text().contains("in 9 minutes"));
    let page = hal.fill("Email me a link", &[("email_address", HAL)]).await;
    assert_eq!(page.status, 429);
    let mut other = hal.clone();
    hal.fill("Continue", &[("code", &last_code(&app))]).await;
    assert_eq!(hal.arrive().await.path(), "/organizations");
    assert_eq!(hal.go("Sign in to Hooli").await.path(), "/org/hooli");
    assert_eq!(app.calls(SEND).len(), 5);
    // The stated waiting time is right.
    app.advance(wait - 60 - 2);
    let form = [("email_address", HAL), ("way", "code")];
    assert_eq!(other.post("/email", &form).await.status, 429);
    app.advance(2);
    assert_eq!(other.post("/email", &form).await.status, 303);
    let page = other.arrive().await;
    assert!(page.text().contains("We sent "), "{}", page.text());
}

/// O14: the waiting time passes while the page is open.
#[tokio::test]
async fn a_refused_email_can_be_requested_later() {
    let app = TestApp::with(Setup {
        emails_per_minute: Some(1),
        ..Setup::default()
    })
    .await;
    ask(&app, "ada@acme.example", "code").await;
    let (mut hal, page) = ask(&app, HAL, "code").await;
    assert_eq!(page.status, 429);
    app.advance(60);
    let page = hal.get("/email").await;
    assert!(
        page.text().contains("You can request another one now"),
        "{}",
        page.text()
    );
    let page = hal.go("Email me a link").await;
    assert!(page.text().contains("Check your email"), "{}", page.text());
    let page = enter(&mut hal, "123456", "none").await;
    assert!(page.text().contains("out of date"), "{}", page.text());
    app.advance(601);
    ask(&app, "ada@acme.example", "code").await;
    let (mut late, page) = ask(&app, HAL, "code").await;
    assert_eq!(page.status, 429);
    app.advance(601);
    let page = enter(&mut late, "123456", "late").await;
    assert_eq!(page.status, 410, "{}", page.text());
}

/// O14: all browsers that were refused share four attempts at the codes of a mailbox. They use up none of the attempts
/// of the browser that requested the code.
#[tokio::test]
async fn a_refused_browser_can_not_guess_codes() {
    let app = TestApp::start().await;
    let (mut hal, _) = ask(&app, HAL, "code").await;
    let code = last_code(&app);
    app.advance(30);
    for _ in 0..4 {
        ask(&app, HAL, "link").await;
    }
    for n in 0..20 {
        // Each one uses its own spelling of the same mailbox.
        let (mut guesser, page) = ask(&app, &format!("hal+{n}@hooli.example"), "code").await;
        assert_eq!(page.status, 429);
        let page = enter(&mut guesser, "000000", "guess").await;
        let expected = if n < 4 { 422 } else { 429 };
        assert_eq!(page.status, expected, "{n}: {}", page.text());
    }
    assert_eq!(app.calls(CODE).len(), 4);
    // Hal is refused a second code, and keeps his own attempts at the first.
    let form = [("email_address", HAL), ("way", "code")];
    assert_eq!(hal.post("/email", &form).await.status, 429);
    let page = enter(&mut hal, "000000", "wrong").await;
    assert_eq!(page.status, 422, "{}", page.text());
    enter(&mut hal, &code, "right").await;
    assert_eq!(hal.arrive().await.path(), "/organizations");
}

/// O14: a stranger who was refused does not learn whether a code was sent to an address.
#[tokio::test]
async fn a_refusal_does_not_reveal_who_signs_in() {
    let app = TestApp::with(Setup {
        emails_per_minute: Some(1),
        ..Setup::default()
    })
    .await;
    ask(&app, "ada@acme.example", "code").await;
    let mut texts = Vec::new();
    for address in ["ada@acme.example", "unknown@acme.example"] {
        let (_, page) = ask(&app, address, "code").await;
        assert_eq!(page.status, 429);
        let text = page.text().replace(address, "");
        texts.push(text.replace(page.header("retry-after"), ""));
    }
    assert_eq!(texts[0], texts[1]);
}

/// O14: after too many wrong codes of others, the page says truthfully that no new code can be sent, and when one can
/// be entered.
#[tokio::test]
async fn after_wrong_codes_of_others_the_page_says_when_to_retry() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        ask(&app, HAL, "code").await;
    }
    let code = last_code(&app);
    app.advance(60);
    let (mut guesser, _) = ask(&app, HAL, "code").await;
    for n in 1..=4 {
        let page = enter(&mut guesser, "000000", "guess").await;
        assert_eq!(page.status, 422);
        let is_explained = page.text().contains("wrong codes for this email address");
        assert_eq!(is_explained, n == 4, "{}", page.text());
    }
    app.advance(240);
    let (mut hal, page) = ask(&app, HAL, "code").await;
    assert_eq!(page.status, 429, "{}", page.text());
    let page = enter(&mut hal, &code, "right").await;
    assert_eq!(page.status, 429);
    let text = page.text();
    let explanation = "There were too many wrong codes for this email address. Try again in 6 minutes, or sign in another way.";
    assert!(text.contains(explanation), "{text}");
    assert!(!text.contains("four wrong codes"), "{text}");
    let after: u64 = page.header("retry-after").parse().unwrap();
    assert!((350..=360).contains(&after), "{after}");
    app.advance(after);
    let page = enter(&mut hal, "000000", "later").await;
    assert_eq!(page.status, 422, "{}", page.text());
}

/// O14: a visitor whose code was sent, and who is refused another one, learns when that can be sent.
#[tokio::test]
async fn a_visitor_without_attempts_learns_when_to_retry() {
    let app = TestApp::with(Setup {
        emails_per_minute: Some(2),
        ..Setup::default()
    })
    .await;
    let (mut hal, _) = ask(&app, HAL, "code").await;
    app.advance(30);
    ask(&app, "ada@acme.example", "code").await;
    let form = [("email_address", HAL), ("way", "code")];
    assert_eq!(hal.post("/email", &form).await.status, 429);
    for _ in 0..4 {
        enter(&mut hal, "000000", "wrong").await;
    }
    let page = enter(&mut hal, "000000", "refused").await;
    assert_eq!(page.status, 429);
    assert!(page.text().contains("four wrong codes"), "{}", page.text());
    let after: u64 = page.header("retry-after").parse().unwrap();
    assert!((25..=30).contains(&after), "{after}");
    app.advance(after);
    assert_eq!(hal.post("/email", &form).await.status, 303);
}
