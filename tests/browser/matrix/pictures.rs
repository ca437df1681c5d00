//! Screenshots for the README and `docs/flows.md`: a few pages, light and dark. Every run takes and checks them. Only
//! `SCREENSHOTS=write cargo test --test browser pictures -- --include-ignored` writes them to `docs/screenshots/`, because
//! times and ids differ in each run.

use std::{fs, path::PathBuf, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::{
    chromium::Chromium,
    tab::Tab,
    variants::{Input, Look, Script, Variant},
};
use crate::support::TestApp;

/// Width in CSS pixels that a README shows without scaling.
const WIDTH: u32 = 880;
/// Height in CSS pixels at which longer pages are cut off.
const TALLEST: u64 = 720;

/// Limits in bytes.
const MOST_EACH: usize = 60_000;
const MOST_TOGETHER: usize = 300_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium: tests/run"]
async fn screenshots_of_the_readme_are_small() {
    let chromium = Arc::new(Chromium::start().await);
    let mut together = 0;
    for look in [Look::Light, Look::Dark] {
        let app = TestApp::start().await;
        let variant = Variant {
            width: WIDTH,
            look,
            script: Script::On,
            input: Input::Pointer,
        };
        let ada = Tab::open(&chromium, variant).await;
        ada.visit(&app.url).await;
        together += ada.photograph("home").await;
        ada.press_words("Continue with Google").await;
        together += ada.photograph("consent").await;
        ada.press_words("ada@acme.example").await;
        together += ada.photograph("organizations").await;
        ada.press_words("Acme Corp").await;
        together += ada.photograph("member").await;
        ada.close().await;
    }
    assert!(together < MOST_TOGETHER, "{together} bytes together");
}

impl Tab {
    /// Takes a screenshot from the top of the page, and returns its size in bytes.
    async fn photograph(&self, name: &str) -> usize {
        self.evaluate("scrollTo(0, 0)").await;
        let height = self.evaluate("document.documentElement.scrollHeight").await;
        let height = height.as_u64().unwrap().min(TALLEST);
        let clip = json!({"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1});
        let wanted =
            json!({"format": "webp", "quality": 85, "captureBeyondViewport": true, "clip": clip});
        let picture = self.call("Page.captureScreenshot", wanted).await;
        let picture = BASE64_STANDARD
            .decode(picture["data"].as_str().unwrap())
            .unwrap();
        let look = format!("{:?}", self.variant.look).to_lowercase();
        let name = format!("{name}-{look}.webp");
        let size = picture.len();
        assert!(size < MOST_EACH, "{name}: {size} bytes");
        let folder = folder();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), picture).unwrap();
        size
    }
}

fn folder() -> PathBuf {
    if std::env::var("SCREENSHOTS").as_deref() == Ok("write") {
        return concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screenshots").into();
    }
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots/readme")
}
