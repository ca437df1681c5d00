//! `sso.authenticate`, `sso.get_connections` and `sso.delete_connection` (fact sheet §5.3).

use serde_json::{Value, json};

use crate::{
    api::primary::Before,
    http::ApiRequest,
    model::{
        ApiError, Connection, Login, Organization, Reply, SsoToken, State, clock::wire,
        fields::fields, people::domain, pkce, sso::connections_of,
    },
    rules::{
        Rights, Way,
        membership::{claimed_by_another, holds_retired},
        sso::connection,
    },
};

/// `POST /v1/b2b/sso/authenticate`: `sso_token` in, the common authentication response out.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let before = Before::read(state, request)?;
    let verifier = request.text("pkce_code_verifier")?;
    let spent = spend(state, request.need_text("sso_token")?, verifier)?;
    connection(state, &spent.connection_id)
        .ok_or_else(|| ApiError::of("sso_connection_not_found"))?;
    let mut login = spent.login;
    let known = by_registration(state, &spent.organization_id, &login);
    // Whom the IdP knows under another address today is the same member still, who gets that address if it is a new one
    // and free.
    if let Some((id, email)) = &known
        && !may_move_to(state, &spent.organization_id, &login.email, id)
    {
        login.email.clone_from(email);
    }
    let mut answer =
        before.enter(
            state,
            &spent.organization_id,
            &login,
            |state, here, _| match known {
                Some((id, _)) => Ok(Way::Member(id)),
                None => way(state, here, &login, &spent.connection_id),
            },
        )?;
    answer.insert("reset_session".into(), json!(false));
    Ok(answer)
}

/// `GET /v1/b2b/sso/{organization_id}`: the organization's connections by kind.
pub fn connections(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.part("organization_id"))?;
    let rights = Rights::of(state, &request.acting)?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.sso", "get")?;
    let connections = connections_of(organization);
    let of_kind = |kind: &str| {
        let fitting = connections.iter().filter(|it| it.kind() == kind);
        json!(fitting.map(Connection::object).collect::<Vec<_>>())
    };
    Ok(fields(
        json!({ "saml_connections": of_kind("saml"), "oidc_connections": of_kind("oidc"), "external_connections": [] }),
    ))
}

/// `DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}`: nobody signs in through it any more.
pub fn delete_connection(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.part("organization_id"))?;
    let rights = Rights::of(state, &request.acting)?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.sso", "delete")?;
    let id = request.part("connection_id");
    if !connections_of(organization).iter().any(|it| it.id == id) {
        return Err(ApiError::of("sso_connection_not_found"));
    }
    let organization_id = organization.id().to_owned();
    let now = wire(state.now());
    let organization = state
        .organizations
        .iter_mut()
        .find(|organization| organization.id() == organization_id);
    if let Some(organization) = organization {
        let mut active = organization.value("sso_active_connections").clone();
        if let Some(entries) = active.as_array_mut() {
            entries.retain(|entry| entry["connection_id"] != id);
        }
        let allowed = organization.list("sso_jit_provisioning_allowed_connections");
        let allowed: Vec<&str> = allowed.into_iter().filter(|it| *it != id).collect();
        let mut fields = fields(
            json!({ "sso_jit_provisioning_allowed_connections": allowed, "sso_active_connections": active, "updated_at": now }),
        );
        if organization.text("sso_default_connection_id") == id {
            fields.insert("sso_default_connection_id".to_owned(), Value::Null);
        }
        organization.merge(fields);
    }
    Ok(fields(json!({ "connection_id": id })))
}

/// Takes the token out of the world, if the verifier fits. A wrong one burns it.
fn spend(state: &mut State, token: &str, verifier: Option<&str>) -> Result<SsoToken, ApiError> {
    let now = state.now();
    let tokens = &mut state.factors.sso_tokens;
    let known = tokens
        .get(token)
        .filter(|known| now < known.expires_at)
        .ok_or_else(|| ApiError::of("sso_token_not_found"))?;
    if let Err(error) = pkce::check(known.pkce_code_challenge.as_deref(), verifier) {
        if error.error_type == "pkce_mismatch" {
            tokens.remove(token);
        }
        return Err(error);
    }
    tokens
        .remove(token)
        .ok_or_else(|| ApiError::of("sso_token_not_found"))
}

/// Id and address of the member who came through this connection before.
fn by_registration(
    state: &State,
    organization_id: &str,
    login: &Login,
) -> Option<(String, String)> {
    let member = state.members.iter().find(|member| {
        member.organization_id() == organization_id
            && member.status() != "deleted"
            && member.registration(login).is_some()
    })?;
    Some((member.id().to_owned(), member.email().to_owned()))
}

/// Whether the member with this id may get the address.
fn may_move_to(state: &State, organization_id: &str, email: &str, own_id: &str) -> bool {
    state
        .member_by_email(organization_id, email)
        .is_none_or(|holder| holder.id() == own_id)
        && !holds_retired(state, organization_id, email, "")
        && !claimed_by_another(state, organization_id, domain(email))
}

/// As a member of that address, or as somebody new, if the organization lets people join through the connection.
/// (That `NOT_ALLOWED` has the error of `RESTRICTED` is unconfirmed.)
fn way(
    state: &State,
    organization: &Organization,
    login: &Login,
    connection_id: &str,
) -> Result<Way, ApiError> {
    if let Some(member) = state.member_by_email(organization.id(), &login.email) {
        return Ok(Way::Member(member.id().to_owned()));
    }
    if claimed_by_another(state, organization.id(), domain(&login.email)) {
        return Err(ApiError::of("action_not_allowed_email_domain_is_claimed"));
    }
    let open = match organization.text("sso_jit_provisioning") {
        "ALL_ALLOWED" => true,
        "RESTRICTED" => organization
            .list("sso_jit_provisioning_allowed_connections")
            .contains(&connection_id),
        _ => false,
    };
    if open {
        Ok(Way::Join)
    } else {
        Err(ApiError::of("invalid_connection_for_jit_provisioning"))
    }
}
