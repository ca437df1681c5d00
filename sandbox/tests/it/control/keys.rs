//! Rotation of the signing key.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use super::{good, steer};
use crate::lab::{Lab, text};

async fn jwks(lab: &Lab) -> Vec<Value> {
    let path = format!("/v1/b2b/sessions/jwks/{}", lab.credentials().project_id);
    let keys = lab.get(&path).await.ok()["keys"].take();
    keys.as_array().cloned().expect("keys")
}

fn kid(jwt: &str) -> String {
    decode_header(jwt).expect("a header").kid.expect("a kid")
}

fn holds(jwt: &str, jwk: &Value, project_id: &str) -> bool {
    let key = DecodingKey::from_rsa_components(&text(&jwk["n"]), &text(&jwk["e"])).expect("a key");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[project_id]);
    decode::<Value>(jwt, &key, &rules).is_ok()
}

#[tokio::test]
async fn new_jwts_have_the_new_key_and_old_ones_stay_valid() {
    let lab = Lab::start().await;
    let id = lab.credentials().project_id;
    let (_, old) = lab.adas_session().await;
    let new_kid = text(&good(&steer(&lab, "keys/rotate", json!({})).await)["kid"]);
    let (_, new) = lab.adas_session().await;
    let keys = jwks(&lab).await;
    assert_eq!(keys.len(), 2, "the old one is kept");
    assert_eq!(kid(&old), text(&keys[0]["kid"]));
    assert_eq!(
        (kid(&new), new_kid.clone()),
        (text(&keys[1]["kid"]), new_kid)
    );
    assert!(holds(&old, &keys[0], &id) && holds(&new, &keys[1], &id));
    assert!(!holds(&old, &keys[1], &id) && !holds(&new, &keys[0], &id));
    for jwt in [old, new] {
        let session = json!({ "session_jwt": jwt });
        let answer = lab
            .post("/v1/b2b/sessions/authenticate", session)
            .await
            .ok();
        assert_eq!(kid(&text(&answer["session_jwt"])), text(&keys[1]["kid"]));
    }
    good(&steer(&lab, "keys/rotate", json!({})).await);
    assert_eq!(jwks(&lab).await.len(), 3);
}

/// The sandbox has eight keys to rotate through. The ninth rotation uses the first one again, with another id.
#[tokio::test]
async fn each_rotation_has_an_id_of_its_own() {
    let lab = Lab::start().await;
    for _ in 0..9 {
        good(&steer(&lab, "keys/rotate", json!({})).await);
    }
    let keys = jwks(&lab).await;
    let different = |name: &str| {
        let values: std::collections::HashSet<String> =
            keys.iter().map(|key| text(&key[name])).collect();
        values.len()
    };
    assert_eq!((keys.len(), different("kid"), different("n")), (10, 10, 9));
    let (_, jwt) = lab.adas_session().await;
    assert_eq!(kid(&jwt), text(&keys[9]["kid"]));
    assert!(holds(&jwt, &keys[9], &lab.credentials().project_id));
}

/// After that, the key is removed, and its JWTs are refused.
#[tokio::test]
async fn an_old_key_verifies_for_another_month() {
    let lab = Lab::start().await;
    let minutes = json!({ "session_duration_minutes": 100_000 });
    let login = lab
        .sign_in("google", "ada@acme.example", "acme", minutes)
        .await
        .ok();
    let session = json!({ "session_jwt": login["session_jwt"] });
    good(&steer(&lab, "keys/rotate", json!({})).await);
    lab.world
        .advance(Duration::from_hours(30 * 24) - Duration::from_mins(1));
    assert_eq!(jwks(&lab).await.len(), 2);
    lab.post("/v1/b2b/sessions/authenticate", session.clone())
        .await
        .ok();
    lab.world.advance(Duration::from_mins(1));
    assert_eq!(jwks(&lab).await.len(), 1);
    let reply = lab.post("/v1/b2b/sessions/authenticate", session).await;
    reply.is_error(400, "unable_to_parse_session_jwt");
}

/// A JWT with the new key is refused in another world.
#[tokio::test]
async fn a_new_key_is_not_accepted_in_other_worlds() {
    let lab = Lab::start().await;
    let world = lab.sandbox.create_world(
        stytch_sandbox::Seed::Default,
        stytch_sandbox::RedirectUrls::default(),
    );
    good(&steer(&lab, "keys/rotate", json!({})).await);
    let (_, jwt) = lab.adas_session().await;
    let other = Lab { world, ..lab };
    assert_eq!(jwks(&other).await.len(), 1);
    other
        .post(
            "/v1/b2b/sessions/authenticate",
            json!({ "session_jwt": jwt }),
        )
        .await
        .is_error(400, "unable_to_parse_session_jwt");
}

/// It has every field that the vendor's SDKs need, and a certificate of this key.
#[tokio::test]
async fn the_new_key_has_every_field_and_a_valid_certificate() {
    let lab = Lab::start().await;
    good(&steer(&lab, "keys/rotate", json!({})).await);
    let keys = jwks(&lab).await;
    let names = |jwk: &Value| {
        jwk.as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&keys[1]), names(&keys[0]));
    for same in ["kty", "use", "key_ops", "alg", "e"] {
        assert_eq!(keys[1][same], keys[0][same], "{same}");
    }
    assert!(text(&keys[1]["kid"]).starts_with("jwk-test-"));
    let certificate = STANDARD.decode(text(&keys[1]["x5c"][0])).expect("base64");
    assert_eq!(
        text(&keys[1]["x5tS256"]),
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate))
    );
    let modulus = URL_SAFE_NO_PAD
        .decode(text(&keys[1]["n"]))
        .expect("base64url");
    let at = certificate
        .windows(modulus.len())
        .position(|window| window == modulus);
    assert!(at.is_some(), "the certificate is of this key");
    // A certificate has three parts: the signed data, the algorithm, and the signature, which its own key must verify.
    let (outer, rest) = element(&certificate);
    assert!(rest.is_empty());
    let (_, after) = element(outer);
    let signed = &outer[..outer.len() - after.len()];
    let (_, signature) = element(after);
    let signature = element(signature).0;
    let key = aws_lc_rs::signature::RsaPublicKeyComponents {
        n: &modulus,
        e: &vec![1, 0, 1],
    };
    key.verify(
        &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256,
        signed,
        &signature[1..],
    )
    .expect("signed by itself");
}

/// The content of the first DER element, and the rest.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, begins) = match der[1] {
        long @ 0x81..=0x84 => {
            let bytes = usize::from(long & 0x7f);
            let length = der[2..2 + bytes]
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            (length, 2 + bytes)
        }
        short => (usize::from(short), 2),
    };
    (&der[begins..begins + length], &der[begins + length..])
}
