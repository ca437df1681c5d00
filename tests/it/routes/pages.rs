use stytch_b2b_axum::{clock::Clock, views::words::time_left};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{mfa::at_mfa, step_up::at_step_up};
use crate::support::{Browser, Page, TestApp, page::selector};

#[tokio::test]
async fn health_checks_work_under_any_host() {
    let app = TestApp::start().await;
    for path in ["/health/live", "/health/ready"] {
        let request = app
            .browser()
            .request("GET", path)
            .header("host", "10.1.2.3:8080");
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
    }
    app.state.tasks.close();
    let request = app.browser().request("GET", "/health/ready");
    assert_eq!(request.send().await.unwrap().status(), 503);
}

#[tokio::test]
async fn static_files_are_found_by_their_hash() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let home = browser.get("/").await;
    let html = home.html();
    for link in html.select(&selector("link[href]")) {
        let page = browser.get(link.value().attr("href").unwrap()).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.is_empty() && page.body.len() < 10_000);
    }
    assert_eq!(
        browser
            .get("/static/0000000000000000/styles.css")
            .await
            .status,
        404
    );
    let style = home.html();
    let style = style.select(&selector("link[rel=stylesheet]")).next();
    let style = style.unwrap().value().attr("href").unwrap().to_owned();
    let request = browser.request("GET", &style);
    let elsewhere = request.header("host", "evil.example").send().await;
    let status = elsewhere.unwrap().status();
    assert_eq!(status, 200, "the page that refuses another host needs it");
}

/// S8: the page after a sign-out makes the browser forget the pages behind "back".
#[tokio::test]
async fn the_page_after_a_sign_out_clears_the_cache() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.go("Sign out").await;
    assert!(
        page.body.contains("href=\"/signed_out.css\""),
        "{}",
        page.body
    );
    let styles = ada.get("/signed_out.css").await;
    assert_eq!(styles.status, 200);
    assert_eq!(styles.header("clear-site-data"), "\"cache\"");
}

#[tokio::test]
async fn pages_say_that_the_sandbox_is_on() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in [
        "/",
        "/org/acme",
        "/org/unknown",
        "/organizations",
        "/confirm",
    ] {
        assert!(
            browser.get(path).await.text().contains("Sandbox:"),
            "{path}"
        );
    }
}

/// The words and the moments of all times on a page.
fn times(page: &Page) -> Vec<(String, OffsetDateTime)> {
    assert!(!page.text().contains("UTC"), "{}", page.text());
    let html = page.html();
    html.select(&selector("time"))
        .map(|time| {
            let at = time.value().attr("datetime").unwrap();
            let at = OffsetDateTime::parse(at, &Rfc3339).unwrap();
            (time.text().collect(), at)
        })
        .collect()
}

/// Pages of a sign-in in progress say how long it lasts. The exact moment is for machines.
#[tokio::test]
async fn pages_say_how_long_a_sign_in_lasts() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    let ada = app.choosing("ada@acme.example").await;
    let mut confirming = app.choosing("ada@acme.example").await;
    let question = confirming.page().action("Sign in to Acme Corp", &[]).url;
    confirming.get(question.path()).await;
    let mfa = at_mfa(&app, "ada@acme.example").await;
    let step_up = at_step_up(&app).await;
    let mut email = app.browser();
    email.get("/email").await;
    let address = [("email_address", "hal@hooli.example")];
    email.fill("Email me a code", &address).await;
    email.arrive().await;
    let browsers = [frank, ada, confirming, mfa, step_up, email];
    let clock: &Clock = &app.state.clock;
    for left in [600, 300] {
        for mut browser in browsers.clone() {
            let path = browser.page().path().to_owned();
            let before = clock.now();
            let page = browser.get(&path).await;
            let (words, at) = times(&page).first().cloned().expect("a time");
            let expected = [before, clock.now()].map(|now| time_left(&at, &now));
            assert!(expected.contains(&words), "{path}: {words}");
            let sentences = [format!("within {words}"), format!("You have {words} to")];
            let text = page.text();
            assert!(
                sentences.iter().any(|it| text.contains(it)),
                "{path}: {text}"
            );
            let seconds = (at - before).whole_seconds();
            assert!((left - 60..=left).contains(&seconds), "{path}: {seconds}");
        }
        app.advance(300);
    }
}

/// On the member's page, the times of the session and of the factor are relative to now.
#[tokio::test]
async fn times_of_a_session_are_relative_to_now() {
    let app = TestApp::start().await;
    let mut ada: Browser = app.signed_in("acme", "ada@acme.example").await;
    app.advance(3 * 60);
    let page = ada.get("/org/acme").await;
    let words: Vec<String> = times(&page).into_iter().map(|(words, _)| words).collect();
    assert_eq!(words.len(), 3, "{words:?}");
    assert_eq!((&*words[0], &*words[2]), ("3 minutes ago", "3 minutes ago"));
    assert!(
        ["57 minutes", "56 minutes"].contains(&&*words[1]),
        "{words:?}"
    );
    let page = ada.get("/org/acme/provider/google").await;
    assert_eq!(times(&page).len(), 1, "{}", page.text());
}

/// A link with a slash at its end leads to the page, and never to another host.
#[tokio::test]
async fn a_slash_at_the_end_leads_to_the_page() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in ["/organizations", "/email", "/org", "/member"] {
        let page = browser.get(&format!("{path}/")).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, path));
    }
    for path in [
        "//evil.example/",
        "/x//evil.example/",
        "/discovery/?token=x",
        "/nowhere",
    ] {
        let request = browser.request("GET", &format!("{}{path}", app.url));
        assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
    }
    assert_eq!(browser.post("/logout/", &[]).await.status, 404);
}
