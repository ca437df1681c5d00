//! Automatic approval of sign-ins, if a test has turned it on.

use crate::{
    model::{Authorization, SsoRequest, State},
    rules::{
        authorization,
        requested_person::{self, RequestedPerson},
        sso, sso_request,
    },
};

/// The app's URL with a token for the person whose sign-ins are approved automatically. `None` while this is off.
pub fn of_authorization(state: &mut State, request: &Authorization) -> Option<String> {
    let email = state.auto_approve.clone()?;
    let defaults = RequestedPerson::default();
    let person = requested_person::person(state, request.provider, &email, &defaults).ok()?;
    requested_person::keep(state, person.clone());
    authorization::approve(state, request, &person).map(|(_, url)| url)
}

/// The same for a sign-in through an SSO connection.
pub fn of_sso_request(state: &mut State, request: &SsoRequest) -> Option<String> {
    let email = state.auto_approve.clone()?;
    let defaults = RequestedPerson::default();
    let account =
        requested_person::account(state, &request.connection_id, &email, &defaults).ok()?;
    sso::keep_account(state, &account);
    Some(sso_request::approve(state, request, &account).1)
}
