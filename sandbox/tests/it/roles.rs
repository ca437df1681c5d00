//! Implicit roles, and the role that can't be assigned.

use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::Lab;

const ACME: &str = "/v1/b2b/organizations/acme";

/// Every member has `stytch_member`, so it can't be assigned at creation, invitation or update.
#[tokio::test]
async fn everyones_role_cannot_be_assigned() {
    let lab = Lab::start().await;
    let ada = lab.member_id("acme", "ada@acme.example");
    for roles in [
        json!(["stytch_member"]),
        json!(["stytch_admin", "stytch_member"]),
    ] {
        let new = json!({ "email_address": "new@acme.example", "roles": roles });
        let created = lab.post(&format!("{ACME}/members"), new.clone()).await;
        created.is_error(400, "invalid_role");
        let mut invitation = new;
        invitation["organization_id"] = json!("acme");
        let invited = lab.post("/v1/b2b/magic_links/email/invite", invitation);
        invited.await.is_error(400, "invalid_role");
        let path = format!("{ACME}/members/{ada}");
        let updated = lab.put(&path, json!({ "roles": roles })).await;
        updated.is_error(400, "invalid_role");
    }
    assert_eq!(lab.member("acme", "new@acme.example"), Value::Null);
    assert_eq!(lab.member("acme", "ada@acme.example")["is_admin"], true);
    // It can't be assigned by email domain either. Members without other roles have it too.
    let by_domain = json!([{ "domain": "acme.example", "role_id": "stytch_member" }]);
    let by_domain = json!({ "rbac_email_implicit_role_assignments": by_domain });
    let reply = lab.put(ACME, by_domain).await;
    reply.is_error(400, "invalid_rbac_role_assignment");
    let updated = lab
        .put(&format!("{ACME}/members/{ada}"), json!({ "roles": [] }))
        .await
        .ok();
    assert_eq!(role_ids(&updated["member"]), ["stytch_member"]);
}

fn role_ids(member: &Value) -> Vec<&str> {
    let roles = member["roles"].as_array().expect("roles").iter();
    roles
        .map(|it| it["role_id"].as_str().expect("text"))
        .collect()
}

/// All members with an address in the domain have them from the beginning: created, pending, invited and new ones.
#[tokio::test]
async fn roles_by_domain_do_not_require_a_verified_address() {
    let lab = Lab::start().await;
    let rules = json!([{ "domain": "acme.example", "role_id": "stytch_admin" }]);
    let rules = json!({ "rbac_email_implicit_role_assignments": rules });
    lab.put(ACME, rules).await.ok();
    let members = format!("{ACME}/members");
    let created = json!({ "email_address": "c@acme.example" });
    let pending = json!({ "email_address": "p@ACME.example", "create_member_as_pending": true });
    for body in [created, pending] {
        let made = lab.post(&members, body).await.ok();
        assert_eq!(made["member"]["email_address_verified"], false);
        assert_eq!(role_ids(&made["member"]), ["stytch_member", "stytch_admin"]);
    }
    let invite = json!({ "organization_id": "acme", "email_address": "i@acme.example" });
    let invited = lab
        .post("/v1/b2b/magic_links/email/invite", invite)
        .await
        .ok();
    assert_eq!(invited["member"]["is_admin"], true);
    let link = json!({ "organization_id": "acme", "email_address": "l@acme.example" });
    let signed_up = lab
        .post("/v1/b2b/magic_links/email/login_or_signup", link)
        .await
        .ok();
    assert_eq!(signed_up["member"]["is_admin"], true);
    let github = lab
        .sign_in("github", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    assert_eq!(github["member_authenticated"], false);
    assert_eq!(github["member"]["is_admin"], true);
    // Another domain has no roles, and a change of the address changes the roles.
    let other = json!({ "email_address": "o@other.example" });
    let made = lab.post(&members, other).await.ok();
    assert_eq!(made["member"]["is_admin"], false);
    let path = format!("{members}/{}", made["member_id"].as_str().expect("an id"));
    let moved = json!({ "email_address": "o@acme.example" });
    assert_eq!(lab.put(&path, moved).await.ok()["member"]["is_admin"], true);
}

/// They have them from the beginning.
#[tokio::test]
async fn a_seeds_members_have_the_roles_of_their_domain() {
    let lab = Lab::start().await;
    let seed = json!({
        "organizations": [{
            "slug": "acme", "name": "Acme",
            "rbac_email_implicit_role_assignments": [{ "domain": "acme.example", "role_id": "stytch_admin" }],
        }],
        "members": [
            { "email": "a@acme.example", "organization": "acme", "status": "invited" },
            { "email": "b@other.example", "organization": "acme" },
        ],
    });
    let seed = Seed::from_value(&seed).expect("a valid seed");
    let world = lab.sandbox.create_world(seed, RedirectUrls::default());
    let lab = Lab { world, ..lab };
    assert_eq!(lab.member("acme", "a@acme.example")["is_admin"], true);
    assert_eq!(lab.member("acme", "b@other.example")["is_admin"], false);
}
