//! Signs a person in through an SSO connection without the page, for tests.

use crate::{
    model::{Account, Connection, State, authorization::with_error},
    rules::{
        Approved, Kind,
        approve::{check_challenge, member_urls, url},
        refusal::{Refusal, refusal},
        requested_person::{self, RequestedPerson},
        sso::{self, connection},
        sso_request::{self, comes_back_as, request_to},
    },
};

/// A sign-in through a connection that a test makes in place of a person.
#[derive(Clone, Copy, Debug)]
pub struct SsoApproval<'a> {
    /// Id of an active connection.
    pub connection_id: &'a str,
    /// Email address of the person who signs in. The person is added to the IdP if necessary.
    pub email: &'a str,
    /// The person's groups at the IdP; `None` leaves them unchanged.
    pub groups: Option<&'a [String]>,
    pub pkce_code_challenge: Option<&'a str>,
}

/// Signs the person in. The person returns to the given registered URL, or to the default one. An error changes
/// nothing.
pub fn approve_sso(
    state: &mut State,
    approval: SsoApproval<'_>,
    requested: &RequestedPerson,
    redirect_url: Option<&str>,
) -> Result<Approved, Refusal> {
    let connection = active(state, approval.connection_id)?;
    let pkce_code_challenge = check_challenge(approval.pkce_code_challenge)?;
    let found = requested_person::account(state, &connection.id, approval.email, requested)?;
    let account = Account {
        groups: approval.groups.map_or(found.groups, <[String]>::to_vec),
        ..found
    };
    let organization_id = &connection.organization_id;
    let kind = comes_back_as(state, &connection.id, organization_id, &account);
    let (login, signup) = member_urls(state, kind, redirect_url)?;
    let mut request = request_to(state, connection, login, signup);
    request.pkce_code_challenge = pkce_code_challenge;
    sso::keep_account(state, &account);
    let (token, redirect_url) = sso_request::approve(state, &request, &account);
    Ok(Approved {
        token,
        redirect_url,
    })
}

/// The app's URL if the IdP returns this error instead of a person.
pub fn deny_sso(
    state: &State,
    approval: SsoApproval<'_>,
    error: &str,
    redirect_url: Option<&str>,
) -> Result<String, Refusal> {
    active(state, approval.connection_id)?;
    check_challenge(approval.pkce_code_challenge)?;
    let url = url(state, Kind::Login, redirect_url)?;
    Ok(with_error(&url, error))
}

fn active(state: &State, connection_id: &str) -> Result<Connection, Refusal> {
    connection(state, connection_id)
        .ok_or_else(|| refusal("connection_id", "the id of an active SSO connection"))
}
