//! `sessions.authenticate`, `sessions.revoke`, JWTs and the JWKS. See `docs/stytch.md#sessions-and-jwts`.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply, text};

const AUTHENTICATE: &str = "/v1/b2b/sessions/authenticate";
const UNKNOWN: &str = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";

async fn authenticate(lab: &Lab, body: Value) -> Reply {
    lab.post(AUTHENTICATE, body).await
}

/// The claims of a JWT, checked like in an SDK: key from the JWKS, issuer, audience, times.
pub async fn claims(lab: &Lab, jwt: &str) -> Value {
    let project_id = lab.credentials().project_id;
    // Without credentials, as PyJWT and jose do.
    let url = format!("{}/v1/b2b/sessions/jwks/{project_id}", lab.url);
    let keys = Reply::send(lab.http.get(url)).await.ok()["keys"].clone();
    let header = jsonwebtoken::decode_header(jwt).expect("a header");
    assert_eq!(
        (header.alg, header.typ.as_deref()),
        (Algorithm::RS256, Some("JWT"))
    );
    let key = keys
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| key["kid"] == header.kid.clone().expect("a kid"));
    let key = key.expect("the key of the token");
    let key =
        DecodingKey::from_rsa_components(&text(&key["n"]), &text(&key["e"])).expect("an RSA key");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[&project_id]);
    rules.set_issuer(&[format!("stytch.com/{project_id}")]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    rules.validate_nbf = true;
    rules.leeway = 0;
    jsonwebtoken::decode::<Value>(jwt, &key, &rules)
        .expect("a valid token")
        .claims
}

#[tokio::test]
async fn token_and_jwt_both_identify_the_session() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    for body in [
        json!({ "session_token": token }),
        json!({ "session_jwt": jwt }),
    ] {
        let answer = authenticate(&lab, body).await.ok();
        assert_eq!(answer["session_token"], *token);
        assert_eq!(answer["member"]["email_address"], "ada@acme.example");
        assert_eq!(answer["organization"]["organization_slug"], "acme");
        assert_eq!(answer["verdict"], Value::Null);
        claims(&lab, &text(&answer["session_jwt"])).await;
    }
}

#[tokio::test]
async fn a_jwt_has_the_vendors_claims() {
    let lab = Lab::start().await;
    let wanted = json!({ "team": "blue", "sub": "forged" });
    let more = json!({ "session_custom_claims": wanted, "session_duration_minutes": 60 });
    let answer = lab
        .sign_in("google", "ada@acme.example", "acme", more)
        .await
        .ok();
    let claims = claims(&lab, &text(&answer["session_jwt"])).await;
    let number = |name: &str| claims[name].as_i64().expect("a number");
    assert_eq!(
        (number("exp") - number("iat"), number("nbf")),
        (300, number("iat"))
    );
    assert_eq!(claims["sub"], answer["member_id"]);
    assert_eq!(claims["aud"], json!([lab.credentials().project_id]));
    assert_eq!(claims["team"], "blue");
    let organization = json!({ "organization_id": answer["organization_id"], "slug": "acme" });
    assert_eq!(claims["https://stytch.com/organization"], organization);
    let (in_jwt, session) = (
        &claims["https://stytch.com/session"],
        &answer["member_session"],
    );
    assert_eq!(in_jwt["id"], session["member_session_id"]);
    for same in ["started_at", "last_accessed_at", "expires_at", "roles"] {
        assert_eq!(in_jwt[same], session[same], "{same}");
    }
    assert_eq!(
        in_jwt["attributes"],
        json!({ "user_agent": "", "ip_address": "" })
    );
    let mut factor = session["authentication_factors"][0].clone();
    let dates = factor.as_object_mut().expect("an object");
    assert!(dates.remove("created_at").is_some() && dates.remove("updated_at").is_some());
    assert_eq!(in_jwt["authentication_factors"], json!([factor]));
    let mut names: Vec<&String> = claims.as_object().expect("an object").keys().collect();
    names.sort();
    let expected = [
        "aud",
        "exp",
        "https://stytch.com/organization",
        "https://stytch.com/session",
        "iat",
        "iss",
        "nbf",
        "sub",
        "team",
    ];
    assert_eq!(names, expected);
}

