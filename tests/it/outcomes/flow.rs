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
    pub const ALL: [Flow; 20] = [
        F::Discovery,
        F::EmailCode,
        F::EmailLink,
        F::Choose,
        F::Create,
        F::Organization,
        F::Sso,
        F::Elsewhere,
        F::Invitation,
        F::StepUpCode,
        F::StepUpLink,
        F::StepUpProvider,
        F::StepUpSso,
        F::Mfa,
        F::Totp,
        F::Recovery,
        F::Enrol,
        F::Switch,
        F::Provider,
        F::Jit,
    ];

    /// The column's heading.
    pub fn name(self) -> &'static str {
        match self {
            F::Discovery => "Discovery",
            F::EmailCode => "by e-mail code",
            F::EmailLink => "by e-mail link",
            F::Choose => "choose",
            F::Create => "create",
            F::Organization => "Organization",
            F::Sso => "SSO",
            F::Elsewhere => "begun at the identity provider",
            F::Invitation => "invitation",
            F::StepUpCode => "step-up by code",
            F::StepUpLink => "step-up by link",
            F::StepUpProvider => "step-up by provider",
            F::StepUpSso => "step-up by SSO",
            F::Mfa => "MFA by SMS",
            F::Totp => "MFA by app",
            F::Recovery => "recovery code",
            F::Enrol => "set an app up",
            F::Switch => "switch",
            F::Provider => "provider tokens",
            F::Jit => "JIT switch",
        }
    }

    /// The vendor's path that the last request calls.
    pub fn call(self) -> &'static str {
        match self {
            F::Discovery => DISCOVERY,
            F::EmailCode => "/v1/b2b/otps/email/discovery/authenticate",
            F::EmailLink => "/v1/b2b/magic_links/discovery/authenticate",
            F::Choose => EXCHANGE,
            F::Create => CREATE,
            F::Organization | F::StepUpProvider => AUTHENTICATE,
            F::Sso | F::Elsewhere | F::StepUpSso => "/v1/b2b/sso/authenticate",
            F::Invitation | F::StepUpLink => "/v1/b2b/magic_links/authenticate",
            F::StepUpCode => "/v1/b2b/otps/email/authenticate",
            F::Mfa => "/v1/b2b/otps/sms/authenticate",
            F::Totp => "/v1/b2b/totp/authenticate",
            F::Recovery => "/v1/b2b/recovery_codes/recover",
            F::Enrol => "/v1/b2b/totp",
            F::Switch => SWITCH,
            F::Provider => {
                "/v1/b2b/organizations/organization-test-00000001-0000-4000-8000-000000000000/members/*"
            }
            F::Jit => {
                "/v1/b2b/organizations/organization-test-00000001-0000-4000-8000-000000000000"
            }
        }
    }

    /// Whether somebody is signed in before the last request.
    pub fn is_signed_in(self) -> bool {
        matches!(self, F::Switch | F::Provider | F::Jit)
    }

    /// The page with the form of the last request, where it can simply be sent again.
    pub fn form(self) -> Option<&'static str> {
        match self {
            F::Choose | F::Switch => Some("/organizations"),
            F::Create => Some("/create_org"),
            F::EmailCode => Some("/email"),
            F::StepUpCode => Some("/step_up"),
            F::Mfa | F::Totp | F::Recovery | F::Enrol => Some("/mfa"),
            F::Provider | F::Jit => Some("/org/acme"),
            F::Discovery
            | F::EmailLink
            | F::Organization
            | F::Sso
            | F::Elsewhere
            | F::Invitation
            | F::StepUpLink
            | F::StepUpProvider
            | F::StepUpSso => None,
        }
    }

    /// Where it leads when nothing is in the way.
    pub fn end(self) -> &'static str {
        match self {
            F::Discovery | F::EmailCode | F::EmailLink => "/organizations",
            F::Create => "/org/startup",
            F::Sso | F::Elsewhere | F::StepUpSso => "/org/globex",
            F::Switch => "/org/oneil",
            F::Mfa | F::Totp | F::Recovery => "/org/initech",
            F::Enrol => "/mfa",
            F::Provider => "/org/acme/provider/google",
            F::Choose
            | F::Organization
            | F::Invitation
            | F::StepUpCode
            | F::StepUpLink
            | F::StepUpProvider
            | F::Jit => "/org/acme",
        }
    }

    /// The name of the organization whose rules may say no, where there is one already.
    pub fn organization(self) -> Option<&'static str> {
        match self {
            F::Discovery | F::EmailCode | F::EmailLink | F::Create => None,
            F::Sso | F::Elsewhere | F::StepUpSso => Some("Globex"),
            F::Mfa | F::Totp | F::Recovery | F::Enrol => Some("Initech"),
            F::Switch => Some("O'Neil"),
            F::Choose
            | F::Organization
            | F::Invitation
            | F::StepUpCode
            | F::StepUpLink
            | F::StepUpProvider
            | F::Provider
            | F::Jit => Some("Acme Corp"),
        }
    }

    /// What the page of a Stytch that is busy offers, where there is no form to go back to.
    pub fn way_on(self) -> Option<&'static str> {
        match self {
            F::Discovery | F::Organization | F::StepUpProvider => Some("Start again with Google"),
            F::Sso | F::StepUpSso => Some("Start again with Globex Okta"),
            F::EmailLink | F::Elsewhere | F::Invitation | F::StepUpLink => Some("Try again"),
            _ => None,
        }
    }

    /// A browser that is one request away from the end.
    pub async fn begin(self, app: &TestApp) -> Browser {
        match self {
            F::Discovery => at_consent(app, "/", "Continue with Google").await,
            F::Organization => at_consent(app, "/org/acme", "Continue with Google").await,
            F::Sso => at_consent(app, "/org/globex", "Continue with Globex Okta").await,
            F::EmailCode => emailed(app, "E-mail me a code").await,
            F::EmailLink => {
                let ada = emailed(app, "E-mail me a link").await;
                opened(app, ada).await
            }
            F::Choose => app.choosing("ada@acme.example").await,
            F::Create => {
                let mut frank = app.choosing("frank@startup.example").await;
                frank.go("Create an organization").await;
                frank
            }
            F::StepUpCode => {
                let mut grace = at_step_up(app).await;
                grace.go("E-mail me a code").await;
                grace
            }
            F::StepUpProvider => {
                let mut grace = at_step_up(app).await;
                grace.go("Continue with Google").await;
                grace
            }
            F::StepUpLink => {
                let mut grace = at_step_up(app).await;
                grace.go("E-mail me a link").await;
                opened(app, grace).await
            }
            F::StepUpSso => {
                let only_sso = json!({"allowed_auth_methods": ["sso"]});
                app.world.patch_organization("globex", only_sso);
                let mut bob = app.choosing("bob@globex.example").await;
                bob.go("Sign in to Globex").await;
                bob.go("Continue with Globex Okta").await;
                bob
            }
            F::Elsewhere => {
                let mut bob = app.browser();
                let portal = app.stytch_url.join("/_sandbox/idp").unwrap();
                bob.get(portal.as_str()).await;
                bob.go("Globex Okta").await;
                bob.go("bob@globex.example").await;
                bob
            }
            F::Invitation => {
                invite(app, "nina@acme.example").await;
                opened(app, app.browser()).await
            }
            F::Mfa => at_mfa(app, "ada@acme.example").await,
            F::Totp | F::Recovery => at_mfa(app, "carol@initech.example").await,
            F::Enrol => {
                app.ada_without_phone();
                at_mfa(app, "ada@acme.example").await
            }
            F::Switch => {
                let mut ada = app.signed_in("acme", "ada@acme.example").await;
                ada.go("Switch organization").await;
                ada
            }
            F::Provider | F::Jit => app.signed_in("acme", "ada@acme.example").await,
        }
    }

    /// The last request's answer.
    pub async fn finish(self, app: &TestApp, browser: &mut Browser) -> Page {
        let code = || app.world.messages()[0].code.clone().unwrap();
        match self {
            F::Discovery | F::Organization => back(browser, "ada@acme.example").await,
            F::StepUpProvider => back(browser, "grace@acme.example").await,
            F::Sso | F::StepUpSso => back(browser, "bob@globex.example").await,
            F::EmailLink | F::StepUpLink | F::Invitation | F::Elsewhere => {
                browser.click("Continue").await
            }
            F::EmailCode => browser.fill("Continue", &[("code", &code())]).await,
            F::StepUpCode => {
                browser
                    .fill("Sign in with the code", &[("code", &code())])
                    .await
            }
            F::Mfa => {
                browser
                    .fill("Sign in with the SMS code", &[("code", &code())])
                    .await
            }
            F::Totp => {
                let member = "member-test-00000004-0003-4000-8000-000000000000";
                let code = [("code", &*app.world.totp_code(member).unwrap())];
                browser.fill("Sign in with the app's code", &code).await
            }
            F::Recovery => {
                let codes = recovery_codes(app).await;
                let code = [("code", codes[0].as_str().unwrap())];
                browser.fill("Use a recovery code", &code).await
            }
            F::Enrol => browser.click("Set up an authenticator app").await,
            F::Choose => browser.click("Acme Corp").await,
            F::Create => browser.click("Create organization").await,
            F::Switch => browser.click("Switch to O'Neil").await,
            F::Provider => browser.click("tokens of Google").await,
            F::Jit => browser.click("Stop letting colleagues in").await,
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
