//! Self-signed certificates, and JWKs with them.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    digest::{SHA256, digest},
    signature::{RsaKeyPair, RsaPublicKeyComponents},
};
use serde_json::{Value, json};
use yasna::{DERWriter, Tag, construct_der, models::ObjectIdentifier, tags::TAG_GENERALIZEDTIME};

use super::{Key, signature};
use crate::model::ids;

/// The key in this PEM (PKCS #8), with a new `kid`, and a JWK that contains a self-signed certificate. `None` if it is
/// not an RSA key of 2048 to 4096 bits.
pub fn with_new_id(pem: &str) -> Option<Key> {
    let mut key = Key::read(pem, json!({ "kid": ids::mint("jwk") }))?;
    key.jwk = jwk(&key);
    Some(key)
}

fn jwk(key: &Key) -> Value {
    let public: RsaPublicKeyComponents<Vec<u8>> = key.pair.public().into();
    let certificate = self_signed(&key.pair);
    json!({
        "kty": "RSA",
        "use": "sig",
        "key_ops": ["verify"],
        "alg": "RS256",
        "kid": key.kid,
        "n": URL_SAFE_NO_PAD.encode(public.n),
        "e": URL_SAFE_NO_PAD.encode(public.e),
        "x5c": [STANDARD.encode(&certificate)],
        "x5tS256": URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate)),
    })
}

/// A self-signed certificate for this RSA key (DER, PKCS #1), as base64 of its DER. `None` unless it is such a key of
/// 2048 to 4096 bits.
pub fn certificate_for(private_key: &[u8]) -> Option<String> {
    let pair = RsaKeyPair::from_der(private_key).ok()?;
    Some(STANDARD.encode(self_signed(&pair)))
}

/// The key's self-signed certificate in DER (RFC 5280), for `x5c`. No one relies on it for trust; it must only be
/// well-formed and signed by the key.
fn self_signed(pair: &RsaKeyPair) -> Vec<u8> {
    let signed = construct_der(|certificate| {
        certificate.write_sequence(|part| {
            part.next()
                .write_tagged(Tag::context(0), |version| version.write_u8(2)); // v3
            part.next().write_u8(1); // serial number
            algorithm(part.next(), SHA256_WITH_RSA);
            name(part.next());
            part.next().write_sequence(|validity| {
                // Fixed dates, so that the certificate is valid at every time of a world's clock.
                for end in [b"19700101000000Z", b"22000101000000Z"] {
                    let time = validity.next();
                    time.write_tagged_implicit(TAG_GENERALIZEDTIME, |it| it.write_bytes(end));
                }
            });
            name(part.next());
            public_key(part.next(), pair.public().as_ref());
        });
    });
    let signature = signature(pair, &signed);
    construct_der(|certificate| {
        certificate.write_sequence(|part| {
            part.next().write_der(&signed);
            algorithm(part.next(), SHA256_WITH_RSA);
            part.next()
                .write_bitvec_bytes(&signature, signature.len() * 8);
        });
    })
}

/// The public key with its algorithm (RFC 5280 §4.1.2.7). `key` is DER in the format of PKCS #1.
fn public_key(writer: DERWriter<'_>, key: &[u8]) {
    writer.write_sequence(|part| {
        algorithm(part.next(), RSA);
        part.next().write_bitvec_bytes(key, key.len() * 8);
    });
}

const RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
const SHA256_WITH_RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 11];

/// An algorithm of RSA, whose parameters are NULL.
fn algorithm(writer: DERWriter<'_>, id: &[u64]) {
    writer.write_sequence(|part| {
        part.next().write_oid(&ObjectIdentifier::from_slice(id));
        part.next().write_null();
    });
}

/// The issuer, which is also the subject: one common name.
fn name(writer: DERWriter<'_>) {
    writer.write_sequence(|names| {
        names.next().write_set(|set| {
            set.next().write_sequence(|part| {
                part.next()
                    .write_oid(&ObjectIdentifier::from_slice(&[2, 5, 4, 3]));
                part.next()
                    .write_utf8_string("Not a secret: local Stytch sandbox");
            });
        });
    });
}
