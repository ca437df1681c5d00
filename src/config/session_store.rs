//! `SESSION_STORE`, `SESSION_MEMORY_MB` and `SESSION_KEY`: where sessions are stored, and with which limit or key.

use super::Reader;
#[cfg(feature = "redis")]
use crate::session::store::redis::seal::SessionKey;

/// Where sessions are stored.
#[derive(Clone, Debug)]
pub enum SessionStore {
    /// In this process.
    Memory {
        /// Maximum memory for sessions, in bytes.
        bytes: usize,
    },
    /// In Redis or Valkey: the feature `redis`.
    #[cfg(feature = "redis")]
    Redis {
        /// Connection settings. The Debug output hides the password.
        client: Box<redis::Client>,
        /// Key that encrypts records.
        key: SessionKey,
    },
}

/// A million bytes.
const MB: usize = 1_000_000;

/// Default of `SESSION_MEMORY_MB`, in bytes. It has room for about 145,000 members.
pub const DEFAULT_MEMORY: usize = 512 * MB;

impl Reader<'_> {
    /// Memory for sessions, in bytes. At the minimum, each part still has room for a few sessions of the largest size.
    fn session_memory(&mut self) -> usize {
        let Some(value) = self.get("SESSION_MEMORY_MB") else {
            return DEFAULT_MEMORY;
        };
        match value.parse::<usize>() {
            Ok(megabytes) if (16..=65_536).contains(&megabytes) => megabytes * MB,
            _ => {
                self.wrong("SESSION_MEMORY_MB must be a whole number of megabytes from 16 to 65536, without a unit, like 512".to_owned());
                DEFAULT_MEMORY
            }
        }
    }

    pub(super) fn session_store(&mut self) -> SessionStore {
        let bytes = self.session_memory();
        let url = self.get("SESSION_STORE").filter(|store| store != "memory");
        let redis = url.and_then(|url| self.redis(&url));
        redis.unwrap_or(SessionStore::Memory { bytes })
    }

    #[cfg(not(feature = "redis"))]
    fn redis(&mut self, _: &str) -> Option<SessionStore> {
        self.wrong("SESSION_STORE must be memory, because this program was built without Redis: to use Redis, build it with `--features redis`".to_owned());
        None
    }

    /// The error messages don't contain values, because the URL may contain a password.
    #[cfg(feature = "redis")]
    fn redis(&mut self, url: &str) -> Option<SessionStore> {
        let known = url.starts_with("redis://") || url.starts_with("rediss://");
        // A fragment is refused, because `#insecure` turns off the verification of certificates.
        let client = redis::Client::open(url).ok();
        let client = client.filter(|_| known && !url.contains('#'));
        if client.is_none() && has_bare_punctuation(url) {
            self.wrong("SESSION_STORE has a character in its user name or password that is not allowed there: percent-encode it, # as %23, / as %2F, ? as %3F, @ as %40, : as %3A, % as %25".to_owned());
        } else if client.is_none() {
            self.wrong("SESSION_STORE must be memory, or a URL like redis://:password@localhost:6379/0 (rediss:// for TLS)".to_owned());
        }
        let key = self.get("SESSION_KEY");
        let key = key.and_then(|key| SessionKey::from_base64(&key));
        if key.is_none() {
            self.wrong("SESSION_KEY must be 32 random bytes in base64, the same on every instance: make one with `openssl rand -base64 32`".to_owned());
        }
        Some(SessionStore::Redis {
            client: Box::new(client?),
            key: key?,
        })
    }
}

/// Whether the user name or password, which end at the last `@`, contains a character that must be percent-encoded.
#[cfg(feature = "redis")]
fn has_bare_punctuation(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let (user_and_password, _) = rest.rsplit_once('@').unwrap_or_default();
    user_and_password.contains(['#', '/', '?', '@', '[', ']', '\\'])
}
