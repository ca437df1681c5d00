//! A list with an index, so that a world with ten thousand members is as fast as one with ten.

use std::{collections::HashMap, ops::Deref};

/// Number of outdated keys that are tolerated, in addition to as many as there are current ones.
const MOST_OLD_KEYS: usize = 1_000;

/// A list in the order of creation, with an index of the keys that `keys` returns for an entry. It can be read like a
/// slice.
///
/// The index only proposes candidates: [`Indexed::places`] returns every entry with the key, and possibly others that
/// have been changed since. The caller must check each entry.
#[derive(Clone)]
pub struct Indexed<T> {
    list: Vec<T>,
    keys: fn(&T) -> Vec<String>,
    places: HashMap<String, Vec<usize>>,
    unsettled: Unsettled,
    /// Number of keys added since the last rebuild of the index, and number of keys at that time.
    added: usize,
    made_with: usize,
    /// Changes since [`Indexed::record_changes`]; `None` if they are not recorded.
    changes: Option<Vec<Change<T>>>,
}

/// A change of an entry.
#[derive(Clone, Debug)]
pub enum Change<T> {
    /// It was added with this value.
    Added(T),
    /// It may have been changed; this is the previous value.
    Touched(T),
    /// It was removed; this is the previous value.
    Removed(T),
}

/// The entries whose keys may differ from the index.
#[derive(Clone)]
enum Unsettled {
    Some(Vec<usize>),
    All,
}

impl<T: Clone> Indexed<T> {
    pub fn new(list: Vec<T>, keys: fn(&T) -> Vec<String>) -> Self {
        let mut indexed = Self {
            list,
            keys,
            places: HashMap::new(),
            unsettled: Unsettled::All,
            added: 0,
            made_with: 0,
            changes: None,
        };
        indexed.settle();
        indexed
    }

    /// Positions of every entry with this key, in the order of the list, and possibly of others.
    pub fn places(&self, key: &str) -> Vec<usize> {
        let Unsettled::Some(changed) = &self.unsettled else {
            return (0..self.list.len()).collect();
        };
        let mut places = self.places.get(key).cloned().unwrap_or_default();
        if !changed.is_empty() {
            places.extend(changed);
            places.sort_unstable();
            places.dedup();
        }
        places
    }

    /// Every entry with this key, in the order of the list, and possibly others.
    pub fn with_key(&self, key: &str) -> impl Iterator<Item = &T> + use<'_, T> {
        self.places(key).into_iter().map(|place| &self.list[place])
    }

    pub fn push(&mut self, entry: T) {
        let place = self.list.len();
        self.note(&entry, place);
        if let Some(changes) = &mut self.changes {
            changes.push(Change::Added(entry.clone()));
        }
        self.list.push(entry);
    }

    /// Starts to record changes, until [`Indexed::take_changes`]. Each entry that is lent for a change is copied.
    pub fn record_changes(&mut self) {
        self.changes.get_or_insert_default();
    }

    /// Stops recording, and returns the changes since [`Indexed::record_changes`], oldest first.
    pub fn take_changes(&mut self) -> Vec<Change<T>> {
        self.changes.take().unwrap_or_default()
    }

    /// The first entry with this key that passes the test, for any change.
    pub fn with_key_mut(&mut self, key: &str, wanted: impl Fn(&T) -> bool) -> Option<&mut T> {
        let places = self.places(key);
        let place = places
            .into_iter()
            .find(|place| wanted(&self.list[*place]))?;
        if let Unsettled::Some(changed) = &mut self.unsettled
            && !changed.contains(&place)
        {
            changed.push(place);
        }
        let entry = self.list.get_mut(place)?;
        if let Some(changes) = &mut self.changes {
            changes.push(Change::Touched(entry.clone()));
        }
        Some(entry)
    }

    /// Changes each entry with this key that passes the test. Unlike [`Indexed::iter_mut`], its cost does not depend on
    /// the length of the list.
    pub fn change_each(
        &mut self,
        key: &str,
        wanted: impl Fn(&T) -> bool,
        mut change: impl FnMut(&mut T),
    ) {
        for place in self.places(key) {
            let entry = &mut self.list[place];
            if !wanted(entry) {
                continue;
            }
            if let Unsettled::Some(changed) = &mut self.unsettled {
                changed.push(place);
            }
            if let Some(changes) = &mut self.changes {
                changes.push(Change::Touched(entry.clone()));
            }
            change(entry);
        }
    }

    /// All entries, for any change. Until the next [`Indexed::settle`], every lookup scans the whole list.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.unsettled = Unsettled::All;
        if let Some(changes) = &mut self.changes {
            changes.extend(self.list.iter().cloned().map(Change::Touched));
        }
        self.list.iter_mut()
    }

    /// Keeps the entries that pass the test.
    pub fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        let changes = &mut self.changes;
        self.list.retain(|entry| {
            let stays = wanted(entry);
            if let Some(changes) = changes.as_mut().filter(|_| !stays) {
                changes.push(Change::Removed(entry.clone()));
            }
            stays
        });
        self.unsettled = Unsettled::All;
        self.settle();
    }

    /// Updates the index after changes. Outdated keys of an entry stay, and only lead to extra candidates. The index is
    /// rebuilt when it may have twice the keys that it needs.
    pub fn settle(&mut self) {
        match std::mem::replace(&mut self.unsettled, Unsettled::Some(Vec::new())) {
            Unsettled::Some(changed) => {
                for place in changed {
                    for key in (self.keys)(&self.list[place]) {
                        let places = self.places.entry(key).or_default();
                        if let Err(at) = places.binary_search(&place) {
                            places.insert(at, place);
                            self.added += 1;
                        }
                    }
                }
                if self.added > self.made_with + MOST_OLD_KEYS {
                    self.unsettled = Unsettled::All;
                    self.settle();
                }
            }
            Unsettled::All => {
                self.places.clear();
                self.added = 0;
                let list = std::mem::take(&mut self.list);
                for (place, entry) in list.iter().enumerate() {
                    self.note(entry, place);
                }
                self.list = list;
                self.made_with = std::mem::take(&mut self.added);
            }
        }
    }

    fn note(&mut self, entry: &T, place: usize) {
        for key in (self.keys)(entry) {
            let places = self.places.entry(key).or_default();
            if places.last() != Some(&place) {
                places.push(place);
                self.added += 1;
            }
        }
    }
}

