//! Making a key while the sandbox runs.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use crate::model::{ids, keys::certificate};

/// A new RSA key of 2048 bits as PEM, and its JWK with a self-signed certificate. Takes some 100 ms.
pub fn pair() -> (String, Value) {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("the library makes RSA keys");
    let private: Pkcs8V1Der<'_> = pair.as_der().expect("a new key can be written");
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("so can its public half");
    let certificate = certificate::self_signed(&pair, public.as_ref());
    let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
    let jwk = json!({
        "kty": "RSA",
        "use": "sig",
        "key_ops": ["verify"],
        "alg": "RS256",
        "kid": ids::mint("jwk"),
        "n": URL_SAFE_NO_PAD.encode(pair.public_key().modulus().big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(pair.public_key().exponent().big_endian_without_leading_zero()),
        "x5c": [STANDARD.encode(&certificate)],
        "x5tS256": URL_SAFE_NO_PAD.encode(thumbprint),
    });
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(private.as_ref())
    );
    (pem, jwk)
}
