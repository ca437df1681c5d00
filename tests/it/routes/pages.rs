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
