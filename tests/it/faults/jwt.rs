//! The local check of session JWTs, against a key server of the test's own.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use axum::{Json, Router, http::StatusCode, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};
use stytch_b2b_axum::stytch::{Credentials, OrganizationId, ProjectSecret, SessionJwt, Stytch};
use time::OffsetDateTime;
use tokio::net::TcpListener;

const PROJECT: &str = "project-test-11111111-1111-4111-8111-111111111111";

/// A Stytch that serves keys and nothing else.
#[derive(Clone, Default)]
struct KeyServer {
    keys: Arc<Mutex<Vec<Value>>>,
    requests: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
}

impl KeyServer {
    async fn start(self) -> Stytch {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let response = move || {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let status = if self.down.load(Ordering::Relaxed) {
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::OK
            };
            let keys = self.keys.lock().unwrap().clone();
            async move { (status, Json(json!({"keys": keys, "status_code": 200}))) }
        };
        let router = Router::new().route("/v1/b2b/sessions/jwks/{project_id}", get(response));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let credentials = Credentials {
            project_id: PROJECT.into(),
            secret: ProjectSecret::new("secret"),
            public_token: "public".into(),
        };
        Stytch::new(
            credentials,
            base_url.parse().unwrap(),
            Duration::from_secs(5),
        )
        .unwrap()
    }

    /// Creates a key, publishes it, and returns the key to sign with.
    fn publish(&self, kid: &str) -> EncodingKey {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let key = EncodingKey::from_rsa_der(pkcs1(pair.as_der().unwrap().as_ref()));
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
        jwk.common.key_id = Some(kid.into());
        self.keys
            .lock()
            .unwrap()
            .push(serde_json::to_value(jwk).unwrap());
        key
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// The RSA key inside a PKCS#8 envelope, whose header has the same length for every key of this size.
fn pkcs1(pkcs8: &[u8]) -> &[u8] {
    &pkcs8[26..]
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": format!("stytch.com/{PROJECT}"),
        "aud": [PROJECT],
        "sub": "member-test-1",
        "iat": 1_800_000_000,
        "nbf": 1_800_000_000,
        "exp": 1_800_000_300,
        "https://stytch.com/session": {"id": "member-session-test-1"},
        "https://stytch.com/organization": {"organization_id": "organization-test-1", "slug": "acme"},
    })
}

fn sign(key: &EncodingKey, kid: &str, claims: &Value) -> SessionJwt {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(kid.into());
    SessionJwt::new(encode(&header, claims, key).unwrap())
}

/// A JWT with one claim changed.
fn sign_with(key: &EncodingKey, name: &str, value: Value) -> SessionJwt {
    let mut claims = claims();
    claims[name] = value;
    sign(key, "one", &claims)
}

async fn verify(
    stytch: &Stytch,
    jwt: &SessionJwt,
    at: OffsetDateTime,
) -> Result<OffsetDateTime, String> {
    let organization = OrganizationId::parse("organization-test-1").unwrap();
    let verified = stytch.sessions().verify_jwt(jwt, &organization, at).await;
    verified.map_err(|error| error.to_string())
}

