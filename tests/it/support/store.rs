//! A session store that a test can inspect, and make fail.

use std::{
    collections::HashSet,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use stytch_b2b_axum::session::store::{
    Backend, Found, Readiness, Write, Written, request::Version,
};
use tower_sessions::{
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Which of the next calls fail.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Number of calls that succeed first.
    pub after: u32,
    /// Number of calls that fail then, at least one.
    pub times: u32,
    /// Whether the call takes effect, and only its response is lost.
    pub done: bool,
}

/// A wrapper around the real store of either kind.
#[derive(Clone, Debug)]
pub struct TestStore {
    inner: Arc<dyn Backend>,
    fault: Arc<Mutex<Option<Fault>>>,
    ids: Arc<Mutex<HashSet<Id>>>,
    loads: Arc<AtomicUsize>,
    /// Ids of the inspector's lists.
    lists: Arc<Mutex<HashSet<Id>>>,
    lists_fail: Arc<AtomicBool>,
    sessions_end: Arc<AtomicBool>,
}

impl TestStore {
    pub fn around(inner: Arc<dyn Backend>) -> Self {
        Self {
            inner,
            fault: Arc::default(),
            ids: Arc::default(),
            loads: Arc::default(),
            lists: Arc::default(),
            lists_fail: Arc::default(),
            sessions_end: Arc::default(),
        }
    }

    /// Whether each read and write of the inspector's lists fails from now on.
    pub fn fail_lists(&self, fail: bool) {
        self.lists_fail.store(fail, Ordering::Relaxed);
    }

    /// Fails if this is the id of a list, and lists fail.
    fn check_list(&self, id: &Id) -> Result<()> {
        if self.lists_fail.load(Ordering::Relaxed) && lock(&self.lists).contains(id) {
            return Err(Error::Backend("a test lets the lists fail".to_owned()));
        }
        Ok(())
    }

    /// Ends all sessions just before the next write of a list.
    pub fn end_sessions_before_a_list(&self) {
        self.sessions_end.store(true, Ordering::Relaxed);
    }

    async fn note_list(&self, record: &Record) -> Result<()> {
        if !record.data.contains_key("inspector") {
            return Ok(());
        }
        lock(&self.lists).insert(record.id);
        if self.sessions_end.swap(false, Ordering::Relaxed) {
            let sessions = &lock(&self.ids).clone() - &lock(&self.lists).clone();
            for id in sessions {
                self.inner.delete(&id).await?;
            }
        }
        Ok(())
    }

    /// Sets what fails from now on, replacing what was set before. Returns whether that has failed all its calls.
    pub fn set_fault(&self, fault: Option<Fault>) -> bool {
        std::mem::replace(&mut *lock(&self.fault), fault).is_none()
    }

    /// Number of reads of a record so far.
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }

    pub fn len(&self) -> usize {
        self.inner.count()
    }

    /// Every record in this process as text.
    pub fn dump(&self) -> String {
        let values = self.values().into_iter();
        values.map(|(_, value)| value).collect()
    }

    /// Keys and values of all records in this process.
    pub fn values(&self) -> Vec<(String, String)> {
        let ids = lock(&self.ids).clone();
        let mut values = Vec::new();
        for id in ids {
            let load = pin!(self.inner.load(&id));
            let Poll::Ready(found) = load.poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("a store in memory never waits");
            };
            if let Found::Record(record, _) = found.unwrap() {
                for (key, value) in record.data {
                    values.push((key, value.as_str().unwrap().to_owned()));
                }
            }
        }
        values
    }

    pub async fn put(&self, record: &Record) {
        self.create(record, 1).await.unwrap();
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let failed = || Error::Backend("a test lets the store fail".to_owned());
        match self.next() {
            None => call.await,
            Some(Fault { done: false, .. }) => Err(failed()),
            Some(Fault { done: true, .. }) => call.await.and_then(|_| Err(failed())),
        }
    }

    fn next(&self) -> Option<Fault> {
        let mut kept = lock(&self.fault);
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
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Backend for TestStore {
    async fn load(&self, id: &Id) -> Result<Found> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.check_list(id)?;
        self.call(self.inner.load(id)).await
    }

    async fn create(&self, record: &Record, version: Version) -> Result<()> {
        lock(&self.ids).insert(record.id);
        self.note_list(record).await?;
        self.check_list(&record.id)?;
        self.call(self.inner.create(record, version)).await
    }

    async fn save(&self, record: &Record, write: Write) -> Result<Written> {
        self.note_list(record).await?;
        self.check_list(&record.id)?;
        self.call(self.inner.save(record, write)).await
    }

    async fn replace(&self, old: &Id, record: &Record, write: Write) -> Result<Written> {
        lock(&self.ids).insert(record.id);
        self.call(self.inner.replace(old, record, write)).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.check_list(id)?;
        self.call(self.inner.delete(id)).await
    }

    async fn ready(&self) -> Result<Readiness> {
        self.call(self.inner.ready()).await
    }

    async fn memory_advice(&self) -> Result<Vec<String>> {
        self.inner.memory_advice().await
    }

    fn count(&self) -> usize {
        self.inner.count()
    }
}
