//! OIDC connections: create and update.

use serde_json::{Value, json};
use url::Url;

use crate::{
    api::sso_connections::{answer, needed, organization_for, read_names, to_update},
    http::ApiRequest,
    model::{ApiError, Reply, SsoConnection, State, sso_connection::metadata},
};

/// The URL fields, each with the error for an invalid URL and the error for an active connection without it.
#[rustfmt::skip] // a table: one field per line
const URLS: [(&str, &str, &str); 5] = [
    ("issuer", "oidc_connection_issuer_url_invalid_format", "oidc_connection_issuer_required"),
    ("authorization_url", "oidc_connection_authorization_url_invalid_format", "oidc_connection_authorization_url_required"),
    ("token_url", "oidc_connection_token_url_invalid_format", "oidc_connection_token_url_required"),
    ("userinfo_url", "oidc_connection_userinfo_url_invalid_format", "oidc_connection_userinfo_url_required"),
    ("jwks_url", "oidc_connection_jwks_url_invalid_format", "oidc_connection_jwks_url_required"),
];

/// The other fields that an active connection requires.
const CLIENT: [(&str, &str); 2] = [
    ("client_id", "oidc_connection_client_id_required"),
    ("client_secret", "oidc_connection_client_secret_required"),
];

/// `POST /v1/b2b/sso/oidc/{organization_id}`: creates a connection, which is pending until it is configured.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = organization_for(state, request, "create")?;
    let mut connection = SsoConnection::oidc(organization.id());
    read_names(request, &mut connection)?;
    answer(state, connection)
}

/// `PUT /v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}`: takes the fields to change and returns the
/// connection. Omitted fields stay. The metadata of a new issuer supplies those of the four URLs that the request
/// omits; if it can't be read, the response has a `warning`.
pub fn update(state: &mut State, request: &ApiRequest) -> Reply {
    let (organization, mut connection) =
        to_update(state, request, "oidc", "oidc_connection_not_found")?;
    let is_active = organization.has_connection(connection.id());
    read_names(request, &mut connection)?;
    for (field, missing) in CLIENT {
        if let Some(text) = needed(request, field, is_active, missing)? {
            connection.set(field, text);
        }
    }
    let issuer_before = connection.text("issuer").to_owned();
    let mut given = Vec::new();
    for (field, malformed, missing) in URLS {
        if let Some(url) = needed(request, field, is_active, missing)? {
            if !is_https(url) {
                return Err(ApiError::of(malformed));
            }
            given.push(field);
            connection.set(field, url);
        }
    }
    if let Some(scopes) = request.raw_text("custom_scopes")? {
        connection.set("custom_scopes", scopes);
    }
    if let Some(mapping) = request.object("attribute_mapping")? {
        connection.set("attribute_mapping", mapping.clone());
    }
    let issuer = connection.text("issuer").to_owned();
    let mut warning = Value::Null;
    if issuer != issuer_before {
        match metadata(&issuer) {
            Some(urls) => {
                let inferred = urls.into_iter().filter(|(name, _)| !given.contains(name));
                for (name, url) in inferred {
                    connection.set(name, url);
                }
            }
            None => warning = json!(NO_METADATA),
        }
    }
    let mut answer = answer(state, connection)?;
    answer.insert("warning".to_owned(), warning);
    Ok(answer)
}

/// The warning for other issuers than the sandbox's, because the sandbox fetches no metadata.
const NO_METADATA: &str = "The issuer's metadata document could not be read. The sandbox knows only that of the \
    stand-in IdP, https://<name>.idp.example; give the URLs yourself.";

fn is_https(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}
