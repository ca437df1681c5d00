//! What a browser session can hold. One value, so that what excludes each other can't stand side by side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{
    begun::{Begun, Draft, Emailed, Parked, Pending, TokenType, Way},
    member::{OrganizationSummary, SignedInMember},
};
use crate::stytch::{
    IntermediateSessionToken,
    objects::{DiscoveredOrganization, Member, MembershipKind, Organization, OrganizationId},
    secret::{RecoveryCode, TotpSecret},
};

/// How long a begun or parked sign-in is remembered, and how long an intermediate session lives.
pub const TEN_MINUTES: Duration = Duration::minutes(10);

/// The stored value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub sign_in: SignIn,
    /// At most one begun sign-in per kind of callback: the last start wins.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<TokenType, Pending>,
    /// A callback that this browser did not begin, waiting for a yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    /// What was sent by e-mail to somebody who is nobody yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emailed: Option<Emailed>,
    /// What was typed for a new organization, if it could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
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
    /// Whether it takes the way in which the person came.
    #[serde(default)]
    pub takes_way: bool,
}

impl Offered {
    /// The organization of a line of the vendor's list, for somebody who came this way; `None` for a line without one.
    pub fn new(found: DiscoveredOrganization, way: Option<&Way>) -> Option<Self> {
        let organization = found.organization?;
        Some(Self {
            takes_way: match way {
                Some(Way::Provider(provider)) => organization.allows(*provider),
                Some(Way::Email | Way::Connection(_)) | None => true,
            },
            id: organization.organization_id,
            name: organization.organization_name,
            slug: organization.organization_slug,
            kind: found.membership.unwrap_or_default().kind,
        })
    }

    /// The organization itself.
    pub fn organization(&self) -> OrganizationSummary {
        OrganizationSummary {
            organization_id: self.id.clone(),
            organization_name: self.name.clone(),
            organization_slug: self.slug.clone(),
        }
    }
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
    /// Whether one proof more was given already, and did not do.
    pub again: bool,
    /// When the last code was sent by e-mail.
    pub code_sent_at: Option<OffsetDateTime>,
    /// When the last link was sent by e-mail.
    pub link_sent_at: Option<OffsetDateTime>,
}

impl StepUp {
    /// Whether the organization would take this method, by the vendor's name.
    pub fn allows(&self, method: &str) -> bool {
        self.allowed_auth_methods.iter().any(|name| name == method)
    }
}

/// How long a code by e-mail is good.
pub const EMAIL_CODE_LIVES: Duration = Duration::minutes(10);

/// How long to wait before another message of the same kind is sent.
pub const SEND_AGAIN_AFTER: Duration = Duration::seconds(30);

/// Whole seconds until another message may be sent; zero when it may be now.
pub fn wait_after(sent_at: Option<OffsetDateTime>, now: OffsetDateTime) -> i64 {
    let at = sent_at.map_or(now, |at| at + SEND_AGAIN_AFTER);
    // Rounded up: at zero it may be sent.
    (at - now + Duration::nanoseconds(999_999_999))
        .whole_seconds()
        .max(0)
}

/// A second factor is due.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that go together in any way"
)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mfa {
    /// Who, where, until when.
    pub unfinished: Unfinished,
    /// The phone's last digits, `""` when there is none.
    pub phone_ending: String,
    /// Whether that phone was typed in this sign-in: nobody has proved it yet.
    #[serde(default)]
    pub phone_is_new: bool,
    /// A number that was typed and could not be used yet.
    #[serde(default)]
    pub typed_phone: String,
    /// Whether an authenticator app is enrolled.
    pub has_totp: bool,
    /// Whether the organization takes codes by SMS.
    #[serde(default = "yes")]
    pub allows_sms: bool,
    /// Whether it takes codes of an app.
    #[serde(default = "yes")]
    pub allows_totp: bool,
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

/// Of a session that an older version wrote.
fn yes() -> bool {
    true
}

impl Mfa {
    /// How long a code by SMS is good.
    pub const SMS_LIVES: Duration = Duration::minutes(2);

    /// A code is on its way, to this phone if it was typed here.
    pub fn sms_sent(&mut self, typed: Option<String>, now: OffsetDateTime) {
        self.sms_sent_at = Some(now);
        if let Some(phone) = typed {
            self.phone_ending = last_four(&phone);
            self.phone_is_new = true;
            self.typed_phone.clear();
        }
    }

    /// The phone that was typed here is taken back.
    pub fn without_phone(&mut self) {
        self.phone_ending.clear();
        self.phone_is_new = false;
        self.sms_sent_at = None;
    }

    /// Whether a code can be sent to the phone.
    pub fn has_sms(&self) -> bool {
        self.allows_sms && !self.phone_ending.is_empty()
    }

    /// Whether an app's code or a recovery code can be given.
    pub fn has_app(&self) -> bool {
        self.allows_totp && self.has_totp
    }

    /// Whether a phone number may be typed: by somebody without a second factor that counts. Whoever has one must use
    /// it, or a stolen first factor would bring its own second one.
    pub fn may_bring_phone(&self) -> bool {
        let none = self.phone_ending.is_empty() || self.phone_is_new;
        self.allows_sms && none && !self.has_app()
    }

    /// Whether an authenticator app may be set up, by the same rule.
    pub fn may_bring_app(&self) -> bool {
        let none = !self.has_sms() || self.phone_is_new;
        self.allows_totp && none && !self.has_totp
    }
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
        let emailed = self.emailed.iter().filter_map(Emailed::at);
        let emailed = emailed.map(|at| at + TEN_MINUTES);
        let sign_in = self.sign_in.until();
        begun
            .chain(parked)
            .chain(emailed)
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

impl Choosing {
    /// The offered organization with this id, or `None`: what was not offered can't be chosen.
    pub fn offers(&self, id: &str) -> Option<&Offered> {
        self.offered
            .iter()
            .find(|offered| offered.id.as_str() == id)
    }

    /// To begin again: straight at the organization that was chosen, if it takes the same way.
    pub fn again_at(&self, offered: &Offered) -> Begun {
        if offered.takes_way {
            Begun::at(&offered.slug, self.begun.way.clone())
        } else {
            self.begun.clone()
        }
    }
}
