//! SAML and OIDC connections that are created through the API, pending until they are configured.

use reqwest::Method;
use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::shapes::has_exactly;
use super::sso::{BOB, OIDC, SAML};

impl Lab {
    /// Creates a connection of this kind in the organization.
    pub async fn new_connection(&self, kind: &str, organization: &str) -> Value {
        let path = format!("/v1/b2b/sso/{kind}/{organization}");
        let body = json!({ "display_name": "New", "identity_provider": "okta" });
        self.post(&path, body).await.ok()["connection"].clone()
    }

    pub async fn set_connection(&self, connection: &Value, fields: Value) -> Reply {
        let id = text(&connection["connection_id"]);
        let (kind, _) = id.split_once('-').expect("a kind");
        let organization = text(&connection["organization_id"]);
        let path = format!("/v1/b2b/sso/{kind}/{organization}/connections/{id}");
        self.put(&path, fields).await
    }

    /// Creates a complete SAML connection that also maps groups.
    pub async fn active_saml(&self, organization: &str) -> Value {
        let made = self.new_connection("saml", organization).await;
        let mapping = json!({ "email": "NameID", "first_name": "first", "last_name": "last", "groups": "groups" });
        let fields = json!({
            "idp_sso_url": "https://idp.acme.example/sso",
            "idp_entity_id": "https://idp.acme.example",
            "x509_certificate": made["signing_certificates"][0]["certificate"],
            "attribute_mapping": mapping,
        });
        let answer = self.set_connection(&made, fields).await.ok();
        answer["connection"].clone()
    }
}

/// The required fields of an OIDC connection.
fn oidc_fields() -> Value {
    json!({
        "issuer": "https://idp.acme.example",
        "client_id": "id",
        "client_secret": "secret",
        "authorization_url": "https://idp.acme.example/authorize",
        "token_url": "https://idp.acme.example/token",
        "userinfo_url": "https://idp.acme.example/userinfo",
        "jwks_url": "https://idp.acme.example/jwks",
    })
}

/// Asserts that the connection is pending: people can't sign in through it, and the organization does not list it.
pub async fn is_pending(lab: &Lab, connection: &Value) {
    let id = text(&connection["connection_id"]);
    assert_eq!(connection["status"], "pending", "{connection}");
    assert_eq!(
        lab.organization("acme")["sso_active_connections"],
        json!([])
    );
    lab.sso_start(&format!("connection_id={id}"))
        .await
        .is_error(404, "sso_connection_not_found");
    lab.sso_start("organization_id=acme")
        .await
        .is_error(400, "no_sso_connection_exists_for_organization");
    for setting in [
        "sso_default_connection_id",
        "sso_jit_provisioning_allowed_connections",
    ] {
        let value = if setting.ends_with("id") {
            json!(id)
        } else {
            json!([id])
        };
        let reply = lab
            .put("/v1/b2b/organizations/acme", json!({ setting: value }))
            .await;
        assert_eq!(reply.status, 400, "{}", reply.text);
    }
}

#[tokio::test]
async fn an_oidc_connection_becomes_active_when_it_is_complete() {
    let lab = Lab::start().await;
    let made = lab.new_connection("oidc", "acme").await;
    has_exactly(
        &made,
        "organization_id connection_id status display_name redirect_url client_id client_secret issuer authorization_url \
         token_url userinfo_url jwks_url identity_provider custom_scopes attribute_mapping",
    );
    let all = oidc_fields();
    let fields: Vec<&String> = all.as_object().expect("fields").keys().collect();
    is_pending(&lab, &made).await;
    for missing in fields {
        let mut rest = all.clone();
        rest.as_object_mut().expect("fields").remove(missing);
        let other = lab.new_connection("oidc", "acme").await;
        let answer = lab.set_connection(&other, rest).await.ok();
        is_pending(&lab, &answer["connection"]).await;
    }
    let answer = lab.set_connection(&made, all.clone()).await.ok();
    assert_eq!(answer["connection"]["status"], "active");
    assert!(
        answer["warning"].is_string(),
        "an issuer without metadata: {answer}"
    );
    // Setting one field at a time works too.
    let other = lab.new_connection("oidc", "acme").await;
    for (name, value) in all.as_object().expect("fields") {
        lab.set_connection(&other, json!({ name: value }))
            .await
            .ok();
    }
    let listed = lab.get("/v1/b2b/sso/acme").await.ok();
    let statuses = listed["oidc_connections"].as_array().expect("a list");
    assert_eq!(
        statuses
            .iter()
            .filter(|it| it["status"] == "active")
            .count(),
        2
    );
    assert_eq!(statuses.len(), 9);
    let active = lab.organization("acme")["sso_active_connections"].clone();
    assert_eq!(
        active[0],
        json!({ "connection_id": made["connection_id"], "display_name": "New", "identity_provider": "okta" })
    );
}

