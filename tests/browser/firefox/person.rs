//! A person's own Firefox, controlled by `WebDriver` `BiDi`, which requires no driver program.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{process::Process, wire::Wire};

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The script that inspects pages, shared with the matrix.
const PAGE: &str = include_str!("../page.js");

pub struct Firefox {
    wire: Wire,
    /// Id of the tab.
    context: Value,
    /// Pages that have loaded, and messages that the browser logged.
    events: watch::Receiver<Events>,
    process: Process,
}

#[derive(Clone, Debug, Default)]
struct Events {
    loads: usize,
    complaints: Vec<String>,
}

impl Firefox {
    pub async fn open() -> Self {
        let process = Process::start("firefox-esr", "WebDriver BiDi listening on ", |profile| {
            let profile = profile.display().to_string();
            let arguments = [
                "--headless",
                "--no-remote",
                "--remote-debugging-port=0",
                "--profile",
            ];
            arguments
                .map(str::to_owned)
                .into_iter()
                .chain([profile])
                .collect()
        });
        let (change, events) = watch::channel(Events::default());
        let on_event = move |event: &Value| {
            change.send_modify(|known| known.take(event));
        };
        let wire = Wire::connect(&format!("{}/session", process.url), on_event).await;
        let call = async |method: &str, params| wire.call(None, method, params).await.unwrap();
        call("session.new", json!({"capabilities": {}})).await;
        let events_wanted = json!({"events": ["browsingContext.load", "log.entryAdded"]});
        call("session.subscribe", events_wanted).await;
        let tree = call("browsingContext.getTree", json!({})).await;
        let context = tree["contexts"][0]["context"].clone();
        Self {
            wire,
            context,
            events,
            process,
        }
    }

    /// Enters a URL.
    pub async fn visit(&self, url: &str) {
        let to = json!({"context": self.context, "url": url, "wait": "complete"});
        self.call("browsingContext.navigate", to).await;
    }

    /// Clicks a link or button that contains these words and leads to another page.
    pub async fn press(&self, words: &str) {
        let before = self.events.borrow().loads;
        self.click(&json!({"words": words})).await;
        let mut events = self.events.clone();
        let next = events.wait_for(|it| it.loads > before);
        let came = tokio::time::timeout(PATIENCE, next).await;
        let came = came.is_ok_and(|it| it.is_ok());
        assert!(came, "{words:?} leads nowhere on {}", self.text().await);
    }

    /// Clicks into the field with this name and types.
    pub async fn fill(&self, name: &str, text: &str) {
        self.click(&json!({"css": format!("[name={name}]")})).await;
        let keys = text
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let keys: Vec<Value> = keys.collect();
        self.act(&json!({"type": "key", "id": "keyboard", "actions": keys}))
            .await;
    }

    async fn click(&self, want: &Value) {
        let found = self.ask(&format!("find({want})")).await;
        let Some((x, y)) = found["x"].as_f64().zip(found["y"].as_f64()) else {
            panic!("no {want} on {}", self.text().await);
        };
        assert!(found["covered"].is_null(), "{want}: {found}");
        let to = json!({"type": "pointerMove", "x": x.round(), "y": y.round()});
        let [down, up] =
            ["pointerDown", "pointerUp"].map(|kind| json!({"type": kind, "button": 0}));
        self.act(&json!({"type": "pointer", "id": "mouse", "actions": [to, down, up]}))
            .await;
    }

    async fn act(&self, actions: &Value) {
        let actions = json!({"context": self.context, "actions": [actions]});
        self.call("input.performActions", actions).await;
    }

    /// Evaluates a call of `page.js`.
    async fn ask(&self, call: &str) -> Value {
        let script = format!("JSON.stringify({}.{call})", PAGE.trim_end());
        let parameters = json!({"expression": script, "target": {"context": self.context}, "awaitPromise": false});
        let response = self.call("script.evaluate", parameters).await;
        let text = response["result"]["value"].as_str();
        let text = text.unwrap_or_else(|| panic!("{response}"));
        serde_json::from_str(text).unwrap()
    }

    pub async fn text(&self) -> String {
        let state = self.ask("state()").await;
        format!("{}: {}", state["url"], state["text"])
    }

    pub async fn sees(&self, words: &str) {
        let text = self.text().await;
        assert!(text.contains(words), "no {words:?} on {text}");
    }

    /// Errors that the browser or a script has reported.
    pub fn complaints(&self) -> Vec<String> {
        self.events.borrow().complaints.clone()
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let response = self.wire.call(None, method, params).await;
        response.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Returns an error if the browser no longer responds.
    pub async fn check_alive(&self) -> Result<Value, String> {
        self.wire.call(None, "session.status", json!({})).await
    }

    /// Kills the process.
    pub fn crash(&mut self) {
        self.process.crash();
    }
}

impl Events {
    fn take(&mut self, event: &Value) {
        match event["method"].as_str().unwrap_or_default() {
            "browsingContext.load" => self.loads += 1,
            "log.entryAdded" if event["params"]["level"] != "info" => {
                self.complaints.push(event["params"]["text"].to_string());
            }
            _ => {}
        }
    }
}
