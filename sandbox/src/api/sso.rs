//! `sso.authenticate`, `sso.get_connections` and `sso.delete_connection`. See `docs/stytch.md#sso`.

use serde_json::{Value, json};

use crate::{
    api::{primary::Before, sso_connections::organization_for},
    http::ApiRequest,
    model::{
        ApiError, Login, Organization, Proof, Reply, SsoToken, State, fields::fields, lookup,
        people::domain, pkce, sso::connections_of, token_fates::Fate,
    },
    rules::{
        Way,
        membership::{claimed_by_another, holds_retired},
        sso::{all_of, configured, connection, forget},
    },
};

/// `POST /v1/b2b/sso/authenticate`: takes `sso_token` and returns the common authentication response.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let before = Before::read(state, request)?;
    let verifier = request.text("pkce_code_verifier")?;
    let spent = spend(state, request.need_text("sso_token")?, verifier)?;
    connection(state, &spent.connection_id)
        .ok_or_else(|| ApiError::of("sso_connection_not_found"))?;
    let mut login = spent.login;
    let known = by_registration(state, &spent.organization_id, &login);
    // A person whose address at the IdP has changed is still the same member. The member gets the new address if it is
    // free.
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

/// `GET /v1/b2b/sso/{organization_id}`: returns the organization's connections by kind, including pending ones.
pub fn connections(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = organization_for(state, request, "get")?;
    let connections = all_of(state, &organization);
    let of_kind = |kind: &str| -> Vec<Value> {
        let fitting = connections.iter().filter(|it| it.kind() == kind);
        fitting.map(|it| it.object(&organization)).collect()
    };
    Ok(fields(json!({
        "saml_connections": of_kind("saml"),
        "oidc_connections": of_kind("oidc"),
        "external_connections": of_kind("external"),
    })))
}

/// `DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}`: deletes the connection. If there are several,
/// the default one can't be deleted.
pub fn delete_connection(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = organization_for(state, request, "delete")?;
    let id = request.part("connection_id");
    if configured(state, &organization, id).is_none() {
        return Err(ApiError::of("sso_connection_not_found"));
    }
    if organization.text("sso_default_connection_id") == id
        && connections_of(&organization).len() > 1
    {
        return Err(ApiError::of("cannot_delete_default_sso_connection"));
    }
    forget(state, organization.id(), id);
    Ok(fields(json!({ "connection_id": id })))
}

/// Uses up the token, if the verifier matches. A wrong verifier makes the token invalid.
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
            state.end_token(token, Fate::WrongVerifier);
        }
        return Err(error);
    }
    let spent = tokens.remove(token);
    state.end_token(token, Fate::Used);
    spent.ok_or_else(|| ApiError::of("sso_token_not_found"))
}

/// Id and address of the member who has signed in through this connection before.
fn by_registration(
    state: &State,
    organization_id: &str,
    login: &Login,
) -> Option<(String, String)> {
    let Proof::Sso { connection_id, .. } = &login.proof else {
        return None;
    };
    let key = lookup::came_as(connection_id, &login.subject);
    let mut members = state.members.with_key(&key);
    let member = members.find(|member| {
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

/// The entry as the member with that address, or as a new member if the organization lets people join through the
/// connection. The error for `NOT_ALLOWED` is not documented; it is the one for `RESTRICTED` here.
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
