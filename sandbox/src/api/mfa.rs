//! Code that all second factors share: the member, the session or intermediate session with the first factor, and the
//! entry into the organization. See `docs/stytch.md#second-factors`.

use serde_json::{Value, json};

use crate::{
    api::{members::need_member, recipient::member_fields, session_arguments::optional_session},
    http::ApiRequest,
    model::{ApiError, Login, Member, Proof, Reply, State, clock::wire},
    rules::{
        Asking, Entry, RequestedSession, Way,
        due::{due, may_use_second},
        entry::enter,
        locks,
        second_factors::check_enrollment,
        session_lookup::intermediate_for,
    },
};

/// A call about a member's second factor.
pub struct Call {
    pub organization_id: String,
    pub member_id: String,
    session_id: Option<String>,
    intermediate_session_token: Option<String>,
    /// The logins of the session or intermediate session.
    logins: Vec<Login>,
}

/// The member and the session of the call. The session must belong to the member, its primary factors must suffice, the
/// member must not be locked, and the organization must allow the method (`sms_otp` or `totp`).
pub fn call(state: &State, request: &ApiRequest, method: &str) -> Result<Call, ApiError> {
    let (organization_id, member_id) = member(
        state,
        request.need_text("organization_id")?,
        request.need_text("member_id")?,
    )?;
    locks::check(state, &member_id)?;
    let (organization, row) = rows(state, &organization_id, &member_id)?;
    if !may_use_second(organization, row, method) {
        return Err(ApiError::of(
            "operation_restricted_by_organization_mfa_methods",
        ));
    }
    let mismatch = || ApiError::of("member_session_member_id_mismatch");
    let session_id = optional_session(state, request)?;
    let token = request.text("intermediate_session_token")?;
    let logins = match (&session_id, token) {
        (Some(_), Some(_)) => return Err(ApiError::of("too_many_session_arguments")),
        (Some(id), None) => {
            let session = state.session(id);
            let session = session.filter(|session| session.member_id == member_id);
            session.ok_or_else(mismatch)?.logins()
        }
        (None, Some(token)) => {
            let ist = intermediate_for(state, token, &organization_id)?;
            if !ist.email.eq_ignore_ascii_case(row.email()) {
                return Err(mismatch());
            }
            ist.logins.clone()
        }
        (None, None) => Vec::new(),
    };
    let call = Call {
        organization_id,
        member_id,
        session_id,
        intermediate_session_token: token.map(str::to_owned),
        logins,
    };
    let asking = Asking::SignIn;
    if call.has_session()
        && due(organization, Some(row), &call.logins, asking)
            .primary
            .is_some()
    {
        return Err(ApiError::of(
            "action_available_only_once_primary_authentication_is_met",
        ));
    }
    Ok(call)
}

impl Call {
    /// Whether the request has a session or an intermediate session.
    pub fn has_session(&self) -> bool {
        self.session_id.is_some() || self.intermediate_session_token.is_some()
    }

    /// Refuses a call without any of the three session arguments.
    pub fn need_session(&self) -> Result<(), ApiError> {
        if self.has_session() {
            Ok(())
        } else {
            Err(ApiError::of("no_session_arguments"))
        }
    }

    /// Refuses to add or verify this second factor for a member who has another one and has not used it, with or
    /// without a session argument.
    pub fn may_enroll(&self, state: &State, method: &str) -> Result<(), ApiError> {
        let member = state.need_member(&self.member_id)?;
        check_enrollment(member, &self.logins, method)
    }

