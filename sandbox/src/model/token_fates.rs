//! Records what happened to tokens that no longer work, and which project issued each token. Only hashes are kept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use ring::digest::{SHA256, digest};
use time::OffsetDateTime;

use crate::model::CurrentCall;

/// The first half of a token's SHA-256.
pub type TokenHash = [u8; 16];

/// Maximum number of tokens of all projects that are remembered with their project, which use about 10 MB.
const MOST_OWNED: usize = 100_000;

/// Why a token no longer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A call used it.
    Used,
    /// A call had a wrong PKCE verifier.
    WrongVerifier,
    /// It expired.
    Expired,
    /// It was invalidated: a session was revoked, a member deleted, or a password reset.
    Ended,
}

/// What happened to one token.
#[derive(Clone, Debug)]
pub struct TokenFate {
    pub fate: Fate,
    /// Time, by the world's clock.
    pub at: OffsetDateTime,
    /// The call that caused it, if there was one.
    pub by: Arc<CurrentCall>,
}

/// What happened to the newest tokens of a world.
#[derive(Clone)]
pub struct TokenFates(Bounded<TokenFate>);

impl TokenFates {
    /// An empty record of at most this number of tokens.
    pub fn new(most: usize) -> Self {
        Self(Bounded::new(most))
    }

    /// Records what happened to a token, or to the session with this id.
    pub fn note(&mut self, token: &str, fate: TokenFate) {
        self.0.insert(hash(token), fate);
    }

    pub fn of(&self, token: &str) -> Option<&TokenFate> {
        self.0.entries.get(&hash(token))
    }
}

/// Records which project issued each token. The projects' handles share one record.
#[derive(Clone)]
pub struct TokenOwners {
    project_id: Arc<str>,
    all: Arc<Mutex<Bounded<Arc<str>>>>,
}

impl Default for TokenOwners {
    fn default() -> Self {
        Self {
            project_id: "".into(),
            all: Arc::new(Mutex::new(Bounded::new(MOST_OWNED))),
        }
    }
}

impl TokenOwners {
    /// A handle on the same record for another project.
    pub fn of_project(&self, id: &str) -> Self {
        Self {
            project_id: id.into(),
            all: Arc::clone(&self.all),
        }
    }

    /// Records that this project issued the token.
    pub fn note(&self, token: &str) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(hash(token), Arc::clone(&self.project_id));
    }

    /// The id of the project that issued the token.
    pub fn of(&self, token: &str) -> Option<Arc<str>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.entries.get(&hash(token)).cloned()
    }
}

fn hash(token: &str) -> TokenHash {
    let whole = digest(&SHA256, token.as_bytes());
    let half = whole.as_ref().first_chunk();
    *half.expect("a SHA-256 has 32 bytes")
}

/// A map that drops its oldest entry for a new one.
#[derive(Clone)]
struct Bounded<V> {
    most: usize,
    entries: HashMap<TokenHash, V>,
    oldest_first: VecDeque<TokenHash>,
}

impl<V> Bounded<V> {
    fn new(most: usize) -> Self {
        Self {
            most,
            entries: HashMap::new(),
            oldest_first: VecDeque::new(),
        }
    }

    fn insert(&mut self, key: TokenHash, value: V) {
        if self.entries.insert(key, value).is_some() {
            return;
        }
        self.oldest_first.push_back(key);
        if self.oldest_first.len() > self.most
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let mut fates = TokenFates::new(2);
        let fate = TokenFate {
            fate: Fate::Used,
            at: OffsetDateTime::UNIX_EPOCH,
            by: Arc::default(),
        };
        for token in ["a", "b", "b", "c"] {
            fates.note(token, fate.clone());
        }
        let known = ["a", "b", "c"].map(|token| fates.of(token).is_some());
        assert_eq!(known, [false, true, true]);
    }
}
