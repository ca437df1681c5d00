//! How a login can end: the three outcomes of exchange, create and `oauth.authenticate`.

#![expect(missing_docs, reason = "the vendor's reference describes its fields")]

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{
    AuthMethod, IntermediateSessionToken, OrganizationId, PkceVerifier, SessionJwt, SessionToken,
    needed::{needed, or_default, time_or_none},
    objects::{Member, MemberSession, MfaRequired, Organization, PrimaryRequired},
};

/// Options of every call that can sign in.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SessionOptions {
    /// Minutes from now, 5 to 527 040; Stytch's default is 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_duration_minutes: Option<u32>,
    /// Claims to add to the session, at most 4 KB. A claim with the value null is deleted.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub session_custom_claims: Map<String, Value>,
    /// Language of a code that Stytch sends by SMS at a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'static str>,
}

impl SessionOptions {
    /// Language of an email, and of a code that `otps.sms.send` sends. The vendor supports only four for these.
    pub fn email_locale(&self) -> Option<&'static str> {
        let spoken = |locale: &&str| matches!(*locale, "en" | "es" | "pt-br" | "fr");
        self.locale.filter(spoken)
    }

    /// The same options for calls that support only these four, even for an SMS.
    #[must_use]
    pub fn with_email_locale(&self) -> Self {
        Self {
            locale: self.email_locale(),
            ..self.clone()
        }
    }
}

/// Arguments of the authenticate calls, in addition to the token.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuthenticateOptions<'a> {
    /// The verifier whose challenge was in the start URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkce_code_verifier: Option<&'a PkceVerifier>,
    #[serde(flatten)]
    pub options: SessionOptions,
    /// Adds this factor to a sign-in in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediate_session_token: Option<&'a IntermediateSessionToken>,
    /// Adds this factor to a session. Set either this or `session_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<&'a SessionToken>,
    /// Adds this factor to a session. Set either this or `session_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_jwt: Option<&'a SessionJwt>,
    /// Id from the vendor's device fingerprinting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telemetry_id: Option<&'a str>,
}

impl<'a> AuthenticateOptions<'a> {
    /// Options with the verifier of the pending sign-in.
    pub fn with_pkce(verifier: &'a PkceVerifier) -> Self {
        Self {
            pkce_code_verifier: Some(verifier),
            ..Self::default()
        }
    }
}

/// The outcome of a login. It has three variants, because a correct factor alone does not mean "signed in".
#[derive(Debug)]
pub enum Login {
    SignedIn(Box<SignedIn>),
    /// The organization does not accept the first factor. Another one is required, with the intermediate session.
    StepUp(Box<StepUpDue>),
    Mfa(Box<MfaDue>),
}

impl Login {
    /// The organization of the login.
    pub fn organization(&self) -> &Organization {
        match self {
            Self::SignedIn(signed_in) => &signed_in.organization,
            Self::StepUp(due) => &due.organization,
            Self::Mfa(due) => &due.organization,
        }
    }
}

/// A member session, with its member and organization.
#[derive(Debug)]
pub struct SignedIn {
    /// Valid until the session ends.
    pub session_token: SessionToken,
    /// Valid for five minutes.
    pub session_jwt: SessionJwt,
    pub member_session: MemberSession,
    pub member: Member,
    pub organization: Organization,
    /// The vendor's device object, if a `telemetry_id` was sent.
    pub member_device: Option<Value>,
}

/// The organization requires another first factor.
#[derive(Debug)]
pub struct StepUpDue {
    pub ist: IntermediateSessionToken,
    pub ist_expires_at: Option<OffsetDateTime>,
    /// The methods that the organization accepts.
    pub allowed_auth_methods: Vec<AuthMethod>,
    /// Whether a second factor will be required as well.
    pub mfa_due_too: bool,
    pub member: Member,
    pub organization: Organization,
}

/// The organization or the member requires a second factor.
#[derive(Debug)]
pub struct MfaDue {
    pub ist: IntermediateSessionToken,
    pub ist_expires_at: Option<OffsetDateTime>,
    /// Phone number in E.164; `""` without a phone.
    pub phone_number: String,
    /// Whether an authenticator app is enrolled.
    pub has_totp: bool,
    /// Whether Stytch has sent an SMS already.
    pub sms_sent: bool,
    pub member: Member,
    pub organization: Organization,
}

/// The response of an authenticate call.
#[derive(Debug)]
pub struct Authenticated {
    /// How the login ended.
    pub login: Login,
    /// The organization of the login.
    pub organization_id: OrganizationId,
}

#[derive(Deserialize)]
pub(super) struct AuthenticatedBody {
    #[serde(flatten)]
    login: LoginBody,
    #[serde(deserialize_with = "needed")]
    organization_id: OrganizationId,
}

