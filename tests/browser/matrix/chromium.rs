//! One Chromium for many cases. Each case has a browser context of its own, with its own cookies, history and size.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{process::Process, wire::Wire};

pub struct Chromium {
    wire: Wire,
    pages: Arc<Mutex<HashMap<String, Events>>>,
    /// Changes with each event.
    changed: watch::Receiver<u64>,
    process: Mutex<Process>,
}

/// Events of a tab.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// Number of documents that were loaded.
    pub navigations: usize,
    /// Whether the latest document is complete.
    pub is_loaded: bool,
    /// Errors that the browser or a script reported.
    pub complaints: Vec<String>,
    pub has_crashed: bool,
}

impl Chromium {
    pub async fn start() -> Self {
        let process = Process::start("chromium", "DevTools listening on ", |profile| {
            let arguments = [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                // A process for each site takes most of the time and does not change what sites may do. The other
                // browser tests run with site isolation.
                "--disable-site-isolation-trials",
                "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess,BackForwardCache",
                "--renderer-process-limit=4",
                "--in-process-gpu",
                "--disable-extensions",
                "--disable-client-side-phishing-detection",
                "--remote-debugging-port=0",
            ];
            let profile = format!("--user-data-dir={}", profile.display());
            arguments
                .map(str::to_owned)
                .into_iter()
                .chain([profile])
                .collect()
        });
        let pages = Arc::<Mutex<HashMap<String, Events>>>::default();
        let (change, changed) = watch::channel(0);
        let known = pages.clone();
        let on_event = move |event: &Value| {
            let Some(session) = event["sessionId"].as_str() else {
                return;
            };
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(session.to_owned()).or_default().take(event);
            drop(known);
            change.send_modify(|count| *count += 1);
        };
        Self {
            wire: Wire::connect(&process.url, on_event).await,
            pages,
            changed,
            process: Mutex::new(process),
        }
    }

    pub async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, String> {
        self.wire.call(session, method, params).await
    }

    /// Events of this tab so far.
    pub fn events(&self, session: &str) -> Events {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(session).cloned().unwrap_or_default()
    }

    /// A receiver that wakes at each event.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.clone()
    }

    /// Opens a tab in a new browser context without cookies. Returns the tab's session and the context, which closes
    /// the tab when it is disposed of.
    pub async fn open(&self) -> (String, String) {
        let context = self.call(None, "Target.createBrowserContext", json!({}));
        let context = context.await.unwrap()["browserContextId"].clone();
        let target = json!({"url": "about:blank", "browserContextId": context});
        let target = self
            .call(None, "Target.createTarget", target)
            .await
            .unwrap();
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call(None, "Target.attachToTarget", attach);
        let session = session.await.unwrap()["sessionId"].clone();
        let text = |value: Value| value.as_str().unwrap().to_owned();
        (text(session), text(context))
    }

    /// Kills the process.
    pub fn crash(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.crash();
    }
}

impl Events {
    fn take(&mut self, event: &Value) {
        let params = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Page.frameNavigated" if params["frame"].get("parentId").is_none() => {
                self.navigations += 1;
                self.is_loaded = false;
            }
            "Page.loadEventFired" => self.is_loaded = true,
            "Inspector.targetCrashed" => self.has_crashed = true,
            "Runtime.exceptionThrown" => {
                self.complaints.push(params["exceptionDetails"].to_string());
            }
            // A 4xx or 5xx response is not an error here, because pages have those statuses.
            "Log.entryAdded"
                if params["entry"]["source"] != "network"
                    && params["entry"]["level"] != "verbose" =>
            {
                self.complaints.push(params["entry"]["text"].to_string());
            }
            _ => {}
        }
    }
}