/// Checks against the machine's time still pass.
#[tokio::test]
async fn jwts_stay_valid_in_a_world_whose_clock_is_ahead() {
    let lab = Lab::start().await;
    lab.world.advance(Duration::from_hours(24));
    let (_, jwt) = lab.adas_session().await;
    claims(&lab, &jwt).await;
}

#[tokio::test]
async fn a_signature_of_another_key_is_refused() {
    let lab = Lab::start().await;
    let (_, jwt) = lab.adas_session().await;
    let good = claims(&lab, &jwt).await;
    let hs256 = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &good,
        &EncodingKey::from_secret(b"x"),
    )
    .expect("a token");
    let (head, tail) = jwt.rsplit_once('.').expect("three parts");
    let changed = format!("{head}.{}", tail.chars().rev().collect::<String>());
    let none = format!(
        "eyJhbGciOiJub25lIn0.{}.",
        head.split('.').nth(1).expect("a payload")
    );
    for forged in [hs256, changed, none, "x".to_owned()] {
        authenticate(&lab, json!({ "session_jwt": forged }))
            .await
            .is_error(400, "unable_to_parse_session_jwt");
    }
}

#[tokio::test]
async fn another_worlds_jwt_is_refused() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    let lab = Lab { world, ..lab };
    authenticate(&lab, json!({ "session_jwt": jwt }))
        .await
        .is_error(400, "jwt_invalid_issuer");
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .is_error(404, "session_not_found");
}

#[tokio::test]
async fn invalid_session_arguments_are_refused() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    authenticate(&lab, json!({}))
        .await
        .is_error(400, "no_session_arguments");
    authenticate(&lab, json!({ "session_token": "" }))
        .await
        .is_error(400, "no_session_arguments");
    let both = json!({ "session_token": token, "session_jwt": jwt });
    authenticate(&lab, both)
        .await
        .is_error(400, "too_many_session_arguments");
    authenticate(&lab, json!({ "session_token": "short" }))
        .await
        .is_error(400, "invalid_session_token");
    authenticate(&lab, json!({ "session_token": UNKNOWN }))
        .await
        .is_error(404, "session_not_found");
    let bad = json!({ "session_token": token, "session_duration_minutes": 3 });
    authenticate(&lab, bad)
        .await
        .is_error(400, "invalid_session_duration_minutes");
}

#[tokio::test]
async fn sessions_expire_and_an_expired_jwt_of_a_live_one_is_accepted() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    lab.world.advance(Duration::from_mins(59));
    let answer = authenticate(&lab, json!({ "session_jwt": jwt })).await.ok();
    assert_ne!(answer["session_jwt"], *jwt, "a new JWT is returned");
    let started = answer["member_session"]["started_at"].clone();
    assert_ne!(
        answer["member_session"]["last_accessed_at"], started,
        "the access is noted"
    );
    lab.world.advance(Duration::from_mins(1));
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .is_error(404, "session_not_found");
    authenticate(&lab, json!({ "session_jwt": jwt }))
        .await
        .is_error(404, "session_not_found");
    assert_eq!(lab.world.state()["sessions"], json!([]));
}

#[tokio::test]
async fn a_duration_extends_or_shortens_a_session() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let call = |body: Value| {
        let mut body = body;
        body["session_token"] = json!(token);
        authenticate(&lab, body)
    };
    let before = call(json!({})).await.ok()["member_session"]["expires_at"].clone();
    let silent = call(json!({ "session_custom_claims": { "a": 1 } }))
        .await
        .ok()["member_session"]
        .clone();
    assert_eq!(
        (&silent["expires_at"], &silent["custom_claims"]),
        (&before, &json!({ "a": 1 })),
        "claims are written, and the expiry stays"
    );
    let longer = call(
        json!({ "session_duration_minutes": 120, "session_custom_claims": { "a": 1, "b": 2 } }),
    )
    .await
    .ok();
    assert!(text(&longer["member_session"]["expires_at"]) > text(&before));
    assert_eq!(
        longer["member_session"]["custom_claims"],
        json!({ "a": 1, "b": 2 })
    );
    let shorter =
        call(json!({ "session_duration_minutes": 5, "session_custom_claims": { "a": null } }))
            .await
            .ok();
    assert_eq!(
        shorter["member_session"]["custom_claims"],
        json!({ "b": 2 })
    );
    lab.world.advance(Duration::from_mins(5));
    call(json!({})).await.is_error(404, "session_not_found");
}

