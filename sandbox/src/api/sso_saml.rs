//! SAML connections: create, update, update by the IdP's metadata, and delete certificates and keys.

use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    api::sso_connections::{answer, assignments, needed, organization_for, read_names, to_update},
    http::ApiRequest,
    model::{
        ApiError, Reply, SsoConnection, State, certificates, clock::wire, fields::fields, ids,
        sso_connection::is_stand_in,
    },
    rules::sso,
};

const NOT_FOUND: &str = "saml_connection_not_found";

/// Maximum number of IdP certificates of a connection.
const MOST_CERTIFICATES: usize = 5;

/// `POST /v1/b2b/sso/saml/{organization_id}`: creates a connection, which is pending until it is configured.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = organization_for(state, request, "create")?;
    let mut connection = SsoConnection::saml(organization.id(), state.now());
    read_names(request, &mut connection)?;
    answer(state, connection)
}

/// `PUT /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}`: takes the fields to change and returns the
/// connection. Omitted fields stay. Certificates and keys are added to the existing ones.
pub fn update(state: &mut State, request: &ApiRequest) -> Reply {
    let (organization, mut connection) = to_update(state, request, "saml", NOT_FOUND)?;
    let is_active = organization.has_connection(connection.id());
    read_names(request, &mut connection)?;
    if let Some(id) = request.text("idp_entity_id")? {
        connection.set("idp_entity_id", id);
    }
    let missing = "saml_connection_idp_sso_url_required";
    if let Some(url) = needed(request, "idp_sso_url", is_active, missing)? {
        check_url(url)?;
        connection.set("idp_sso_url", url);
    }
    for field in ["alternative_audience_uri", "alternative_acs_url"] {
        if let Some(text) = request.raw_text(field)? {
            connection.set(field, text);
        }
    }
    if let Some(format) = request.text("nameid_format")? {
        connection.set("nameid_format", format);
    }
    for flag in ["idp_initiated_auth_disabled", "allow_gateway_callback"] {
        if let Some(value) = request.flag(flag)? {
            connection.set(flag, value);
        }
    }
    if let Some(mapping) = request.object("attribute_mapping")? {
        check_mapping(mapping)?;
        connection.set("attribute_mapping", mapping.clone());
    }
    for (field, with_group) in [
        ("saml_connection_implicit_role_assignments", false),
        ("saml_group_implicit_role_assignments", true),
    ] {
        if let Some(given) = assignments(state, request, &organization, field, with_group)? {
            connection.set(field, given);
        }
    }
    if !connection
        .list("saml_group_implicit_role_assignments")
        .is_empty()
        && !connection.maps_groups()
    {
        return Err(ApiError::of(
            "saml_connection_attribute_mapping_missing_groups_key",
        ));
    }
    let now = wire(state.now());
    if let Some(pem) = request.text("x509_certificate")? {
        add_certificate(&mut connection, pem, &now)?;
    }
    if let Some(pem) = request.text("signing_private_key")? {
        if certificates::pkcs1(pem).is_none() {
            return Err(ApiError::of(
                "saml_signing_private_key_format_not_supported",
            ));
        }
        let made = certificates::signing(pem, &now)
            .ok_or_else(|| ApiError::of("saml_signing_private_key_invalid"))?;
        push(&mut connection, "signing_certificates", made);
    }
    if let Some(pem) = request.text("saml_encryption_private_key")? {
        if certificates::signing(pem, &Value::Null).is_none() {
            let message = "saml_encryption_private_key must be an RSA key of at least 2048 bits in PEM of PKCS #1.";
            return Err(ApiError::bad_request(message));
        }
        let key = json!({
            "private_key_id": ids::mint("saml-encryption-key"),
            "private_key": pem,
            "created_at": now,
        });
        push(&mut connection, "encryption_private_keys", key);
    }
    answer(state, connection)
}

/// `PUT …/connections/{connection_id}/url`: takes `metadata_url`. The metadata replaces the connection's entity id and
/// URL, and its certificate is added.
pub fn update_by_url(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, mut connection) = to_update(state, request, "saml", NOT_FOUND)?;
    let url = request.need_text("metadata_url")?;
    let idp = url
        .strip_suffix("/metadata")
        .filter(|idp| is_stand_in(idp))
        .ok_or_else(|| ApiError::of("invalid_xml_from_saml_metadata_url"))?;
    connection.set("idp_entity_id", idp);
    connection.set("idp_sso_url", format!("{idp}/sso"));
    let certificate = certificates::stand_in();
    let pem = certificate["certificate"].as_str().unwrap_or_default();
    add_certificate(&mut connection, pem, &wire(state.now()))?;
    answer(state, connection)
}

