//! A role that an organization no longer has is removed from its members.

use serde_json::{Value, json};

use super::control::{good, steer};
use super::lab::{Lab, text};

const POLICY: &str = "/v1/b2b/rbac/organizations/acme";
const ACME: &str = "/v1/b2b/organizations/acme";
const ADA: &str = "ada@acme.example";
const GRACE: &str = "grace@acme.example";

/// A lab with a resource for documents.
async fn start() -> Lab {
    let lab = Lab::start().await;
    let documents = json!({ "resource_id": "documents", "description": "", "actions": ["read"] });
    good(&steer(&lab, "rbac_policy", json!({ "resources": [documents] })).await);
    lab
}

/// The same lab with Grace as a member of Acme.
async fn lab() -> Lab {
    let lab = start().await;
    let grace = json!({ "email_address": GRACE });
    lab.post(&format!("{ACME}/members"), grace).await.ok();
    lab
}

/// Sets the organization's own roles, each of which can read documents.
async fn set(lab: &Lab, roles: &[&str]) {
    let permissions = json!([{ "resource_id": "documents", "actions": ["read"] }]);
    let role = |id: &&str| json!({ "role_id": id, "description": "", "permissions": permissions });
    let roles: Vec<Value> = roles.iter().map(role).collect();
    let body = json!({ "org_policy": { "roles": roles } });
    lab.put(POLICY, body).await.ok();
}

async fn assign(lab: &Lab, email: &str, roles: Value) {
    let path = format!("{ACME}/members/{}", lab.member_id("acme", email));
    lab.put(&path, json!({ "roles": roles })).await.ok();
}

fn roles(lab: &Lab, email: &str) -> Vec<String> {
    let member = lab.member("acme", email);
    let roles = member["roles"].as_array().expect("roles").iter();
    roles.map(|it| text(&it["role_id"])).collect()
}

#[tokio::test]
async fn members_lose_a_removed_role_and_keep_the_others() {
    let lab = lab().await;
    set(&lab, &["editor", "reader"]).await;
    assign(&lab, ADA, json!(["stytch_admin", "editor", "reader"])).await;
    assign(&lab, GRACE, json!(["reader"])).await;
    let grace = lab.member("acme", GRACE);
    lab.world.advance(std::time::Duration::from_mins(1));
    set(&lab, &["reader"]).await;
    let mut left = roles(&lab, ADA);
    left.sort_unstable();
    assert_eq!(left, ["reader", "stytch_admin", "stytch_member"]);
    assert_eq!(lab.member("acme", ADA)["is_admin"], true);
    assert_eq!(lab.member("acme", GRACE), grace, "untouched");
}

/// A later role with the same name is a new role.
#[tokio::test]
async fn a_role_that_is_added_again_is_not_assigned() {
    let lab = start().await;
    set(&lab, &["editor"]).await;
    assign(&lab, ADA, json!(["editor"])).await;
    let (session, _) = lab.adas_session().await;
    let check = json!({ "organization_id": "acme", "resource_id": "documents", "action": "read" });
    let body = json!({ "session_token": session, "authorization_check": check });
    let authenticate = "/v1/b2b/sessions/authenticate";
    lab.post(authenticate, body.clone()).await.ok();
    set(&lab, &[]).await;
    lab.post(authenticate, body.clone())
        .await
        .is_error(403, "session_authorization_error");
    set(&lab, &["editor"]).await;
    lab.post(authenticate, body)
        .await
        .is_error(403, "session_authorization_error");
    assert!(!roles(&lab, ADA).contains(&"editor".to_owned()));
}

/// This applies to existing and new members.
#[tokio::test]
async fn email_domains_no_longer_assign_it() {
    let lab = lab().await;
    set(&lab, &["editor", "reader"]).await;
    let by_domain = |role: &str| json!({ "domain": "acme.example", "role_id": role });
    let field = "rbac_email_implicit_role_assignments";
    let both = json!({ field: [by_domain("editor"), by_domain("reader")] });
    lab.put(ACME, both).await.ok();
    assert!(roles(&lab, GRACE).contains(&"editor".to_owned()));
    set(&lab, &["reader"]).await;
    assert_eq!(
        lab.organization("acme")[field],
        json!([by_domain("reader")])
    );
    set(&lab, &["editor", "reader"]).await;
    let new = json!({ "email_address": "new@acme.example" });
    lab.post(&format!("{ACME}/members"), new).await.ok();
    for email in [ADA, GRACE, "new@acme.example"] {
        let roles = roles(&lab, email);
        assert!(!roles.contains(&"editor".to_owned()), "{email}: {roles:?}");
        assert!(roles.contains(&"reader".to_owned()), "{email}: {roles:?}");
    }
}

/// This applies to the next login.
#[tokio::test]
async fn sso_connections_and_groups_no_longer_assign_it() {
    let lab = start().await;
    set(&lab, &["editor", "reader"]).await;
    let saml = lab.active_saml("acme").await;
    let id = text(&saml["connection_id"]);
    let (to_all, by_group) = (
        "saml_connection_implicit_role_assignments",
        "saml_group_implicit_role_assignments",
    );
    let [editor, reader] = ["editor", "reader"].map(|role| json!({ "role_id": role }));
    let of_staff = json!({ "role_id": "editor", "group": "staff" });
    let given = json!({ to_all: [editor, reader], by_group: [of_staff] });
    lab.set_connection(&saml, given).await.ok();
    lab.world.add_to_idp(&id, "Ada", ADA);
    lab.world.set_idp_groups(&id, ADA, &["staff"]);
    let sign_in = async || {
        let token = lab.sso_token(&id, ADA);
        lab.spend_sso(&token, json!({})).await.ok();
    };
    sign_in().await;
    assert!(roles(&lab, ADA).contains(&"editor".to_owned()));
    set(&lab, &["reader"]).await;
    let connections = lab.get("/v1/b2b/sso/acme").await.ok();
    let connections = connections["saml_connections"].as_array().expect("a list");
    let connection = connections.iter().find(|it| it["connection_id"] == *id);
    let connection = connection.expect("the connection");
    assert_eq!(connection[to_all], json!([reader]));
    assert_eq!(connection[by_group], json!([]));
    set(&lab, &["editor", "reader"]).await;
    sign_in().await;
    let roles = roles(&lab, ADA);
    assert!(!roles.contains(&"editor".to_owned()), "{roles:?}");
    assert!(roles.contains(&"reader".to_owned()), "{roles:?}");
}

/// They are separate roles.
#[tokio::test]
async fn roles_of_other_organizations_with_the_same_name_stay() {
    let lab = start().await;
    let role = json!([{ "role_id": "editor", "description": "", "permissions": [{ "resource_id": "documents", "actions": ["read"] }] }]);
    let body = json!({ "org_policy": { "roles": role } });
    lab.put("/v1/b2b/rbac/organizations/globex", body)
        .await
        .ok();
    let bob = lab.member_id("globex", "bob@globex.example");
    let path = format!("/v1/b2b/organizations/globex/members/{bob}");
    lab.put(&path, json!({ "roles": ["editor"] })).await.ok();
    set(&lab, &["editor"]).await;
    set(&lab, &[]).await;
    let bob = lab.member("globex", "bob@globex.example");
    assert!(bob["roles"].to_string().contains("editor"), "{bob}");
}
