//! The signing key of every world: fixed, published in this repository, and therefore no secret. Start-up is
//! instant and a JWT survives a restart. The claims name the project, so one world's JWT is refused by another.

use std::sync::LazyLock;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::Value;

const PEM: &str = include_str!("keys/NOT-A-SECRET-sandbox-signing-key.pem");
const JWK: &str = include_str!("keys/sandbox-signing-key.jwk.json");

static KEY: LazyLock<Key> = LazyLock::new(|| {
    let jwk: Value = serde_json::from_str(JWK).expect("the embedded JWK is JSON");
    let part = |name: &str| {
        jwk[name]
            .as_str()
            .expect("the embedded JWK has this part")
            .to_owned()
    };
    Key {
        sign: EncodingKey::from_rsa_pem(PEM.as_bytes()).expect("the embedded key is an RSA key"),
        verify: DecodingKey::from_rsa_components(&part("n"), &part("e"))
            .expect("the embedded JWK is an RSA key"),
        kid: part("kid"),
        jwk,
    }
});

struct Key {
    sign: EncodingKey,
    verify: DecodingKey,
    kid: String,
    jwk: Value,
}

/// The public half with every field of fact sheet §5.8, as the JWKS endpoint answers it.
pub fn jwk() -> Value {
    KEY.jwk.clone()
}

/// Signs the claims: RS256, header `typ` `JWT` and the key's `kid`.
pub fn sign(claims: &Value) -> String {
    let header = Header {
        kid: Some(KEY.kid.clone()),
        ..Header::new(Algorithm::RS256)
    };
    jsonwebtoken::encode(&header, claims, &KEY.sign).expect("claims that are JSON can be signed")
}

/// The claims of a JWT that this key signed, whatever its age: the vendor takes an expired one as long as the
/// session lives. `None` when it cannot be parsed or the signature does not hold.
pub fn read(jwt: &str) -> Option<Value> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(jwt, &KEY.verify, &rules)
        .ok()
        .map(|token| token.claims)
}
