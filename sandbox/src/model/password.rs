//! Password hashes, including those that `passwords.migrate` imports.

use std::num::NonZeroU32;

use argon2::Argon2;
use md5::{Digest as _, Md5};
use ring::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA512, digest},
    pbkdf2::{self, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512},
};
use subtle::ConstantTimeEq as _;

use crate::model::ids;

/// A hashed password. The text is not kept.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// `member-password-test-<uuid>`. It stays the same when the password is changed.
    pub id: String,
    pub hash: PasswordHash,
    /// Whether the password must be reset by email before it works.
    pub must_reset: bool,
    /// Whether it works in every organization of its address, in a project with passwords across organizations. A
    /// migrated password works in the organizations for which it was migrated.
    pub is_everywhere: bool,
}

impl Password {
    /// A new password that works in every organization.
    pub fn new(id: String, text: &str) -> Self {
        Self {
            id,
            hash: PasswordHash::of(text),
            must_reset: false,
            is_everywhere: true,
        }
    }
}

// Maximum costs of a hash.
pub const MOST_BCRYPT_COST: u32 = 14;
pub const MOST_ARGON2_KIB: u32 = 262_144;
pub const MOST_ARGON2_ITERATIONS: u32 = 16;
pub const MOST_PBKDF2_ITERATIONS: u32 = 2_000_000;
pub const MOST_THREADS: u32 = 16;
pub const MOST_SCRYPT_LOG_N: u8 = 18;
pub const MOST_SCRYPT_R: u32 = 16;

/// A hash with its algorithm and parameters.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum PasswordHash {
    Pbkdf2 {
        uses_sha512: bool,
        iterations: NonZeroU32,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    /// The text of a bcrypt hash, `$2b$…`.
    Bcrypt(String),
    Argon2 {
        is_2id: bool,
        memory_kib: u32,
        iterations: u32,
        threads: u32,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    Scrypt {
        log_n: u8,
        r: u32,
        p: u32,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    /// A digest of prefix, password and suffix.
    Digest {
        algorithm: DigestAlgorithm,
        prefix: String,
        suffix: String,
        digest: Vec<u8>,
    },
}

/// The algorithm of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DigestAlgorithm {
    Md5,
    Sha1,
    Sha512,
}

impl DigestAlgorithm {
    /// Length of its digests in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha512 => 64,
        }
    }

    fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha1 => digest(&SHA1_FOR_LEGACY_USE_ONLY, text).as_ref().to_vec(),
            Self::Sha512 => digest(&SHA512, text).as_ref().to_vec(),
        }
    }
}

/// PBKDF2 rounds for passwords that are set here. The number is low because worlds are in memory and tests sign in
/// often; a real service needs several hundred thousand.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");

impl PasswordHash {
    /// Hashes a password that is set here, with PBKDF2, SHA-256 and a random salt.
    pub fn of(text: &str) -> Self {
        let salt = ids::random::<16>().to_vec();
        let mut key = vec![0; 32];
        pbkdf2::derive(
            PBKDF2_HMAC_SHA256,
            ITERATIONS,
            &salt,
            text.as_bytes(),
            &mut key,
        );
        Self::Pbkdf2 {
            uses_sha512: false,
            iterations: ITERATIONS,
            salt,
            key,
        }
    }

    /// Whether a comparison takes at most a second or two, because a sign-in holds the world's lock meanwhile.
    pub fn is_affordable(&self) -> bool {
        match self {
            Self::Pbkdf2 { iterations, .. } => iterations.get() <= MOST_PBKDF2_ITERATIONS,
            Self::Bcrypt(hash) => {
                let parts = hash.parse::<bcrypt::HashParts>();
                parts.is_ok_and(|it| it.get_cost() <= MOST_BCRYPT_COST)
            }
            Self::Argon2 {
                memory_kib,
                iterations,
                threads,
                ..
            } => {
                *memory_kib <= MOST_ARGON2_KIB
                    && *iterations <= MOST_ARGON2_ITERATIONS
                    && *threads <= MOST_THREADS
            }
            Self::Scrypt { log_n, r, p, .. } => {
                *log_n <= MOST_SCRYPT_LOG_N && *r <= MOST_SCRYPT_R && *p <= MOST_THREADS
            }
            Self::Digest { .. } => true,
        }
    }

    /// Whether this is the hash of the text.
    pub fn fits(&self, text: &str) -> bool {
        let text = text.as_bytes();
        match self {
            Self::Pbkdf2 {
                uses_sha512,
                iterations,
                salt,
                key,
            } => {
                let algorithm = if *uses_sha512 {
                    PBKDF2_HMAC_SHA512
                } else {
                    PBKDF2_HMAC_SHA256
                };
                pbkdf2::verify(algorithm, *iterations, salt, text, key).is_ok()
            }
            Self::Bcrypt(hash) => bcrypt::verify(text, hash).unwrap_or(false),
            Self::Argon2 {
                is_2id,
                memory_kib,
                iterations,
                threads,
                salt,
                key,
            } => {
                let algorithm = if *is_2id {
                    argon2::Algorithm::Argon2id
                } else {
                    argon2::Algorithm::Argon2i
                };
                let mut derived = vec![0; key.len()];
                let parameters =
                    argon2::Params::new(*memory_kib, *iterations, *threads, Some(key.len()));
                parameters.is_ok_and(|parameters| {
                    let argon2 = Argon2::new(algorithm, argon2::Version::V0x13, parameters);
                    argon2.hash_password_into(text, salt, &mut derived).is_ok()
                }) && is_same(&derived, key)
            }
            Self::Scrypt {
                log_n,
                r,
                p,
                salt,
                key,
            } => {
                let mut derived = vec![0; key.len()];
                scrypt::Params::new(*log_n, *r, *p)
                    .is_ok_and(|it| scrypt::scrypt(text, salt, &it, &mut derived).is_ok())
                    && is_same(&derived, key)
            }
            Self::Digest {
                algorithm,
                prefix,
                suffix,
                digest,
            } => {
                let whole = [prefix.as_bytes(), text, suffix.as_bytes()].concat();
                is_same(&algorithm.of(&whole), digest)
            }
        }
    }
}

fn is_same(derived: &[u8], key: &[u8]) -> bool {
    bool::from(derived.ct_eq(key))
}
