//! Sessions in this process: capped. Members go last; of the others, and of them, what runs out soonest goes first.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{GONE, replaced::Replaced, request};
use crate::{clock::Clock, session::holds_member};

/// A store for one process. Differs from tower-sessions' own `MemoryStore` in three things: `save` never brings a
/// record back that is gone, so a slow request can't undo a sign-out; what has run out by *our* clock is dropped; and
/// it holds at most so many records.
#[derive(Clone)]
pub struct MemoryStore {
    clock: Clock,
    capacity: usize,
    records: Arc<Mutex<Records>>,
    replaced: Replaced,
}

#[derive(Default)]
struct Records {
    by_id: HashMap<i128, Kept>,
    members: ByEnd,
    others: ByEnd,
}

type ByEnd = BTreeSet<(OffsetDateTime, i128)>;

/// A record without what its place tells, and without a hash table for its one entry.
struct Kept {
    end: OffsetDateTime,
    data: Box<[(String, Value)]>,
}

impl Kept {
    fn is_member(&self) -> bool {
        let mut values = self.data.iter();
        values.any(|(key, value)| holds_member(key, value))
    }
}

impl MemoryStore {
    /// Holds at most `capacity` sessions, some 3 kB each.
    pub fn new(clock: Clock, capacity: usize) -> Self {
        Self {
            clock,
            capacity,
            records: Arc::default(),
            replaced: Replaced::default(),
        }
    }

    /// How many sessions live.
    pub fn len(&self) -> usize {
        self.records().by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything in it as text, for tests that look for what must not be there.
    #[doc(hidden)]
    pub fn dump(&self) -> String {
        let records = self.records();
        let values = records.by_id.values().flat_map(|kept| &kept.data);
        values
            .map(|(_, value)| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect()
    }

    /// Gives up `old` for `record`, in one step.
    ///
    /// # Errors
    /// [`GONE`] when there is no `old` any more.
    pub fn replace(&self, old: &Id, record: &Record) -> Result<()> {
        let mut records = self.records();
        if !records.by_id.contains_key(&old.0) {
            return Err(Error::Backend(GONE.to_owned()));
        }
        records.drop_record(old.0);
        records.put(record);
        self.replaced.add(*old);
        Ok(())
    }

    /// What lives. What has run out is dropped first, at the cost of one look when there is none.
    fn records(&self) -> MutexGuard<'_, Records> {
        // A panic elsewhere leaves whole records behind: every change below is one insert or remove of each map.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        while let Some((_, id)) = records.first_to_end().filter(|(end, _)| *end <= now) {
            records.drop_record(id);
        }
        records
    }
}

impl Records {
    fn put(&mut self, record: &Record) {
        let (id, end) = (record.id.0, record.expiry_date);
        self.drop_record(id);
        let data = record.data.clone().into_iter().collect();
        let kept = Kept { end, data };
        self.line_of(&kept).insert((end, id));
        self.by_id.insert(id, kept);
    }

    fn drop_record(&mut self, id: i128) {
        if let Some(kept) = self.by_id.remove(&id) {
            self.line_of(&kept).remove(&(kept.end, id));
        }
    }

    fn line_of(&mut self, kept: &Kept) -> &mut ByEnd {
        if kept.is_member() {
            &mut self.members
        } else {
            &mut self.others
        }
    }

    fn first_to_end(&self) -> Option<(OffsetDateTime, i128)> {
        let firsts = [self.members.first(), self.others.first()];
        firsts.into_iter().flatten().min().copied()
    }

    /// Sign-ins that have only begun, which anybody can make any number of, never cost a member.
    fn drop_the_least(&mut self) {
        if let Some(&(_, id)) = self.others.first().or(self.members.first()) {
            self.drop_record(id);
        }
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let mut records = self.records();
        while records.by_id.len() >= self.capacity.max(1) {
            records.drop_the_least();
        }
        while records.by_id.contains_key(&record.id.0) {
            record.id = Id::default();
        }
        records.put(record);
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let mut records = self.records();
        if !records.by_id.contains_key(&record.id.0) {
            return Err(Error::Backend(GONE.to_owned()));
        }
        records.put(record);
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let records = self.records();
        let kept = records.by_id.get(&id.0);
        if kept.is_none() && self.replaced.has(*id) {
            request::replaced();
        }
        Ok(kept.map(|kept| Record {
            id: *id,
            data: kept.data.iter().cloned().collect(),
            expiry_date: kept.end,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.records().drop_record(id.0);
        Ok(())
    }
}

/// Sessions are secret: only how many there are.
impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryStore({} sessions)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_sessions::cookie::time::Duration as CookieDuration;

    use super::*;

    fn record(clock: &Clock, minutes: i64) -> Record {
        Record {
            id: Id::default(),
            data: HashMap::new(),
            expiry_date: clock.now() + CookieDuration::minutes(minutes),
        }
    }

    /// S7
    #[tokio::test]
    async fn save_never_recreates() {
        let clock = Clock::default();
        let store = MemoryStore::new(clock.clone(), 10);
        let mut kept = record(&clock, 10);
        store.create(&mut kept).await.unwrap();
        store.save(&kept).await.unwrap();
        store.delete(&kept.id).await.unwrap();
        store.save(&kept).await.unwrap_err();
        assert!(store.load(&kept.id).await.unwrap().is_none());
    }

    /// S7
    #[tokio::test]
    async fn what_is_gone_is_not_replaced() {
        let clock = Clock::default();
        let store = MemoryStore::new(clock.clone(), 10);
        let (mut old, new) = (record(&clock, 10), record(&clock, 10));
        store.create(&mut old).await.unwrap();
        store.replace(&old.id, &new).unwrap();
        assert!(store.load(&old.id).await.unwrap().is_none());
        assert!(store.load(&new.id).await.unwrap().is_some());
        store.replace(&old.id, &record(&clock, 10)).unwrap_err();
        assert_eq!(store.len(), 1);
    }

    /// S17
    #[tokio::test]
    async fn half_begun_sign_ins_never_cost_a_member() {
        let clock = Clock::default();
        let store = MemoryStore::new(clock.clone(), 100);
        let mut members = Vec::new();
        for minutes in [60, 5, 30] {
            let mut member = record(&clock, minutes);
            let text = r#"{"sign_in":{"Member":{}}}"#;
            member.data.insert("browser".to_owned(), text.into());
            store.create(&mut member).await.unwrap();
            members.push(member);
        }
        for _ in 0..1000 {
            store.create(&mut record(&clock, 20)).await.unwrap();
        }
        assert_eq!(store.len(), 100);
        for member in &members {
            assert!(store.load(&member.id).await.unwrap().is_some());
        }
        clock.advance(Duration::from_mins(5));
        assert_eq!(store.len(), 99, "who runs out goes in time");
    }

    /// S17
    #[tokio::test]
    async fn what_has_run_out_is_dropped() {
        let clock = Clock::default();
        let store = MemoryStore::new(clock.clone(), 200_000);
        for _ in 0..100_000 {
            store.create(&mut record(&clock, 10)).await.unwrap();
        }
        assert_eq!(store.len(), 100_000);
        clock.advance(Duration::from_secs(601));
        assert_eq!(store.len(), 0);
    }
}