/// `DELETE …/connections/{connection_id}/verification_certificates/{certificate_id}`: deletes a certificate. An active
/// connection keeps at least one.
pub fn delete_certificate(state: &mut State, request: &ApiRequest) -> Reply {
    let (organization, mut connection) = to_update(state, request, "saml", NOT_FOUND)?;
    let id = request.part("certificate_id");
    let left = without(
        &connection,
        "verification_certificates",
        "certificate_id",
        id,
    )
    .ok_or_else(|| ApiError::of("sso_verification_key_not_found"))?;
    if left.is_empty() && organization.has_connection(connection.id()) {
        return Err(ApiError::of("cannot_delete_last_sso_verification_key"));
    }
    connection.set("verification_certificates", left);
    sso::keep(state, connection);
    Ok(fields(json!({ "certificate_id": id })))
}

/// `DELETE …/connections/{connection_id}/encryption_private_keys/{private_key_id}`
pub fn delete_encryption_key(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, mut connection) = to_update(state, request, "saml", NOT_FOUND)?;
    let id = request.part("private_key_id");
    let message = "The connection has no such encryption private key.";
    let left = without(&connection, "encryption_private_keys", "private_key_id", id)
        .ok_or_else(|| ApiError::new(404, "sso_encryption_private_key_not_found", message))?;
    connection.set("encryption_private_keys", left);
    sso::keep(state, connection);
    Ok(fields(json!({ "private_key_id": id })))
}

fn check_url(url: &str) -> Result<(), ApiError> {
    let parsed = Url::parse(url).ok().filter(Url::has_host);
    let parsed =
        parsed.ok_or_else(|| ApiError::of("saml_connection_idp_sso_url_invalid_format"))?;
    if parsed.scheme() == "https" {
        Ok(())
    } else {
        Err(ApiError::of("saml_connection_idp_sso_url_not_https"))
    }
}

/// Checks that the mapping has attributes for a person's address and name.
fn check_mapping(mapping: &Map<String, Value>) -> Result<(), ApiError> {
    if mapping.is_empty() {
        return Err(ApiError::of("saml_connection_attribute_mapping_required"));
    }
    if mapping.values().any(|value| !value.is_string()) {
        let error = "saml_connection_no_nested_keys_in_attribute_mapping";
        return Err(ApiError::of(error));
    }
    if !mapping.contains_key("email") {
        return Err(ApiError::of("saml_connection_email_mapping_required"));
    }
    let has_names = mapping.contains_key("first_name") && mapping.contains_key("last_name");
    if !mapping.contains_key("full_name") && !has_names {
        return Err(ApiError::of("saml_connection_name_mapping_required"));
    }
    Ok(())
}

/// Adds the IdP's certificate, unless the connection already has it.
fn add_certificate(connection: &mut SsoConnection, pem: &str, now: &Value) -> Result<(), ApiError> {
    let made = certificates::verification(pem, now)
        .ok_or_else(|| ApiError::of("invalid_x509_certificate"))?;
    let known = connection.list("verification_certificates");
    if known
        .iter()
        .any(|it| it["certificate"] == made["certificate"])
    {
        return Ok(());
    }
    if known.len() >= MOST_CERTIFICATES {
        return Err(ApiError::of("too_many_sso_verification_certificates"));
    }
    push(connection, "verification_certificates", made);
    Ok(())
}

fn push(connection: &mut SsoConnection, list: &str, entry: Value) {
    let mut entries = connection.list(list).to_vec();
    entries.push(entry);
    connection.set(list, entries);
}

/// The list without the entry with this id; `None` if there is no such entry.
fn without(connection: &SsoConnection, list: &str, key: &str, id: &str) -> Option<Vec<Value>> {
    let entries = connection.list(list);
    let left: Vec<Value> = entries.iter().filter(|it| it[key] != id).cloned().collect();
    (left.len() < entries.len()).then_some(left)
}
