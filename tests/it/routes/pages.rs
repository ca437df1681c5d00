use crate::support::{TestApp, page::selector};

#[tokio::test]
async fn health_answers_under_any_host() {
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

/// Every page of the app says that the sandbox is on.
#[tokio::test]
async fn pages_say_sandbox() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in [
        "/",
        "/org/acme",
        "/org/nobody",
        "/organizations",
        "/confirm",
    ] {
        assert!(
            browser.get(path).await.text().contains("Sandbox:"),
            "{path}"
        );
    }
}
