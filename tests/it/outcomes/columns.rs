//! The flows and their properties: the columns of the table. `tests/browser` uses them, too.

use crate::support::app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, SWITCH};

/// One way in which a login can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Discovery,
    EmailCode,
    EmailLink,
    Choose,
    Create,
    Organization,
    Sso,
    Elsewhere,
    Invitation,
    StepUpCode,
    StepUpLink,
    StepUpProvider,
    StepUpSso,
    Mfa,
    Totp,
    Recovery,
    Enrol,
    Switch,
    Provider,
    Jit,
}

impl Flow {
    pub const ALL: [Self; 20] = [
        Self::Discovery,
        Self::EmailCode,
        Self::EmailLink,
        Self::Choose,
        Self::Create,
        Self::Organization,
        Self::Sso,
        Self::Elsewhere,
        Self::Invitation,
        Self::StepUpCode,
        Self::StepUpLink,
        Self::StepUpProvider,
        Self::StepUpSso,
        Self::Mfa,
        Self::Totp,
        Self::Recovery,
        Self::Enrol,
        Self::Switch,
        Self::Provider,
        Self::Jit,
    ];

    /// The column's heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "Discovery",
            Self::EmailCode => "by email code",
            Self::EmailLink => "by email link",
            Self::Choose => "choose",
            Self::Create => "create",
            Self::Organization => "Organization",
            Self::Sso => "SSO",
            Self::Elsewhere => "started at the identity provider",
            Self::Invitation => "invitation",
            Self::StepUpCode => "step-up by code",
            Self::StepUpLink => "step-up by link",
            Self::StepUpProvider => "step-up by provider",
            Self::StepUpSso => "step-up by SSO",
            Self::Mfa => "MFA by SMS",
            Self::Totp => "MFA by app",
            Self::Recovery => "recovery code",
            Self::Enrol => "set up an app",
            Self::Switch => "switch",
            Self::Provider => "provider tokens",
            Self::Jit => "JIT switch",
        }
    }

    /// Path of the vendor's endpoint that the last request calls.
    pub fn call(self) -> &'static str {
        match self {
            Self::Discovery => DISCOVERY,
            Self::EmailCode => "/v1/b2b/otps/email/discovery/authenticate",
            Self::EmailLink => "/v1/b2b/magic_links/discovery/authenticate",
            Self::Choose => EXCHANGE,
            Self::Create => CREATE,
            Self::Organization | Self::StepUpProvider => AUTHENTICATE,
            Self::Sso | Self::Elsewhere | Self::StepUpSso => "/v1/b2b/sso/authenticate",
            Self::Invitation | Self::StepUpLink => "/v1/b2b/magic_links/authenticate",
            Self::StepUpCode => "/v1/b2b/otps/email/authenticate",
            Self::Mfa => "/v1/b2b/otps/sms/authenticate",
            Self::Totp => "/v1/b2b/totp/authenticate",
            Self::Recovery => "/v1/b2b/recovery_codes/recover",
            Self::Enrol => "/v1/b2b/totp",
            Self::Switch => SWITCH,
            Self::Provider => {
                "/v1/b2b/organizations/organization-test-00000001-0000-4000-8000-000000000000/members/*"
            }
            Self::Jit => {
                "/v1/b2b/organizations/organization-test-00000001-0000-4000-8000-000000000000"
            }
        }
    }

    /// Whether a member is signed in before the last request.
    pub fn is_signed_in(self) -> bool {
        matches!(self, Self::Switch | Self::Provider | Self::Jit)
    }

    /// Page with the form of the last request, if it can simply be sent again.
    pub fn form(self) -> Option<&'static str> {
        match self {
            Self::Choose | Self::Switch => Some("/organizations"),
            Self::Create => Some("/create_org"),
            Self::EmailCode => Some("/email"),
            Self::StepUpCode => Some("/step_up"),
            Self::Mfa | Self::Totp | Self::Recovery | Self::Enrol => Some("/mfa"),
            Self::Provider | Self::Jit => Some("/org/acme"),
            Self::Discovery
            | Self::EmailLink
            | Self::Organization
            | Self::Sso
            | Self::Elsewhere
            | Self::Invitation
            | Self::StepUpLink
            | Self::StepUpProvider
            | Self::StepUpSso => None,
        }
    }

    /// Path at which the flow ends if nothing goes wrong.
    pub fn end(self) -> &'static str {
        match self {
            Self::Discovery | Self::EmailCode | Self::EmailLink => "/organizations",
            Self::Create => "/org/startup",
            Self::Sso | Self::Elsewhere | Self::StepUpSso => "/org/globex",
            Self::Switch => "/org/oneil",
            Self::Mfa | Self::Totp | Self::Recovery => "/org/initech",
            Self::Enrol => "/mfa",
            Self::Provider => "/org/acme/provider/google",
            Self::Choose
            | Self::Organization
            | Self::Invitation
            | Self::StepUpCode
            | Self::StepUpLink
            | Self::StepUpProvider
            | Self::Jit => "/org/acme",
        }
    }

    /// Name of the organization whose rules can refuse the login, if one exists already.
    pub fn organization(self) -> Option<&'static str> {
        match self {
            Self::Discovery | Self::EmailCode | Self::EmailLink | Self::Create => None,
            Self::Sso | Self::Elsewhere | Self::StepUpSso => Some("Globex"),
            Self::Mfa | Self::Totp | Self::Recovery | Self::Enrol => Some("Initech"),
            Self::Switch => Some("O'Neil"),
            Self::Choose
            | Self::Organization
            | Self::Invitation
            | Self::StepUpCode
            | Self::StepUpLink
            | Self::StepUpProvider
            | Self::Provider
            | Self::Jit => Some("Acme Corp"),
        }
    }

    /// The control that a page offers while Stytch is busy, if there is no form to return to.
    pub fn way_on(self) -> Option<&'static str> {
        match self {
            Self::Discovery | Self::Organization | Self::StepUpProvider => {
                Some("Start again with Google")
            }
            Self::Sso | Self::StepUpSso => Some("Start again with Globex Okta"),
            Self::EmailLink | Self::Elsewhere | Self::Invitation | Self::StepUpLink => {
                Some("Try again")
            }
            _ => None,
        }
    }

    /// Slug of the organization whose rules apply to the last request, if one exists already.
    pub fn slug(self) -> Option<&'static str> {
        match self.organization()? {
            "Globex" => Some("globex"),
            "Initech" => Some("initech"),
            "O'Neil" => Some("oneil"),
            _ => Some("acme"),
        }
    }

    /// The app's path to which a provider redirects.
    pub fn callback(self) -> &'static str {
        if self == Self::Discovery {
            "/discovery"
        } else {
            "/authenticate"
        }
    }
}
