//! The project's RBAC policy: from a seed or the control API, and its effects on members.

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::Seed;

use super::control::{control, good, refused, steer};
use super::lab::{Lab, Reply, text};

const ADA: &str = "ada@acme.example";

/// Custom roles, a resource and a scope.
fn policy() -> Value {
    json!({
        "resources": [{ "resource_id": "documents", "description": "Texts", "actions": ["read", "write"] }],
        "roles": [
            { "role_id": "reader", "description": "Reads", "permissions": [{ "resource_id": "documents", "actions": ["read"] }] },
            { "role_id": "writer", "description": "", "permissions": [
                { "resource_id": "documents", "actions": ["*"] },
                { "resource_id": "stytch.member", "actions": ["search"] },
            ] },
        ],
        "scopes": [{ "scope": "read:documents", "description": "", "permissions": [{ "resource_id": "documents", "actions": ["read"] }] }],
    })
}

impl Lab {
    /// Checks an action of Ada's at Acme.
    async fn check(&self, session: &str, resource: &str, action: &str) -> Reply {
        let check = json!({ "organization_id": "acme", "resource_id": resource, "action": action });
        let body = json!({ "session_token": session, "authorization_check": check });
        self.post("/v1/b2b/sessions/authenticate", body).await
    }

    async fn set_policy(&self, policy: Value) -> Reply {
        steer(self, "rbac_policy", policy).await
    }
}

#[tokio::test]
async fn a_policy_set_by_the_control_api_is_returned_by_the_vendors_api() {
    let lab = Lab::start().await;
    let before = lab.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    let set = good(&lab.set_policy(policy()).await);
    let after = lab.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    assert_eq!(set["policy"], after);
    assert_eq!(after["scopes"], policy()["scopes"]);
    let ids = |list: &Value, key: &str| -> Vec<String> {
        list.as_array()
            .expect("a list")
            .iter()
            .map(|it| text(&it[key]))
            .collect()
    };
    assert_eq!(
        ids(&after["roles"], "role_id"),
        ["stytch_member", "stytch_admin", "reader", "writer"]
    );
    let resources = ids(&after["resources"], "resource_id");
    assert!(
        resources.contains(&"stytch.sso".to_owned()) && resources.contains(&"documents".to_owned())
    );
    // The returned policy can be sent again. The vendor's roles can be changed.
    assert_eq!(good(&lab.set_policy(after.clone()).await)["policy"], after);
    let mut other = policy();
    let own = json!({ "role_id": "stytch_member", "description": "", "permissions": [{ "resource_id": "documents", "actions": ["read"] }] });
    other["roles"].as_array_mut().expect("roles").push(own);
    good(&lab.set_policy(other).await);
    let (session, _) = lab.adas_session().await;
    let verdict = lab.check(&session, "documents", "read").await.ok();
    assert_eq!(
        verdict["verdict"]["granting_roles"],
        json!(["stytch_member"])
    );
    // A reset restores the initial policy.
    lab.world.reset();
    assert_eq!(lab.get("/v1/b2b/rbac/policy").await.ok()["policy"], before);
}

#[tokio::test]
async fn members_can_have_only_roles_of_the_policy() {
    let lab = Lab::start().await;
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        lab.member_id("acme", ADA)
    );
    let reader = json!({ "roles": ["reader"] });
    lab.put(&path, reader.clone())
        .await
        .is_error(400, "invalid_role");
    good(&lab.set_policy(policy()).await);
    lab.put(&path, reader).await.ok();
    let (session, _) = lab.adas_session().await;
    let verdict = lab.check(&session, "documents", "read").await.ok();
    assert_eq!(
        verdict["verdict"],
        json!({ "authorized": true, "granting_roles": ["reader"] })
    );
    for (resource, action) in [
        ("documents", "write"),
        ("letters", "read"),
        ("stytch.member", "search"),
    ] {
        lab.check(&session, resource, action)
            .await
            .is_error(403, "session_authorization_error");
    }
    // The role's rights also apply to calls with the session header.
    let search = async || {
        let request = lab
            .call(Method::POST, "/v1/b2b/organizations/members/search")
            .header("X-Stytch-Member-Session", &session)
            .json(&json!({ "organization_ids": [lab.organization("acme")["organization_id"]] }));
        Reply::send(request).await
    };
    search().await.is_error(403, "session_authorization_error");
    lab.put(&path, json!({ "roles": ["reader", "writer"] }))
        .await
        .ok();
    search().await.ok();
    let verdict = lab.check(&session, "documents", "read").await.ok();
    assert_eq!(
        verdict["verdict"]["granting_roles"],
        json!(["reader", "writer"])
    );
    // Other fields that contain roles.
    let by_domain = |role: &str| json!({ "rbac_email_implicit_role_assignments": [{ "domain": "acme.example", "role_id": role }] });
    let acme = "/v1/b2b/organizations/acme";
    lab.put(acme, by_domain("ghost"))
        .await
        .is_error(400, "invalid_rbac_role_assignment");
    lab.put(acme, by_domain("reader")).await.ok();
    let new = json!({ "email_address": "new@acme.example", "roles": ["ghost"] });
    lab.post(&format!("{acme}/members"), new)
        .await
        .is_error(400, "invalid_role");
    // An organization's own role can't have the name of one of the project's.
    let own = json!({ "org_policy": { "roles": [{ "role_id": "reader", "permissions": [{ "resource_id": "documents", "actions": ["write"] }] }] } });
    lab.put("/v1/b2b/rbac/organizations/acme", own)
        .await
        .is_error(400, "invalid_rbac_stytch_role_edit");
}

