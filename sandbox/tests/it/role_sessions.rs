//! `preserve_existing_sessions`: sessions by SSO end when a role is removed that the connection also assigns.

use serde_json::{Value, json};

use super::lab::{Lab, text};
use super::sso::{BOB, OIDC, SAML};

/// Bob is an administrator directly and through the SAML connection. Returns his sessions by SAML, OIDC and Google.
async fn lab() -> (Lab, [String; 3]) {
    let lab = Lab::start().await;
    give_by_saml(&lab, json!([{ "role_id": "stytch_admin" }])).await;
    update(&lab, json!({ "roles": ["stytch_admin"] })).await;
    let mut sessions = Vec::new();
    for connection in [SAML, OIDC] {
        let token = lab.sso_token(connection, BOB);
        let answer = lab.spend_sso(&token, json!({})).await.ok();
        sessions.push(text(&answer["session_token"]));
    }
    let answer = lab.sign_in("google", BOB, "globex", json!({})).await.ok();
    sessions.push(text(&answer["session_token"]));
    (lab, sessions.try_into().expect("three"))
}

/// Sets the roles that the SAML connection assigns.
async fn give_by_saml(lab: &Lab, roles: Value) {
    let connection = json!({ "connection_id": SAML, "organization_id": "globex" });
    let roles = json!({ "saml_connection_implicit_role_assignments": roles });
    lab.set_connection(&connection, roles).await.ok();
}

async fn update(lab: &Lab, body: Value) {
    let id = text(&lab.member("globex", BOB)["member_id"]);
    let path = format!("/v1/b2b/organizations/globex/members/{id}");
    lab.put(&path, body).await.ok();
}

async fn live(lab: &Lab, sessions: &[String; 3]) -> [bool; 3] {
    let [a, b, c] = sessions;
    [
        lab.session_works(a).await,
        lab.session_works(b).await,
        lab.session_works(c).await,
    ]
}

#[tokio::test]
async fn removing_a_role_ends_the_sessions_of_its_connection() {
    let (lab, sessions) = lab().await;
    update(&lab, json!({ "name": "Bob" })).await;
    update(&lab, json!({ "roles": ["stytch_admin"] })).await;
    assert_eq!(
        live(&lab, &sessions).await,
        [true; 3],
        "no role was removed"
    );
    update(&lab, json!({ "roles": [] })).await;
    assert_eq!(live(&lab, &sessions).await, [false, true, true]);
}

#[tokio::test]
async fn preserve_existing_sessions_keeps_them() {
    let (lab, sessions) = lab().await;
    update(
        &lab,
        json!({ "roles": [], "preserve_existing_sessions": true }),
    )
    .await;
    assert_eq!(live(&lab, &sessions).await, [true; 3]);
}

/// No SSO connection assigns the role.
#[tokio::test]
async fn removing_a_role_without_sso_ends_no_session() {
    let (lab, sessions) = lab().await;
    give_by_saml(&lab, json!([])).await;
    update(&lab, json!({ "roles": [] })).await;
    assert_eq!(live(&lab, &sessions).await, [true; 3]);
}

#[tokio::test]
async fn removing_roles_with_a_password_migration_ends_them_too() {
    for (keep, saml) in [(false, false), (true, true)] {
        let (lab, sessions) = lab().await;
        let more = json!({ "hash_type": "sha_1", "hash": "fa806d5a4c7b70a93be4df6d445c000bd2d7025a", "roles": [], "preserve_existing_sessions": keep });
        lab.migrate("globex", BOB, more).await.ok();
        assert_eq!(live(&lab, &sessions).await, [saml, true, true]);
    }
}
