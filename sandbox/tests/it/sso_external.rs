//! External connections, through which people of another organization's IdP sign in.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::shapes::has_exactly;
use super::sso::{BOB, OIDC, SAML};

const PATH: &str = "/v1/b2b/sso/external/acme";

impl Lab {
    async fn external(&self, to: &str, more: Value) -> Reply {
        let mut body = json!({ "external_organization_id": "globex", "external_connection_id": to, "display_name": "Globex people" });
        body.as_object_mut()
            .expect("a body")
            .extend(more.as_object().expect("fields").clone());
        self.post(PATH, body).await
    }
}

#[tokio::test]
async fn people_of_another_organizations_idp_sign_in() {
    for (to, kind) in [(SAML, "saml"), (OIDC, "oidc")] {
        let lab = Lab::start().await;
        let made = lab.external(to, json!({})).await.ok()["connection"].clone();
        has_exactly(
            &made,
            "organization_id connection_id external_organization_id external_connection_id display_name status \
             external_connection_implicit_role_assignments external_group_implicit_role_assignments",
        );
        assert_eq!(made["status"], "active");
        let globex = lab.organization("globex")["organization_id"].clone();
        assert_eq!(
            (
                &made["external_organization_id"],
                &made["external_connection_id"]
            ),
            (&globex, &json!(to))
        );
        let id = text(&made["connection_id"]);
        assert!(id.starts_with("external-connection-test-"), "{id}");
        assert_eq!(
            lab.get("/v1/b2b/sso/acme").await.ok()["external_connections"],
            json!([made])
        );
        // Bob, who has an account at Globex's IdP, joins Acme by Acme's rules.
        let token = lab.sso_token(&id, BOB);
        let closed = json!({ "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [] });
        lab.world.patch_organization("acme", closed);
        lab.spend_sso(&token, json!({}))
            .await
            .is_error(400, "invalid_connection_for_jit_provisioning");
        let open = json!({ "sso_jit_provisioning_allowed_connections": [id] });
        lab.put("/v1/b2b/organizations/acme", open).await.ok();
        let token = lab.sso_token(&id, BOB);
        let answer = lab.spend_sso(&token, json!({})).await.ok();
        assert_eq!(answer["organization"]["organization_slug"], "acme");
        let factor = &answer["member_session"]["authentication_factors"][0];
        assert_eq!(factor["delivery_method"], format!("sso_{kind}"));
        assert_eq!(factor[format!("{kind}_sso_factor")]["provider_id"], id);
        // A second sign-in has the same member.
        let again = lab
            .spend_sso(&lab.sso_token(&id, BOB), json!({}))
            .await
            .ok();
        assert_eq!(again["member_id"], answer["member_id"]);
        // There is one account at the IdP, although two organizations have him as a member.
        let page = lab.idp(&format!("connection_id={id}")).await.page().await;
        assert_eq!(page.text.matches(BOB).count(), 1);
    }
}

#[tokio::test]
async fn it_must_lead_to_an_active_connection_of_another_organization() {
    let lab = Lab::start().await;
    let own = lab.active_saml("acme").await;
    let pending = lab.new_connection("oidc", "globex").await;
    let other = lab.active_saml("oneil").await;
    let set = |organization: &str, connection: &Value| json!({ "external_organization_id": organization, "external_connection_id": connection });
    for (body, status, error) in [
        (
            set("acme", &own["connection_id"]),
            400,
            "external_organization_id_same_as_organization_id",
        ),
        (
            set("globex", &pending["connection_id"]),
            400,
            "external_connection_not_active",
        ),
        (
            set("globex", &other["connection_id"]),
            404,
            "external_connection_id_not_found",
        ),
        (
            set("globex", &json!("x")),
            404,
            "external_connection_id_not_found",
        ),
        (set("nowhere", &json!(SAML)), 404, "organization_not_found"),
        (
            json!({ "external_organization_id": "globex" }),
            400,
            "bad_request",
        ),
        (
            json!({ "external_connection_id": SAML }),
            400,
            "bad_request",
        ),
    ] {
        lab.post(PATH, body).await.is_error(status, error);
    }
    // It can't lead to an external one either.
    let first = lab.external(SAML, json!({})).await.ok()["connection"]["connection_id"].clone();
    let chained = json!({ "external_organization_id": "acme", "external_connection_id": first });
    lab.post("/v1/b2b/sso/external/oneil", chained)
        .await
        .is_error(404, "external_connection_id_not_found");
    lab.put(&format!("{PATH}/connections/{SAML}"), json!({}))
        .await
        .is_error(404, "external_connection_id_not_found");
}

/// Roles by group require that the SAML connection maps groups.
#[tokio::test]
async fn it_assigns_roles_only_if_it_leads_to_saml() {
    let lab = Lab::start().await;
    let admin = json!([{ "role_id": "stytch_admin" }]);
    let staff = json!([{ "role_id": "stytch_admin", "group": "staff" }]);
    lab.external(
        OIDC,
        json!({ "connection_implicit_role_assignments": admin }),
    )
    .await
    .is_error(400, "invalid_rbac_role_assignment");
    let unmapped = lab
        .external(SAML, json!({ "group_implicit_role_assignments": staff }))
        .await;
    unmapped.is_error(400, "saml_connection_attribute_mapping_missing_groups_key");
    let made = lab
        .external(
            SAML,
            json!({ "connection_implicit_role_assignments": admin }),
        )
        .await
        .ok()["connection"]
        .clone();
    assert_eq!(made["external_connection_implicit_role_assignments"], admin);
    let id = text(&made["connection_id"]);
    let answer = lab
        .spend_sso(&lab.sso_token(&id, BOB), json!({}))
        .await
        .ok();
    assert_eq!(answer["member"]["is_admin"], true);
    // Roles by group work after the SAML connection maps groups.
    let none = json!({ "external_connection_implicit_role_assignments": [] });
    lab.set_connection(&made, none).await.ok();
    assert_eq!(lab.member("acme", BOB)["is_admin"], false);
    let saml = lab.get("/v1/b2b/sso/globex").await.ok()["saml_connections"][0].clone();
    let mapping = json!({ "attribute_mapping": { "email": "e", "full_name": "n", "groups": "g" } });
    lab.set_connection(&saml, mapping).await.ok();
    let by_group = json!({ "external_group_implicit_role_assignments": staff });
    lab.set_connection(&made, by_group).await.ok();
    lab.world.set_idp_groups(&id, BOB, &["staff"]);
    let answer = lab
        .spend_sso(&lab.sso_token(&id, BOB), json!({}))
        .await
        .ok();
    let source = &answer["member"]["roles"][1]["sources"][0];
    assert_eq!(
        *source,
        json!({ "type": "sso_connection_group", "details": { "connection_id": id, "group": "staff" } })
    );
}

/// Deleting that connection deletes it too.
#[tokio::test]
async fn it_is_deleted_with_the_connection_that_it_leads_to() {
    let lab = Lab::start().await;
    let made = lab.external(OIDC, json!({})).await.ok()["connection"].clone();
    let id = text(&made["connection_id"]);
    let token = lab.sso_token(&id, BOB);
    lab.delete(&format!("/v1/b2b/sso/globex/connections/{OIDC}"))
        .await
        .ok();
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(404, "sso_connection_not_found");
    assert_eq!(
        lab.organization("acme")["sso_active_connections"],
        json!([])
    );
    // Deleting the external connection does not delete the other one.
    let made = lab.external(SAML, json!({})).await.ok()["connection"].clone();
    let id = text(&made["connection_id"]);
    lab.delete(&format!("/v1/b2b/sso/acme/connections/{id}"))
        .await
        .ok();
    lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .ok();
}
