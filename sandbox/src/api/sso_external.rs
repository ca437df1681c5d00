//! External connections, which lead to the SSO connection of another organization: create and update.

use crate::{
    api::sso_connections::{answer, assignments, organization_for, read_names, to_update},
    http::ApiRequest,
    model::{ApiError, Organization, Reply, SsoConnection, State},
    rules::sso,
};

/// The connection's fields with assigned roles: the field, its name in `create`, and whether it has groups.
const ROLES: [(&str, &str, bool); 2] = [
    (
        "external_connection_implicit_role_assignments",
        "connection_implicit_role_assignments",
        false,
    ),
    (
        "external_group_implicit_role_assignments",
        "group_implicit_role_assignments",
        true,
    ),
];

/// `POST /v1/b2b/sso/external/{organization_id}`: takes `external_organization_id` and `external_connection_id`, which
/// name an active SAML or OIDC connection of another organization. The new connection is active immediately.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = organization_for(state, request, "create")?;
    let other = state.need_organization(request.need_text("external_organization_id")?)?;
    if other.id() == organization.id() {
        let error = "external_organization_id_same_as_organization_id";
        return Err(ApiError::of(error));
    }
    let id = request.need_text("external_connection_id")?;
    sso::configured(state, other, id)
        .filter(|it| it.kind() != "external")
        .ok_or_else(|| ApiError::of("external_connection_id_not_found"))?;
    let leads_to =
        sso::connection(state, id).ok_or_else(|| ApiError::of("external_connection_not_active"))?;
    let mut connection = SsoConnection::external(organization.id(), &leads_to);
    read_names(request, &mut connection)?;
    for (field, name, with_group) in ROLES {
        read_roles(
            state,
            request,
            &organization,
            &mut connection,
            (name, field, with_group),
        )?;
    }
    answer(state, connection)
}

/// `PUT /v1/b2b/sso/external/{organization_id}/connections/{connection_id}`: takes the fields to change and returns the
/// connection.
pub fn update(state: &mut State, request: &ApiRequest) -> Reply {
    let not_found = "external_connection_id_not_found";
    let (organization, mut connection) = to_update(state, request, "external", not_found)?;
    read_names(request, &mut connection)?;
    for (field, _, with_group) in ROLES {
        read_roles(
            state,
            request,
            &organization,
            &mut connection,
            (field, field, with_group),
        )?;
    }
    answer(state, connection)
}

/// Reads the roles under this name in the request into this field of the connection. Only SAML connections assign
/// roles.
fn read_roles(
    state: &State,
    request: &ApiRequest,
    organization: &Organization,
    connection: &mut SsoConnection,
    (name, field, with_group): (&str, &str, bool),
) -> Result<(), ApiError> {
    let Some(given) = assignments(state, request, organization, name, with_group)? else {
        return Ok(());
    };
    let leads_to = connection.text("external_connection_id");
    if given.as_array().is_some_and(|given| !given.is_empty()) {
        if !leads_to.starts_with("saml-") {
            let message =
                format!("{name} must be empty: the connection leads to an OIDC connection.");
            return Err(ApiError::new(400, "invalid_rbac_role_assignment", message));
        }
        if with_group && !sso::stored(state, leads_to).is_some_and(SsoConnection::maps_groups) {
            return Err(ApiError::of(
                "saml_connection_attribute_mapping_missing_groups_key",
            ));
        }
    }
    connection.set(field, given);
    Ok(())
}
