//! Commands of Chromium's developer tools protocol, for what the driver lacks.

use axum::http::Method;
use serde_json::{Value, json};
use thirtyfour::{RequestData, SessionId, common::command::FormatRequestData};

use super::Chrome;

#[derive(Debug)]
struct Call(&'static str, Value);

impl FormatRequestData for Call {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("/session/{session}/goog/cdp/execute");
        let body = json!({"cmd": self.0, "params": self.1});
        RequestData::new(Method::POST, path).add_body(body)
    }
}

impl Chrome {
    pub async fn devtools(&self, method: &'static str, parameters: Value) -> Value {
        let response = self.driver.handle().cmd(Call(method, parameters)).await;
        response.unwrap().value().unwrap()
    }

    /// Sets the size of the page, which may be smaller than a window can be.
    pub async fn resize(&self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Sets the color scheme of the person's system: `light` or `dark`.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// Limits colors to the few of the person's system, as a high contrast theme does.
    pub async fn force_colors(&self) {
        let features = json!([{"name": "forced-colors", "value": "active"}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// All cookies with their attributes, including those that scripts can't see.
    pub async fn cookies(&self) -> Vec<Value> {
        let response = self.devtools("Network.getAllCookies", json!({})).await;
        response["cookies"].as_array().unwrap().clone()
    }

    /// The app's session cookie.
    pub async fn session_cookie(&self) -> Option<Value> {
        let mut cookies = self.cookies().await.into_iter();
        cookies.find(|cookie| {
            let name = cookie["name"].as_str().unwrap_or_default();
            name.starts_with("stytch_b2b_axum_") && !name.ends_with("_probe")
        })
    }

    /// URLs in the history, oldest first.
    pub async fn history(&self) -> Vec<String> {
        let response = self.devtools("Page.getNavigationHistory", json!({})).await;
        let entries = response["entries"].as_array().unwrap().iter();
        entries
            .map(|entry| entry["url"].as_str().unwrap().to_owned())
            .collect()
    }
}