impl<T> Deref for Indexed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.list
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut Indexed<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use crate::model::indexed::{Change, Indexed};

    fn words() -> Indexed<(&'static str, u32)> {
        let list = vec![("a", 0), ("b", 1), ("a", 2)];
        Indexed::new(list, |(word, _)| vec![(*word).to_owned()])
    }

    fn found(words: &Indexed<(&'static str, u32)>, word: &str) -> Vec<u32> {
        let with = words.with_key(word).filter(|it| it.0 == word);
        with.map(|it| it.1).collect()
    }

    #[test]
    fn entries_are_found_in_their_order() {
        let mut words = words();
        words.push(("a", 3));
        assert_eq!(found(&words, "a"), [0, 2, 3]);
        assert_eq!(words.places("a"), [0, 2, 3], "nothing else is looked at");
        assert_eq!(found(&words, "c"), [0; 0]);
    }

    #[test]
    fn a_changed_key_is_found_at_once_and_after() {
        let mut words = words();
        words.with_key_mut("a", |it| it.1 == 2).expect("there").0 = "c";
        assert_eq!((found(&words, "a"), found(&words, "c")), (vec![0], vec![2]));
        words.settle();
        assert_eq!((found(&words, "a"), found(&words, "c")), (vec![0], vec![2]));
        for entry in &mut words {
            entry.0 = "d";
        }
        assert_eq!(found(&words, "d"), [0, 1, 2]);
        words.settle();
        assert_eq!(words.places("d"), [0, 1, 2]);
        assert_eq!(words.places("a"), [0; 0]);
    }

    #[test]
    fn each_with_a_key_is_changed_and_found() {
        let mut words = words();
        words.record_changes();
        words.change_each("a", |it| it.1 == 2, |it| it.0 = "c");
        assert_eq!((found(&words, "a"), found(&words, "c")), (vec![0], vec![2]));
        assert_eq!(words.take_changes().len(), 1);
        words.settle();
        assert_eq!((found(&words, "a"), found(&words, "c")), (vec![0], vec![2]));
        assert_eq!(words.places("c"), [2], "nothing else is looked at");
    }

    /// Each change of a key leaves an outdated one behind, until the index is rebuilt.
    #[test]
    fn old_keys_are_forgotten() {
        let list = vec![0_usize];
        let mut numbers = Indexed::new(list, |number| vec![number.to_string()]);
        for number in 0..10_000 {
            *numbers.with_key_mut(&number.to_string(), |_| true).unwrap() += 1;
            numbers.settle();
        }
        assert!(numbers.places.len() <= 1_100, "{}", numbers.places.len());
        assert_eq!(numbers.places("10000"), [0]);
    }

    #[test]
    fn changes_are_remembered_while_wanted() {
        let mut words = words();
        words.push(("c", 3));
        words.record_changes();
        words.push(("d", 4));
        words.with_key_mut("b", |_| true).expect("there").0 = "e";
        words.retain(|it| it.1 != 4);
        let told = |it| match it {
            Change::Added((word, _)) => format!("+{word}"),
            Change::Touched((word, _)) => format!("~{word}"),
            Change::Removed((word, _)) => format!("-{word}"),
        };
        let changes: Vec<String> = words.take_changes().into_iter().map(told).collect();
        assert_eq!(changes, ["+d", "~b", "-d"]);
        words.record_changes();
        let _ = words.iter_mut().next();
        assert_eq!(words.take_changes().len(), 4, "any of them may be changed");
        words.push(("f", 5));
        assert!(words.take_changes().is_empty(), "nobody asked");
    }

    #[test]
    fn what_is_taken_away_is_found_no_more() {
        let mut words = words();
        words.retain(|it| it.1 != 0);
        assert_eq!((found(&words, "a"), found(&words, "b")), (vec![2], vec![1]));
    }
}
