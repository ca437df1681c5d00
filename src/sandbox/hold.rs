//! A hold stops a request at a known point, so that a test needs no sleeping.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds requests until it is released. Clones are the same hold.
#[derive(Clone, Debug)]
pub struct Hold {
    held: Arc<watch::Sender<u32>>,
    released: Arc<watch::Sender<bool>>,
}

impl Hold {
    /// A hold that no request has reached yet.
    pub fn new() -> Hold {
        Hold {
            held: Arc::new(watch::Sender::new(0)),
            released: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Resolves as soon as a request is (or was) held.
    pub async fn reached(&self) {
        let _ = self.held.subscribe().wait_for(|held| *held > 0).await;
    }

    /// Lets all held requests go on, and those to come pass.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    /// The request's side: tells that it is here and waits.
    pub(super) async fn wait(&self) {
        self.held.send_modify(|held| *held += 1);
        let _ = self
            .released
            .subscribe()
            .wait_for(|released| *released)
            .await;
    }
}

impl Default for Hold {
    fn default() -> Hold {
        Hold::new()
    }
}
