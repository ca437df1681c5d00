//! What a browser session can hold. One value, so that what excludes each other can't stand side by side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::stytch::{
    IntermediateSessionToken, PkceVerifier, Provider, SessionJwt, SessionToken, SignedIn,
    objects::{
        AuthenticationFactor, Member, MembershipKind, Organization, OrganizationId, SsoConnection,
    },
    secret::{CallbackToken, RecoveryCode, TotpSecret},
};

/// How long a begun or parked sign-in is remembered, and how long an intermediate session lives.
pub const TEN_MINUTES: Duration = Duration::minutes(10);

/// No session of ours lasts longer, whatever it is extended to at Stytch (OWASP ASVS 7.3.2).
pub const LONGEST_SESSION: Duration = Duration::hours(12);

/// The stored value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    pub sign_in: SignIn,
    /// At most one begun sign-in per kind of callback: the last start wins.
    pub pending: BTreeMap<TokenType, Pending>,
    /// A callback that this browser did not begin, waiting for a yes.
    pub parked: Option<Parked>,
    /// SHA-256 of the last token that was taken: the same again is a reload.
    pub last_token: Option<String>,
}

/// Who the browser is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum SignIn {
    /// Anonymous.
    #[default]
    Nobody,
    /// Has proved an address and must choose or create an organization.
    Choosing(Choosing),
    /// The organization wants another first factor.
    StepUp(StepUp),
    /// A second factor is due.
    Mfa(Mfa),
    /// Signed in.
    Member(Box<SignedInMember>),
}

/// How a sign-in began: what "start again" leads to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Begun {
    /// With whom. `None` when the sign-in began elsewhere.
    pub provider: Option<Provider>,
    /// Or by which connection of the organization's own.
    #[serde(default)]
    pub connection: Option<SsoConnection>,
    /// Slug of the organization whose page it began on; `None` for Discovery.
    pub organization: Option<String>,
}

/// After discovery, before an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Choosing {
    /// What the choice is paid with.
    pub ist: IntermediateSessionToken,
    /// As the provider reports it.
    pub email: String,
    /// What the list shows: nothing else can be chosen.
    pub offered: Vec<Offered>,
    /// When the intermediate session ends.
    pub until: OffsetDateTime,
    /// For "start again".
    pub begun: Begun,
}

/// One line of the list of organizations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Offered {
    /// What is sent to Stytch.
    pub id: OrganizationId,
    /// What people see.
    pub name: String,
    /// What stands in the URL afterwards.
    pub slug: String,
    /// How the person stands to it.
    pub kind: MembershipKind,
}

/// What both unfinished sign-ins share.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unfinished {
    /// To be passed along with the missing factor.
    pub ist: IntermediateSessionToken,
    /// The address in question.
    pub email: String,
    /// Where the person wants to go.
    pub organization: OrganizationSummary,
    /// Of the person in that organization.
    pub member_id: String,
    /// When the intermediate session ends.
    pub until: OffsetDateTime,
    /// For "start again".
    pub begun: Begun,
}

impl Unfinished {
    pub(super) fn new(
        ist: IntermediateSessionToken,
        member: &Member,
        organization: &Organization,
        until: OffsetDateTime,
        begun: Begun,
    ) -> Self {
        Self {
            ist,
            email: member.email_address.clone(),
            organization: OrganizationSummary::from(organization),
            member_id: member.member_id.clone(),
            until,
            begun,
        }
    }
}

/// Another first factor is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepUp {
    /// Who, where, until when.
    pub unfinished: Unfinished,
    /// The vendor's names of what would do; empty when nothing would.
    pub allowed_auth_methods: Vec<String>,
    /// Whether a second factor will be due after it.
    pub mfa_due_too: bool,
}

/// A second factor is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mfa {
    /// Who, where, until when.
    pub unfinished: Unfinished,
    /// The phone's last digits, `""` when there is none.
    pub phone_ending: String,
    /// Whether an authenticator app is enrolled.
    pub has_totp: bool,
    /// When the last SMS was sent; its code is good for two minutes.
    pub sms_sent_at: Option<OffsetDateTime>,
    /// An authenticator app that is being set up.
    #[serde(default)]
    pub enrolling: Option<Enrolling>,
}

/// An authenticator app that is being set up: shown until its first code is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrolling {
    /// What the app computes codes from.
    pub secret: TotpSecret,
    /// For a member who loses the app.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// All that is shown of a phone number.
pub fn last_four(phone_number: &str) -> String {
    let from = phone_number.len().saturating_sub(4);
    phone_number.get(from..).unwrap_or_default().to_owned()
}

impl Mfa {
    /// How long a code by SMS is good.
    pub const SMS_LIVES: Duration = Duration::minutes(2);
    /// How long to wait before another one is sent.
    pub const SMS_AGAIN_AFTER: Duration = Duration::seconds(30);

    /// Whole seconds until another SMS may be sent; zero when it may be now.
    pub fn wait_for_sms(&self, now: OffsetDateTime) -> i64 {
        let at = self
            .sms_sent_at
            .map_or(now, |at| at + Self::SMS_AGAIN_AFTER);
        (at - now).whole_seconds().max(0)
    }
}

