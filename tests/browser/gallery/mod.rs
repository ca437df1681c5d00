//! Screenshots of every page of the app and of the sandbox in two sizes and two color schemes, and one with forced
//! colors, and the checks that hold for any page. Look at `target/screenshots/` after a change to the design.

mod app;
mod errors;
mod sandbox;

use std::{fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::chrome::Chrome;

const SIZES: [(&str, u32, u32); 2] = [("wide", 1100, 900), ("narrow", 360, 740)];

/// Width of the narrowest phones in CSS pixels.
const NARROWEST: u32 = 320;

/// Takes screenshots of the current page and checks it.
async fn show(chrome: &Chrome, name: &str) {
    let (_, width, height) = SIZES[1];
    chrome.driver.execute(axe(), []).await.unwrap();
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await;
        for (size, width, height) in SIZES {
            chrome.resize(width, height).await;
            is_accessible(chrome, &format!("{name}, {size}, {scheme}")).await;
            photograph(chrome, &format!("{name}-{size}-{scheme}"), width, height).await;
        }
    }
    chrome.force_colors().await;
    photograph(chrome, &format!("{name}-narrow-forced"), width, height).await;
    chrome.resize(NARROWEST, 640).await;
    let wanted = chrome
        .run("return document.documentElement.scrollWidth")
        .await;
    assert!(
        wanted.as_u64().unwrap() <= NARROWEST.into(),
        "{name} is {wanted} pixels wide on a screen of {NARROWEST}"
    );
    chrome
        .devtools("Emulation.clearDeviceMetricsOverride", json!({}))
        .await;
}

/// Source of axe-core, which is not part of this repository.
pub fn axe() -> String {
    let path = std::env::var("AXE_JS").expect("AXE_JS names axe.min.js: tests/run fetches it");
    fs::read_to_string(path).expect("axe-core")
}

/// Fails on a violation of WCAG A and AA or of axe's best practices, target size included.
async fn is_accessible(chrome: &Chrome, page: &str) {
    let script = r"
        const done = arguments[arguments.length - 1];
        const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
        axe.run(document, options).then(found => done(found.violations.flatMap(rule =>
            rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`))), done);
    ";
    let found = chrome.driver.execute_async(script, []).await.unwrap();
    assert_eq!(found.json(), &json!([]), "{page}");
}

/// Photographs the whole page, at least one screen of it.
async fn photograph(chrome: &Chrome, name: &str, width: u32, height: u32) {
    let whole = chrome
        .run("return document.documentElement.scrollHeight")
        .await;
    let height = whole.as_u64().unwrap().max(height.into());
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
    let picture = json!({"captureBeyondViewport": true, "clip": clip});
    let picture = chrome.devtools("Page.captureScreenshot", picture).await;
    let picture = BASE64_STANDARD
        .decode(picture["data"].as_str().unwrap())
        .unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

/// Both files together are short enough to be read in one sitting.
#[test]
fn stylesheets_are_small() {
    let app = include_str!("../../../static/styles.css");
    let sandbox = include_str!("../../../sandbox/static/sandbox.css");
    let bytes = app.len() + sandbox.len();
    assert!(bytes < 14_500, "{bytes} bytes of CSS");
}