/// This includes roles by email domain.
#[tokio::test]
async fn a_role_in_use_cannot_be_removed() {
    let lab = Lab::start().await;
    good(&lab.set_policy(policy()).await);
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        lab.member_id("acme", ADA)
    );
    lab.put(&path, json!({ "roles": ["reader"] })).await.ok();
    refused(&lab.set_policy(json!({})).await, 400, "roles");
    lab.put(&path, json!({ "roles": [] })).await.ok();
    let by_domain = json!({ "rbac_email_implicit_role_assignments": [{ "domain": "nobody.example", "role_id": "writer" }] });
    lab.put("/v1/b2b/organizations/acme", by_domain).await.ok();
    refused(&lab.set_policy(json!({})).await, 400, "roles");
    let none = json!({ "rbac_email_implicit_role_assignments": [] });
    lab.put("/v1/b2b/organizations/acme", none).await.ok();
    good(&lab.set_policy(json!({})).await);
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    let before = lab.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    let permission =
        |resource: &str, action: &str| json!([{ "resource_id": resource, "actions": [action] }]);
    let role = |id: &str, permissions: Value| json!({ "role_id": id, "permissions": permissions });
    let resource = |id: &str, actions: Value| json!({ "resource_id": id, "actions": actions });
    for (given, field) in [
        (json!({ "rolls": [] }), "rolls"),
        (json!({ "roles": {} }), "roles"),
        (
            json!({ "roles": [role("", json!([]))] }),
            "roles[0].role_id",
        ),
        (
            json!({ "roles": [role("a", json!([])), role("a", json!([]))] }),
            "roles[1].role_id",
        ),
        (
            json!({ "roles": [role("a", permission("letters", "read"))] }),
            "roles[0].permissions[0].resource_id",
        ),
        (
            json!({ "roles": [role("a", permission("stytch.self", "fly"))] }),
            "roles[0].permissions[0].actions",
        ),
        (
            json!({ "resources": [resource("stytch.self", json!(["fly"]))] }),
            "resources[0].resource_id",
        ),
        (
            json!({ "resources": [resource("a", json!([]))] }),
            "resources[0].actions",
        ),
        (
            json!({ "resources": [resource("a", json!(["*"]))] }),
            "resources[0].actions",
        ),
        (
            json!({ "resources": [resource("a", json!(["b", "b"]))] }),
            "resources[0].actions",
        ),
        (
            json!({ "scopes": [{ "scope": "a", "permissions": permission("letters", "*") }] }),
            "scopes[0].permissions[0].resource_id",
        ),
        (
            json!({ "scopes": [{ "scope": "a", "colour": "red" }] }),
            "scopes[0].colour",
        ),
    ] {
        refused(&lab.set_policy(given.clone()).await, 400, field);
        let create = json!({ "rbac_policy": given });
        let reply = control(&lab, Method::POST, "/projects", Some(create)).await;
        refused(&reply, 400, &format!("rbac_policy.{field}"));
    }
    assert_eq!(lab.get("/v1/b2b/rbac/policy").await.ok()["policy"], before);
}

#[tokio::test]
async fn a_new_project_can_have_a_policy_in_its_seed_or_a_field() {
    let lab = Lab::start().await;
    let seed = json!({ "rbac_policy": policy(), "organizations": [{ "slug": "aa", "name": "A" }],
        "members": [{ "email": "x@a.example", "organization": "aa", "roles": ["writer"] }] });
    for body in [
        json!({ "seed": seed }),
        json!({ "seed": "empty", "rbac_policy": policy() }),
    ] {
        let made = good(&control(&lab, Method::POST, "/projects", Some(body)).await);
        let path = format!("/projects/{}/state", text(&made["project_id"]));
        let state = good(&control(&lab, Method::GET, &path, None).await);
        let roles = state["rbac_policy"]["roles"].as_array().expect("roles");
        assert!(
            roles.iter().any(|it| it["role_id"] == "writer"),
            "{roles:?}"
        );
    }
    // A seed's member can't have a role that does not exist.
    let ghost = Seed::from_toml(
        r#"
[[organizations]]
slug = "aa"
name = "A"
custom_roles = [{ role_id = "own", description = "", permissions = [] }]

[[members]]
email = "x@a.example"
organization = "aa"
roles = ["own", "ghost"]
"#,
    );
    let mistakes = ghost.expect_err("no such role");
    assert_eq!(mistakes.first().field, "members[0].roles[1]");
    assert_eq!(mistakes.all().len(), 1);
    let toml = "[rbac_policy]\nroles = [{ role_id = 3 }]\n";
    let mistakes = Seed::from_toml(toml).expect_err("an id that is no text");
    assert_eq!(mistakes.first().field, "rbac_policy.roles[0].role_id");
    assert!(mistakes.first().line.is_some());
}