/// A signed-in member: the tokens, and what pages show.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedInMember {
    /// The member session; renews the JWT.
    pub session_token: SessionToken,
    /// Vouches for the session until `jwt_until`.
    pub session_jwt: SessionJwt,
    /// Until when the JWT, which was verified when it came, vouches for the session.
    pub jwt_until: OffsetDateTime,
    /// Where.
    pub organization: OrganizationSummary,
    /// Who.
    pub member: MemberSummary,
    /// `member-session-test-…`
    pub member_session_id: String,
    /// First factor's time.
    pub started_at: OffsetDateTime,
    /// What was proved.
    pub factors: Vec<AuthenticationFactor>,
    /// The end, unless renewed before.
    pub until: OffsetDateTime,
}

/// What pages show of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSummary {
    /// Never changes.
    pub organization_id: OrganizationId,
    /// Chosen by people.
    pub organization_name: String,
    /// Stands in our URLs.
    pub organization_slug: String,
}

impl From<&Organization> for OrganizationSummary {
    fn from(organization: &Organization) -> Self {
        Self {
            organization_id: organization.organization_id.clone(),
            organization_name: organization.organization_name.clone(),
            organization_slug: organization.organization_slug.clone(),
        }
    }
}

/// What pages show of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MemberSummary {
    /// Never changes.
    pub member_id: String,
    /// Unique within the organization.
    pub email_address: String,
    /// May be empty.
    pub name: String,
    /// `active`
    pub status: String,
    /// `stytch_member`, …
    pub roles: Vec<String>,
}

/// The kinds of callback that this app takes, as `stytch_token_type` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// Comes to `/discovery`.
    DiscoveryOauth,
    /// Comes to `/authenticate`.
    Oauth,
    /// Comes to `/authenticate`.
    Sso,
}

/// A sign-in that this browser began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The secret half of PKCE.
    pub verifier: PkceVerifier,
    /// When.
    pub at: OffsetDateTime,
    /// How.
    pub begun: Begun,
    /// The organization that the answer must be about.
    pub organization: Option<OrganizationSummary>,
}

/// A callback that waits for the visitor's yes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parked {
    /// Which call it belongs to.
    pub token_type: TokenType,
    /// Unspent.
    pub token: CallbackToken,
    /// When it came.
    pub at: OffsetDateTime,
}

impl Kept {
    /// When nothing in here counts any more; ten minutes longer than that, so that a visitor who comes late is told
    /// so and can start again with the same provider.
    pub fn forget_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        let begun = self
            .pending
            .values()
            .map(|pending| pending.at + TEN_MINUTES);
        let parked = self.parked.iter().map(|parked| parked.at + TEN_MINUTES);
        let sign_in = self.sign_in.until();
        begun
            .chain(parked)
            .chain(sign_in)
            .fold(now, OffsetDateTime::max)
            + TEN_MINUTES
    }
}

impl SignIn {
    /// When the state ends; `None` for nobody.
    pub fn until(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Nobody => None,
            Self::Choosing(choosing) => Some(choosing.until),
            Self::StepUp(step_up) => Some(step_up.unfinished.until),
            Self::Mfa(mfa) => Some(mfa.unfinished.until),
            Self::Member(member) => Some(member.until),
        }
    }

    /// Where the visitor belongs now.
    pub fn home(&self) -> String {
        match self {
            Self::Nobody => "/".to_owned(),
            Self::Choosing(_) => "/organizations".to_owned(),
            Self::StepUp(_) => "/step_up".to_owned(),
            Self::Mfa(_) => "/mfa".to_owned(),
            Self::Member(member) => member.home(),
        }
    }
}

impl SignedInMember {
    /// What is kept of Stytch's answer. `until` is its end or twelve hours, whichever is sooner.
    pub fn new(signed_in: &SignedIn, jwt_until: OffsetDateTime) -> Self {
        let session = &signed_in.member_session;
        let member = &signed_in.member;
        let roles = member.roles.iter();
        Self {
            session_token: signed_in.session_token.clone(),
            session_jwt: signed_in.session_jwt.clone(),
            jwt_until,
            organization: OrganizationSummary::from(&signed_in.organization),
            member: MemberSummary {
                member_id: member.member_id.clone(),
                email_address: member.email_address.clone(),
                name: member.name.clone(),
                status: member.status.clone(),
                roles: roles.map(|role| role.role_id.clone()).collect(),
            },
            member_session_id: session.member_session_id.clone(),
            started_at: session.started_at,
            factors: session.authentication_factors.clone(),
            until: session.expires_at.min(session.started_at + LONGEST_SESSION),
        }
    }

    /// The organization's page.
    pub fn home(&self) -> String {
        format!("/org/{}", self.organization.organization_slug)
    }
}

impl Begun {
    /// The URL that begins the same sign-in again.
    pub fn again(&self) -> String {
        if let (Some(connection), Some(slug)) = (&self.connection, &self.organization) {
            return format!("/org/{slug}/sso/{}", connection.connection_id);
        }
        match (self.provider, &self.organization) {
            (Some(provider), Some(slug)) => format!("/org/{slug}/start/{}", provider.slug()),
            (Some(provider), None) => format!("/start/{}", provider.slug()),
            (None, Some(slug)) => format!("/org/{slug}"),
            (None, None) => "/".to_owned(),
        }
    }
}

impl Choosing {
    /// The offered organization with this id, or `None`: what was not offered can't be chosen.
    pub fn offers(&self, id: &str) -> Option<&Offered> {
        self.offered
            .iter()
            .find(|offered| offered.id.as_str() == id)
    }
}
