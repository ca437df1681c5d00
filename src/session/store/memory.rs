//! Stores sessions in this process, with a limit on memory. Members, sign-ins in progress and pending sign-ins each
//! have a part of it, so anonymous visitors, who can start any number of sign-ins, don't use the memory of others.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{
    Backend, DATA, Found, IN_PROGRESS, MEMBER, RANK, Readiness, Write, Written,
    compact::CompactText,
    replaced::Replaced,
    request::{Refusal, Version},
    session_data,
};
use crate::clock::Clock;

/// A store for one process. Cheap to clone.
#[derive(Clone)]
pub struct MemoryStore {
    clock: Clock,
    records: Arc<Mutex<Records>>,
    /// Ids that were replaced by those of a member's session or of a sign-in in progress.
    replaced: Replaced,
    /// Replaced ids of anonymous visitors. They are separate, because strangers can replace any number of ids.
    replaced_by_strangers: Replaced,
}

/// Memory overhead of a record in bytes: its entries in the two maps with their spare capacity, and the allocator's
/// overhead. Measured on Linux with up to 230 000 records: 151 to 226, depending on how full the maps are.
pub const OVERHEAD: usize = 256;

struct Records {
    by_id: HashMap<i128, Stored>,
    /// One for each [`Rank`].
    pools: [Pool; 3],
}

/// Records of one rank. If a new one does not fit, those that expire first are dropped.
struct Pool {
    /// Maximum size of its records, in bytes.
    budget: usize,
    /// Current size of its records, in bytes.
    used: usize,
    by_expiry: BTreeSet<(OffsetDateTime, i128)>,
}

/// The kind of a record, which determines its pool.
#[derive(Clone, Copy)]
enum Rank {
    Pending,
    InProgress,
    Member,
}

/// A record without its id.
#[derive(Clone)]
struct Stored {
    version: Version,
    expires_at: OffsetDateTime,
    rank: Rank,
    /// The session data.
    text: CompactText,
    /// Other keys as JSON, such as those of an application around this one.
    others: Option<Box<str>>,
}

impl Rank {
    fn of(record: &Record) -> Self {
        match record.data.get(RANK).and_then(|rank| rank.as_str()) {
            Some(MEMBER) => Self::Member,
            Some(IN_PROGRESS) => Self::InProgress,
            _ => Self::Pending,
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Member => Some(MEMBER),
            Self::InProgress => Some(IN_PROGRESS),
            Self::Pending => None,
        }
    }
}

impl Stored {
    fn new(record: &Record, version: Version) -> Result<Self> {
        let (text, mut others) = session_data(record);
        others.remove(RANK);
        let others = if others.is_empty() {
            None
        } else {
            let others = serde_json::to_string(&others);
            Some(others.map_err(|it| Error::Encode(it.to_string()))?.into())
        };
        Ok(Self {
            version,
            expires_at: record.expiry_date,
            rank: Rank::of(record),
            text: CompactText::new(text),
            others,
        })
    }

    /// Memory that the record uses, in bytes.
    fn size(&self) -> usize {
        OVERHEAD + self.text.len() + self.others.as_ref().map_or(0, |others| others.len())
    }

    fn record(&self, id: Id) -> Result<Record> {
        let mut data: HashMap<String, Value> = match &self.others {
            Some(others) => {
                serde_json::from_str(others).map_err(|it| Error::Decode(it.to_string()))?
            }
            None => HashMap::with_capacity(2),
        };
        let text = self.text.text();
        if !text.is_empty() {
            data.insert(DATA.to_owned(), Value::from(text));
        }
        if let Some(rank) = self.rank.name() {
            data.insert(RANK.to_owned(), Value::from(rank));
        }
        Ok(Record {
            id,
            data,
            expiry_date: self.expires_at,
        })
    }
}

impl MemoryStore {
    /// Creates a store that uses at most `bytes` of memory: three quarters for members, one eighth for sign-ins in
    /// progress, and one eighth for pending sign-ins and other data of anonymous visitors.
    pub fn new(clock: Clock, bytes: usize) -> Self {
        let pool = |budget| Pool {
            budget,
            used: 0,
            by_expiry: BTreeSet::new(),
        };
        let records = Records {
            by_id: HashMap::new(),
            pools: [pool(bytes / 8), pool(bytes / 8), pool(bytes / 4 * 3)],
        };
        Self {
            clock,
            records: Arc::new(Mutex::new(records)),
            replaced: Replaced::default(),
            replaced_by_strangers: Replaced::default(),
        }
    }

