//! Where sessions live: in this process, or in Redis for many of them.
//!
//! Both differ from the stores on the registry in this: `save` never brings a record back that is gone, so a slow
//! request can't undo a sign-out; the end of a record is told by *our* clock; and a new session id takes the old
//! one's place in one step, so that a failure in between signs nobody out.

pub mod faults;
pub mod memory;
pub mod redis;
mod replaced;
pub mod request;
pub mod seal;

use std::future::Future;

use async_trait::async_trait;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use self::{faults::Faults, memory::MemoryStore, redis::RedisStore};

/// What `save` says when the record was deleted or dropped meanwhile. Every other error is an outage.
pub const GONE: &str = "the session is gone";

/// The configured store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    place: Place,
    faults: Faults,
}

#[derive(Clone, Debug)]
enum Place {
    Memory(MemoryStore),
    Redis(RedisStore),
}

impl From<MemoryStore> for Store {
    fn from(store: MemoryStore) -> Self {
        Self::at(Place::Memory(store))
    }
}

impl From<RedisStore> for Store {
    fn from(store: RedisStore) -> Self {
        Self::at(Place::Redis(store))
    }
}

impl Store {
    fn at(place: Place) -> Self {
        Self {
            place,
            faults: Faults::default(),
        }
    }

    /// Whether sessions can be read and written now.
    ///
    /// # Errors
    /// What the store says, for the log.
    pub async fn reachable(&self) -> Result<()> {
        let probe = async {
            match &self.place {
                Place::Memory(_) => Ok(()),
                Place::Redis(store) => store.probe().await,
            }
        };
        self.call(probe).await
    }

    /// How many sessions live in this process: none of those in Redis.
    pub fn len(&self) -> usize {
        match &self.place {
            Place::Memory(store) => store.len(),
            Place::Redis(_) => 0,
        }
    }

    /// Whether none lives in this process.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything in this process as text, for tests that look for what must not be there.
    #[doc(hidden)]
    pub fn dump(&self) -> String {
        match &self.place {
            Place::Memory(store) => store.dump(),
            Place::Redis(_) => String::new(),
        }
    }

    /// What goes wrong with the next calls, for tests.
    #[doc(hidden)]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    async fn replace(&self, old: &Id, record: &Record) -> Result<()> {
        match &self.place {
            Place::Memory(store) => store.replace(old, record),
            Place::Redis(store) => store.replace(old, record).await,
        }
    }

    fn sessions(&self) -> &dyn SessionStore {
        match &self.place {
            Place::Memory(store) => store,
            Place::Redis(store) => store,
        }
    }

    async fn call<T: Send>(&self, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let result = self.faults.around(work).await;
        if let Err(Error::Backend(said)) = &result
            && said != GONE
        {
            request::failed();
        }
        result
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        match request::given_up() {
            Some(old) => self.call(self.replace(&old, record)).await?,
            None => self.call(self.sessions().create(record)).await?,
        }
        request::stored(record);
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        if request::has_stored(record) {
            return Ok(());
        }
        self.call(self.sessions().save(record)).await?;
        request::stored(record);
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.call(self.sessions().load(id)).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        if request::given_up() == Some(*id) {
            return Ok(());
        }
        self.call(self.sessions().delete(id)).await
    }
}
