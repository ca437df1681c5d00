//! The steps of a person through each flow: all up to the last, which spends something, and the last one.

use serde_json::json;

use super::{
    cases::{Case, Outcome},
    columns::Flow as F,
    rows,
    tab::Tab,
};
use crate::support::TestApp;

const CONFIRM: &str = "form[action*='/confirm'] button";
const CODE: &str = "input[name=code]";

/// All steps but the last.
pub async fn begin(case: &Case, app: &TestApp, tab: &Tab) {
    let way = case.way;
    match case.flow {
        F::Discovery => tab.start(app, "/", way.provider).await,
        F::Organization | F::Sso => {
            tab.start(app, &format!("/org/{}", way.slug), way.provider)
                .await;
        }
        F::Elsewhere => {
            tab.visit(app.stytch_url.join("/_sandbox/idp").unwrap())
                .await;
            tab.press_words(way.provider).await;
            tab.press_words(way.person).await;
        }
        F::EmailCode => tab.email(app, way.person, "code").await,
        F::EmailLink => {
            tab.email(app, way.person, "link").await;
            tab.open_link(app).await;
        }
        F::Invitation => {
            app.invite(way.person).await;
            tab.open_link(app).await;
        }
        F::Choose => tab.discover(app, way.provider, way.person).await,
        F::Create => {
            let needs_more = matches!(case.outcome, Outcome::Fine(rows::STEP_UP));
            // Google without a Workspace domain does not prove the address.
            let person = if needs_more {
                "erin@freemail.example"
            } else {
                way.person
            };
            tab.discover(app, way.provider, person).await;
            tab.press_css("a[href$='/create_org']").await;
        }
        F::StepUpCode => {
            tab.at_step_up(app, way.person, way.organization).await;
            tab.press_css("form:has([name=way][value=email_otp]) button")
                .await;
        }
        F::StepUpLink => {
            tab.at_step_up(app, way.person, way.organization).await;
            tab.press_css("form:has([name=way][value=magic_link]) button")
                .await;
            tab.open_link(app).await;
        }
        F::StepUpProvider => {
            tab.at_step_up(app, way.person, way.organization).await;
            tab.press_words(&format!("Continue with {}", way.provider))
                .await;
        }
        F::StepUpSso => {
            let only_sso = json!({"allowed_auth_methods": ["sso"]});
            app.world.patch_organization(way.slug, only_sso);
            tab.discover(app, "Google", way.person).await;
            tab.press_words(way.organization).await;
            tab.press_words(&format!("Continue with {}", way.provider))
                .await;
        }
        F::Mfa | F::Totp | F::Recovery | F::Enrol => {
            if case.flow == F::Enrol {
                app.ada_without_phone();
            }
            tab.discover(app, "Google", way.person).await;
            tab.press_words(way.organization).await;
        }
        F::Switch | F::Provider | F::Jit => {
            let provider = if case.flow == F::Provider {
                way.provider
            } else {
                "Google"
            };
            tab.start(app, "/org/acme", provider).await;
            tab.press_words(way.person).await;
            if case.flow == F::Switch {
                tab.press_words("Switch organization").await;
            }
        }
    }
}

/// The last step.
pub async fn finish(case: &Case, app: &TestApp, tab: &Tab) {
    let way = case.way;
    let code = || app.world.messages()[0].code.clone().expect("a code");
    match case.flow {
        F::Organization if matches!(case.outcome, Outcome::Fine(rows::STEP_UP)) => {
            tab.add_person(way.provider, way.slug).await;
        }
        F::Discovery | F::Organization | F::Sso | F::StepUpProvider | F::StepUpSso => {
            tab.press_words(way.person).await;
        }
        F::Elsewhere | F::EmailLink | F::Invitation | F::StepUpLink => {
            tab.press_css(CONFIRM).await;
        }
        F::EmailCode | F::StepUpCode => tab.send_code("", &code()).await,
        F::Mfa => tab.send_code("[name=method][value=sms]", &code()).await,
        F::Totp => {
            let member = "member-test-00000004-0003-4000-8000-000000000000";
            let code = app.world.totp_code(member).unwrap();
            tab.send_code("[name=method][value=totp]", &code).await;
        }
        F::Recovery => {
            let code = app.recovery_codes().await.remove(0);
            tab.send_code("[name=method][value=recovery]", &code).await;
        }
        F::Enrol => tab.press_css("form[action*='/mfa/totp'] button").await,
        F::Choose | F::Switch => tab.press_words(way.organization).await,
        F::Create => tab.press_css("form[action*='/create_org'] button").await,
        F::Provider => {
            let end = way.provider.to_lowercase();
            tab.press_css(&format!("a[href$='/provider/{end}']")).await;
        }
        F::Jit => tab.press_css("form[action*='/jit'] button").await,
    }
}

impl Tab {
    /// From a page of the app to a provider's.
    async fn start(&self, app: &TestApp, page: &str, provider: &str) {
        self.visit(format!("{}{page}", app.url)).await;
        self.press_words(&format!("Continue with {provider}")).await;
        let here = self.evaluate("location.hostname").await;
        assert_ne!(here, "localhost", "the provider's page is on another site");
    }

    /// Discovery, up to the list of organizations. Without a `person`, it adds a new one.
    async fn discover(&self, app: &TestApp, provider: &str, person: &str) {
        self.start(app, "/", provider).await;
        if person.is_empty() {
            self.press_css("form[action$='/made-up'] button").await;
        } else {
            self.press_words(person).await;
        }
    }

    /// Signs in with a provider that does not prove the address.
    async fn at_step_up(&self, app: &TestApp, person: &str, organization: &str) {
        self.discover(app, "GitHub", person).await;
        self.press_words(organization).await;
    }

    async fn email(&self, app: &TestApp, address: &str, way: &str) {
        self.visit(format!("{}/email", app.url)).await;
        self.fill("input[name=email_address]", address).await;
        self.press_css(&format!("button[name=way][value={way}]"))
            .await;
    }

    /// Opens the link of the newest email.
    async fn open_link(&self, app: &TestApp) {
        let link = app.world.messages()[0].link.clone().expect("a link");
        self.visit(link).await;
    }

    /// Sends a code with the form that contains this.
    async fn send_code(&self, with: &str, code: &str) {
        let form = if with.is_empty() {
            format!("form:has({CODE})")
        } else {
            format!("form:has({with})")
        };
        self.fill(&format!("{form} {CODE}"), code).await;
        self.press_css(&format!("{form} button")).await;
    }

    /// On a provider's page: adds an account with an address at the organization's domain that the provider does not
    /// vouch for.
    async fn add_person(&self, provider: &str, slug: &str) {
        self.unfold("Add a person").await;
        let form = "form[action$='/person']";
        self.fill(&format!("{form} [name=name]"), "Nina New").await;
        let address = format!("nina@{slug}.example");
        self.fill(&format!("{form} [name=email]"), &address).await;
        if provider == "Google" {
            self.choose(&format!("{form} [name=workspace][value=no]"))
                .await;
        }
        self.press_css(&format!("{form} button")).await;
    }
}
