//! A person at one tab, who views and uses the app as one variant says.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    checks::Checks,
    chromium::{Chromium, Events},
    input::Control,
    variants::{Look, Script, Variant},
};

/// Time limit for a page. The slowest one waits for a Stytch that never responds.
const PATIENCE: Duration = Duration::from_secs(20);

const PAGE: &str = include_str!("../page.js");

pub struct Tab {
    chromium: Arc<Chromium>,
    session: String,
    context: String,
    pub variant: Variant,
    /// Checks that each page must pass.
    checks: Option<Arc<Checks>>,
}

impl Tab {
    /// Opens a tab that no person has used.
    pub async fn open(chromium: &Arc<Chromium>, variant: Variant) -> Self {
        let (session, context) = chromium.open().await;
        let tab = Self {
            chromium: chromium.clone(),
            session,
            context,
            variant,
            checks: None,
        };
        for domain in ["Page.enable", "Log.enable", "Runtime.enable"] {
            tab.call(domain, json!({})).await;
        }
        tab.becomes(variant).await;
        tab
    }

    /// Sets the checks that each page must pass from now on.
    pub fn checked(mut self, checks: Arc<Checks>) -> Self {
        self.checks = Some(checks);
        self
    }

    /// Gives the tab to another person, who has no cookies here.
    pub async fn next(mut self, variant: Variant) -> Self {
        self.call("Network.clearBrowserCookies", json!({})).await;
        self.call("Page.resetNavigationHistory", json!({})).await;
        self.variant = variant;
        self.becomes(variant).await;
        self
    }

    async fn becomes(&self, variant: Variant) {
        self.run_scripts(variant.script == Script::On).await;
        self.show().await;
    }

    /// Shows the page in the width and the look of the variant.
    pub async fn show(&self) {
        let variant = self.variant;
        self.resize(variant.width, 800).await;
        self.look(variant.look).await;
        let looks = self.ask("looks()").await;
        let expected = json!({
            "width": variant.width,
            "dark": variant.look == Look::Dark,
            "forced": variant.look == Look::ForcedColors,
        });
        assert_eq!(looks, expected, "the variant is on");
    }

    pub async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    async fn look(&self, look: Look) {
        let scheme = if look == Look::Dark { "dark" } else { "light" };
        let forced = if look == Look::ForcedColors {
            "active"
        } else {
            "none"
        };
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "forced-colors", "value": forced},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        let media = json!({"features": features});
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// Whether scripts of pages run. Scripts of the tests run in any case.
    pub async fn run_scripts(&self, run: bool) {
        let off = json!({"value": !run});
        self.call("Emulation.setScriptExecutionDisabled", off).await;
    }

    /// Enters a URL.
    pub async fn visit(&self, url: impl AsRef<str>) {
        let before = self.events();
        self.call("Page.navigate", json!({"url": url.as_ref()}))
            .await;
        self.loaded(&before).await;
    }

    /// Activates a control that leads to another page, after opening each `<summary>` that hides it.
    pub async fn press(&self, control: &Control) {
        let before = self.events();
        self.reach(control).await;
        self.loaded(&before).await;
    }

    /// Like [`Self::press`], by words.
    pub async fn press_words(&self, words: &str) {
        self.press(&Control::words(words)).await;
    }

    /// Like [`Self::press`], by a selector.
    pub async fn press_css(&self, selector: &str) {
        self.press(&Control::css(selector)).await;
    }

    /// Waits for the document after those in `before`, and checks it.
    async fn loaded(&self, before: &Events) {
        let mut changes = self.chromium.changes();
        let wait = async {
            loop {
                let now = self.events();
                assert!(!now.has_crashed, "the page has crashed");
                if now.navigations > before.navigations && now.is_loaded {
                    return;
                }
                changes.changed().await.expect("the browser is running");
            }
        };
        let came = tokio::time::timeout(PATIENCE, wait).await;
        assert!(
            came.is_ok(),
            "no other page was loaded after {}",
            self.describe().await
        );
        if let Some(checks) = &self.checks {
            checks.page(self).await;
        }
    }

    fn events(&self) -> Events {
        self.chromium.events(&self.session)
    }

    /// Errors that the browser or a script reported.
    pub fn complaints(&self) -> Vec<String> {
        self.events().complaints
    }

    /// Evaluates a call of `page.js`.
    pub async fn ask(&self, call: &str) -> Value {
        self.evaluate(&format!("{}.{call}", PAGE.trim_end())).await
    }

    pub async fn evaluate(&self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let response = self.call("Runtime.evaluate", parameters).await;
        let error = &response["exceptionDetails"];
        assert!(error.is_null(), "{error}");
        response["result"]["value"].clone()
    }

    /// Cookies that the tab would send to this URL, as a header.
    pub async fn cookies(&self, url: &str) -> String {
        let cookies = self
            .call("Network.getCookies", json!({"urls": [url]}))
            .await;
        let cookies = cookies["cookies"].as_array().unwrap().iter();
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let pairs = cookies.map(|it| format!("{}={}", text(it, "name"), text(it, "value")));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub async fn describe(&self) -> String {
        let state = self.ask("state()").await;
        format!("{}: {}", state["url"], state["text"])
    }

    pub async fn call(&self, method: &str, params: Value) -> Value {
        let response = self.chromium.call(Some(&self.session), method, params);
        response.await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn close(self) {
        let context = json!({"browserContextId": self.context});
        let ended = self
            .chromium
            .call(None, "Target.disposeBrowserContext", context);
        ended.await.unwrap();
    }
}