    /// Bytes that the records take now.
    pub fn used(&self) -> usize {
        self.records().pools.iter().map(|pool| pool.used).sum()
    }

    /// The live records. Drops expired ones first, which is cheap if there are none.
    fn records(&self) -> MutexGuard<'_, Records> {
        // A panic elsewhere leaves whole records behind: each change below is one insert or remove of each map.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        for rank in [Rank::Pending, Rank::InProgress, Rank::Member] {
            while let Some((_, id)) = records.next_to_expire(rank).filter(|(at, _)| *at <= now) {
                records.drop_record(id);
            }
        }
        records
    }
}

impl Records {
    /// Replaces a record by another one. If it does not fit in its pool, drops others of the pool.
    ///
    /// # Errors
    /// If the record alone is larger than the pool. Nothing is changed then.
    fn put(&mut self, old: Id, id: Id, stored: Stored) -> Result<()> {
        let (id, size, rank) = (id.0, stored.size(), stored.rank);
        let budget = self.pool(rank).budget;
        if size > budget {
            let text = format!("a record of {size} bytes has no room in {budget} bytes");
            return Err(Error::Encode(text));
        }
        self.drop_record(old.0);
        while self.pool(rank).used + size > budget
            && let Some((_, first)) = self.next_to_expire(rank)
        {
            self.drop_record(first);
        }
        let pool = self.pool(rank);
        pool.used += size;
        pool.by_expiry.insert((stored.expires_at, id));
        self.by_id.insert(id, stored);
        Ok(())
    }

    fn drop_record(&mut self, id: i128) {
        if let Some(stored) = self.by_id.remove(&id) {
            let pool = self.pool(stored.rank);
            pool.used -= stored.size();
            pool.by_expiry.remove(&(stored.expires_at, id));
        }
    }

    fn pool(&mut self, rank: Rank) -> &mut Pool {
        &mut self.pools[rank as usize]
    }

    fn next_to_expire(&mut self, rank: Rank) -> Option<(OffsetDateTime, i128)> {
        self.pool(rank).by_expiry.first().copied()
    }

    fn check(&self, id: &Id, write: Write) -> Written {
        let stored = self.by_id.get(&id.0).ok_or(Refusal::Gone)?;
        match write.expected {
            Some(expected) if expected != stored.version => Err(Refusal::Changed),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Backend for MemoryStore {
    async fn load(&self, id: &Id) -> Result<Found> {
        // A copy, so that it is decoded while others use the store.
        let stored = self.records().by_id.get(&id.0).cloned();
        match stored {
            Some(stored) => Ok(Found::Record(stored.record(*id)?, stored.version)),
            None if self.replaced.has(*id) || self.replaced_by_strangers.has(*id) => {
                Ok(Found::Replaced)
            }
            None => Ok(Found::Nothing),
        }
    }

    async fn create(&self, record: &Record, version: Version) -> Result<()> {
        let stored = Stored::new(record, version)?;
        self.records().put(record.id, record.id, stored)
    }

    async fn save(&self, record: &Record, write: Write) -> Result<Written> {
        let stored = Stored::new(record, write.version)?;
        let mut records = self.records();
        let checked = records.check(&record.id, write);
        if checked.is_ok() {
            records.put(record.id, record.id, stored)?;
        }
        Ok(checked)
    }

    async fn replace(&self, old: &Id, record: &Record, write: Write) -> Result<Written> {
        let stored = Stored::new(record, write.version)?;
        let mut records = self.records();
        let checked = records.check(old, write);
        if checked.is_ok() {
            let replaced = match stored.rank {
                Rank::Pending => &self.replaced_by_strangers,
                Rank::InProgress | Rank::Member => &self.replaced,
            };
            records.put(*old, record.id, stored)?;
            replaced.add(*old);
        }
        Ok(checked)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.records().drop_record(id.0);
        Ok(())
    }

    async fn ready(&self) -> Result<Readiness> {
        Ok(Readiness::Ready)
    }

    fn count(&self) -> usize {
        self.records().by_id.len()
    }
}

/// Sessions are secret: only their number is shown.
impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryStore({} sessions)", self.count())
    }
}
