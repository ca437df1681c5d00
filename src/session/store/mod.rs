//! Session stores: in this process, or in Redis for several instances.
//!
//! They differ from the stores on crates.io in four ways. `save` never brings back a deleted record, so a slow
//! request can't undo a sign-out. `save` fails if another request has written the record meanwhile. Records expire by
//! *our* clock. A new session id replaces the old one in one step, so a failure can't sign the visitor out.

mod compact;
pub mod memory;
#[cfg(feature = "redis")]
pub mod redis;
mod replaced;
pub mod request;

use std::{collections::HashMap, fmt::Debug, sync::Arc};

use async_trait::async_trait;
use serde_json::Value;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use self::request::{Failure, Refusal, Version};
use crate::stytch::random;

/// Key of the session data in a record: one JSON text.
pub const DATA: &str = "browser";

/// Key of a record's rank, by which the store in memory limits records. Those of anonymous visitors have no rank.
pub const RANK: &str = "rank";

/// Rank of a record with a sign-in in progress: an organization must be chosen, or a factor is missing.
pub const IN_PROGRESS: &str = "in_progress";

/// Rank of a member's record.
pub const MEMBER: &str = "member";

/// Storage of records. Implement it for your own store. Errors are outages, and their text goes to the log.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// Looks a record up.
    async fn load(&self, id: &Id) -> Result<Found>;

    /// Writes a new record. No record has this id, because ids are 128 random bits.
    async fn create(&self, record: &Record, version: Version) -> Result<()>;

    /// Overwrites a record if it exists and has the expected version; `None` expects any.
    async fn save(&self, record: &Record, write: Write) -> Result<Written>;

    /// Deletes the record `old` and writes the new one in its place, in one step, under the conditions of
    /// [`Backend::save`]. For a minute, `old` is [`Found::Replaced`].
    async fn replace(&self, old: &Id, record: &Record, write: Write) -> Result<Written>;

    /// Deletes a record, if it exists.
    async fn delete(&self, id: &Id) -> Result<()>;

    /// Checks that records can be read and written now.
    async fn ready(&self) -> Result<Readiness>;

    /// What the operator should change before the store is full, a line each.
    async fn memory_advice(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Number of records in this process; 0 for a store outside of it, such as Redis.
    fn count(&self) -> usize {
        0
    }
}

/// Result of a lookup.
#[derive(Clone, Debug)]
pub enum Found {
    /// The record and its version.
    Record(Record, Version),
    /// Another id replaced this one a moment ago.
    Replaced,
    /// No such record, or it has expired.
    Nothing,
}

/// Result of a check of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Records can be read and written.
    Ready,
    /// Records can be read, but the store is full and evicts nothing. This affects every instance.
    Full,
}

/// Log line for [`Readiness::Full`].
pub const FULL: &str = "the session store is full and evicts nothing, so visitors can't sign in; give Redis more memory, and set its maxmemory-policy to volatile-ttl";

/// The condition and the result of a write.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    /// The version that the record must have.
    pub expected: Option<Version>,
    /// The version that it gets.
    pub version: Version,
}

/// Result of a conditional write: `Ok`, or the reason why it was refused.
pub type Written = std::result::Result<(), Refusal>;

/// The configured store, as tower-sessions and [`super::BrowserSession`] use it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Backend>);

impl Store {
    /// Creates a store with this backend.
    pub fn new(backend: impl Backend) -> Self {
        Self(Arc::new(backend))
    }

    /// The backend, for a store that wraps this one.
    pub fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.0)
    }

    /// Checks that sessions can be read and written now.
    ///
    /// # Errors
    /// What the store says, for the log.
    pub async fn ready(&self) -> Result<Readiness> {
        self.0.ready().await
    }

    /// What the operator should change before the store is full, a line each.
    ///
    /// # Errors
    /// When the store does not tell its settings.
    pub async fn memory_advice(&self) -> Result<Vec<String>> {
        self.0.memory_advice().await
    }
}

/// The session data of a record, and its other entries, such as those of an application around this one.
fn session_data(record: &Record) -> (&str, HashMap<&str, &Value>) {
    let text = record.data.get(DATA).and_then(Value::as_str);
    let others = record.data.iter().map(|(key, value)| (&**key, value));
    let others = others.filter(|(key, _)| *key != DATA || text.is_none());
    (text.unwrap_or_default(), others.collect())
}

fn outage(_: &Error) {
    request::failed(Failure::Outage);
}

/// Records the result of a conditional write. tower-sessions' errors are texts; [`request::refusal`] has the reason.
fn finish(written: Written, record: &Record, version: Version) -> Result<()> {
    match written {
        Ok(()) => {
            request::stored(record, version);
            Ok(())
        }
        Err(refusal) => {
            if refusal == Refusal::Full {
                request::has_no_room(record);
            }
            request::failed(Failure::Refused(refusal));
            Err(Error::Backend(format!("not saved: {refusal:?}")))
        }
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let version = new_version();
        let written = match request::replaces() {
            Some(old) => {
                let expected = request::version(&old);
                let write = Write { expected, version };
                self.0.replace(&old, record, write).await
            }
            None => self.0.create(record, version).await.map(Ok),
        };
        finish(written.inspect_err(outage)?, record, version)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        if request::has_stored(record) || request::is_settled(record) {
            return Ok(());
        }
        let write = Write {
            expected: request::version(&record.id),
            version: new_version(),
        };
        let written = self.0.save(record, write).await.inspect_err(outage)?;
        finish(written, record, write.version)
    }

    /// From now on, this request saves only over the version that it loaded.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        match self.0.load(id).await.inspect_err(outage)? {
            Found::Record(record, version) => {
                request::loaded(id, version);
                return Ok(Some(record));
            }
            Found::Replaced => request::unknown(true),
            Found::Nothing => request::unknown(false),
        }
        Ok(None)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        // `cycle_id` deletes the old record first. Here, it is deleted when the record that replaces it is created.
        if request::replaces() == Some(*id) {
            return Ok(());
        }
        self.0.delete(id).await.inspect_err(outage)?;
        request::deleted();
        Ok(())
    }
}

/// Generates a new version.
pub(crate) fn new_version() -> Version {
    Version::from_le_bytes(random::bytes())
}
