//! SAML connections: activation, errors, certificates and keys.

use serde_json::{Value, json};

use super::lab::{Lab, text};
use super::shapes::has_exactly;
use super::sso_connections::is_pending;

/// A key for these tests only.
const KEY: &str = include_str!("NOT-A-SECRET-saml-key.pem");

#[tokio::test]
async fn a_saml_connection_becomes_active_when_it_is_complete() {
    let lab = Lab::start().await;
    let made = lab.new_connection("saml", "acme").await;
    assert_eq!(made["signing_certificates"][0]["issuer"], "Stytch");
    assert_eq!(made["verification_certificates"], json!([]));
    is_pending(&lab, &made).await;
    let mapping = json!({ "email": "NameID", "full_name": "name" });
    let all = json!({
        "idp_sso_url": "https://idp.acme.example/sso",
        "idp_entity_id": "https://idp.acme.example",
        "x509_certificate": made["signing_certificates"][0]["certificate"],
        "attribute_mapping": mapping,
    });
    for (missing, _) in all.as_object().expect("fields") {
        let mut rest = all.clone();
        rest.as_object_mut().expect("fields").remove(missing);
        let other = lab.new_connection("saml", "acme").await;
        let answer = lab.set_connection(&other, rest).await.ok();
        is_pending(&lab, &answer["connection"]).await;
    }
    let connection = lab.set_connection(&made, all).await.ok()["connection"].clone();
    assert_eq!(connection["status"], "active");
    let certificate = &connection["verification_certificates"][0];
    has_exactly(
        certificate,
        "certificate_id certificate issuer created_at expires_at updated_at",
    );
    assert_eq!(certificate["issuer"], "Not a secret: local Stytch sandbox");
}

#[tokio::test]
async fn metadata_sets_everything_except_the_mapping() {
    let lab = Lab::start().await;
    let made = lab.new_connection("saml", "acme").await;
    let id = text(&made["connection_id"]);
    let path = format!("/v1/b2b/sso/saml/acme/connections/{id}/url");
    let set = async |url: Value| lab.put(&path, json!({ "metadata_url": url })).await;
    set(json!("https://login.acme.example/metadata"))
        .await
        .is_error(400, "invalid_xml_from_saml_metadata_url");
    set(json!("http://okta.idp.example/metadata"))
        .await
        .is_error(400, "invalid_xml_from_saml_metadata_url");
    set(Value::Null).await.is_error(400, "bad_request");
    let url = json!("https://okta.idp.example/metadata");
    let connection = set(url.clone()).await.ok()["connection"].clone();
    is_pending(&lab, &connection).await;
    let mapping = json!({ "attribute_mapping": { "email": "NameID", "full_name": "name" } });
    let answer = lab.set_connection(&made, mapping).await.ok();
    assert_eq!(answer["connection"]["status"], "active");
    assert_eq!(
        answer["connection"]["idp_entity_id"],
        "https://okta.idp.example"
    );
    // An existing certificate is not added again.
    let again = set(url).await.ok();
    let certificates = again["connection"]["verification_certificates"].as_array();
    assert_eq!(certificates.map(Vec::len), Some(1));
    lab.put(
        &format!("/v1/b2b/sso/saml/globex/connections/{id}/url"),
        json!({}),
    )
    .await
    .is_error(404, "saml_connection_not_found");
}

