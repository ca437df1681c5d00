//! Random walks through the app against a small model of what a session may become: states × actions × faults.

use proptest::prelude::*;
use stytch_sandbox::FaultKind;

use crate::support::{
    Browser, TestApp,
    app::{AUTHENTICATE, DISCOVERY, EXCHANGE, SWITCH},
    random,
};

/// Who the visitor is, as the pages show it.
#[derive(Clone, Debug, PartialEq)]
enum Who {
    Anonymous,
    Choosing,
    StepUp,
    Mfa,
    Member(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Action {
    /// Ada, by Google.
    DiscoverAda,
    /// Grace, by GitHub, which does not prove her address.
    DiscoverGrace,
    /// Ada, directly to Acme.
    SignInToAcme,
    Pick(Organization),
    SwitchTo(Organization),
    /// The code that was sent, for a step-up or a second factor.
    Code,
    NoCode,
    Replay,
    SignOut,
    /// More than ten minutes later.
    Late,
    /// An administrator ends all sessions at Stytch.
    Revoke,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Organization {
    Acme,
    Oneil,
    Initech,
    Globex,
}

/// What happens to the call of the action.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Condition {
    Fine,
    /// The call has no effect at Stytch.
    Down,
    /// The call has its effect at Stytch, and the response is lost.
    Lost,
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Clone, Debug)]
struct Model {
    who: Who,
    is_grace: bool,
    /// Stytch has spent the intermediate session, and the app does not know.
    spent: bool,
    /// Stytch has ended the session, and the app does not know.
    revoked: bool,
    /// Whether Grace has already proved her address to Acme.
    grace_is_in: bool,
    /// After the clock was moved, JWTs are older than they look, and Stytch is called for each page.
    was_late: bool,
}

impl Organization {
    fn slug(self) -> &'static str {
        match self {
            Self::Acme => "acme",
            Self::Oneil => "oneil",
            Self::Initech => "initech",
            Self::Globex => "globex",
        }
    }

    fn path(self) -> String {
        let number = match self {
            Self::Acme => 1,
            Self::Globex => 2,
            Self::Initech => 3,
            Self::Oneil => 6,
        };
        format!("/login/organization-test-0000000{number}-0000-4000-8000-000000000000")
    }

    /// Whether Ada is a member of this organization.
    fn has_ada(self) -> bool {
        self != Self::Globex
    }
}

impl Model {
    fn new() -> Self {
        Self {
            who: Who::Anonymous,
            is_grace: false,
            spent: false,
            revoked: false,
            grace_is_in: false,
            was_late: false,
        }
    }

    fn set_who(&mut self, who: Who) {
        self.who = who;
        self.spent = false;
        self.revoked = false;
    }

    /// Updates the model to what the session must be after this action.
    fn step(&mut self, action: Action, condition: Condition) {
        match (action, self.who.clone()) {
            (Action::DiscoverAda | Action::DiscoverGrace, _) if condition == Condition::Fine => {
                self.is_grace = matches!(action, Action::DiscoverGrace);
                self.set_who(Who::Choosing);
            }
            (Action::SignInToAcme, _) if condition == Condition::Fine => {
                self.is_grace = false;
                self.set_who(Who::Member("acme"));
            }
            (Action::Pick(organization), Who::Choosing) => self.pick(organization, condition),
            (Action::SwitchTo(organization), Who::Member(_)) if self.revoked => {
                // Stytch is called for the list before anything else.
                let _ = organization;
                self.set_who(Who::Anonymous);
            }
            (Action::SwitchTo(organization), Who::Member(here)) => {
                self.switch(here, organization, condition);
            }
            (Action::Code, Who::StepUp) => self.finish("acme", condition),
            (Action::Code, Who::Mfa) => self.finish("initech", condition),
            // Stytch checks the sign-in in progress before it checks the code.
            (Action::NoCode, Who::StepUp | Who::Mfa)
                if self.spent && condition == Condition::Fine =>
            {
                self.set_who(Who::Anonymous);
            }
            (Action::SignOut, _) => self.set_who(Who::Anonymous),
            (Action::Late, who) => {
                self.was_late = true;
                if !matches!(who, Who::Member(_)) {
                    self.set_who(Who::Anonymous);
                }
            }
            (Action::Revoke, Who::Member(_)) => self.revoked = true,
            _ => {}
        }
        if self.revoked && self.was_late {
            self.set_who(Who::Anonymous);
        }
    }

