//! Commands over a WebSocket, as in the protocols of Chromium (CDP) and Firefox (`WebDriver` `BiDi`). A command and its
//! response have the same number, and a message without a number is an event. Every wait ends, even if the browser
//! crashes.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// Time limit for a response.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to a browser.
pub struct Wire {
    commands: mpsc::UnboundedSender<String>,
    responses: Responses,
    next: AtomicU64,
}

/// Senders for the responses that commands wait for, by number. `None` when the browser is gone, because no response
/// can come.
type Responses = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Value>>>>>;

impl Wire {
    /// Connects, and gives each event to `on_event`.
    pub async fn connect(url: &str, on_event: impl Fn(&Value) + Send + 'static) -> Self {
        let connected = tokio::time::timeout(PATIENCE, connect_async(url)).await;
        let (socket, _) = connected.expect("the browser responds").unwrap();
        let (mut writer, mut reader) = socket.split();
        let (commands, mut waiting) = mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            while let Some(command) = waiting.recv().await {
                if writer.send(Message::text(command)).await.is_err() {
                    break;
                }
            }
        });
        let responses = Responses::new(Mutex::new(Some(HashMap::new())));
        let known = responses.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = reader.next().await {
                let Ok(message) = serde_json::from_slice::<Value>(&message.into_data()) else {
                    continue;
                };
                let number = message["id"].as_u64();
                let sender = number.and_then(|number| lock(&known).as_mut()?.remove(&number));
                match sender {
                    Some(sender) => drop(sender.send(message)),
                    None => on_event(&message),
                }
            }
            *lock(&known) = None;
        });
        Self {
            commands,
            responses,
            next: AtomicU64::new(1),
        }
    }

    /// Returns the result of a command, or the browser's error message. `session` is the tab that the command is for;
    /// `BiDi` has none.
    pub async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut command = json!({"id": number, "method": method, "params": params});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let (sender, response) = oneshot::channel();
        let gone = || format!("{method}: the browser is gone");
        let is_known = lock(&self.responses)
            .as_mut()
            .map(|it| it.insert(number, sender));
        is_known.ok_or_else(gone)?;
        let sent = self.commands.send(command.to_string());
        sent.map_err(|_| gone())?;
        match tokio::time::timeout(PATIENCE, response).await {
            Ok(Ok(response)) if response.get("error").is_none() => Ok(response["result"].clone()),
            Ok(Ok(response)) => Err(format!("{method}: {response}")),
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(format!("{method}: no response within {PATIENCE:?}")),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