#[tokio::test]
async fn the_simulated_issuer_supplies_its_urls() {
    let lab = Lab::start().await;
    let made = lab.new_connection("oidc", "acme").await;
    let fields = json!({ "issuer": "https://okta.idp.example", "client_id": "id", "client_secret": "s", "jwks_url": "https://own.example/jwks" });
    let answer = lab.set_connection(&made, fields).await.ok();
    assert_eq!(answer["warning"], Value::Null);
    let connection = &answer["connection"];
    assert_eq!(connection["status"], "active");
    assert_eq!(connection["token_url"], "https://okta.idp.example/token");
    assert_eq!(connection["jwks_url"], "https://own.example/jwks");
    // The metadata is read only for a new issuer.
    let own =
        json!({ "issuer": "https://okta.idp.example", "token_url": "https://own.example/token" });
    lab.set_connection(&made, own).await.ok();
    let again = json!({ "issuer": "https://okta.idp.example" });
    let answer = lab.set_connection(&made, again).await.ok();
    assert_eq!(
        answer["connection"]["token_url"],
        "https://own.example/token"
    );
}

#[tokio::test]
async fn invalid_oidc_connections_are_refused() {
    let lab = Lab::start().await;
    let made = lab.new_connection("oidc", "acme").await;
    for name in [
        "issuer",
        "authorization_url",
        "token_url",
        "userinfo_url",
        "jwks_url",
    ] {
        let word = if name == "issuer" { "issuer_url" } else { name };
        for url in ["no url", "http://idp.example/x", "https://"] {
            let reply = lab.set_connection(&made, json!({ name: url })).await;
            reply.is_error(400, &format!("oidc_connection_{word}_invalid_format"));
        }
    }
    lab.set_connection(&made, json!({ "identity_provider": "acme" }))
        .await
        .is_error(400, "bad_request");
    // The fields of an active connection can't be emptied. For a pending one, an empty text counts as omitted.
    lab.set_connection(&made, json!({ "client_id": "" }))
        .await
        .ok();
    lab.set_connection(&made, oidc_fields()).await.ok();
    for (name, _) in oidc_fields().as_object().expect("fields") {
        let reply = lab.set_connection(&made, json!({ name: "" })).await;
        reply.is_error(400, &format!("oidc_connection_{name}_required"));
    }
    // A connection of another kind or organization is not found.
    let saml = lab.new_connection("saml", "acme").await;
    let id = text(&saml["connection_id"]);
    lab.put(
        &format!("/v1/b2b/sso/oidc/acme/connections/{id}"),
        json!({}),
    )
    .await
    .is_error(404, "oidc_connection_not_found");
    lab.put(
        &format!("/v1/b2b/sso/oidc/acme/connections/{OIDC}"),
        json!({}),
    )
    .await
    .is_error(404, "oidc_connection_not_found");
    lab.post("/v1/b2b/sso/oidc/nowhere", json!({}))
        .await
        .is_error(404, "organization_not_found");
}

/// People use the page of the IdP, and the rules for joining apply.
#[tokio::test]
async fn people_sign_in_through_a_new_connection() {
    let lab = Lab::start().await;
    let saml = lab.active_saml("acme").await;
    let oidc = lab.new_connection("oidc", "acme").await;
    lab.set_connection(&oidc, oidc_fields()).await.ok();
    let acme = "/v1/b2b/organizations/acme";
    for (connection, kind, email) in [
        (&saml, "saml", "sam@acme.example"),
        (&oidc, "oidc", "olga@acme.example"),
    ] {
        let id = text(&connection["connection_id"]);
        let token = lab.newcomer(&id, &email.replace('@', "%40")).await;
        let answer = lab.spend_sso(&token, json!({})).await.ok();
        assert_eq!(answer["member"]["email_address"], email);
        let registration = &answer["member"]["sso_registrations"][0];
        assert_eq!(registration["connection_id"], id);
        let factor = &answer["member_session"]["authentication_factors"][0];
        assert_eq!(factor["delivery_method"], format!("sso_{kind}"));
        assert_eq!(factor[format!("{kind}_sso_factor")]["provider_id"], id);
    }
    // If two are active, the request or the default decides.
    lab.sso_start("organization_id=acme")
        .await
        .is_error(400, "indeterminate_sso_connection_for_organization");
    let default = json!({ "sso_default_connection_id": oidc["connection_id"] });
    lab.put(acme, default).await.ok();
    let page = lab.idp("organization_id=acme").await.page().await;
    assert!(page.text.contains("olga@acme.example") && page.text.contains("OpenID Connect"));
    // Only the SAML connection lets people join.
    let restricted = json!({ "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [saml["connection_id"]] });
    lab.put(acme, restricted).await.ok();
    let (saml, oidc) = (text(&saml["connection_id"]), text(&oidc["connection_id"]));
    let token = lab.newcomer(&oidc, "una%40acme.example").await;
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "invalid_connection_for_jit_provisioning");
    let token = lab.newcomer(&saml, "una%40acme.example").await;
    lab.spend_sso(&token, json!({})).await.ok();
    lab.put(acme, json!({ "sso_jit_provisioning": "NOT_ALLOWED" }))
        .await
        .ok();
    let token = lab.newcomer(&saml, "vera%40acme.example").await;
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "invalid_connection_for_jit_provisioning");
    // After the deletion, people can't sign in through it, and its accounts are removed.
    lab.delete(&format!("/v1/b2b/sso/acme/connections/{saml}"))
        .await
        .ok();
    lab.sso_start(&format!("connection_id={saml}"))
        .await
        .is_error(404, "sso_connection_not_found");
    lab.set_connection(
        &json!({ "connection_id": saml, "organization_id": "acme" }),
        json!({}),
    )
    .await
    .is_error(404, "saml_connection_not_found");
    let sam = lab.member("acme", "sam@acme.example");
    assert_eq!(sam["sso_registrations"], json!([]));
}

