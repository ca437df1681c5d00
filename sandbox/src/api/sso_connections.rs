//! Code that the endpoints for SAML, OIDC and external connections share.

use serde_json::{Value, json};

use crate::{
    http::ApiRequest,
    model::{ApiError, Organization, Reply, SsoConnection, State, fields::fields},
    rules::{
        Rights,
        rbac::{EVERYONES_ROLE, has_role},
        sso,
    },
};

/// The names of identity providers that the vendor knows.
pub const IDENTITY_PROVIDERS: [&str; 15] = [
    "classlink",
    "cyberark",
    "duo",
    "generic",
    "google-workspace",
    "jumpcloud",
    "keycloak",
    "microsoft-entra",
    "miniorange",
    "okta",
    "onelogin",
    "pingfederate",
    "rippling",
    "salesforce",
    "shibboleth",
];

/// The organization in the path, if the call has the right to this action on its SSO connections.
pub fn organization_for(
    state: &State,
    request: &ApiRequest,
    action: &str,
) -> Result<Organization, ApiError> {
    let organization = state.need_organization(request.part("organization_id"))?;
    let rights = Rights::of(state, &request.acting)?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.sso", action)?;
    Ok(organization.clone())
}

/// The organization and the connection in the path, to be updated. `kind` is `saml`, `oidc` or `external`; a connection
/// of another kind or organization is an error.
pub fn to_update(
    state: &State,
    request: &ApiRequest,
    kind: &str,
    not_found: &'static str,
) -> Result<(Organization, SsoConnection), ApiError> {
    let organization = organization_for(state, request, "update")?;
    let connection = sso::configured(state, &organization, request.part("connection_id"))
        .filter(|it| it.kind() == kind)
        .ok_or_else(|| ApiError::of(not_found))?;
    Ok((organization, connection))
}

/// Reads `display_name` and `identity_provider` into the connection.
pub fn read_names(request: &ApiRequest, connection: &mut SsoConnection) -> Result<(), ApiError> {
    if let Some(name) = request.text("display_name")? {
        connection.set("display_name", name);
    }
    if let Some(provider) = request.text("identity_provider")? {
        if !IDENTITY_PROVIDERS.contains(&provider) {
            let known = IDENTITY_PROVIDERS.join(", ");
            let message = format!("identity_provider must be one of {known}.");
            return Err(ApiError::bad_request(message));
        }
        connection.set("identity_provider", provider);
    }
    Ok(())
}

/// A text that an active connection requires: `""` is an error there. For a pending connection, `""` counts as omitted.
pub fn needed<'a>(
    request: &'a ApiRequest,
    field: &str,
    is_active: bool,
    missing: &'static str,
) -> Result<Option<&'a str>, ApiError> {
    match request.raw_text(field)? {
        Some("") if is_active => Err(ApiError::of(missing)),
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

/// Reads roles by connection or, with `with_group`, by group: roles of the organization, except the one that every
/// member has.
pub fn assignments(
    state: &State,
    request: &ApiRequest,
    organization: &Organization,
    field: &str,
    with_group: bool,
) -> Result<Option<Value>, ApiError> {
    let given = match request.body.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(given)) => given,
        Some(_) => return Err(ApiError::bad_request(format!("{field} must be an array."))),
    };
    let mut kept = Vec::new();
    for assignment in given {
        let role = assignment["role_id"].as_str().unwrap_or_default();
        if role == EVERYONES_ROLE || !has_role(&state.policy, organization, role) {
            return Err(ApiError::of("invalid_rbac_role_assignment"));
        }
        let group = assignment["group"].as_str().unwrap_or_default();
        if with_group && group.is_empty() {
            let error = "saml_group_role_assignment_does_not_contain_member_group";
            return Err(ApiError::of(error));
        }
        kept.push(if with_group {
            json!({ "role_id": role, "group": group })
        } else {
            json!({ "role_id": role })
        });
    }
    Ok(Some(kept.into()))
}

/// Stores the connection and returns it.
pub fn answer(state: &mut State, connection: SsoConnection) -> Reply {
    let organization_id = connection.organization_id().to_owned();
    let id = connection.id().to_owned();
    sso::keep(state, connection);
    let organization = state.need_organization(&organization_id)?;
    let kept = sso::stored(state, &id);
    let object = kept.map(|connection| connection.object(organization));
    Ok(fields(json!({ "connection": object })))
}
