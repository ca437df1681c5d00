//! The signing keys of a world. All worlds start with the same key, which is published in this repository and not a
//! secret. This makes the start instant, and JWTs survive a restart. A JWT's claims name the project, so other worlds
//! refuse it. A test can rotate the keys: a new key signs from then on, and the old one still verifies for a month.

mod fresh;

use std::sync::{Arc, LazyLock};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode_header};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

const PEM: &str = include_str!("NOT-A-SECRET-sandbox-signing-key.pem");
const JWK: &str = include_str!("sandbox-signing-key.jwk.json");

const PROVIDER_PEM: &str = include_str!("NOT-A-SECRET-sandbox-provider-key.pem");
const PROVIDER_JWK: &str = include_str!("sandbox-provider-key.jwk.json");

/// The key of the simulated identity providers, which signs ID tokens but no sessions. It is the same everywhere, for
/// the same reasons.
static IDENTITY_PROVIDER: LazyLock<KeyRing> = LazyLock::new(|| {
    let jwk = serde_json::from_str(PROVIDER_JWK).expect("the embedded JWK is JSON");
    KeyRing(vec![Arc::new(Key::new(PROVIDER_PEM, jwk)).into()])
});

static PINNED: LazyLock<Arc<Key>> = LazyLock::new(|| {
    let jwk = serde_json::from_str(JWK).expect("the embedded JWK is JSON");
    Arc::new(Key::new(PEM, jwk))
});

/// Maximum number of keys of a world. JWTs of a dropped key are refused.
const MOST_KEYS: usize = 100;

/// One key with its public half.
pub struct Key {
    sign: KeyPair,
    verify: DecodingKey,
    kid: String,
    pem: String,
    jwk: Value,
}

/// A key in the format of the state file.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptKey {
    pem: String,
    jwk: Value,
    #[serde(with = "time::serde::rfc3339::option", default)]
    until: Option<OffsetDateTime>,
}

impl Key {
    /// A key from its PEM and its JWK, which must belong together.
    fn new(pem: &str, jwk: Value) -> Self {
        Self::read(pem, jwk).expect("an RSA key and its JWK")
    }

    /// Like [`Self::new`], but returns `None` if the PEM is not an RSA key or the JWK is incomplete.
    fn read(pem: &str, jwk: Value) -> Option<Self> {
        let part = |name: &str| jwk[name].as_str().map(str::to_owned);
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
        Some(Self {
            sign: KeyPair::from_der(private.as_bytes()).ok()?,
            verify: DecodingKey::from_rsa_components(&part("n")?, &part("e")?).ok()?,
            kid: part("kid")?,
            pem: pem.to_owned(),
            jwk,
        })
    }

    /// Generates a new key.
    pub fn fresh() -> Self {
        let (pem, jwk) = fresh::pair();
        Self::new(&pem, jwk)
    }
}

/// How long a key verifies after another one has replaced it, as at the vendor.
const VERIFIES: Duration = Duration::days(30);

/// The keys of a world, of which the last one signs. Clones share the keys.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
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
    PINNED.jwk["x5c"][0].as_str().unwrap_or_default().to_owned()
}

/// A self-signed certificate for this RSA key (DER, PKCS #1), as base64 of its DER. `None` unless it is such a key of
/// at least 2048 bits.
pub fn certificate_for(private_key: &[u8]) -> Option<String> {
    fresh::certificate_for(private_key)
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
            let key = if kept.jwk == PINNED.jwk {
                Arc::clone(&PINNED)
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
        Self(vec![Arc::clone(&PINNED).into()])
    }
}

impl KeyRing {
    /// The keys of the simulated identity providers.
    pub fn of_identity_provider() -> &'static Self {
        &IDENTITY_PROVIDER
    }

    /// The public keys with every field that the vendor sends, oldest first, as in the JWKS.
    pub fn jwks(&self) -> Vec<Value> {
        self.0.iter().map(|held| held.key.jwk.clone()).collect()
    }

    /// Makes this the signing key, and returns its `kid`. The previous key verifies for another month. At most
    /// [`MOST_KEYS`] are kept.
    pub fn rotate(&mut self, key: Key, now: OffsetDateTime) -> String {
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

    /// Signs the claims: RS256 (RFC 7515 §3.1, RFC 7518 §3.3), header `typ` `JWT` and the key's `kid`. `jsonwebtoken`
    /// is not used because it parses the key and checks its primes for each signature, which takes longer than signing.
    pub fn sign(&self, claims: &Value) -> String {
        let Held { key, .. } = self.0.last().expect("a world begins with a key");
        let header = Header {
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::RS256)
        };
        let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let signed = format!(
            "{}.{}",
            part(serde_json::to_vec(&header).expect("a header is JSON")),
            part(serde_json::to_vec(claims).expect("claims are JSON"))
        );
        let mut signature = vec![0; key.sign.public_key().modulus_len()];
        key.sign
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .expect("an RSA key signs texts of any length");
        format!("{signed}.{}", part(signature))
    }

    /// The claims of a JWT that one of the keys signed, even if it has expired: the vendor accepts an expired JWT as
    /// long as the session is live. `None` if it cannot be parsed or the signature is invalid.
    pub fn read(&self, jwt: &str) -> Option<Value> {
        let kid = decode_header(jwt).ok()?.kid?;
        let Held { key, .. } = self.0.iter().find(|held| held.key.kid == kid)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        jsonwebtoken::decode::<Value>(jwt, &key.verify, &rules)
            .ok()
            .map(|token| token.claims)
    }
}
