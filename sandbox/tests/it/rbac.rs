//! `rbac.policy`, an organization's roles, `debug.whoami`. See `docs/stytch.md#roles`.

use serde_json::{Value, json};

use super::lab::Lab;
use super::shapes::has_exactly;

const OWN: &str = "/v1/b2b/rbac/organizations/acme";

/// A policy with a custom resource.
pub fn documents() -> Value {
    json!({ "resources": [{ "resource_id": "documents", "description": "", "actions": ["read", "write"] }] })
}

#[tokio::test]
async fn the_policy_has_roles_resources_and_scopes() {
    let lab = Lab::start().await;
    let policy = lab.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    has_exactly(&policy, "roles resources scopes");
    let names = |list: &Value, key: &str| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter().map(|it| super::lab::text(&it[key])).collect()
    };
    assert_eq!(
        names(&policy["roles"], "role_id"),
        ["stytch_member", "stytch_admin"]
    );
    let resources = names(&policy["resources"], "resource_id");
    for wanted in [
        "stytch.organization",
        "stytch.member",
        "stytch.self",
        "stytch.sso",
        "stytch.scim",
        "stytch.custom-org-roles",
    ] {
        assert!(resources.iter().any(|it| it == wanted), "{wanted}");
    }
    for role in policy["roles"].as_array().expect("roles") {
        has_exactly(role, "role_id description permissions");
        for permission in role["permissions"].as_array().expect("permissions") {
            has_exactly(permission, "resource_id actions");
            assert!(resources.iter().any(|it| permission["resource_id"] == *it));
        }
    }
    for resource in policy["resources"].as_array().expect("resources") {
        has_exactly(resource, "resource_id description actions");
        assert!(!resource["actions"].as_array().expect("actions").is_empty());
    }
}

#[tokio::test]
async fn an_organization_has_its_own_roles() {
    let lab = Lab::start().await;
    assert_eq!(
        lab.get(OWN).await.ok()["org_policy"],
        json!({ "roles": [] })
    );
    lab.world.set_rbac_policy(&documents());
    let roles = json!([{ "role_id": "editor", "description": "Writes", "permissions": [{ "resource_id": "documents", "actions": ["read", "write"] }] }]);
    let set = lab
        .put(OWN, json!({ "org_policy": { "roles": roles } }))
        .await
        .ok();
    assert_eq!(set["org_policy"]["roles"], roles);
    assert_eq!(lab.get(OWN).await.ok()["org_policy"]["roles"], roles);
    assert_eq!(lab.organization("acme")["custom_roles"], roles);
    // Members can now have the role, and it allows its actions.
    let ada = super::lab::text(&lab.member("acme", "ada@acme.example")["member_id"]);
    let path = format!("/v1/b2b/organizations/acme/members/{ada}");
    lab.put(&path, json!({ "roles": ["editor"] })).await.ok();
    let (token, _) = lab.adas_session().await;
    let check = json!({ "organization_id": "acme", "resource_id": "documents", "action": "write" });
    let body = json!({ "session_token": token, "authorization_check": check });
    let answer = lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
    assert_eq!(answer["verdict"]["granting_roles"], json!(["editor"]));
    // It does not exist in another organization.
    let bob = super::lab::text(&lab.member("globex", "bob@globex.example")["member_id"]);
    lab.put(
        &format!("/v1/b2b/organizations/globex/members/{bob}"),
        json!({ "roles": ["editor"] }),
    )
    .await
    .is_error(400, "invalid_role");
}

#[tokio::test]
async fn invalid_roles_of_an_organization_are_refused() {
    let lab = Lab::start().await;
    lab.world.set_rbac_policy(&documents());
    let permission = json!([{ "resource_id": "documents", "actions": ["read"] }]);
    let role = |id: &str, permissions: &Value| json!({ "role_id": id, "description": "", "permissions": permissions });
    for (roles, error) in [
        (json!([role("", &permission)]), "empty_rbac_role_id"),
        (json!([{}]), "empty_rbac_role_id"),
        (
            json!([role("stytch_admin", &permission)]),
            "invalid_rbac_stytch_role_edit",
        ),
        (
            json!([role("a", &permission), role("a", &permission)]),
            "rbac_role_duplicate",
        ),
        (
            json!([role("a", &json!([]))]),
            "rbac_role_missing_permissions",
        ),
        (
            json!([role("a", &json!([{ "actions": ["read"] }]))]),
            "empty_rbac_resource_id",
        ),
        (
            json!([role(
                "a",
                &json!([{ "resource_id": "documents", "actions": [] }])
            )]),
            "rbac_permission_missing_actions",
        ),
        (
            json!([role(
                "a",
                &json!([{ "resource_id": "documents", "actions": ["burn"] }])
            )]),
            "invalid_rbac_custom_role",
        ),
        (
            json!([role(
                "a",
                &json!([{ "resource_id": "letters", "actions": ["*"] }])
            )]),
            "invalid_rbac_custom_role",
        ),
        (json!("x"), "bad_request"),
    ] {
        let body = json!({ "org_policy": { "roles": roles } });
        lab.put(OWN, body).await.is_error(400, error);
    }
    lab.put(OWN, json!({})).await.is_error(400, "bad_request");
    assert_eq!(lab.organization("acme")["custom_roles"], json!([]));
    let unknown = "/v1/b2b/rbac/organizations/nobody";
    lab.get(unknown)
        .await
        .is_error(404, "organization_not_found");
    let body = json!({ "org_policy": { "roles": [] } });
    lab.put(unknown, body)
        .await
        .is_error(404, "organization_not_found");
}

#[tokio::test]
async fn whoami_names_the_project() {
    let lab = Lab::start().await;
    let answer = lab.get("/v1/debug/whoami").await.ok();
    has_exactly(&answer, "status_code request_id project_id name");
    assert_eq!(answer["project_id"], lab.credentials().project_id);
}
