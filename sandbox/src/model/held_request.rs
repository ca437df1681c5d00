//! A hold, which stops requests at a known point so that tests do not need to sleep.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::sync::watch;

/// Holds requests until it is released. Clones share the hold.
#[derive(Clone, Debug)]
pub struct HeldRequest {
    held: Arc<watch::Sender<u32>>,
    waiting: Arc<AtomicU32>,
    released: Arc<watch::Sender<bool>>,
}

impl HeldRequest {
    /// A hold that no request has reached yet.
    pub fn new() -> Self {
        Self {
            held: Arc::new(watch::Sender::new(0)),
            waiting: Arc::default(),
            released: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Resolves as soon as a request is, or was, held.
    pub async fn reached(&self) {
        let _ = self.held.subscribe().wait_for(|held| *held > 0).await;
    }

    /// Lets all held requests continue, and later ones pass.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    /// Number of requests that are held now, without those whose callers have disconnected.
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Whether it was released.
    pub fn is_released(&self) -> bool {
        *self.released.borrow()
    }

    /// Called by the request: counts it as held, and waits for the release.
    pub async fn wait(&self) {
        let _here = Here::count(&self.waiting);
        self.held.send_modify(|held| *held += 1);
        let _ = self
            .released
            .subscribe()
            .wait_for(|released| *released)
            .await;
    }
}

impl Default for HeldRequest {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts a request as held until its client stops waiting.
struct Here(Arc<AtomicU32>);

impl Here {
    fn count(waiting: &Arc<AtomicU32>) -> Self {
        waiting.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(waiting))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
