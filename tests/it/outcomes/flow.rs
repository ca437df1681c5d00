//! The flows: up to the request that spends something, and that request.

use serde_json::json;

use crate::support::{
    Browser, Page, TestApp,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, SWITCH},
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
    StepUpCode,
    StepUpProvider,
    Mfa,
    Switch,
    Provider,
    Jit,
}

use Flow as F;

impl Flow {
    pub const ALL: [Flow; 13] = [
        F::Discovery,
        F::EmailCode,
        F::EmailLink,
        F::Choose,
        F::Create,
        F::Organization,
        F::Sso,
        F::StepUpCode,
        F::StepUpProvider,
        F::Mfa,
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
            F::StepUpCode => "step-up by code",
            F::StepUpProvider => "step-up by provider",
            F::Mfa => "MFA",
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
            F::Sso => "/v1/b2b/sso/authenticate",
            F::StepUpCode => "/v1/b2b/otps/email/authenticate",
            F::Mfa => "/v1/b2b/otps/sms/authenticate",
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
            F::Mfa => Some("/mfa"),
            F::Provider | F::Jit => Some("/org/acme"),
            F::Discovery | F::EmailLink | F::Organization | F::Sso | F::StepUpProvider => None,
        }
    }

    /// Where it leads when nothing is in the way.
    pub fn end(self) -> &'static str {
        match self {
            F::Discovery | F::EmailCode | F::EmailLink => "/organizations",
            F::Create => "/org/startup",
            F::Sso => "/org/globex",
            F::Switch => "/org/oneil",
            F::Mfa => "/org/initech",
            F::Provider => "/org/acme/provider/google",
            F::Choose | F::Organization | F::StepUpCode | F::StepUpProvider | F::Jit => "/org/acme",
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
                let mut ada = emailed(app, "E-mail me a link").await;
                ada.get(&app.world.messages()[0].link.clone().unwrap())
                    .await;
                ada.arrive().await;
                ada
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
            F::Mfa => {
                let mut ada = app.choosing("ada@acme.example").await;
                ada.go("Sign in to Initech").await;
                ada
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
            F::Sso => back(browser, "bob@globex.example").await,
            F::StepUpProvider => back(browser, "grace@acme.example").await,
            F::EmailLink => browser.click("Continue").await,
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

async fn emailed(app: &TestApp, press: &str) -> Browser {
    let mut ada = app.browser();
    ada.get("/email").await;
    ada.fill(press, &[("email_address", "ada@acme.example")])
        .await;
    ada.arrive().await;
    ada
}

/// Grace came by GitHub, which does not prove her address to Acme.
async fn at_step_up(app: &TestApp) -> Browser {
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    assert_eq!(grace.go("Acme Corp").await.path(), "/step_up");
    grace
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
        F::Sso => "globex",
        _ => "acme",
    };
    app.world
        .patch_organization(slug, json!({"mfa_policy": "REQUIRED_FOR_ALL"}));
}
