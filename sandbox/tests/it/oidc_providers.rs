//! `organizations.members.oidc_providers`: tokens of OIDC identity providers.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::lab::{Lab, text};
use super::shapes::has_exactly;
use super::sso::{BOB, OIDC, SAML};

fn path(lab: &Lab) -> String {
    let id = lab.member_id("globex", BOB);
    format!("/v1/b2b/organizations/globex/members/{id}/oidc_providers")
}

/// Header and claims, without checking the signature.
fn parts(jwt: &str) -> (Value, Value) {
    let mut parts = jwt.split('.').map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice(&json).unwrap_or_default()
    });
    (
        parts.next().expect("a header"),
        parts.next().expect("claims"),
    )
}

async fn has_no_tokens(lab: &Lab, path: &str) {
    lab.get(path)
        .await
        .is_error(404, "member_oidc_token_not_found");
}

/// Bob signs in through this connection.
async fn log_in(lab: &Lab, connection_id: &str) {
    lab.spend_sso(&lab.sso_token(connection_id, BOB), json!({}))
        .await
        .ok();
}

#[tokio::test]
async fn an_oidc_login_stores_its_tokens() {
    let lab = Lab::start().await;
    let path = path(&lab);
    has_no_tokens(&lab, &path).await;
    log_in(&lab, SAML).await;
    has_no_tokens(&lab, &path).await;
    log_in(&lab, OIDC).await;
    let answer = lab.get(&path).await.ok();
    has_exactly(&answer, "status_code request_id registrations");
    let registration = &answer["registrations"][0];
    has_exactly(
        registration,
        "connection_id provider_subject id_token access_token access_token_expires_in refresh_token scopes",
    );
    assert_eq!(
        (
            &registration["connection_id"],
            &registration["provider_subject"]
        ),
        (&json!(OIDC), &json!(BOB))
    );
    assert_eq!(
        registration["scopes"],
        json!(["openid", "email", "profile"])
    );
    assert_eq!(registration["refresh_token"], Value::Null);
    let jwt = text(&registration["id_token"]);
    let (header, claims) = parts(&jwt);
    let connection = lab.get("/v1/b2b/sso/globex").await.ok()["oidc_connections"][0].clone();
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&connection["issuer"], &connection["client_id"])
    );
    assert_eq!(
        (&claims["sub"], &claims["email"]),
        (&json!(BOB), &json!(BOB))
    );
    assert_eq!(
        claims["exp"]
            .as_i64()
            .zip(claims["iat"].as_i64())
            .map(|(exp, iat)| exp - iat),
        Some(3600)
    );
    // It is signed with the provider's key, which is not a key of the project, so it is not a session JWT.
    let keys = lab
        .get(&format!(
            "/v1/b2b/sessions/jwks/{}",
            lab.credentials().project_id
        ))
        .await
        .ok();
    let keys = keys["keys"].as_array().expect("keys");
    assert!(keys.iter().all(|key| key["kid"] != header["kid"]));
    let body = json!({ "session_jwt": jwt });
    lab.post("/v1/b2b/sessions/authenticate", body)
        .await
        .is_error(400, "unable_to_parse_session_jwt");
    lab.get("/v1/b2b/organizations/globex/members/nobody/oidc_providers")
        .await
        .is_error(404, "member_not_found");
}

#[tokio::test]
async fn an_access_token_is_refreshed_if_offline_access_was_requested() {
    let lab = Lab::start().await;
    let path = path(&lab);
    log_in(&lab, OIDC).await;
    lab.world.advance(Duration::from_hours(1));
    lab.get(&path)
        .await
        .is_error(400, "missing_oauth_refresh_token");
    // The connection's scopes, which may be percent-encoded, and those of the start URL both count.
    let connection = lab.get("/v1/b2b/sso/globex").await.ok()["oidc_connections"][0].clone();
    let scopes = json!({ "custom_scopes": "openid%20offline_access" });
    lab.set_connection(&connection, scopes).await.ok();
    let page = lab
        .idp(&format!("connection_id={OIDC}&custom_scopes=calendar"))
        .await;
    lab.world.freeze_at(lab.world.now());
    let reply = page.choose(BOB).await;
    let token = reply
        .header("location")
        .rsplit_once("token=")
        .expect("a token")
        .1
        .to_owned();
    lab.spend_sso(&token, json!({})).await.ok();
    let with_refresh = format!("{path}?include_refresh_token=true");
    let first = lab.get(&with_refresh).await.ok()["registrations"].clone();
    assert_eq!(first.as_array().map(Vec::len), Some(1), "the last login's");
    assert_eq!(
        first[0]["scopes"],
        json!(["openid", "offline_access", "calendar"])
    );
    assert!(first[0]["refresh_token"].is_string());
    assert_eq!(
        lab.get(&path).await.ok()["registrations"][0]["refresh_token"],
        Value::Null
    );
    lab.world.advance(Duration::from_mins(59));
    let same = lab.get(&with_refresh).await.ok()["registrations"].clone();
    assert_eq!(same[0]["access_token"], first[0]["access_token"]);
    assert_eq!(same[0]["access_token_expires_in"], 60);
    lab.world.advance(Duration::from_mins(1));
    let next = lab.get(&with_refresh).await.ok()["registrations"].clone();
    assert_ne!(next[0]["access_token"], first[0]["access_token"]);
    assert_eq!(next[0]["access_token_expires_in"], 3600);
}

/// Deleting the member or the connection removes them.
#[tokio::test]
async fn tokens_are_removed_with_the_member_or_the_connection() {
    let lab = Lab::start().await;
    let path = path(&lab);
    log_in(&lab, OIDC).await;
    let id = lab.member_id("globex", BOB);
    let member = format!("/v1/b2b/organizations/globex/members/{id}");
    lab.delete(&member).await.ok();
    lab.put(&format!("{member}/reactivate"), json!({}))
        .await
        .ok();
    has_no_tokens(&lab, &path).await;
    log_in(&lab, OIDC).await;
    lab.delete(&format!("/v1/b2b/sso/globex/connections/{OIDC}"))
        .await
        .ok();
    has_no_tokens(&lab, &path).await;
}
