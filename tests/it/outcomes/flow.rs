//! The flows: up to the request that spends something, and that request.

use serde_json::json;

use crate::{
    routes::{
        email::emailed,
        joining::invite,
        mfa::{at_mfa, recovery_codes},
        step_up::at_step_up,
    },
    support::{
        Browser, Page, TestApp,
        app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, SWITCH},
    },
};

/// One way a login can go.
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

use Flow as F;

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
            Self::Elsewhere => "begun at the identity provider",
            Self::Invitation => "invitation",
            Self::StepUpCode => "step-up by code",
            Self::StepUpLink => "step-up by link",
            Self::StepUpProvider => "step-up by provider",
            Self::StepUpSso => "step-up by SSO",
            Self::Mfa => "MFA by SMS",
            Self::Totp => "MFA by app",
            Self::Recovery => "recovery code",
            Self::Enrol => "set an app up",
            Self::Switch => "switch",
            Self::Provider => "provider tokens",
            Self::Jit => "JIT switch",
        }
    }

    /// The vendor's path that the last request calls.
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

    /// Whether somebody is signed in before the last request.
    pub fn is_signed_in(self) -> bool {
        matches!(self, Self::Switch | Self::Provider | Self::Jit)
    }

    /// The page with the form of the last request, where it can simply be sent again.
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

    /// Where it leads when nothing is in the way.
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

    /// The name of the organization whose rules may say no, where there is one already.
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

    /// What the page of a Stytch that is busy offers, where there is no form to go back to.
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

    /// A browser that is one request away from the end.
    pub async fn begin(self, app: &TestApp) -> Browser {
        match self {
            Self::Discovery => at_consent(app, "/", "Continue with Google").await,
            Self::Organization => at_consent(app, "/org/acme", "Continue with Google").await,
            Self::Sso => at_consent(app, "/org/globex", "Continue with Globex Okta").await,
            Self::EmailCode => emailed(app, "Email me a code").await,
            Self::EmailLink => {
                let ada = emailed(app, "Email me a link").await;
                opened(app, ada).await
            }
            Self::Choose => app.choosing("ada@acme.example").await,
            Self::Create => {
                let mut frank = app.choosing("frank@startup.example").await;
                frank.go("Create an organization").await;
                frank
            }
            Self::StepUpCode => {
                let mut grace = at_step_up(app).await;
                grace.go("Email me a code").await;
                grace
            }
            Self::StepUpProvider => {
                let mut grace = at_step_up(app).await;
                grace.go("Continue with Google").await;
                grace
            }
            Self::StepUpLink => {
                let mut grace = at_step_up(app).await;
                grace.go("Email me a link").await;
                opened(app, grace).await
            }
            Self::StepUpSso => {
                let only_sso = json!({"allowed_auth_methods": ["sso"]});
                app.world.patch_organization("globex", only_sso);
                let mut bob = app.choosing("bob@globex.example").await;
                bob.go("Sign in to Globex").await;
                bob.go("Continue with Globex Okta").await;
                bob
            }
            Self::Elsewhere => {
                let mut bob = app.browser();
                let portal = app.stytch_url.join("/_sandbox/idp").unwrap();
                bob.get(portal.as_str()).await;
                bob.go("Globex Okta").await;
                bob.go("bob@globex.example").await;
                bob
            }
            Self::Invitation => {
                invite(app, "nina@acme.example").await;
                opened(app, app.browser()).await
            }
            Self::Mfa => at_mfa(app, "ada@acme.example").await,
            Self::Totp | Self::Recovery => at_mfa(app, "carol@initech.example").await,
            Self::Enrol => {
                app.ada_without_phone();
                at_mfa(app, "ada@acme.example").await
            }
            Self::Switch => {
                let mut ada = app.signed_in("acme", "ada@acme.example").await;
                ada.go("Switch organization").await;
                ada
            }
            Self::Provider | Self::Jit => app.signed_in("acme", "ada@acme.example").await,
        }
    }

    /// The last request's answer.
    pub async fn finish(self, app: &TestApp, browser: &mut Browser) -> Page {
        let code = || app.world.messages()[0].code.clone().unwrap();
        match self {
            Self::Discovery | Self::Organization => back(browser, "ada@acme.example").await,
            Self::StepUpProvider => back(browser, "grace@acme.example").await,
            Self::Sso | Self::StepUpSso => back(browser, "bob@globex.example").await,
            Self::EmailLink | Self::StepUpLink | Self::Invitation | Self::Elsewhere => {
                browser.click("Continue").await
            }
            Self::EmailCode => browser.fill("Continue", &[("code", &code())]).await,
            Self::StepUpCode => {
                browser
                    .fill("Sign in with the code", &[("code", &code())])
                    .await
            }
            Self::Mfa => {
                browser
                    .fill("Sign in with the SMS code", &[("code", &code())])
                    .await
            }
            Self::Totp => {
                let member = "member-test-00000004-0003-4000-8000-000000000000";
                let code = [("code", &*app.world.totp_code(member).unwrap())];
                browser.fill("Sign in with the app's code", &code).await
            }
            Self::Recovery => {
                let codes = recovery_codes(app).await;
                let code = [("code", codes[0].as_str().unwrap())];
                browser.fill("Use a recovery code", &code).await
            }
            Self::Enrol => browser.click("Set up an authenticator app").await,
            Self::Choose => browser.click("Acme Corp").await,
            Self::Create => browser.click("Create organization").await,
            Self::Switch => browser.click("Switch to O'Neil").await,
            Self::Provider => browser.click("tokens of Google").await,
            Self::Jit => browser.click("Stop letting colleagues in").await,
        }
    }
}

async fn at_consent(app: &TestApp, page: &str, way: &str) -> Browser {
    let mut browser = app.browser();
    browser.get(page).await;
    browser.go(way).await;
    browser
}

/// Presses on the provider's page, and is back with a token.
async fn back(browser: &mut Browser, person: &str) -> Page {
    browser.click(person).await;
    browser.follow().await
}

/// The newest mail's link.
async fn opened(app: &TestApp, mut browser: Browser) -> Browser {
    let link = app.world.messages()[0].link.clone().unwrap();
    browser.get(&link).await;
    browser.arrive().await;
    browser
}

/// Changes the rules so that the last request of the flow leads to a step-up.
pub fn want_another_first_factor(app: &TestApp, flow: Flow) {
    let rules =
        |methods: &[&str]| json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": methods});
    let slug = if flow == F::Switch { "oneil" } else { "acme" };
    app.world
        .patch_organization(slug, rules(&["microsoft_oauth"]));
}

/// The same for a second factor.
pub fn want_a_second_factor(app: &TestApp, flow: Flow) {
    let slug = match flow {
        F::Switch => "oneil",
        F::Sso | F::Elsewhere | F::StepUpSso => "globex",
        _ => "acme",
    };
    app.world
        .patch_organization(slug, json!({"mfa_policy": "REQUIRED_FOR_ALL"}));
}