/// V11, V15: a JWT is accepted only if it is exactly what Stytch signs.
#[tokio::test]
async fn only_the_projects_own_jwts_count() {
    let server = KeyServer::default();
    let (key, other) = (server.publish("one"), KeyServer::default().publish("one"));
    let stytch = server.clone().start().await;
    let good = sign(&key, "one", &claims());
    assert_eq!(
        verify(&stytch, &good, now()).await.unwrap(),
        now() + Duration::from_secs(330)
    );
    let with = |name: &str, value: Value| sign_with(&key, name, value);
    let parts: Vec<&str> = good.expose().split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT","kid":"one"}"#);
    // The public key as an HMAC secret: algorithm confusion.
    let public = server.keys.lock().unwrap()[0]["n"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.kid = Some("one".into());
    let hmac = encode(
        &hmac,
        &claims(),
        &EncodingKey::from_secret(public.as_bytes()),
    )
    .unwrap();
    let without = |name: &str| {
        let mut claims = claims();
        let removed = claims.as_object_mut().unwrap().remove(name);
        assert!(removed.is_some());
        sign(&key, "one", &claims)
    };
    let padded = format!("{}=.{}.{}", parts[0], parts[1], parts[2]);
    let nameless = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    for (what, jwt) in [
        ("another key", sign(&other, "one", &claims())),
        ("an unknown key", sign(&key, "two", &claims())),
        ("alg none", SessionJwt::new(format!("{none}.{}.", parts[1]))),
        ("HS256", SessionJwt::new(hmac)),
        ("cut", SessionJwt::new(format!("{}.{}", parts[0], parts[1]))),
        (
            "changed",
            SessionJwt::new(format!("{}.{}x.{}", parts[0], parts[1], parts[2])),
        ),
        ("empty", SessionJwt::new("")),
        (
            "four parts",
            SessionJwt::new(format!("{}.e30", good.expose())),
        ),
        ("padding", SessionJwt::new(padded)),
        (
            "no kid",
            SessionJwt::new(format!("{nameless}.{}.{}", parts[1], parts[2])),
        ),
        ("issuer without its host", with("iss", json!(PROJECT))),
        (
            "another host",
            with("iss", json!(format!("example.com/{PROJECT}"))),
        ),
        ("one other audience", with("aud", json!("project-test-2"))),
        ("no audience", with("aud", json!([]))),
        ("issuer", with("iss", json!("stytch.com/project-test-2"))),
        ("audience", with("aud", json!(["project-test-2"]))),
        (
            "organization",
            with(
                "https://stytch.com/organization",
                json!({"organization_id": "organization-test-2"}),
            ),
        ),
        ("no session", without("https://stytch.com/session")),
        (
            "no organization",
            without("https://stytch.com/organization"),
        ),
        ("no nbf", without("nbf")),
        ("no exp", without("exp")),
        ("no iss", without("iss")),
        ("no aud", without("aud")),
        ("no sub", without("sub")),
        ("exp as a text", with("exp", json!("1800000300"))),
        ("exp", with("exp", json!(1_800_000_000 - 31))),
        ("nbf", with("nbf", json!(1_800_000_000 + 31))),
        ("odd exp", with("exp", json!(9_000_000_000_000_000_000_i64))),
    ] {
        verify(&stytch, &jwt, now()).await.expect_err(what);
    }
}

/// V11, V15: as the previous test, but each of these is accepted.
#[tokio::test]
async fn a_jwt_may_differ_in_some_ways() {
    let server = KeyServer::default();
    let key = server.publish("one");
    let stytch = server.clone().start().await;
    let good = sign(&key, "one", &claims());
    let with = |name: &str, value: Value| sign_with(&key, name, value);
    // The audience may be a text instead of a list (RFC 7519 §4.1.3).
    let one = with("aud", json!(PROJECT));
    verify(&stytch, &one, now()).await.unwrap();
    // V15: the last second of the calendar.
    let endless = with("exp", json!(253_402_300_799_i64));
    verify(&stytch, &endless, now()).await.unwrap();
    // A difference of thirty seconds between two clocks is accepted.
    let late = Duration::from_secs(329);
    verify(&stytch, &good, now() + late).await.unwrap();
    verify(&stytch, &good, now() - Duration::from_secs(30))
        .await
        .unwrap();
    verify(&stytch, &good, now() + late + Duration::from_secs(1))
        .await
        .unwrap_err();
    verify(&stytch, &good, now() - Duration::from_secs(31))
        .await
        .unwrap_err();
}

/// V11: the app knows no extension that a JWT can mark as critical (RFC 7515 §4.1.11). An empty list is refused, too.
#[tokio::test]
async fn critical_extensions_are_refused() {
    let server = KeyServer::default();
    let key = server.publish("one");
    let stytch = server.clone().start().await;
    for crit in [Vec::new(), vec!["b64".to_owned()], vec!["exp".to_owned()]] {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some("one".into());
        header.crit = Some(crit);
        let jwt = SessionJwt::new(encode(&header, &claims(), &key).unwrap());
        let refused = verify(&stytch, &jwt, now()).await.unwrap_err();
        assert!(refused.contains("it requires an extension"), "{refused}");
    }
    let good = sign(&key, "one", &claims());
    verify(&stytch, &good, now()).await.unwrap();
}

/// V11: a key for another purpose verifies nothing (RFC 7517 §4.1 to §4.4), and does not hide a key with the same id.
#[tokio::test]
async fn keys_for_another_purpose_are_ignored() {
    for (member, value, is_good) in [
        ("use", json!("enc"), false),
        ("use", json!("something-new"), false),
        ("use", json!("sig"), true),
        ("key_ops", json!(["encrypt", "sign"]), false),
        ("key_ops", json!([]), false),
        ("key_ops", json!(["verify"]), true),
        ("alg", json!("RS512"), false),
        ("alg", json!("RSA-OAEP"), false),
        ("alg", Value::Null, true),
        ("kty", json!("oct"), false),
    ] {
        let server = KeyServer::default();
        let key = server.publish("one");
        let mut spoiled = server.keys.lock().unwrap()[0].clone();
        spoiled[member] = value.clone();
        server.keys.lock().unwrap()[0] = spoiled.clone();
        let stytch = server.clone().start().await;
        let good = sign(&key, "one", &claims());
        let verified = verify(&stytch, &good, now()).await;
        assert_eq!(verified.is_ok(), is_good, "{member} {value}: {verified:?}");
        if !is_good {
            let server = KeyServer::default();
            let key = server.publish("one");
            server.keys.lock().unwrap().push(spoiled);
            let stytch = server.clone().start().await;
            let good = sign(&key, "one", &claims());
            verify(&stytch, &good, now()).await.unwrap();
        }
    }
}

/// V11: made-up key ids cause one request in ten seconds. A new key is found.
#[tokio::test]
async fn unknown_keys_are_requested_at_intervals() {
    let server = KeyServer::default();
    let one = server.publish("one");
    let stytch = server.clone().start().await;
    let good = sign(&one, "one", &claims());
    verify(&stytch, &good, now()).await.unwrap();
    for n in 0..1000 {
        verify(
            &stytch,
            &sign_cheaply(&good, n),
            now() + Duration::from_secs(9),
        )
        .await
        .unwrap_err();
    }
    assert_eq!(server.requests(), 1);
    let two = server.publish("two");
    let new = sign(&two, "two", &claims());
    verify(&stytch, &new, now() + Duration::from_secs(9))
        .await
        .unwrap_err();
    verify(&stytch, &new, now() + Duration::from_secs(10))
        .await
        .unwrap();
    verify(&stytch, &good, now() + Duration::from_secs(10))
        .await
        .unwrap();
    assert_eq!(server.requests(), 2);
}

/// V11, S11: the app's clock is set back by an hour, and a new key is found nevertheless.
#[tokio::test]
async fn a_clock_set_back_hides_no_new_key() {
    let server = KeyServer::default();
    let one = server.publish("one");
    let stytch = server.clone().start().await;
    let ahead = Duration::from_hours(1);
    let mut later = claims();
    later["exp"] = json!(1_800_000_300 + 3600);
    let late = sign(&one, "one", &later);
    verify(&stytch, &late, now() + ahead).await.unwrap();
    let new = sign(&server.publish("two"), "two", &claims());
    verify(&stytch, &new, now()).await.unwrap();
    assert_eq!(server.requests(), 2);
}

/// The same token under a made-up key id.
fn sign_cheaply(jwt: &SessionJwt, n: usize) -> SessionJwt {
    let header = URL_SAFE_NO_PAD.encode(format!(
        r#"{{"alg":"RS256","typ":"JWT","kid":"made-up-{n}"}}"#
    ));
    let (_, rest) = jwt.expose().split_once('.').unwrap();
    SessionJwt::new(format!("{header}.{rest}"))
}

/// V11: there is one request, however many checks wait for it.
#[tokio::test]
async fn concurrent_checks_share_one_request() {
    let server = KeyServer::default();
    let good = sign(&server.publish("one"), "one", &claims());
    let stytch = server.clone().start().await;
    let checks = (0..50).map(|_| {
        let (stytch, good) = (stytch.clone(), good.clone());
        tokio::spawn(async move { verify(&stytch, &good, now()).await })
    });
    for check in checks.collect::<Vec<_>>() {
        check.await.unwrap().unwrap();
    }
    assert_eq!(server.requests(), 1);
}

/// V11: known keys are used while the endpoint is down. A withdrawn one is forgotten after an hour.
#[tokio::test]
async fn known_keys_are_used_while_the_endpoint_is_down() {
    let server = KeyServer::default();
    let good = sign(&server.publish("one"), "one", &claims());
    let stytch = server.clone().start().await;
    server.down.store(true, Ordering::Relaxed);
    assert!(
        verify(&stytch, &good, now())
            .await
            .unwrap_err()
            .contains("no keys")
    );
    server.down.store(false, Ordering::Relaxed);
    let at = |seconds| now() + Duration::from_secs(seconds);
    verify(&stytch, &good, at(10)).await.unwrap();
    server.down.store(true, Ordering::Relaxed);
    let later = |seconds: u64| {
        let mut claims = claims();
        claims["exp"] = json!(1_800_000_300 + seconds);
        claims
    };
    let key = server.publish("later");
    let late = sign(&key, "later", &later(4000));
    // An hour later the keys are stale, and the server does not respond. Known keys are still used.
    let mut old = claims();
    old["exp"] = json!(1_800_010_000_i64);
    verify(&stytch, &late, at(3700)).await.unwrap_err();
    server.down.store(false, Ordering::Relaxed);
    server.keys.lock().unwrap().remove(0);
    verify(&stytch, &late, at(3711)).await.unwrap();
    assert!(
        verify(&stytch, &good, at(100))
            .await
            .unwrap_err()
            .contains("not one of the project's")
    );
}
