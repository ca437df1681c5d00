//! A self-signed X.509 certificate (RFC 5280) for a JWK's `x5c`, written by hand: a crate for these few bytes would
//! weigh more than they do. Nobody trusts it for anything; it only has to be well-formed, and signed by the key.

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// `sha256WithRSAEncryption`, with the NULL that it has for parameters.
const SHA256_WITH_RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00,
];
/// `commonName`
const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];

/// The certificate of this key, in DER. `public` is its `SubjectPublicKeyInfo`.
pub fn self_signed(pair: &KeyPair, public: &[u8]) -> Vec<u8> {
    let version = element(VERSION, &[&element(INTEGER, &[&[2]])]); // v3
    let serial = element(INTEGER, &[&[1]]);
    let common_name = element(UTF8_STRING, &[b"Not a secret: local Stytch sandbox"]);
    let name = element(
        SEQUENCE,
        &[&element(
            SET,
            &[&element(SEQUENCE, &[COMMON_NAME, &common_name])],
        )],
    );
    // Fixed, so that neither the world's clock nor the machine's has a say.
    let validity = element(
        SEQUENCE,
        &[
            &element(GENERALIZED_TIME, &[b"19700101000000Z"]),
            &element(GENERALIZED_TIME, &[b"22000101000000Z"]),
        ],
    );
    let signed = element(
        SEQUENCE,
        &[
            &version,
            &serial,
            SHA256_WITH_RSA,
            &name,
            &validity,
            &name,
            public,
        ],
    );
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        &signed,
        &mut signature,
    )
    .expect("a new key signs");
    let signature = element(BIT_STRING, &[&[0], &signature]); // no unused bits
    element(SEQUENCE, &[&signed, SHA256_WITH_RSA, &signature])
}

/// Tag, length and content in DER.
fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = content.len().to_be_bytes();
    let significant = &length[length
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(length.len() - 1)..];
    let mut out = vec![tag];
    if content.len() < 0x80 {
        out.extend(significant);
    } else {
        out.push(0x80 | u8::try_from(significant.len()).expect("at most 8"));
        out.extend(significant);
    }
    out.extend(content);
    out
}
