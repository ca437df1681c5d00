//! Lookups that require only the public token, before a sign-in.

use serde_json::{Map, Value, json};

use crate::{
    http::ApiRequest,
    model::{
        ApiError, Organization, Reply, State, fields::fields, lookup, people::domain,
        sso::Connection, sso::connections_of,
    },
};

/// The fields of an organization that anyone can see.
const SHOWN: [&str; 13] = [
    "organization_id",
    "organization_name",
    "organization_slug",
    "organization_logo_url",
    "sso_active_connections",
    "sso_default_connection_id",
    "email_jit_provisioning",
    "email_allowed_domains",
    "oauth_tenant_jit_provisioning",
    "allowed_oauth_tenants",
    "auth_methods",
    "allowed_auth_methods",
    "mfa_policy",
];

/// `POST /sdk/v1/b2b/organizations/search`: returns the organization with exactly this slug, or null.
pub fn organization(state: &mut State, request: &ApiRequest) -> Reply {
    let slug = request.need_text("organization_slug")?;
    let found = state
        .organizations
        .with_key(&lookup::reference(slug))
        .find(|organization| organization.slug() == slug);
    let shown = found.map(|organization| {
        let field = |name: &&str| ((*name).to_owned(), organization.value(name).clone());
        SHOWN.iter().map(field).collect::<Map<String, Value>>()
    });
    Ok(fields(json!({ "organization": shown })))
}

/// `POST /sdk/v1/b2b/organizations/members/search`: returns, for the member with this address in the organization, the
/// fields that a sign-in with a password needs, or null.
pub fn member(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let email = request.need_text("email_address")?;
    let found = state.member_by_email(organization.id(), email);
    let shown = found.map(|member| {
        json!({
            "status": member.status(),
            "name": member.text("name"),
            "member_password_id": member.text("member_password_id"),
        })
    });
    Ok(fields(json!({ "member": shown })))
}

/// `GET /sdk/v1/b2b/sso/discovery/connections?email_address=`: returns the active connections of the organizations with
/// a member who has this address. If there are none, returns the connections through which people with an address in
/// the domain can join.
pub fn connections(state: &mut State, request: &ApiRequest) -> Reply {
    let email = request
        .parameter("email_address")
        .ok_or_else(|| ApiError::bad_request("email_address is required."))?;
    let mut found: Vec<Connection> = state
        .members
        .with_key(&lookup::email(email))
        .filter(|it| it.status() != "deleted" && it.email().eq_ignore_ascii_case(email))
        .filter_map(|member| state.organization(member.organization_id()))
        .flat_map(connections_of)
        .collect();
    if found.is_empty() {
        let open = state
            .organizations
            .with_key(&lookup::joinable_with(domain(email)))
            .filter(|it| it.lists_domain("email_allowed_domains", domain(email)));
        let joinable = |it: &Organization| {
            let connections = connections_of(it).into_iter();
            let open: Vec<_> = connections.filter(|of| is_open(it, of)).collect();
            open
        };
        found = open.flat_map(joinable).collect();
    }
    let shown: Vec<Value> = found
        .iter()
        .map(|it| {
            json!({
                "connection_id": it.id,
                "display_name": it.display_name,
                "identity_provider": it.identity_provider,
            })
        })
        .collect();
    Ok(fields(json!({ "connections": shown })))
}

/// Whether people can join the organization through the connection.
fn is_open(organization: &Organization, connection: &Connection) -> bool {
    match organization.text("sso_jit_provisioning") {
        "ALL_ALLOWED" => true,
        "RESTRICTED" => organization
            .list("sso_jit_provisioning_allowed_connections")
            .contains(&connection.id.as_str()),
        _ => false,
    }
}
