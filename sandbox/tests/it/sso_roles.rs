//! Roles by SSO connection and by group (API description of the member's roles).

use reqwest::Method;
use serde_json::{Value, json};

use super::control::{good, refused, steer};
use super::lab::{Lab, Reply, text};

const SAM: &str = "sam@acme.example";

/// Creates a SAML connection at Acme, and returns it with its id.
async fn connection(lab: &Lab) -> (Value, String) {
    let made = lab.active_saml("acme").await;
    let id = text(&made["connection_id"]);
    (made, id)
}

impl Lab {
    async fn sso_session(&self, connection: &str, email: &str) -> Value {
        let token = self.sso_token(connection, email);
        self.spend_sso(&token, json!({})).await.ok()
    }

    /// Whether the session has an administrator's rights, by authorization check and with the session in a header.
    async fn is_admin(&self, session: &Value) -> bool {
        let check = json!({ "organization_id": "acme", "resource_id": "stytch.organization", "action": "update.info.name" });
        let body = json!({ "session_token": session, "authorization_check": check });
        let verdict = self
            .post("/v1/b2b/sessions/authenticate", body)
            .await
            .status
            == 200;
        let request = self
            .call(Method::PUT, "/v1/b2b/organizations/acme")
            .header("X-Stytch-Member-Session", text(session))
            .json(&json!({ "organization_name": "Acme" }));
        assert_eq!(Reply::send(request).await.status == 200, verdict);
        verdict
    }
}

fn admin_source(member: &Value) -> Value {
    let roles = member["roles"].as_array().expect("roles");
    let admin = roles.iter().find(|it| it["role_id"] == "stytch_admin");
    admin.map_or(Value::Null, |it| it["sources"].clone())
}

#[tokio::test]
async fn a_role_by_connection_counts_only_in_its_sessions() {
    let lab = Lab::start().await;
    let (saml, id) = connection(&lab).await;
    let token = lab.newcomer(&id, "sam%40acme.example").await;
    let before = lab.spend_sso(&token, json!({})).await.ok();
    assert_eq!(before["member_session"]["roles"], json!(["stytch_member"]));
    let roles =
        json!({ "saml_connection_implicit_role_assignments": [{ "role_id": "stytch_admin" }] });
    lab.set_connection(&saml, roles).await.ok();
    // It is effective immediately for all members who have used the connection, including their existing sessions.
    let source = json!([{ "type": "sso_connection", "details": { "connection_id": id } }]);
    assert_eq!(admin_source(&lab.member("acme", SAM)), source);
    assert!(lab.is_admin(&before["session_token"]).await);
    let after = lab.sso_session(&id, SAM).await;
    let member = &after["member"];
    assert_eq!(
        (&admin_source(member), &member["is_admin"]),
        (&source, &json!(true))
    );
    assert_eq!(
        after["member_session"]["roles"],
        json!(["stytch_member", "stytch_admin"])
    );
    // After a sign-in by email, the member has the role but the session does not.
    let token = lab.magic_token("acme", SAM, json!({})).await;
    let by_email = lab.spend_link(&token).await.ok();
    assert_eq!(admin_source(&by_email["member"]), source);
    assert_eq!(
        by_email["member_session"]["roles"],
        json!(["stytch_member"])
    );
    let claims = super::sessions::claims(&lab, &text(&by_email["session_jwt"])).await;
    assert_eq!(
        claims["https://stytch.com/session"]["roles"],
        json!(["stytch_member"])
    );
    assert!(!lab.is_admin(&by_email["session_token"]).await);
    // After SSO is added, the session has it.
    let token = lab.sso_token(&id, SAM);
    let more = json!({ "session_token": by_email["session_token"] });
    lab.spend_sso(&token, more).await.ok();
    assert!(lab.is_admin(&by_email["session_token"]).await);
    // Removing it removes it everywhere. A member who has not used the connection never had it.
    assert_eq!(
        admin_source(&lab.member("acme", "ada@acme.example"))[0]["type"],
        "direct_assignment"
    );
    let none = json!({ "saml_connection_implicit_role_assignments": [] });
    lab.set_connection(&saml, none).await.ok();
    assert_eq!(admin_source(&lab.member("acme", SAM)), Value::Null);
    assert!(!lab.is_admin(&after["session_token"]).await);
}

