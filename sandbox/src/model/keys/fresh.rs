//! Generates keys at run time.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use yasna::{DERWriter, Tag, construct_der, models::ObjectIdentifier, tags::TAG_GENERALIZEDTIME};

use crate::model::ids;

/// A new RSA key of 2048 bits as PEM, and its JWK with a self-signed certificate. This takes about 100 ms.
pub fn pair() -> (String, Value) {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("the library makes RSA keys");
    let private: Pkcs8V1Der<'_> = pair.as_der().expect("a new key can be written");
    let certificate = self_signed(&pair);
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

/// A self-signed certificate for the caller's key, as base64 of its DER.
pub fn certificate_for(private_key: &[u8]) -> Option<String> {
    let pair = KeyPair::from_der(private_key).ok()?;
    Some(STANDARD.encode(self_signed(&pair)))
}

/// The key's self-signed certificate in DER (RFC 5280), for `x5c`. No one relies on it for trust; it must only be
/// well-formed and signed by the key.
fn self_signed(pair: &KeyPair) -> Vec<u8> {
    let public: PublicKeyX509Der<'_> = pair
        .public_key()
        .as_der()
        .expect("a new key can be written");
    let signed = construct_der(|certificate| {
        certificate.write_sequence(|part| {
            part.next()
                .write_tagged(Tag::context(0), |version| version.write_u8(2)); // v3
            part.next().write_u8(1); // serial number
            algorithm(part.next());
            name(part.next());
            part.next().write_sequence(|validity| {
                // Fixed dates, so that the clocks do not matter.
                for end in [b"19700101000000Z", b"22000101000000Z"] {
                    let time = validity.next();
                    time.write_tagged_implicit(TAG_GENERALIZEDTIME, |it| it.write_bytes(end));
                }
            });
            name(part.next());
            part.next().write_der(public.as_ref());
        });
    });
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        &signed,
        &mut signature,
    )
    .expect("a new key signs");
    construct_der(|certificate| {
        certificate.write_sequence(|part| {
            part.next().write_der(&signed);
            algorithm(part.next());
            part.next()
                .write_bitvec_bytes(&signature, signature.len() * 8);
        });
    })
}

/// `sha256WithRSAEncryption`, whose parameters are NULL.
fn algorithm(writer: DERWriter<'_>) {
    writer.write_sequence(|part| {
        part.next().write_oid(&ObjectIdentifier::from_slice(&[
            1, 2, 840, 113_549, 1, 1, 11,
        ]));
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
