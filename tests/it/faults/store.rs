//! The session store fails at each call of each step: before the call has an effect, and after it, with the response
//! lost.

use axum::{Router, routing::get};
use stytch_sandbox::{FaultKind, HeldRequest};
use tower_sessions::{
    Session,
    session::{Id, Record},
};

use crate::routes::{mfa::at_mfa, step_up::at_step_up};
use crate::support::{
    Browser, Fault, Page, TestApp,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, SESSION, SWITCH, Setup},
};

/// A request of a sign-in, or after it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Start,
    DiscoveryCallback,
    Choose,
    Create,
    OrgStart,
    OrgCallback,
    Unasked,
    Confirm,
    DiscoverAgain,
    Switch,
    Mfa,
    Home,
    OrgPage,
    Member,
    Renewal,
    SignOut,
}

const FLOWS: [Step; 16] = [
    Step::Start,
    Step::DiscoveryCallback,
    Step::Choose,
    Step::Create,
    Step::OrgStart,
    Step::OrgCallback,
    Step::Unasked,
    Step::Confirm,
    Step::DiscoverAgain,
    Step::Switch,
    Step::Mfa,
    Step::Home,
    Step::OrgPage,
    Step::Member,
    Step::Renewal,
    Step::SignOut,
];

impl Step {
    /// A browser right before this step.
    async fn reach(self, app: &TestApp) -> Browser {
        let mut ada = app.browser();
        match self {
            // The visitor needs a session, or there would be nothing to load.
            Self::Start => {
                ada.get("/start/google").await;
                ada.get("/").await;
            }
            Self::DiscoveryCallback => {
                ada.get("/").await;
                ada.go("Continue with Google").await;
                ada.click("ada@acme.example").await;
            }
            Self::Choose | Self::Mfa => ada = app.choosing("ada@acme.example").await,
            Self::Create => {
                ada = app.choosing("ada@acme.example").await;
                ada.go("Create an organization").await;
            }
            Self::OrgStart => {
                ada.get("/start/google").await;
                ada.get("/org/acme").await;
            }
            Self::OrgCallback => {
                ada.get("/org/acme").await;
                ada.go("Continue with Google").await;
                ada.click("ada@acme.example").await;
            }
            Self::Unasked => {
                ada.get("/start/google").await;
            }
            Self::Confirm => {
                ada.get(&app.foreign_login("ada@acme.example", "acme"))
                    .await;
                ada.arrive().await;
            }
            Self::DiscoverAgain => {
                ada = app.signed_in("acme", "ada@acme.example").await;
                ada.get("/start/google").await;
                ada.arrive().await;
                ada.click("ada@acme.example").await;
            }
            Self::Switch => {
                ada = app.signed_in("acme", "ada@acme.example").await;
                ada.get("/organizations").await;
            }
            Self::Home | Self::OrgPage | Self::Member | Self::Renewal | Self::SignOut => {
                ada = app.signed_in("acme", "ada@acme.example").await;
            }
        }
        ada
    }

    async fn go(self, app: &TestApp, ada: &mut Browser) -> Page {
        match self {
            Self::Start | Self::OrgStart => ada.click("Continue with Google").await,
            Self::DiscoveryCallback | Self::OrgCallback | Self::DiscoverAgain => ada.follow().await,
            Self::Choose => ada.click("Sign in to Acme Corp").await,
            Self::Mfa => ada.click("Sign in to Initech").await,
            Self::Switch => ada.click("O'Neil").await,
            Self::Create => {
                let number = app.calls(CREATE).len();
                let fields = [
                    ("organization_name", "New"),
                    ("organization_slug", &format!("new-{number}")),
                ];
                ada.fill("Create organization", &fields).await
            }
            Self::Unasked => ada.get(&app.foreign_discovery("ada@acme.example")).await,
            Self::Confirm => ada.click("Continue").await,
            Self::Home => ada.get("/").await,
            Self::OrgPage | Self::Renewal => ada.get("/org/acme").await,
            Self::Member => ada.get("/member").await,
            Self::SignOut => ada.click("Sign out").await,
        }
    }
}

/// Number of one-time values that were spent.
fn spent(app: &TestApp) -> usize {
    let paths = [DISCOVERY, EXCHANGE, CREATE, AUTHENTICATE, SWITCH];
    paths.iter().map(|path| app.calls(path).len()).sum()
}

fn sessions(app: &TestApp) -> usize {
    app.world.state()["sessions"].as_array().unwrap().len()
}