    fn pick(&mut self, organization: Organization, condition: Condition) {
        let offered = if self.is_grace {
            organization == Organization::Acme
        } else {
            organization.has_ada()
        };
        if !offered || condition == Condition::Down {
            return;
        }
        if self.spent {
            if condition == Condition::Fine {
                self.set_who(Who::Anonymous);
            }
            return;
        }
        let due = match organization {
            Organization::Initech => Who::Mfa,
            _ if self.is_grace && !self.grace_is_in => Who::StepUp,
            other => Who::Member(other.slug()),
        };
        match (condition, &due) {
            (Condition::Lost, Who::Member(_)) => self.spent = true,
            // The intermediate session stays valid.
            (Condition::Lost, _) => {}
            _ => self.set_who(due),
        }
    }

    fn switch(&mut self, here: &str, organization: Organization, condition: Condition) {
        let offered = if self.is_grace {
            organization == Organization::Acme
        } else {
            organization.has_ada()
        };
        if !offered || organization.slug() == here || condition != Condition::Fine {
            return;
        }
        match organization {
            Organization::Initech => self.set_who(Who::Mfa),
            other => self.set_who(Who::Member(other.slug())),
        }
    }

    fn finish(&mut self, slug: &'static str, condition: Condition) {
        if condition == Condition::Down {
            return;
        }
        if self.spent {
            if condition == Condition::Fine {
                self.set_who(Who::Anonymous);
            }
            return;
        }
        if slug == "acme" {
            self.grace_is_in = true;
        }
        if condition == Condition::Lost {
            self.spent = true;
        } else {
            self.set_who(Who::Member(slug));
        }
    }
}

/// The browser that follows the model.
struct Walk {
    app: TestApp,
    browser: Browser,
    callback: String,
    /// The person whose list of organizations is shown, if one is shown.
    person: &'static str,
}

impl Walk {
    async fn act(&mut self, action: Action, condition: Condition, here: &Who) {
        let call = match action {
            Action::DiscoverAda | Action::DiscoverGrace => DISCOVERY,
            Action::SignInToAcme => AUTHENTICATE,
            Action::Pick(_) => EXCHANGE,
            Action::SwitchTo(_) => SWITCH,
            _ if *here == Who::Mfa => "/v1/b2b/otps/sms/authenticate",
            _ => "/v1/b2b/otps/email/authenticate",
        };
        match condition {
            Condition::Fine => {}
            Condition::Down => self.app.fault(call, FaultKind::ResetBefore),
            Condition::Lost => self.app.fault(call, FaultKind::ResetAfter),
        }
        match action {
            Action::DiscoverAda => self.come("/start/google", "ada@acme.example").await,
            Action::DiscoverGrace => self.come("/start/github", "grace@acme.example").await,
            Action::SignInToAcme => {
                self.come("/org/acme/start/google", "ada@acme.example")
                    .await;
            }
            Action::Pick(organization) => {
                let here = [("here", self.person)];
                self.browser.post(&organization.path(), &here).await;
            }
            Action::SwitchTo(organization) => {
                let here = if let Who::Member(slug) = here {
                    slug
                } else {
                    "acme"
                };
                self.browser
                    .post(&organization.path(), &[("here", here)])
                    .await;
            }
            Action::Code => self.code(here).await,
            Action::NoCode => {
                let path = if *here == Who::Mfa {
                    "/mfa"
                } else {
                    "/step_up"
                };
                let page = self
                    .browser
                    .post(path, &[("method", "sms"), ("code", "abc")])
                    .await;
                let refused = page.status.is_client_error();
                assert!(refused || condition != Condition::Fine, "{}", page.text());
                assert!(!page.status.is_success(), "{}", page.text());
            }
            Action::Replay if self.callback.is_empty() => {}
            Action::Replay => {
                self.browser.get(&self.callback.clone()).await;
                assert_eq!(self.browser.page().status, 303);
            }
            Action::SignOut => {
                self.browser.post("/logout", &[]).await;
            }
            Action::Late => self.app.advance(601),
            Action::Revoke => self.app.world.revoke_all_sessions(),
        }
        if condition == Condition::Fine {
            assert!(
                !self
                    .browser
                    .page
                    .as_ref()
                    .is_some_and(|page| page.status.is_server_error())
            );
        }
        self.app.world.clear_faults();
    }

