//! The flows: all steps up to the request that spends something, and that request.

use serde_json::json;

use super::columns::Flow;
use crate::{
    routes::{
        email::emailed,
        joining::invite,
        mfa::{at_mfa, recovery_codes},
        step_up::at_step_up,
    },
    support::{Browser, Page, TestApp},
};

impl Flow {
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

    /// Sends the last request and returns its response.
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
                browser.fill("Sign in with the app code", &code).await
            }
            Self::Recovery => {
                let codes = recovery_codes(app).await;
                let code = [("code", codes[0].as_str())];
                browser.fill("Sign in with the recovery code", &code).await
            }
            Self::Enrol => browser.click("Set up an authenticator app").await,
            Self::Choose => browser.click("Acme Corp").await,
            Self::Create => browser.click("Create organization").await,
            Self::Switch => browser.click("Switch to O'Neil").await,
            Self::Provider => browser.click("Google tokens").await,
            Self::Jit => browser.click("Turn off joining by email domain").await,
        }
    }
}

async fn at_consent(app: &TestApp, page: &str, way: &str) -> Browser {
    let mut browser = app.browser();
    browser.get(page).await;
    browser.go(way).await;
    browser
}

/// Presses a button on the provider's page, and returns with a token.
async fn back(browser: &mut Browser, person: &str) -> Page {
    browser.click(person).await;
    browser.follow().await
}

/// Opens the link of the newest email.
async fn opened(app: &TestApp, mut browser: Browser) -> Browser {
    let link = app.world.messages()[0].link.clone().unwrap();
    browser.get(&link).await;
    browser.arrive().await;
    browser
}
