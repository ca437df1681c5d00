//! The signing keys of a world. All worlds start with the same key, which is published in this repository and not a
//! secret. This makes the start instant, and JWTs survive a restart. A JWT's claims name the project, so other worlds
//! refuse it. A test can rotate the keys: a new key signs from then on, and the old one still verifies for a month.

mod certificate;
mod published;

use std::sync::Arc;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

pub use self::certificate::certificate_for;
use crate::model::pem;

/// Maximum number of keys of a world. JWTs of a dropped key are refused.
const MOST_KEYS: usize = 100;

/// One key with its public half.
pub struct Key {
    pair: RsaKeyPair,
    kid: String,
    pem: String,
    jwk: Value,
}

/// The header of a JWT (RFC 7515 §4.1).
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(default)]
    typ: String,
    alg: String,
    kid: String,
}

const ALGORITHM: &str = "RS256";

/// A key in the format of the state file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptKey {
    pem: String,
    jwk: Value,
    #[serde(with = "time::serde::rfc3339::option", default)]
    until: Option<OffsetDateTime>,
}

impl Key {
    /// A key from its PEM (PKCS #8) and its JWK, which must belong together. `None` if the PEM is not an RSA key of 2048 to
    /// 4096 bits, or the JWK has no `kid`.
    fn read(pem: &str, jwk: Value) -> Option<Self> {
        let der = STANDARD.decode(pem::body(pem, "PRIVATE KEY")?).ok()?;
        Some(Self {
            pair: RsaKeyPair::from_pkcs8(&der).ok()?,
            kid: jwk["kid"].as_str()?.to_owned(),
            pem: pem.to_owned(),
            jwk,
        })
    }

    /// Whether this key made the signature.
    fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public())
            .verify(signed, signature)
            .is_ok()
    }
}

/// The key's signature of any text: RS256 (RFC 7518 §3.3).
fn signature(pair: &RsaKeyPair, text: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text,
        &mut signature,
    )
    .expect("an RSA key signs texts of any length");
    signature
}

/// How long a key verifies after another one has replaced it, as at the vendor.
const VERIFIES: Duration = Duration::days(30);

/// The keys of a world, of which the last one signs. Clones share the keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Vec<KeptKey>", try_from = "Vec<KeptKey>")]
pub struct KeyRing(Vec<Held>);

#[derive(Clone)]
struct Held {
    key: Arc<Key>,
    /// End of its use for verification; `None` for the key that signs.
    until: Option<OffsetDateTime>,
}

impl From<Arc<Key>> for Held {
    fn from(key: Arc<Key>) -> Self {
        Self { key, until: None }
    }
}

/// The certificate of the key that every world starts with, as base64 of its DER.
pub fn pinned_certificate() -> String {
    published::SIGNING.jwk["x5c"][0]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

impl From<KeyRing> for Vec<KeptKey> {
    fn from(ring: KeyRing) -> Self {
        let kept = |held: &Held| KeptKey {
            pem: held.key.pem.clone(),
            jwk: held.key.jwk.clone(),
            until: held.until,
        };
        ring.0.iter().map(kept).collect()
    }
}

impl TryFrom<Vec<KeptKey>> for KeyRing {
    type Error = &'static str;

    fn try_from(kept: Vec<KeptKey>) -> Result<Self, &'static str> {
        let key = |kept: KeptKey| {
            let key = if kept.jwk == published::SIGNING.jwk {
                Arc::clone(&published::SIGNING)
            } else {
                Arc::new(Key::read(&kept.pem, kept.jwk)?)
            };
            Some(Held {
                key,
                until: kept.until,
            })
        };
        let keys: Option<Vec<_>> = kept.into_iter().map(key).collect();
        keys.filter(|keys| !keys.is_empty())
            .map(Self)
            .ok_or("expected RSA keys in PEM, each with its JWK")
    }
}

impl Default for KeyRing {
    fn default() -> Self {
        Self(vec![Arc::clone(&published::SIGNING).into()])
    }
}

impl KeyRing {
    /// The keys of the simulated identity providers.
    pub fn of_identity_provider() -> Self {
        Self(vec![Arc::clone(&published::PROVIDER).into()])
    }

    /// The public keys with every field that the vendor sends, oldest first, as in the JWKS.
    pub fn jwks(&self) -> Vec<Value> {
        self.0.iter().map(|held| held.key.jwk.clone()).collect()
    }

    /// Signs with another key from now on, and returns its `kid`. The previous key verifies for another month. At most
    /// [`MOST_KEYS`] are kept.
    pub fn rotate(&mut self, now: OffsetDateTime) -> String {
        let key = published::after(self.signing());
        let kid = key.kid.clone();
        if let Some(signing) = self.0.last_mut() {
            signing.until = Some(now + VERIFIES);
        }
        if self.0.len() >= MOST_KEYS {
            self.0.remove(0);
        }
        self.0.push(Arc::new(key).into());
        kid
    }

    /// Removes the keys that no longer verify.
    pub fn settle(&mut self, now: OffsetDateTime) {
        self.0
            .retain(|held| held.until.is_none_or(|until| now < until));
    }

    /// Signs the claims: RS256 (RFC 7515 §3.1, RFC 7518 §3.3), header `typ` `JWT` and the key's `kid`.
    pub fn sign(&self, claims: &Value) -> String {
        let key = self.signing();
        let header = Header {
            typ: "JWT".to_owned(),
            alg: ALGORITHM.to_owned(),
            kid: key.kid.clone(),
        };
        let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let signed = format!(
            "{}.{}",
            part(serde_json::to_vec(&header).expect("a header is JSON")),
            part(serde_json::to_vec(claims).expect("claims are JSON"))
        );
        format!("{signed}.{}", part(signature(&key.pair, signed.as_bytes())))
    }

    /// The claims of a JWT that one of the keys signed, even if it has expired: the vendor accepts an expired JWT as
    /// long as the session is live. `None` if it cannot be parsed or the signature is invalid.
    pub fn read(&self, jwt: &str) -> Option<Value> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = json(header)?;
        let held = self.0.iter().find(|held| held.key.kid == header.kid)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let is_valid = header.alg == ALGORITHM && held.key.verifies(signed.as_bytes(), &signature);
        is_valid.then(|| json(claims))?
    }

    fn signing(&self) -> &Key {
        &self.0.last().expect("a world begins with a key").key
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