/// Fails one call of the store in one step, whose response is otherwise `well`. Returns `false` if the step makes fewer
/// calls.
async fn fails(app: &TestApp, step: Step, fault: Fault, well: &Page) -> bool {
    let what = format!("{step:?} {fault:?}");
    let mut ada = step.reach(app).await;
    if step == Step::Renewal {
        app.advance_app(331);
    }
    let (mut again, cookie) = (ada.clone(), ada.cookie());
    let (spent_before, sessions_before) = (spent(app), sessions(app));
    let records = app.state.store.len();
    app.state.store.set_fault(Some(fault));
    let page = step.go(app, &mut ada).await;
    if !app.state.store.set_fault(None) {
        assert!(!page.status.is_server_error(), "{what}");
        return false;
    }
    app.settle().await;
    assert_eq!(page.status, 503, "{what}: {}", page.text());
    if step == Step::SignOut {
        let text = page.text();
        assert!(
            text.contains("We could not end your session on our server"),
            "{text}"
        );
        assert_eq!(ada.cookie(), None, "{what}");
    } else {
        assert!(
            page.text().contains("Sign-in is unavailable right now"),
            "{what}: {}",
            page.text()
        );
        assert_eq!(page.header("set-cookie"), "", "{what}");
        assert_eq!(ada.cookie(), cookie, "{what}");
        assert_eq!(
            sessions(app),
            sessions_before,
            "{what}: no other session remains"
        );
    }
    if !(fault.done && step == Step::SignOut) {
        assert_eq!(
            app.state.store.len(),
            records,
            "{what}: the visitor stays signed in"
        );
    }
    let after = spent(app) > spent_before;
    assert_eq!(page.text().contains("Sign in again"), after, "{what}");
    let retried = step.go(app, &mut again).await;
    assert!(!retried.status.is_server_error(), "{what}");
    if !after && !fault.done {
        assert_eq!(retried.status, well.status, "{what}: {}", retried.text());
        if well.status.is_redirection() && step != Step::Create {
            assert_eq!(retried.location().path(), well.location().path(), "{what}");
        }
    }
    if !fault.done {
        return true;
    }
    // Whatever was interrupted, a new sign-in works.
    let mut page = again.get("/org/acme").await;
    if !page.text().contains("You are signed in") {
        again.go("Continue with Google").await;
        page = again.go("ada@acme.example").await;
    }
    assert!(page.text().contains("You are signed in"), "{what}");
    true
}

/// Fails each call of the store in each step: before it has an effect or, if `done`, after it, with the response lost.
pub(super) async fn each_call_of_each_step(app: &TestApp, done: bool) {
    for step in FLOWS {
        let mut ada = step.reach(app).await;
        let well = step.go(app, &mut ada).await;
        let mut fault = Fault {
            after: 0,
            times: 1,
            done,
        };
        while fails(app, step, fault, &well).await {
            fault.after += 1;
        }
        assert!(fault.after > 0, "{step:?} calls the store");
    }
}

/// S10: before the call to Stytch nothing is spent, and the same request works again. After it no session remains at
/// Stytch. The cookie stays as it was, and the visitor stays signed in.
#[tokio::test]
async fn an_outage_at_any_call_is_a_page() {
    each_call_of_each_step(&TestApp::start().await, false).await;
}

/// S10: the same, if the call has its effect and the response is lost.
#[tokio::test]
async fn a_lost_response_of_the_store_is_a_page() {
    each_call_of_each_step(&TestApp::start().await, true).await;
}

/// S10: a change at Stytch whose result can't be stored may have happened, and the page says so. Before the call it
/// does not say that. An email is sent only if it could be marked as sent.
#[tokio::test]
async fn an_outage_after_a_call_says_what_may_have_happened() {
    let app = TestApp::start().await;
    for path in ["/email", "/step_up/send", "/org/acme/jit", "/mfa/sms"] {
        for after in [0, 1] {
            let (mut browser, form) = match path {
                "/email" => {
                    let address = format!("unknown-{after}@acme.example");
                    let fields = vec![("email_address", address), ("way", "code".to_owned())];
                    // The visitor needs a session, or there would be nothing to load.
                    let mut browser = app.browser();
                    browser.get("/start/google").await;
                    (browser, fields)
                }
                "/step_up/send" => {
                    let fields = vec![("way", "email_otp".to_owned())];
                    (at_step_up(&app).await, fields)
                }
                "/mfa/sms" => {
                    app.ada_without_phone();
                    let fields = vec![("phone_number", "+15555550177".to_owned())];
                    (at_mfa(&app, "ada@acme.example").await, fields)
                }
                _ => {
                    let ada = app.signed_in("acme", "ada@acme.example").await;
                    (ada, vec![("jit", "off".to_owned())])
                }
            };
            // The change of the organization follows a renewal, which is stored, too. An SMS follows its mark.
            let comes_later = matches!(path, "/org/acme/jit" | "/mfa/sms");
            let after = after * if comes_later { 2 } else { 1 };
            let messages = app.world.messages().len();
            let fields: Vec<_> = form.iter().map(|(name, it)| (*name, it.as_str())).collect();
            app.state.store.set_fault(Some(Fault {
                after,
                times: 1,
                done: false,
            }));
            let page = browser.post(path, &fields).await;
            assert!(app.state.store.set_fault(None), "{path} {after}");
            assert_eq!(page.status, 503, "{path} {after}: {}", page.text());
            let may = page.text().contains("may have gone through anyway");
            assert_eq!(may, after == 2, "{path} {after}: {}", page.text());
            let sent = app.world.messages().len() - messages;
            assert_eq!(sent == 1, path == "/mfa/sms" && may, "{path} {after}");
        }
    }
}