impl AuthenticatedBody {
    pub(super) fn authenticated(self) -> super::Result<Authenticated> {
        Ok(Authenticated {
            login: self.login.outcome_in(&self.organization_id)?,
            organization_id: self.organization_id,
        })
    }
}

/// A response that always contains a session: that of `sessions.authenticate`, and those of the second factors.
#[derive(Deserialize)]
pub(super) struct SignedInBody {
    #[serde(deserialize_with = "needed")]
    session_token: SessionToken,
    #[serde(deserialize_with = "needed")]
    session_jwt: SessionJwt,
    member_session: MemberSession,
    member: Member,
    organization: Organization,
    #[serde(default)]
    member_device: Option<Value>,
}

impl From<SignedInBody> for SignedIn {
    fn from(body: SignedInBody) -> Self {
        Self {
            session_token: body.session_token,
            session_jwt: body.session_jwt,
            member_session: body.member_session,
            member: body.member,
            organization: body.organization,
            member_device: body.member_device,
        }
    }
}

/// Stytch's common authentication response, as it is on the wire.
#[derive(Deserialize)]
pub(super) struct LoginBody {
    member_authenticated: bool,
    member: Member,
    organization: Organization,
    #[serde(default, deserialize_with = "or_default")]
    session_token: SessionToken,
    #[serde(default, deserialize_with = "or_default")]
    session_jwt: SessionJwt,
    #[serde(default)]
    member_session: Option<MemberSession>,
    #[serde(default, deserialize_with = "or_default")]
    intermediate_session_token: IntermediateSessionToken,
    #[serde(default, deserialize_with = "time_or_none")]
    intermediate_session_token_expires_at: Option<OffsetDateTime>,
    #[serde(default)]
    mfa_required: Option<MfaRequired>,
    #[serde(default)]
    primary_required: Option<PrimaryRequired>,
    #[serde(default)]
    member_device: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    status_code: u16,
    #[serde(default, deserialize_with = "or_default")]
    request_id: String,
}

impl LoginBody {
    /// The outcome, if the response is about this organization. A response about another one is not used.
    pub(super) fn outcome_in(self, organization: &OrganizationId) -> super::Result<Login> {
        if &self.organization.organization_id != organization {
            return Err(super::Error::OtherOrganization);
        }
        self.outcome()
    }

    /// Finds the outcome. A response that fits none of them is unreadable, and never treated as a session.
    pub(super) fn outcome(self) -> super::Result<Login> {
        if self.member_authenticated {
            return self.signed_in();
        }
        if self.intermediate_session_token.is_empty() {
            return Err(self.contradicts("neither a session nor an intermediate one"));
        }
        match (self.primary_required.clone(), self.mfa_required.clone()) {
            // If both are missing, the first factor comes first.
            (Some(primary), mfa) => Ok(Login::StepUp(Box::new(StepUpDue {
                ist: self.intermediate_session_token,
                ist_expires_at: self.intermediate_session_token_expires_at,
                allowed_auth_methods: primary.allowed_auth_methods,
                mfa_due_too: mfa.is_some(),
                member: self.member,
                organization: self.organization,
            }))),
            (None, Some(mfa)) => Ok(Login::Mfa(Box::new(self.mfa(mfa)))),
            (None, None) => Err(self.contradicts("not authenticated, yet nothing is required")),
        }
    }

    fn signed_in(mut self) -> super::Result<Login> {
        let Some(member_session) = self.member_session.take() else {
            return Err(self.contradicts("authenticated without a member_session"));
        };
        if self.session_token.is_empty() || self.session_jwt.is_empty() {
            return Err(self.contradicts("authenticated without a session token"));
        }
        Ok(Login::SignedIn(Box::new(SignedIn {
            session_token: self.session_token,
            session_jwt: self.session_jwt,
            member_session,
            member: self.member,
            organization: self.organization,
            member_device: self.member_device,
        })))
    }

    fn mfa(self, mfa: MfaRequired) -> MfaDue {
        let options = mfa.member_options.unwrap_or_default();
        MfaDue {
            ist: self.intermediate_session_token,
            ist_expires_at: self.intermediate_session_token_expires_at,
            phone_number: options.mfa_phone_number,
            has_totp: !options.totp_registration_id.is_empty(),
            sms_sent: mfa.secondary_auth_initiated.as_deref() == Some("sms_otp"),
            member: self.member,
            organization: self.organization,
        }
    }

    fn contradicts(&self, reason: &str) -> super::Error {
        super::Error::Unreadable {
            status: self.status_code,
            bytes: 0,
            request_id: self.request_id.clone(),
            reason: reason.to_owned(),
        }
    }
}