/// It can be changed like a connection of the API. The new name is shown everywhere.
#[tokio::test]
async fn a_connection_of_the_seed_can_be_changed() {
    let lab = Lab::start().await;
    let globex = lab.get("/v1/b2b/sso/globex").await.ok();
    let saml = &globex["saml_connections"][0];
    let answer = lab
        .set_connection(
            saml,
            json!({ "display_name": "Globex One", "idp_initiated_auth_disabled": true }),
        )
        .await
        .ok();
    assert_eq!(answer["connection"]["connection_id"], SAML);
    assert_eq!(answer["connection"]["status"], "active");
    let active = lab.organization("globex")["sso_active_connections"].clone();
    assert_eq!(active[0]["display_name"], "Globex One");
    assert_eq!(active.as_array().map(Vec::len), Some(2));
    lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .ok();
    // Sign-ins that start at the IdP are disabled for this connection only.
    let project_id = lab.credentials().project_id;
    let start = async |id: &str| {
        let form = format!("project_id={project_id}&connection_id={id}");
        let request = lab
            .http
            .post(format!("{}/_sandbox/idp", lab.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", &lab.url)
            .body(form);
        Reply::send(request).await.status
    };
    assert_eq!((start(SAML).await, start(OIDC).await), (400, 303));
}

/// This applies to calls with a member's session. Deleting an organization deletes its connections.
#[tokio::test]
async fn changing_connections_requires_the_right() {
    let lab = Lab::start().await;
    let (admin, _) = lab.adas_session().await;
    lab.world.add_member("acme", json!({ "email": BOB }));
    let session = text(&lab.sign_in("google", BOB, "acme", json!({})).await.ok()["session_token"]);
    let made = lab.active_saml("acme").await;
    let base = format!(
        "/v1/b2b/sso/saml/acme/connections/{}",
        text(&made["connection_id"])
    );
    let certificate = text(&made["verification_certificates"][0]["certificate_id"]);
    for (method, path, body) in [
        (Method::POST, "/v1/b2b/sso/saml/acme".to_owned(), json!({})),
        (Method::POST, "/v1/b2b/sso/oidc/acme".to_owned(), json!({})),
        (Method::PUT, base.clone(), json!({})),
        (
            Method::PUT,
            format!("{base}/url"),
            json!({ "metadata_url": "https://x.idp.example/metadata" }),
        ),
        (
            Method::DELETE,
            format!("{base}/verification_certificates/{certificate}"),
            json!({}),
        ),
    ] {
        let send = async |session: &str, path: &str| {
            let request = lab.call(method.clone(), path).json(&body);
            Reply::send(request.header("X-Stytch-Member-Session", session)).await
        };
        send(&session, &path)
            .await
            .is_error(403, "session_authorization_error");
        let elsewhere = path.replace("acme", "globex");
        send(&admin, &elsewhere)
            .await
            .is_error(403, "session_authorization_tenancy_error");
        assert!(
            !matches!(send(&admin, &path).await.status, 401 | 403),
            "{path}"
        );
    }
    let id = text(&made["connection_id"]);
    lab.delete("/v1/b2b/organizations/acme").await.ok();
    lab.sso_start(&format!("connection_id={id}"))
        .await
        .is_error(404, "sso_connection_not_found");
}
