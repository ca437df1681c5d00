//! JWTs that are signed with RS256 (RFC 7515, RFC 7518 §3.3). No other algorithm is accepted, so none can be confused with
//! it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::{Deserialize, de::DeserializeOwned};

const ALGORITHM: &str = "RS256";

/// A JWT whose signature has not been checked yet.
pub(super) struct Jwt<'a> {
    /// Id of the key that signed it, as the JWT says.
    pub kid: String,
    /// Header and claims as received: the text that the signature covers.
    signed: &'a str,
    claims: &'a str,
    signature: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood (RFC 7515 §4.1.11).
    crit: Option<serde_json::Value>,
}

impl<'a> Jwt<'a> {
    /// Splits a JWT into its three parts and reads its header.
    ///
    /// # Errors
    /// The reason, as text, if it is not a JWT with RS256 that names its key, or if it requires an extension.
    pub fn parse(text: &'a str) -> Result<Self, &'static str> {
        let parts = text.rsplit_once('.').and_then(|(signed, signature)| {
            let (header, claims) = signed.split_once('.')?;
            Some((signed, header, claims, signature))
        });
        let (signed, header, claims, signature) = parts.ok_or("it is not a JWT")?;
        let header: Header = json(header).ok_or("it is not a JWT")?;
        if header.alg != ALGORITHM {
            return Err("the algorithm is not RS256");
        }
        if header.crit.is_some() {
            return Err("it requires an extension (crit)");
        }
        Ok(Self {
            kid: header.kid.ok_or("it names no key")?,
            signed,
            claims,
            signature,
        })
    }

    /// The claims. `None` if the key did not sign them, or if they can't be parsed as `T`.
    pub fn claims<T: DeserializeOwned>(&self, key: &PublicKey) -> Option<T> {
        let signature = URL_SAFE_NO_PAD.decode(self.signature).ok()?;
        let signed = self.signed.as_bytes();
        key.0
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed, &signature)
            .ok()?;
        json(self.claims)
    }
}

/// An RSA key that verifies RS256. It is used only if it has 2048 to 8192 bits.
#[derive(Clone)]
pub(super) struct PublicKey(RsaPublicKeyComponents<Vec<u8>>);

/// A public key in the format of RFC 7517. Other members are ignored.
#[derive(Deserialize)]
pub(super) struct Jwk {
    pub kid: String,
    kty: String,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: String,
    e: String,
}

impl Jwk {
    /// The key. `None` unless it is an RSA key, and its own parameters allow it to verify RS256 (RFC 7517 §4.1 to §4.4).
    pub fn public_key(&self) -> Option<PublicKey> {
        let verifies = |operations: &Vec<String>| operations.iter().any(|it| it == "verify");
        let fits = self.kty == "RSA"
            && self.r#use.as_ref().is_none_or(|it| it == "sig")
            && self.key_ops.as_ref().is_none_or(verifies)
            && self.alg.as_ref().is_none_or(|it| it == ALGORITHM);
        let part = |text: &String| URL_SAFE_NO_PAD.decode(text).ok();
        let (n, e) = (part(&self.n)?, part(&self.e)?);
        fits.then_some(PublicKey(RsaPublicKeyComponents { n, e }))
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