#[tokio::test]
async fn deleted_and_locked_members_have_no_session() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let ada = |patch| lab.world.patch_member("acme", "ada@acme.example", patch);
    ada(json!({ "is_locked": true }));
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .is_error(429, "user_lock_limit_reached");
    ada(json!({ "is_locked": false }));
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .ok();
    ada(json!({ "status": "deleted" }));
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .is_error(404, "session_not_found");
}

#[tokio::test]
async fn authorization_checks_depend_on_roles_and_the_organization() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let acme = lab.organization("acme")["organization_id"].clone();
    let check = |organization: Value, resource: &str, action: &str| {
        let check =
            json!({ "organization_id": organization, "resource_id": resource, "action": action });
        authenticate(
            &lab,
            json!({ "session_token": token, "authorization_check": check }),
        )
    };
    let verdict = check(
        acme.clone(),
        "stytch.organization",
        "update.settings.default-roles",
    )
    .await
    .ok()["verdict"]
        .clone();
    assert_eq!(
        verdict,
        json!({ "authorized": true, "granting_roles": ["stytch_admin"] })
    );
    check(acme.clone(), "documents", "read")
        .await
        .is_error(403, "session_authorization_error");
    let globex = lab.organization("globex")["organization_id"].clone();
    check(globex, "stytch.organization", "x")
        .await
        .is_error(403, "session_authorization_tenancy_error");
    let custom = json!([{ "role_id": "editor", "description": "", "permissions": [{ "resource_id": "documents", "actions": ["read"] }] }]);
    lab.world
        .patch_organization("acme", json!({ "custom_roles": custom }));
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "roles": ["editor"] }));
    let verdict = check(acme.clone(), "documents", "read").await.ok()["verdict"].clone();
    assert_eq!(verdict["granting_roles"], json!(["editor"]));
    check(acme.clone(), "documents", "write")
        .await
        .is_error(403, "session_authorization_error");
    check(acme.clone(), "stytch.organization", "x")
        .await
        .is_error(403, "session_authorization_error");
    assert_eq!(
        check(acme, "stytch.self", "read").await.ok()["verdict"]["granting_roles"],
        json!(["stytch_member"])
    );
    let body = json!({ "session_token": token, "authorization_check": { "action": "read" } });
    authenticate(&lab, body).await.is_error(400, "bad_request");
}

#[tokio::test]
async fn the_jwks_has_every_field_and_requires_a_known_project() {
    let lab = Lab::start().await;
    let project_id = lab.credentials().project_id;
    let key = lab
        .get(&format!(
            "/v1/b2b/sessions/jwks/{project_id}?project_id={project_id}"
        ))
        .await
        .ok()["keys"][0]
        .clone();
    let mut names: Vec<&String> = key.as_object().expect("an object").keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "alg", "e", "key_ops", "kid", "kty", "n", "use", "x5c", "x5tS256"
        ]
    );
    assert_eq!(
        (&key["key_ops"], &key["kty"], &key["alg"], &key["use"]),
        (
            &json!(["verify"]),
            &json!("RSA"),
            &json!("RS256"),
            &json!("sig")
        )
    );
    let unknown = "/v1/b2b/sessions/jwks/project-test-11111111-1111-4111-8111-111111111111";
    lab.get(unknown)
        .await
        .is_error(400, "invalid_project_id_authentication");
}
