//! What became of tokens that do not work any more, and which project gave out which token. Only hashes are kept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::digest::{SHA256, digest};
use time::OffsetDateTime;

use crate::model::CurrentCall;

/// The first half of a token's SHA-256.
pub type TokenHash = [u8; 16];

/// How many tokens of all projects are remembered with their project: some 10 MB.
const MOST_OWNED: usize = 100_000;

/// Why a token does not work any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A call used it.
    Used,
    /// A call came with a wrong PKCE verifier.
    WrongVerifier,
    /// Its time is over.
    Expired,
    /// It was taken back: a session was revoked, a member deleted, a password reset.
    Ended,
}

/// What became of one token.
#[derive(Clone, Debug)]
pub struct TokenFate {
    pub fate: Fate,
    /// By the world's clock.
    pub at: OffsetDateTime,
    /// The call that did it, if one did.
    pub by: Arc<CurrentCall>,
}

/// The fates of the newest tokens of a world.
#[derive(Clone)]
pub struct TokenFates(Bounded<TokenFate>);

impl TokenFates {
    /// None yet, with room for so many.
    pub fn new(most: usize) -> Self {
        Self(Bounded::new(most))
    }

    /// Notes what became of a token, or of the session with this id.
    pub fn note(&mut self, token: &str, fate: TokenFate) {
        self.0.insert(hash(token), fate);
    }

    pub fn of(&self, token: &str) -> Option<&TokenFate> {
        self.0.entries.get(&hash(token))
    }
}

/// Which project gave out which token. Clones share it, each for a project of its own.
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
    /// The same for another project.
    pub fn of_project(&self, id: &str) -> Self {
        Self {
            project_id: id.into(),
            all: Arc::clone(&self.all),
        }
    }

    /// Notes that this project gave the token out.
    pub fn note(&self, token: &str) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(hash(token), Arc::clone(&self.project_id));
    }

    /// The id of the project that gave the token out.
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