    /// Completes the sign-in with the second factor, or adds it to the session, and returns the MFA response.
    pub fn finish(self, state: &mut State, choice: &Choice, proof: Proof, subject: &str) -> Reply {
        let (_, row) = rows(state, &self.organization_id, &self.member_id)?;
        let email = row.email().to_owned();
        let now = state.now();
        let login = Login {
            proof,
            subject: subject.to_owned(),
            email: email.clone(),
            full_name: String::new(),
            proves_email: false,
            tenants: Vec::new(),
            groups: None,
            only_in: Some(self.organization_id.clone()),
            made_in: None,
            at: now,
            grant: None,
        };
        let mut logins: Vec<Login> = self.logins;
        logins.retain(|known| !known.is_same_as(&login));
        logins.push(login);
        let entry = Entry {
            organization_id: self.organization_id.clone(),
            way: Way::Member(self.member_id.clone()),
            email,
            logins,
            intermediate_session_token: self.intermediate_session_token,
            session_id: self.session_id,
            requested: choice.requested.clone(),
        };
        let mut answer = enter(state, entry)?;
        choice.apply(state, &self.organization_id, &self.member_id);
        answer.extend(member_fields(state, &self.member_id));
        for key in [
            "member_authenticated",
            "intermediate_session_token",
            "intermediate_session_token_expires_at",
            "primary_required",
            "mfa_required",
        ] {
            answer.remove(key);
        }
        Ok(answer)
    }
}

/// What an authenticate call for a second factor requests besides checking the code.
pub struct Choice {
    requested: RequestedSession,
    enrolled: Option<bool>,
    /// The method of the code. `None` for a recovery code, which is not a method and does not enroll the member.
    method: Option<&'static str>,
    /// `set_default_mfa`
    make_default: bool,
}

impl Choice {
    /// Reads the requested session, `set_mfa_enrollment` and `set_default_mfa`. Called before the code is used up.
    pub fn read(request: &ApiRequest, method: &'static str) -> Result<Self, ApiError> {
        let enrolled = match request.raw_text("set_mfa_enrollment")? {
            None => None,
            Some("enroll") => Some(true),
            Some("unenroll") => Some(false),
            Some(_) => {
                return Err(ApiError::bad_request(
                    "set_mfa_enrollment must be enroll or unenroll.",
                ));
            }
        };
        let default = match request.body.get("set_default_mfa") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(default)) => *default,
            Some(_) => return Err(ApiError::bad_request("set_default_mfa must be a boolean.")),
        };
        Ok(Self {
            requested: request.requested_session()?,
            enrolled,
            method: Some(method),
            make_default: default,
        })
    }

    /// The same choice for a recovery code.
    pub fn without_enrollment(self) -> Self {
        Self {
            enrolled: None,
            method: None,
            ..self
        }
    }

    /// Updates the member. Where MFA is required for all members, a member who has used it is enrolled. The first
    /// method that a member uses becomes the default one.
    fn apply(&self, state: &mut State, organization_id: &str, member_id: &str) {
        let required = state
            .organization(organization_id)
            .is_some_and(|organization| organization.text("mfa_policy") == "REQUIRED_FOR_ALL");
        let now = wire(state.now());
        let Some(member) = state.member_mut(member_id) else {
            return;
        };
        if let Some(enrolled) = if required { Some(true) } else { self.enrolled } {
            member.set("mfa_enrolled", enrolled);
        }
        let has_default = !member.text("default_mfa_method").is_empty();
        if let Some(method) = self.method.filter(|_| self.make_default || !has_default) {
            member.set("default_mfa_method", method);
        }
        member.set("updated_at", json!(now));
    }
}

/// The ids of the organization and the member in the request, which can name them by id, slug or external id.
pub fn member(
    state: &State,
    organization: &str,
    member: &str,
) -> Result<(String, String), ApiError> {
    let organization = state.need_organization(organization)?;
    let member = need_member(state, organization, member)?;
    Ok((organization.id().to_owned(), member.id().to_owned()))
}

fn rows<'a>(
    state: &'a State,
    organization_id: &str,
    member_id: &str,
) -> Result<(&'a crate::model::organization::Organization, &'a Member), ApiError> {
    let organization = state.need_organization(organization_id)?;
    let member = state.need_member(member_id)?;
    Ok((organization, member))
}
