//! A person's own Chromium with its own profile. Methods are named after what a person does.

mod devtools;
mod driver;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::{LoggingPrefsLogLevel, error::WebDriverError, prelude::*};
use url::Url;

use self::driver::Driver;
use crate::profile::Profile;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(15);

/// Fields are dropped in this order: session, profile, chromedriver.
pub struct Chrome {
    pub driver: WebDriver,
    _profile: Profile,
    _chromedriver: Arc<Driver>,
}

impl Chrome {
    pub async fn open() -> Self {
        Self::with(json!({})).await
    }

    /// Opens a browser that runs no scripts.
    pub async fn without_script() -> Self {
        Self::with(json!({"profile.managed_default_content_settings.javascript": 2})).await
    }

    async fn with(preferences: Value) -> Self {
        let chromedriver = Driver::shared();
        let profile = Profile::new("chromium");
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // A page of another site, whose server is on this machine too.
            "--host-resolver-rules=MAP mallory.example 127.0.0.1",
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            wanted.add_arg(argument).unwrap();
        }
        wanted
            .add_experimental_option("prefs", preferences)
            .unwrap();
        wanted
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .unwrap();
        let driver = WebDriver::new(&*chromedriver.url, wanted).await.unwrap();
        Self {
            driver,
            _profile: profile,
            _chromedriver: chromedriver,
        }
    }

    /// Enters a URL.
    pub async fn visit(&self, url: impl AsRef<str>) {
        self.driver.goto(url.as_ref()).await.unwrap();
    }

    /// Clicks the first visible link, button or summary that contains these words.
    pub async fn press(&self, words: &str) {
        let press = async || match self.control(words).await.click().await {
            Ok(()) => Some(()),
            // The element belonged to the previous page, which was just replaced.
            Err(error) if is_stale(&error) => None,
            Err(error) => panic!("{error}"),
        };
        assert!(until(press).await.is_some(), "{words} can't be pressed");
    }

    pub async fn control(&self, words: &str) -> WebElement {
        let quote = if words.contains('"') { '\'' } else { '"' };
        let holds = format!("[contains(normalize-space(.), {quote}{words}{quote})]");
        let path = ["a", "button", "summary"].map(|name| format!("//{name}{holds}"));
        self.element(By::XPath(path.join(" | "))).await
    }

    /// Types into the field with this name, replacing its contents.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.element(By::Name(name)).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// The first visible element that matches.
    pub async fn element(&self, by: By) -> WebElement {
        let find = async || {
            let query = self.driver.query(by.clone()).and_displayed();
            let found = query
                .wait(PATIENCE, Duration::from_millis(20))
                .first()
                .await;
            match found {
                Ok(element) => Some(element),
                Err(error) if is_stale(&error) => None,
                Err(error) => panic!("{error}: no {by:?} on {}", self.describe().await),
            }
        };
        let found = until(find).await;
        found.unwrap_or_else(|| panic!("{by:?} never stays on the page"))
    }

    pub async fn count(&self, selector: &str) -> usize {
        let found = self.driver.find_all(By::Css(selector)).await.unwrap();
        found.len()
    }

    /// Waits for words to appear.
    pub async fn sees(&self, words: &str) {
        let found = async || self.text().await.contains(words).then_some(());
        let found = until(found).await.is_some();
        assert!(found, "no {words:?} on {}", self.describe().await);
    }

    /// Waits until the app shows this path.
    pub async fn arrives(&self, path: &str) {
        let found = async || (self.url().await.path() == path).then_some(());
        let found = until(found).await.is_some();
        assert!(found, "not on {path} but {}", self.describe().await);
    }

    /// Text of the page; empty while the next page loads.
    pub async fn text(&self) -> String {
        match self.driver.find(By::Tag("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub async fn url(&self) -> Url {
        self.driver.current_url().await.unwrap()
    }

    pub async fn run(&self, script: &str) -> Value {
        let response = self.driver.execute(script, Vec::new()).await.unwrap();
        response.json().clone()
    }

    /// Whether a script has opened a dialog.
    pub async fn has_dialog(&self) -> bool {
        self.driver.get_alert_text().await.is_ok()
    }

    async fn describe(&self) -> String {
        format!("{}: {}", self.url().await, self.text().await)
    }

    /// Messages that the browser logged. A 4xx or 5xx response is not one, because pages have those statuses.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap().into_iter();
        log.filter(|entry| entry.level != "INFO" && entry.source.as_deref() != Some("network"))
            .map(|entry| entry.message)
            .collect()
    }

    /// Ends a test, and fails it if a page broke its own policy or a script threw an error.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.driver.quit().await.unwrap();
    }
}

fn is_stale(error: &WebDriverError) -> bool {
    error.to_string().contains("stale element")
}

/// Polls until there is a result or [`PATIENCE`] ends.
pub async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(response) = ask().await {
            return Some(response);
        }
        if Instant::now() > end {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