#[tokio::test]
async fn invalid_saml_connections_are_refused() {
    let lab = Lab::start().await;
    let made = lab.active_saml("acme").await;
    let before = lab.get("/v1/b2b/sso/acme").await.ok()["saml_connections"].clone();
    let group = |role: &str, group: &str| json!({ "saml_group_implicit_role_assignments": [{ "role_id": role, "group": group }] });
    let all =
        |role: &str| json!({ "saml_connection_implicit_role_assignments": [{ "role_id": role }] });
    let mapping = |mapping: Value| json!({ "attribute_mapping": mapping });
    let prefix = "saml_connection";
    for (fields, error) in [
        (
            json!({ "idp_sso_url": "" }),
            format!("{prefix}_idp_sso_url_required"),
        ),
        (
            json!({ "idp_sso_url": "x" }),
            format!("{prefix}_idp_sso_url_invalid_format"),
        ),
        (
            json!({ "idp_sso_url": "http://idp.acme.example" }),
            format!("{prefix}_idp_sso_url_not_https"),
        ),
        (
            mapping(json!({})),
            format!("{prefix}_attribute_mapping_required"),
        ),
        (
            mapping(json!({ "full_name": "n" })),
            format!("{prefix}_email_mapping_required"),
        ),
        (
            mapping(json!({ "email": "e", "first_name": "f" })),
            format!("{prefix}_name_mapping_required"),
        ),
        (
            mapping(json!({ "email": { "a": 1 }, "full_name": "n" })),
            format!("{prefix}_no_nested_keys_in_attribute_mapping"),
        ),
        (
            json!({ "x509_certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
            "invalid_x509_certificate".to_owned(),
        ),
        (
            json!({ "x509_certificate": KEY }),
            "invalid_x509_certificate".to_owned(),
        ),
        (
            json!({ "signing_private_key": KEY.replace("RSA PRIVATE", "PRIVATE") }),
            "saml_signing_private_key_format_not_supported".to_owned(),
        ),
        (
            json!({ "signing_private_key": "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----" }),
            "saml_signing_private_key_invalid".to_owned(),
        ),
        (
            json!({ "saml_encryption_private_key": "x" }),
            "bad_request".to_owned(),
        ),
        (all("ghost"), "invalid_rbac_role_assignment".to_owned()),
        (
            all("stytch_member"),
            "invalid_rbac_role_assignment".to_owned(),
        ),
        (
            group("ghost", "staff"),
            "invalid_rbac_role_assignment".to_owned(),
        ),
        (
            group("stytch_admin", ""),
            "saml_group_role_assignment_does_not_contain_member_group".to_owned(),
        ),
        (
            json!({ "idp_initiated_auth_disabled": "yes" }),
            "bad_request".to_owned(),
        ),
        (
            json!({ "identity_provider": "acme" }),
            "bad_request".to_owned(),
        ),
    ] {
        let reply = lab.set_connection(&made, fields).await;
        reply.is_error(400, &error);
    }
    let after = lab.get("/v1/b2b/sso/acme").await.ok()["saml_connections"].clone();
    assert_eq!(before, after, "an error changes nothing");
    // Roles by group require mapped groups, and the mapping can't be removed while they exist.
    lab.set_connection(&made, group("stytch_admin", "staff"))
        .await
        .ok();
    let error = "saml_connection_attribute_mapping_missing_groups_key";
    let unmapped = mapping(json!({ "email": "NameID", "full_name": "name" }));
    lab.set_connection(&made, unmapped.clone())
        .await
        .is_error(400, error);
    let other = lab.new_connection("saml", "acme").await;
    lab.set_connection(&other, group("stytch_admin", "staff"))
        .await
        .is_error(400, error);
}

#[tokio::test]
async fn certificates_and_keys_are_added_and_deleted() {
    let lab = Lab::start().await;
    let made = lab.active_saml("acme").await;
    let base = format!(
        "/v1/b2b/sso/saml/acme/connections/{}",
        text(&made["connection_id"])
    );
    let first = text(&made["verification_certificates"][0]["certificate_id"]);
    let certificate = |id: &str| format!("{base}/verification_certificates/{id}");
    lab.delete(&certificate(&first))
        .await
        .is_error(400, "cannot_delete_last_sso_verification_key");
    lab.delete(&certificate("saml-verification-key-test-none"))
        .await
        .is_error(404, "sso_verification_key_not_found");
    // Each signing key creates a new certificate, which this test uses as an IdP certificate. At most five are allowed.
    let mut connection = made.clone();
    for number in 2..=6 {
        let answer = lab
            .set_connection(&made, json!({ "signing_private_key": KEY }))
            .await
            .ok();
        let signing = answer["connection"]["signing_certificates"]
            .as_array()
            .expect("a list");
        assert_eq!(signing.len(), number);
        // The same key has the same certificate. Additional line breaks make it a different text.
        let pem = text(&signing[1]["certificate"]).replacen('\n', &"\n".repeat(number), 1);
        let reply = lab
            .set_connection(&made, json!({ "x509_certificate": pem }))
            .await;
        if number == 6 {
            reply.is_error(400, "too_many_sso_verification_certificates");
        } else {
            connection = reply.ok()["connection"].clone();
        }
    }
    let certificates = connection["verification_certificates"].as_array();
    assert_eq!(certificates.map(Vec::len), Some(5));
    assert_eq!(
        lab.delete(&certificate(&first)).await.ok()["certificate_id"],
        first
    );
    lab.delete(&certificate(&first))
        .await
        .is_error(404, "sso_verification_key_not_found");

    let answer = lab
        .set_connection(&made, json!({ "saml_encryption_private_key": KEY }))
        .await
        .ok();
    let keys = &answer["connection"]["encryption_private_keys"];
    has_exactly(&keys[0], "private_key_id private_key created_at");
    let id = text(&keys[0]["private_key_id"]);
    let key = format!("{base}/encryption_private_keys/{id}");
    assert_eq!(lab.delete(&key).await.ok()["private_key_id"], id);
    assert_eq!(lab.delete(&key).await.status, 404);
    // A pending connection's last certificate can be deleted.
    let pending = lab.new_connection("saml", "acme").await;
    let pem = json!({ "x509_certificate": pending["signing_certificates"][0]["certificate"] });
    let pending = lab.set_connection(&pending, pem).await.ok()["connection"].clone();
    let path = format!(
        "/v1/b2b/sso/saml/acme/connections/{}/verification_certificates/{}",
        text(&pending["connection_id"]),
        text(&pending["verification_certificates"][0]["certificate_id"])
    );
    lab.delete(&path).await.ok();
}
