//! Lists and maps with a limit, which drop their oldest entry for a new one, so that a sandbox can run for weeks
//! without growing.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

use time::OffsetDateTime;

/// A list of the newest entries, oldest first. It counts the dropped ones.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newest<T> {
    most: usize,
    entries: VecDeque<T>,
    dropped: u64,
}

impl<T> Newest<T> {
    /// An empty list of at most this number of entries.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            entries: VecDeque::new(),
            dropped: 0,
        }
    }

    /// Adds an entry, and drops the oldest one if the list is full.
    pub fn push(&mut self, entry: T) {
        if self.entries.len() >= self.most && self.entries.pop_front().is_some() {
            self.dropped += 1;
        }
        self.entries.push_back(entry);
    }

    /// Empties the list, and resets the number of dropped entries.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.dropped = 0;
    }

    /// Number of entries that were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Maximum number of entries.
    pub fn most(&self) -> usize {
        self.most
    }

    pub fn iter(&self) -> std::collections::vec_deque::Iter<'_, T> {
        self.entries.iter()
    }

    pub fn iter_mut(&mut self) -> std::collections::vec_deque::IterMut<'_, T> {
        self.entries.iter_mut()
    }
}

impl<T> Extend<T> for Newest<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, entries: I) {
        for entry in entries {
            self.push(entry);
        }
    }
}

/// Makes room for another entry in a map of at most this size, by removing the entries with the earliest time.
pub fn make_room<K: Clone + Eq + Hash, V>(
    map: &mut HashMap<K, V>,
    most: usize,
    time: impl Fn(&V) -> OffsetDateTime,
) {
    while map.len() >= most {
        let oldest = map.iter().min_by_key(|(_, entry)| time(entry));
        let Some(key) = oldest.map(|(key, _)| key.clone()) else {
            return;
        };
        map.remove(&key);
    }
}
