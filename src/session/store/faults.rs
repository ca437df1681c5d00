//! The seam by which a test lets a store fail, whichever it is.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tower_sessions::session_store::{Error, Result};

/// Which of the next calls fail.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// How many calls go well first.
    pub after: u32,
    /// How many fail then, at least one.
    pub times: u32,
    /// Whether the call happens all the same, and only its answer is lost.
    pub done: bool,
}

/// None, outside of tests.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Option<Fault>>>);

impl Faults {
    /// Sets what fails from now on, and forgets what was set before. Answers whether that had spoilt all its calls.
    pub fn set(&self, fault: Option<Fault>) -> bool {
        std::mem::replace(&mut *self.fault(), fault).is_none()
    }

    pub(super) async fn around<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let failed = || Error::Backend("a test lets the store fail".to_owned());
        match self.next() {
            None => call.await,
            Some(Fault { done: false, .. }) => Err(failed()),
            Some(Fault { done: true, .. }) => call.await.and_then(|_| Err(failed())),
        }
    }

    fn next(&self) -> Option<Fault> {
        let mut kept = self.fault();
        let fault = kept.as_mut()?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        let now = *fault;
        if fault.times == 0 {
            *kept = None;
        }
        Some(now)
    }

    fn fault(&self) -> MutexGuard<'_, Option<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