    async fn come(&mut self, start: &str, person: &str) {
        self.browser.get(start).await;
        self.browser.arrive().await;
        self.callback = self.browser.click(person).await.location().to_string();
        self.browser.follow().await;
    }

    async fn code(&mut self, here: &Who) {
        if *here == Who::StepUp {
            self.browser
                .post("/step_up/send", &[("way", "email_otp")])
                .await;
        }
        let messages = self.app.world.messages();
        let code = messages
            .first()
            .and_then(|it| it.code.clone())
            .unwrap_or_default();
        let path = if *here == Who::Mfa {
            "/mfa"
        } else {
            "/step_up"
        };
        self.browser
            .post(path, &[("method", "sms"), ("code", &code)])
            .await;
    }

    /// Finds out from the pages who the visitor is.
    async fn who(&mut self) -> Who {
        let member = self.browser.get("/member").await;
        if member.status == 200 {
            let body: serde_json::Value = serde_json::from_str(&member.body).unwrap();
            let slug = body["organization"]["organization_slug"]
                .as_str()
                .unwrap()
                .to_owned();
            let known = ["acme", "oneil", "initech", "globex"];
            return Who::Member(known.into_iter().find(|it| *it == slug).unwrap());
        }
        assert_eq!(member.status, 401, "{}", member.text());
        let list = self.browser.get("/organizations").await;
        if list.status == 200 {
            return Who::Choosing;
        }
        if !list.status.is_redirection() {
            return Who::Anonymous;
        }
        let page = self.browser.follow().await;
        match (page.path(), page.status.as_u16()) {
            ("/step_up", 200) => Who::StepUp,
            ("/mfa", 200) => Who::Mfa,
            _ => Who::Anonymous,
        }
    }
}

fn actions() -> impl Strategy<Value = Action> {
    let organization = || {
        prop_oneof![
            3 => Just(Organization::Acme),
            2 => Just(Organization::Oneil),
            3 => Just(Organization::Initech),
            1 => Just(Organization::Globex),
        ]
    };
    prop_oneof![
        3 => Just(Action::DiscoverAda),
        2 => Just(Action::DiscoverGrace),
        1 => Just(Action::SignInToAcme),
        5 => organization().prop_map(Action::Pick),
        3 => organization().prop_map(Action::SwitchTo),
        4 => Just(Action::Code),
        1 => Just(Action::NoCode),
        1 => Just(Action::Replay),
        1 => Just(Action::SignOut),
        1 => Just(Action::Late),
        1 => Just(Action::Revoke),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![6 => Just(Condition::Fine), 1 => Just(Condition::Down), 1 => Just(Condition::Lost)]
}

proptest! {
    #![proptest_config(random(60))]

    /// S9, S2: after any actions in any order, and whatever Stytch does meanwhile, the visitor is exactly who the model
    /// says, and no session contains both kinds of token.
    #[test]
    fn a_session_is_what_the_model_says(steps in prop::collection::vec((actions(), condition()), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(walk(&steps));
    }
}

async fn walk(steps: &[(Action, Condition)]) {
    let app = TestApp::start().await;
    let browser = app.browser();
    let mut walk = Walk {
        app,
        browser,
        callback: String::new(),
        person: "",
    };
    let mut model = Model::new();
    for (n, &(action, condition)) in steps.iter().enumerate() {
        walk.person = if model.is_grace {
            "grace@acme.example"
        } else {
            "ada@acme.example"
        };
        walk.act(action, condition, &model.who.clone()).await;
        model.step(action, condition);
        assert_eq!(walk.who().await, model.who, "after {:?}", &steps[..=n]);
        let dump = walk.app.state.store.dump();
        let both = dump.contains("\"ist\"") && dump.contains("\"session_token\"");
        assert!(!both, "both kinds of token");
    }
}

/// A walk that the random test has found: a code was accepted and the response lost, and then a value is entered that
/// can't be a code. Stytch says that the sign-in is over, and the app believes it.
#[tokio::test]
async fn a_malformed_code_after_a_lost_response_ends_the_sign_in() {
    for (begin, organization) in [
        (Action::DiscoverAda, Organization::Initech),
        (Action::DiscoverGrace, Organization::Acme),
    ] {
        walk(&[
            (begin, Condition::Fine),
            (Action::Pick(organization), Condition::Fine),
            (Action::Code, Condition::Lost),
            (Action::NoCode, Condition::Lost),
            (Action::NoCode, Condition::Fine),
        ])
        .await;
    }
}
