//! Sign-ins in progress: the visitor must choose an organization, or complete another factor.

#![expect(missing_docs, reason = "the undocumented names say it all")]

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{member::OrganizationSummary, origin::Origin};
use crate::stytch::{
    AuthMethod, IntermediateSessionToken, MemberId, OrganizationId, Provider, Slug,
    discovered::MembershipKind,
    objects::Member,
    secret::{RecoveryCode, TotpSecret},
};

/// Discovery is complete, and an organization must be chosen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Choosing {
    /// Exchanged for a member session.
    pub ist: IntermediateSessionToken,
    pub email: String,
    /// The organizations in the list. The visitor can choose only these.
    pub offered: Vec<OfferedOrganization>,
    /// Number of further organizations of the person, which did not fit in the list.
    #[serde(default)]
    pub more: usize,
    pub until: OffsetDateTime,
    pub origin: Origin,
}

/// One entry in the list of organizations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfferedOrganization {
    /// Argument of the exchange.
    pub id: OrganizationId,
    pub name: String,
    /// For the URL of the organization's page.
    pub slug: Slug,
    pub kind: MembershipKind,
    /// Whether the organization allows the method that the person used.
    #[serde(default)]
    pub allows_method: bool,
}

impl OfferedOrganization {
    /// For messages about the organization.
    pub fn organization(&self) -> OrganizationSummary {
        OrganizationSummary {
            organization_id: self.id.clone(),
            organization_name: self.name.clone(),
            organization_slug: self.slug.clone(),
        }
    }
}

/// A sign-in to a chosen organization that lacks a factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartialSession {
    /// Argument of the call that completes the missing factor.
    pub ist: IntermediateSessionToken,
    pub email: String,
    pub organization: OrganizationSummary,
    pub member_id: MemberId,
    pub until: OffsetDateTime,
    pub origin: Origin,
}

/// The organization requires another first factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepUp {
    pub partial: PartialSession,
    /// Methods that the organization accepts; empty if there are none left.
    pub allowed_auth_methods: Vec<AuthMethod>,
    /// Whether a second factor is required after it.
    pub mfa_due_too: bool,
    /// Whether the visitor has already completed another first factor, which the organization did not accept either.
    pub again: bool,
    pub code_sent_at: Option<OffsetDateTime>,
    pub link_sent_at: Option<OffsetDateTime>,
}

/// The kinds of emails for a step-up, by Stytch's names of the methods.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepUpEmail {
    EmailOtp,
    MagicLink,
}

impl StepUpEmail {
    /// The authentication method.
    pub fn method(self) -> AuthMethod {
        match self {
            Self::EmailOtp => AuthMethod::EmailOtp,
            Self::MagicLink => AuthMethod::MagicLink,
        }
    }
}

impl StepUp {
    /// When the last email of this kind was sent.
    pub fn sent_at(&self, email: StepUpEmail) -> Option<OffsetDateTime> {
        match email {
            StepUpEmail::EmailOtp => self.code_sent_at,
            StepUpEmail::MagicLink => self.link_sent_at,
        }
    }

    /// Records when the last email of this kind was sent.
    pub fn set_sent_at(&mut self, email: StepUpEmail, at: Option<OffsetDateTime>) {
        match email {
            StepUpEmail::EmailOtp => self.code_sent_at = at,
            StepUpEmail::MagicLink => self.link_sent_at = at,
        }
    }

    /// Whether the organization accepts this method.
    pub fn allows(&self, method: &AuthMethod) -> bool {
        self.allowed_auth_methods.contains(method)
    }

    /// The providers that the step-up page offers: those of the start page that the organization accepts or, if it accepts
    /// none of these, every supported provider that it accepts.
    pub fn providers(&self, offered: &[Provider]) -> Vec<Provider> {
        let accepted = |provider: &&Provider| self.allows(&provider.auth_method());
        let some: Vec<_> = offered.iter().filter(accepted).copied().collect();
        if some.is_empty() {
            return Provider::ALL.iter().filter(accepted).copied().collect();
        }
        some
    }
}

/// Lifetime of a code that Stytch sends by email.
pub const EMAIL_CODE_LIFETIME: Duration = Duration::minutes(10);

/// Pause between two messages of the same kind.
pub const SEND_AGAIN_AFTER: Duration = Duration::seconds(30);

/// Seconds until another message can be sent, rounded up; zero when it can be sent now.
pub fn seconds_until_resend(sent_at: Option<OffsetDateTime>, now: OffsetDateTime) -> i64 {
    let at = sent_at.map_or(now, |at| at + SEND_AGAIN_AFTER);
    whole_seconds(at - now)
}