/// S10: a renewed JWT that can't be stored does not end the session.
#[tokio::test]
async fn an_outage_of_the_store_signs_no_member_out() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let cookie = ada.cookie();
    app.advance_app(331);
    app.state.store.set_fault(Some(Fault {
        after: 0,
        times: 50,
        done: false,
    }));
    for path in ["/org/acme", "/member", "/", "/organizations"] {
        assert_eq!(ada.get(path).await.status, 503, "{path}");
    }
    let mut leaving = ada.clone();
    assert_eq!(leaving.post("/logout", &[]).await.status, 503);
    assert_eq!(leaving.cookie(), None);
    assert_eq!(app.calls(SESSION).len(), 0);
    let probe = ada.get("/health/ready").await;
    assert_eq!(probe.status, 503);
    assert!(probe.body.contains("the session store does not work"));
    assert_eq!(ada.get("/health/live").await.status, 200);
    app.state.store.set_fault(None);
    assert_eq!(ada.get("/health/ready").await.status, 200);
    assert!(
        ada.get("/org/acme")
            .await
            .text()
            .contains("You are signed in")
    );
    assert_eq!(ada.cookie(), cookie);
}

/// S10: a handler of your own that leaves the save to tower-sessions, whose response would be an empty 500.
#[tokio::test]
async fn an_outage_at_the_end_of_a_request_is_a_page() {
    async fn leaves_the_save(session: Session) {
        session.insert("key", 1).await.unwrap();
    }
    async fn leaves_the_second_save(session: Session) {
        session.insert("key", 1).await.unwrap();
        session.save().await.unwrap();
        session.insert("key", 2).await.unwrap();
    }
    let more = Router::new()
        .route("/leaves", get(leaves_the_save))
        .route("/leaves_again", get(leaves_the_second_save));
    let app = TestApp::with(Setup {
        more,
        ..Setup::default()
    })
    .await;
    for (path, after) in [("/leaves", 0), ("/leaves_again", 1)] {
        app.state.store.set_fault(Some(Fault {
            after,
            times: 1,
            done: false,
        }));
        let page = app.browser().get(path).await;
        assert_eq!(page.status, 503, "{path}");
        assert!(page.text().contains("Sign-in is unavailable right now"));
        assert_eq!(page.header("set-cookie"), "", "{path}");
    }
}

/// Each request reads its record once, however many of its parts use it, and whatever it writes.
#[tokio::test]
async fn a_request_reads_its_record_once() {
    let app = TestApp::start().await;
    for step in FLOWS {
        let mut ada = step.reach(&app).await;
        if step == Step::Renewal {
            app.advance_app(331);
        }
        let before = app.state.store.loads();
        step.go(&app, &mut ada).await;
        // A request that calls Stytch, or ends the session, reads it again, because another request may have been
        // faster.
        let again = matches!(step, Step::Renewal | Step::SignOut);
        let loads = app.state.store.loads() - before;
        assert_eq!(loads, 1 + usize::from(again), "{step:?}");
    }
}

/// S7: another tab writes to the session while a choice is at Stytch. Both take effect: the member is signed in, and
/// the sign-in that the other tab started can still return.
#[tokio::test]
async fn a_start_in_another_tab_does_not_undo_a_sign_in() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let mut other_tab = ada.clone();
    let hold = HeldRequest::new();
    app.fault(EXCHANGE, FaultKind::Hold(hold.clone()));
    let choosing = tokio::spawn(async move {
        ada.click("Sign in to Acme Corp").await;
        ada
    });
    hold.reached().await;
    other_tab.get("/start/google").await;
    hold.release();
    let mut ada = choosing.await.unwrap();
    assert_eq!(ada.page().location().path(), "/org/acme");
    assert_eq!(ada.get("/member").await.status, 200);
    assert!(app.state.store.dump().contains("verifier\":\""));
}

/// S10: a record of another version of this app is anonymous, not a permanent error.
#[tokio::test]
async fn an_unreadable_record_is_anonymous() {
    let app = TestApp::start().await;
    let record = Record {
        id: Id::default(),
        data: [("browser".to_owned(), "of another version".into())].into(),
        expiry_date: app.state.clock.now() + time::Duration::hours(1),
    };
    app.state.store.put(&record).await;
    let mut ada = app.browser();
    ada.set_cookie(&record.id.to_string());
    assert_eq!(ada.get("/member").await.status, 401);
    ada.get("/").await;
    ada.go("Continue with Google").await;
    assert_eq!(ada.go("ada@acme.example").await.path(), "/organizations");
}
