//! Sessions in this process, limited in number. A full store drops first what expires soonest, and members last.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    session::{Id, Record},
    session_store::Result,
};

use super::{
    Backend, Found, MEMBER, RANK, Readiness, Write, Written,
    replaced::Replaced,
    request::{Refusal, Version},
};
use crate::clock::Clock;

/// A store for one process. Cheap to clone.
#[derive(Clone)]
pub struct MemoryStore {
    clock: Clock,
    capacity: usize,
    records: Arc<Mutex<Records>>,
    replaced: Replaced,
}

/// Size of a usual record, in bytes. A larger one takes the place of several.
const USUAL: usize = 3 * 1024;

#[derive(Default)]
struct Records {
    by_id: HashMap<i128, Stored>,
    /// Places that the records take.
    places: usize,
    members: ByExpiry,
    others: ByExpiry,
}

type ByExpiry = BTreeSet<(OffsetDateTime, i128)>;

/// A record without its id, and without a hash table for its few entries.
struct Stored {
    version: Version,
    expires_at: OffsetDateTime,
    data: Box<[(String, Value)]>,
    /// One for each [`USUAL`] size of the data: the list of a person in a thousand organizations takes fifty.
    places: usize,
}

impl Stored {
    fn new(record: &Record, version: Version) -> Self {
        let data: Box<[_]> = record.data.clone().into_iter().collect();
        let texts = data.iter().filter_map(|(_, value)| value.as_str());
        Self {
            version,
            expires_at: record.expiry_date,
            places: 1 + texts.map(str::len).sum::<usize>() / USUAL,
            data,
        }
    }

    fn is_member(&self) -> bool {
        let mut entries = self.data.iter();
        entries.any(|(key, value)| key == RANK && value == MEMBER)
    }
}

impl MemoryStore {
    /// Holds at most `capacity` sessions of 3 kB each, and fewer when some are larger.
    pub fn new(clock: Clock, capacity: usize) -> Self {
        Self {
            clock,
            capacity,
            records: Arc::default(),
            replaced: Replaced::default(),
        }
    }

    /// The live records. Expired ones are dropped first, which costs one look when there are none.
    fn records(&self) -> MutexGuard<'_, Records> {
        // A panic elsewhere leaves whole records behind: each change below is one insert or remove of each map.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        while let Some((_, id)) = records.next_to_expire().filter(|(at, _)| *at <= now) {
            records.drop_record(id);
        }
        records
    }
}

impl Records {
    /// Stores a record, and drops others where there is no room.
    fn put(&mut self, record: &Record, version: Version, capacity: usize) {
        let id = record.id.0;
        self.drop_record(id);
        let stored = Stored::new(record, version);
        while !self.by_id.is_empty() && self.places + stored.places > capacity {
            self.evict();
        }
        self.line_of(&stored).insert((stored.expires_at, id));
        self.places += stored.places;
        self.by_id.insert(id, stored);
    }

    fn drop_record(&mut self, id: i128) {
        if let Some(stored) = self.by_id.remove(&id) {
            self.places -= stored.places;
            self.line_of(&stored).remove(&(stored.expires_at, id));
        }
    }

    fn line_of(&mut self, stored: &Stored) -> &mut ByExpiry {
        if stored.is_member() {
            &mut self.members
        } else {
            &mut self.others
        }
    }

    fn next_to_expire(&self) -> Option<(OffsetDateTime, i128)> {
        let first = [self.members.first(), self.others.first()];
        first.into_iter().flatten().min().copied()
    }

    /// Pending sign-ins, which anybody can start, never displace a member.
    fn evict(&mut self) {
        if let Some(&(_, id)) = self.others.first().or(self.members.first()) {
            self.drop_record(id);
        }
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
        let records = self.records();
        Ok(match records.by_id.get(&id.0) {
            Some(stored) => {
                let record = Record {
                    id: *id,
                    data: stored.data.iter().cloned().collect(),
                    expiry_date: stored.expires_at,
                };
                Found::Record(record, stored.version)
            }
            None if self.replaced.has(*id) => Found::Replaced,
            None => Found::Nothing,
        })
    }

    async fn create(&self, record: &Record, version: Version) -> Result<()> {
        self.records().put(record, version, self.capacity);
        Ok(())
    }

    async fn save(&self, record: &Record, write: Write) -> Result<Written> {
        let mut records = self.records();
        let checked = records.check(&record.id, write);
        if checked.is_ok() {
            records.put(record, write.version, self.capacity);
        }
        Ok(checked)
    }

    async fn replace(&self, old: &Id, record: &Record, write: Write) -> Result<Written> {
        let mut records = self.records();
        let checked = records.check(old, write);
        if checked.is_ok() {
            records.drop_record(old.0);
            records.put(record, write.version, self.capacity);
            self.replaced.add(*old);
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
