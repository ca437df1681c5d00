//! Input by the pointer, or by the keyboard alone.

use serde_json::{Value, json};

use super::{tab::Tab, variants::Input};

/// Number of Tab presses after which a control counts as unreachable.
const MOST_TABS: usize = 150;

/// What a person clicks or fills in.
#[derive(Clone, Debug)]
pub enum Control {
    /// A link, button or summary that contains these words.
    Words(String),
    /// A selector by the address of a form or the name of a field, where words may change.
    Css(String),
}

impl Control {
    pub fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }

    pub fn css(selector: impl Into<String>) -> Self {
        Self::Css(selector.into())
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Words(words) => json!({"words": words}),
            Self::Css(selector) => json!({"css": selector}),
        }
    }
}

impl Tab {
    /// If the keyboard is the only input, visits everything that takes focus, and checks that each control shows its
    /// focus.
    pub async fn go_round(&self) {
        let count =
            "document.querySelectorAll('a, button, input:not([type=hidden]), summary').length";
        let count = self.evaluate(count).await.as_u64().unwrap();
        if self.variant.input == Input::Keyboard {
            for _ in 0..count {
                self.key("Tab", 9, "").await;
                let focus = self.ask("focus()").await;
                assert!(focus["wrong"].is_null(), "{}", focus["wrong"]);
            }
        }
    }

    /// Opens a `<details>`.
    pub async fn unfold(&self, words: &str) {
        self.reach(&Control::words(words)).await;
    }

    /// Chooses one of several radio buttons. Tab reaches the group, and the arrow keys reach the next button.
    pub async fn choose(&self, selector: &str) {
        if self.variant.input == Input::Pointer {
            return self.reach(&Control::css(selector)).await;
        }
        let group = selector.split("[value").next().unwrap();
        self.reach(&Control::css(format!("{group}:checked"))).await;
        self.key("ArrowDown", 40, "").await;
        let chosen = format!("document.querySelector(\"{selector}\").checked");
        assert_eq!(self.evaluate(&chosen).await, json!(true));
    }

    /// Types into a field, replacing its contents.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.reach(&Control::css(selector)).await;
        let all = json!({"type": "keyDown", "commands": ["selectAll"]});
        self.call("Input.dispatchKeyEvent", all).await;
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Clicks the control, or reaches it by Tab and, unless it is a field, presses Enter.
    pub async fn reach(&self, control: &Control) {
        let find = format!("find({})", control.to_json());
        loop {
            let found = self.ask(&find).await;
            assert!(
                found.is_object(),
                "no {control:?} on {}",
                self.describe().await
            );
            let opens = found["opens"] == true;
            match self.variant.input {
                Input::Pointer => self.click(&found).await,
                Input::Keyboard => self.tab_to(control).await,
            }
            // Only an open `<details>` is still there to be asked. Another control may lead to the next page.
            if !opens || matches!(control, Control::Words(words) if self.is_summary(words).await) {
                return;
            }
        }
    }

    /// Whether the wanted control is the summary itself, not something that it hides.
    async fn is_summary(&self, words: &str) -> bool {
        let words = json!(words);
        let is = format!(
            "globalThis.wanted?.localName === 'summary' && wanted.textContent.includes({words})"
        );
        self.evaluate(&is).await == json!(true)
    }

    async fn click(&self, found: &Value) {
        let covered = &found["covered"];
        assert!(covered.is_null(), "covered by {covered}: {found}");
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({"type": kind, "x": found["x"], "y": found["y"], "button": button, "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    async fn tab_to(&self, control: &Control) {
        for _ in 0..MOST_TABS {
            self.key("Tab", 9, "").await;
            let focus = self.ask("focus()").await;
            assert!(focus["wrong"].is_null(), "{}", focus["wrong"]);
            if focus["here"] == true {
                let is_field = "wanted.matches('input, select, textarea')";
                if self.evaluate(is_field).await != json!(true) {
                    self.key("Enter", 13, "\r").await;
                }
                return;
            }
        }
        panic!("Tab never reaches {control:?} on {}", self.describe().await);
    }

    async fn key(&self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }
}