/// A time to wait in seconds, rounded up; zero when it is over.
pub fn whole_seconds(wait: Duration) -> i64 {
    (wait + Duration::nanoseconds(999_999_999))
        .whole_seconds()
        .max(0)
}

/// A second factor is required.
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mfa {
    pub partial: PartialSession,
    /// Last digits of the phone number; empty without a phone.
    pub phone_ending: String,
    /// Whether the phone number was entered in this sign-in, and is not verified yet.
    #[serde(default)]
    pub phone_is_new: bool,
    /// A number that the visitor entered and that could not be used yet.
    #[serde(default)]
    pub typed_phone: String,
    pub has_totp: bool,
    /// Whether the organization allows codes by SMS.
    #[serde(default = "yes")]
    pub allows_sms: bool,
    /// Whether it allows authenticator apps.
    #[serde(default = "yes")]
    pub allows_totp: bool,
    pub sms_sent_at: Option<OffsetDateTime>,
    /// An authenticator app that is being set up.
    #[serde(default)]
    pub enrollment: Option<Enrollment>,
}

/// An authenticator app that is being set up, shown until its first code is accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrollment {
    /// Key from which the app computes codes.
    pub secret: TotpSecret,
    /// One-time codes for a member who loses the app.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// The last four digits of a phone number. Pages show only these.
pub fn last_four(phone_number: &str) -> String {
    let from = phone_number.len().saturating_sub(4);
    phone_number.get(from..).unwrap_or_default().to_owned()
}

/// Default for a session that an older version stored.
fn yes() -> bool {
    true
}

impl Mfa {
    /// Lifetime of a code that Stytch sends by SMS.
    pub const SMS_CODE_LIFETIME: Duration = Duration::minutes(2);

    /// Records the phone that was entered in this sign-in.
    pub fn set_phone(&mut self, entered: &str) {
        self.phone_ending = last_four(entered);
        self.phone_is_new = true;
        self.typed_phone.clear();
    }

    /// Forgets the phone that was entered in this sign-in.
    pub fn forget_phone(&mut self) {
        self.phone_ending.clear();
        self.phone_is_new = false;
    }

    /// Whether the member's second factors at Stytch differ from those in this sign-in.
    pub fn differs_from(&self, member: &Member) -> bool {
        self.has_totp == member.totp_registration_id.is_empty() || self.phone_differs_from(member)
    }

    /// Stores the second factors that the member has at Stytch now. Only a phone that was entered in this sign-in
    /// counts as new, because a new phone can be replaced. An app that was being set up is dropped if another one is in
    /// use, or if nothing else explains the refusal.
    pub fn set_factors(&mut self, member: &Member) {
        let has_totp = !member.totp_registration_id.is_empty();
        if has_totp || !self.differs_from(member) {
            self.enrollment = None;
        }
        self.has_totp = has_totp;
        let phone_ending = last_four(&member.mfa_phone_number);
        if self.phone_ending != phone_ending {
            self.phone_ending = phone_ending;
            self.phone_is_new = false;
            self.sms_sent_at = None;
        }
        self.phone_is_new &= !member.mfa_phone_number_verified;
    }

    fn phone_differs_from(&self, member: &Member) -> bool {
        self.phone_ending != last_four(&member.mfa_phone_number)
            || self.phone_is_new && member.mfa_phone_number_verified
    }

    /// Whether a code can be sent to the member's phone.
    pub fn has_sms(&self) -> bool {
        self.allows_sms && !self.phone_ending.is_empty()
    }

    /// Whether a code of the app or a recovery code is accepted.
    pub fn has_app(&self) -> bool {
        self.allows_totp && self.has_totp
    }

    /// Whether the member may enter a phone number. A member with an accepted second factor must use that one;
    /// otherwise a stolen first factor would be enough to add a second one.
    pub fn may_add_phone(&self) -> bool {
        let none = self.phone_ending.is_empty() || self.phone_is_new;
        self.allows_sms && none && !self.has_app()
    }

    /// Whether the member may set up an authenticator app, by the same rule.
    pub fn may_add_app(&self) -> bool {
        let none = !self.has_sms() || self.phone_is_new;
        self.allows_totp && none && !self.has_totp
    }
}

impl Choosing {
    /// The offered organization with this id. `None` if it was not offered.
    pub fn offers(&self, id: &str) -> Option<&OfferedOrganization> {
        self.offered
            .iter()
            .find(|offered| offered.id.as_str() == id)
    }

    /// Origin for "start again". It is the chosen organization's page if the organization allows the same method.
    pub fn origin_at(&self, offered: &OfferedOrganization) -> Origin {
        if offered.allows_method {
            Origin {
                return_to: self.origin.return_to.clone(),
                ..Origin::organization(&offered.slug, self.origin.method.clone())
            }
        } else {
            self.origin.clone()
        }
    }
}
