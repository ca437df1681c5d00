//! Notifies the courier of worlds with due deliveries.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// A bell that all worlds of a sandbox share. It remembers the projects that rang until the courier collects them.
#[derive(Clone, Default)]
pub struct Bell {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Ids of the projects that rang since the last collection.
    rang: Mutex<BTreeSet<String>>,
    rings: Notify,
}

impl Bell {
    pub fn ring(&self, project_id: &str) {
        self.rang().insert(project_id.to_owned());
        self.shared.rings.notify_one();
    }

    /// Waits until a project rings, and returns the ids of all that did.
    pub async fn rung(&self) -> BTreeSet<String> {
        loop {
            let rang = std::mem::take(&mut *self.rang());
            if !rang.is_empty() {
                return rang;
            }
            self.shared.rings.notified().await;
        }
    }

    fn rang(&self) -> MutexGuard<'_, BTreeSet<String>> {
        let rang = self.shared.rang.lock();
        rang.unwrap_or_else(PoisonError::into_inner)
    }
}