#[tokio::test]
async fn a_role_by_group_follows_the_groups_of_the_last_login() {
    let lab = Lab::start().await;
    let (saml, id) = connection(&lab).await;
    let roles = json!({ "saml_group_implicit_role_assignments": [{ "role_id": "stytch_admin", "group": "staff" }] });
    lab.set_connection(&saml, roles).await.ok();
    let page = lab.idp(&format!("connection_id={id}")).await;
    let form = "name=Sam&email=sam%40acme.example&groups=guests%2C+staff";
    let reply = page.press("/person", form).await;
    let location = reply.header("location").to_owned();
    let token = location.rsplit_once("token=").expect("a token").1;
    let answer = lab.spend_sso(token, json!({})).await.ok();
    let member = &answer["member"];
    assert_eq!(
        member["sso_registrations"][0]["sso_attributes"],
        json!({ "groups": ["guests", "staff"] })
    );
    let source = json!([{ "type": "sso_connection_group", "details": { "connection_id": id, "group": "staff" } }]);
    assert_eq!(admin_source(member), source);
    // Leaving the group at the IdP takes effect at the next login.
    lab.world.set_idp_groups(&id, SAM, &["guests"]);
    assert!(lab.is_admin(&answer["session_token"]).await);
    let answer = lab.sso_session(&id, SAM).await;
    assert_eq!(admin_source(&answer["member"]), Value::Null);
    assert!(!lab.is_admin(&answer["session_token"]).await);
    // The same change over HTTP.
    let sso = |groups: Value| json!({ "flow": "sso", "connection_id": id, "email": SAM, "groups": groups });
    refused(
        &steer(&lab, "approve", sso(json!("staff"))).await,
        400,
        "groups",
    );
    let approved = good(&steer(&lab, "approve", sso(json!(["staff"]))).await);
    let answer = lab
        .spend_sso(&text(&approved["token"]), json!({}))
        .await
        .ok();
    assert!(lab.is_admin(&answer["session_token"]).await);
    let other = json!({ "flow": "discovery_oauth", "provider": "google", "email": "ada@acme.example", "groups": [] });
    refused(&steer(&lab, "approve", other).await, 400, "groups");
    // A deleted connection assigns no roles.
    lab.delete(&format!("/v1/b2b/sso/acme/connections/{id}"))
        .await
        .ok();
    assert_eq!(admin_source(&lab.member("acme", SAM)), Value::Null);
}

/// Logins have no groups then.
#[tokio::test]
async fn groups_are_ignored_if_they_are_not_mapped() {
    let lab = Lab::start().await;
    let (saml, id) = connection(&lab).await;
    let mapping = json!({ "attribute_mapping": { "email": "NameID", "full_name": "name" } });
    lab.set_connection(&saml, mapping).await.ok();
    let token = lab.newcomer(&id, "sam%40acme.example").await;
    lab.spend_sso(&token, json!({})).await.ok();
    lab.world.set_idp_groups(&id, SAM, &["staff"]);
    let answer = lab.sso_session(&id, SAM).await;
    let attributes = &answer["member"]["sso_registrations"][0]["sso_attributes"];
    assert_eq!(*attributes, json!({}));
}

/// A role is removed that the member also has by SSO: the sessions of that connection end, unless they are preserved.
#[tokio::test]
async fn removing_a_role_ends_the_sessions_that_would_keep_it() {
    let lab = Lab::start().await;
    let (saml, id) = connection(&lab).await;
    let roles =
        json!({ "saml_connection_implicit_role_assignments": [{ "role_id": "stytch_admin" }] });
    lab.set_connection(&saml, roles).await.ok();
    let token = lab.newcomer(&id, "sam%40acme.example").await;
    lab.spend_sso(&token, json!({})).await.ok();
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        lab.member_id("acme", SAM)
    );
    let lives = async |session: &Value| {
        let body = json!({ "session_token": session });
        lab.post("/v1/b2b/sessions/authenticate", body).await.status == 200
    };
    for (preserve, stays) in [(None, false), (Some(false), false), (Some(true), true)] {
        lab.put(&path, json!({ "roles": ["stytch_admin"] }))
            .await
            .ok();
        let by_sso = lab.sso_session(&id, SAM).await["session_token"].clone();
        let token = lab.magic_token("acme", SAM, json!({})).await;
        let by_email = lab.spend_link(&token).await.ok()["session_token"].clone();
        // Other changes end no sessions.
        lab.put(&path, json!({ "name": "Sam", "roles": ["stytch_admin"] }))
            .await
            .ok();
        assert!(lives(&by_sso).await);
        let mut body = json!({ "roles": [] });
        if let Some(preserve) = preserve {
            body["preserve_existing_sessions"] = json!(preserve);
        }
        let answer = lab.put(&path, body).await.ok();
        assert_eq!(admin_source(&answer["member"])[0]["type"], "sso_connection");
        assert_eq!(lives(&by_sso).await, stays, "{preserve:?}");
        assert!(lives(&by_email).await);
    }
}
