//! Concurrent requests of one browser session: many that send the same form, and two tabs at the same step.

use std::time::Duration;

use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    routes::{
        email::at_email,
        mfa::{at_mfa, newest_code},
        step_up::at_step_up,
    },
    support::{
        Browser, Page, TestApp,
        app::{CREATE, DISCOVERY, EXCHANGE, SWITCH, Setup},
    },
};

const SMS: &str = "/v1/b2b/otps/sms/send";
const SEND: &str = "/v1/b2b/otps/email/login_or_signup";
const SEND_LINK: &str = "/v1/b2b/magic_links/email/login_or_signup";
const SEND_DISCOVERY: &str = "/v1/b2b/otps/email/discovery/send";
const AUTHENTICATE_SMS: &str = "/v1/b2b/otps/sms/authenticate";

/// Limits work that could otherwise wait forever.
async fn within_limit<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), work)
        .await
        .expect("within_limit")
}

/// Posts this 40 times at once, as forms of 40 pages, while Stytch does not respond. One request is at Stytch and eight
/// wait. All others are told when to try again.
async fn post_forty_times(
    app: &TestApp,
    browser: &Browser,
    call: &str,
    path: &str,
    fields: &[(&str, &str)],
) {
    let before = app.calls(call).len();
    let hold = HeldRequest::new();
    app.faults(call, 40, FaultKind::Hold(hold.clone()));
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let fields: Vec<_> = fields.iter().map(owned).collect();
    let mut all = JoinSet::new();
    for n in 0..40 {
        let (mut tab, fields) = (browser.clone(), fields.clone());
        let path = format!("{path}?form_id={}-{n}", call.len());
        all.spawn(async move {
            let fields: Vec<_> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
            tab.post(&path, &fields).await
        });
    }
    for _ in 0..31 {
        let page = within_limit(all.join_next()).await.unwrap().unwrap();
        assert_eq!(page.status, 429, "{path}: {}", page.text());
        let after: u32 = page.header("retry-after").parse().unwrap();
        assert!((1..=10).contains(&after), "{after}");
        assert!(page.text().contains("Nothing was changed"));
    }
    assert_eq!(hold.waiting(), 1, "{path}");
    hold.release();
    let mut sent = 0;
    while let Some(page) = within_limit(all.join_next()).await {
        let page = page.unwrap();
        let is_late = path == "/email" && page.text().contains("You requested an email");
        let status = if is_late { 429 } else { 303 };
        assert_eq!(page.status, status, "{path}: {}", page.text());
        sent += usize::from(!is_late);
    }
    assert!(sent > 0, "{path}");
    assert_eq!(app.calls(call).len(), before + 1, "{path}");
    app.world.clear_faults();
}

/// S22: 40 concurrent forms of one session send one message, by email or SMS.
#[tokio::test]
async fn forty_concurrent_forms_send_one_message() {
    let app = TestApp::start().await;
    let ada = at_mfa(&app, "ada@acme.example").await;
    app.advance(30);
    post_forty_times(&app, &ada, SMS, "/mfa/sms", &[]).await;
    app.ada_without_phone();
    let ada = at_mfa(&app, "ada@acme.example").await;
    let phone = [("phone_number", "+15555550177")];
    post_forty_times(&app, &ada, SMS, "/mfa/sms", &phone).await;
    let grace = at_step_up(&app).await;
    post_forty_times(&app, &grace, SEND, "/step_up/send", &[("way", "email_otp")]).await;
    let link = [("way", "magic_link")];
    post_forty_times(&app, &grace, SEND_LINK, "/step_up/send", &link).await;
    let mut frank = at_email(&app).await;
    frank.get("/start/google").await;
    let send = [("email_address", "frank@startup.example"), ("way", "code")];
    post_forty_times(&app, &frank, SEND_DISCOVERY, "/email", &send).await;
}

/// S22: a request waits for a limited time, and is then told when to try again. Other sessions don't wait, nor does a
/// sign-out.
#[tokio::test]
async fn a_request_waits_for_a_limited_time() {
    let app = TestApp::with(Setup {
        waits_for: Some(Duration::from_millis(50)),
        deadline: Some(Duration::from_mins(10)),
        ..Setup::default()
    })
    .await;
    let ada = at_mfa(&app, "ada@acme.example").await;
    let mut stranger = at_step_up(&app).await;
    app.advance(30);
    let hold = HeldRequest::new();
    app.fault(SMS, FaultKind::Hold(hold.clone()));
    let post = |path: &'static str| {
        let mut tab = ada.clone();
        tokio::spawn(async move { tab.post(path, &[]).await })
    };
    let first = post("/mfa/sms?form_id=a");
    within_limit(hold.reached()).await;
    // A duplicate, and another form.
    for path in ["/mfa/sms?form_id=a", "/mfa/totp?form_id=b"] {
        let page = within_limit(post(path)).await.unwrap();
        assert_eq!(page.status, 429, "{path}");
        assert_eq!(page.header("retry-after"), "1", "{path}");
    }
    let way = [("way", "email_otp")];
    assert_eq!(stranger.post("/step_up/send", &way).await.status, 303);
    assert_eq!(within_limit(post("/logout")).await.unwrap().status, 303);
    hold.release();
    assert_eq!(first.await.unwrap().status, 303);
}

/// S22: the limit on step-up emails holds for an address across sessions, together with the emails that strangers can
/// request. An email that was certainly not sent does not count, and can be sent again at once.
#[tokio::test]
async fn step_up_emails_are_limited_by_address() {
    let app = TestApp::start().await;
    let way = |n: usize| [("way", ["email_otp", "magic_link"][n % 2])];
    let mut grace = at_step_up(&app).await;
    let busy = FaultKind::Status {
        status: 429,
        headers: Vec::new(),
        body: None,
    };
    app.faults(SEND, 3, busy);
    for _ in 0..3 {
        assert_eq!(grace.post("/step_up/send", &way(0)).await.status, 429);
    }
    for n in 0..5 {
        let mut grace = at_step_up(&app).await;
        assert_eq!(grace.post("/step_up/send", &way(n)).await.status, 303);
    }
    assert_eq!(app.world.messages().len(), 5);
    let page = grace.post("/step_up/send", &way(0)).await;
    assert_eq!(page.status, 429, "{}", page.text());
    let wait: u64 = page.header("retry-after").parse().unwrap();
    assert!((540..=600).contains(&wait), "{wait}");
    let form = [("email_address", "Grace@acme.example"), ("way", "code")];
    let mut stranger = at_email(&app).await;
    assert_eq!(stranger.post("/email", &form).await.status, 429);
    assert_eq!(app.world.messages().len(), 5);
    app.advance(600);
    let mut grace = at_step_up(&app).await;
    assert_eq!(grace.post("/step_up/send", &way(0)).await.status, 303);
}

/// Presses a button in each of two tabs, the second one while the request of the first is at Stytch.
async fn two_tabs(app: &TestApp, call: &str, first: Press, second: Press) -> [(Browser, Page); 2] {
    let hold = HeldRequest::new();
    app.fault(call, FaultKind::HoldAfter(hold.clone()));
    let first = first.start();
    within_limit(hold.reached()).await;
    let requests = app.state.tasks.len();
    let second = second.start();
    within_limit(async {
        while app.state.tasks.len() == requests {
            tokio::task::yield_now().await;
        }
    })
    .await;
    hold.release();
    [
        within_limit(first).await.unwrap(),
        within_limit(second).await.unwrap(),
    ]
}

/// A button of the page that a tab shows.
struct Press {
    tab: Browser,
    button: &'static str,
    values: &'static [(&'static str, &'static str)],
}

impl Press {
    fn start(mut self) -> JoinHandle<(Browser, Page)> {
        tokio::spawn(async move {
            let page = self.tab.fill(self.button, self.values).await;
            (self.tab, page)
        })
    }
}

/// Another tab of the same browser, with its own copy of this page.
async fn tab(browser: &Browser, path: &str, button: &'static str) -> Press {
    let mut tab = browser.clone();
    tab.get(path).await;
    Press {
        tab,
        button,
        values: &[],
    }
}

/// S23: of two tabs that choose, create or switch, one wins. Both end at its destination, signed in.
#[tokio::test]
async fn the_second_tab_ends_where_the_first_did() {
    let app = TestApp::start().await;
    let choosing = app.choosing("ada@acme.example").await;
    let member = app.signed_in("acme", "ada@acme.example").await;
    let frank = app.choosing("frank@startup.example").await;
    let organizations = || app.world.state()["organizations"].as_array().unwrap().len();
    let before = organizations();
    #[rustfmt::skip]
    let cases = [
        (&choosing, EXCHANGE, ["/organizations"; 2], ["Sign in to Acme Corp", "Sign in to O'Neil"], "/org/acme"),
        (&member, SWITCH, ["/organizations"; 2], ["Switch to O'Neil", "Switch to Initech"], "/org/oneil"),
        (&frank, CREATE, ["/create_org"; 2], ["Create organization"; 2], "/org/startup"),
    ];
    for (browser, call, paths, buttons, end) in cases {
        let first = tab(browser, paths[0], buttons[0]).await;
        let second = tab(browser, paths[1], buttons[1]).await;
        let [(_, first), (mut ada, second)] = two_tabs(&app, call, first, second).await;
        assert_eq!(first.location().path(), end);
        assert_eq!(second.status, 303, "{call}: {}", second.text());
        assert_eq!(second.location(), first.location(), "{call}");
        assert_eq!(second.header("set-cookie"), first.header("set-cookie"));
        assert_eq!(app.calls(call).len(), 1, "{call}");
        assert_eq!(ada.follow().await.status, 200);
        assert!(ada.page().text().contains("You are signed in"), "{call}");
    }
    assert_eq!(organizations(), before + 1);
}

/// S23: the same code in two tabs signs in once. The second tab gets no cookie, because a code proves more than the old
/// session id. The browser has the first tab's cookie already.
#[tokio::test]
async fn the_same_code_in_two_tabs_signs_in_once() {
    let app = TestApp::start().await;
    let ada = at_mfa(&app, "ada@acme.example").await;
    let code: &'static str = newest_code(&app.world).leak();
    let values: &'static [(&str, &str)] = vec![("code", code)].leak();
    let button = "Sign in with the SMS code";
    let mut press = Vec::new();
    for _ in 0..2 {
        let tab = tab(&ada, "/mfa", button).await;
        press.push(Press { values, ..tab });
    }
    let second = press.pop().unwrap();
    let first = press.pop().unwrap();
    let [(mut ada, first), (_, second)] = two_tabs(&app, AUTHENTICATE_SMS, first, second).await;
    assert_eq!(first.location().path(), "/org/initech");
    assert_eq!(second.location(), first.location());
    assert_eq!(second.header("set-cookie"), "");
    assert_eq!(app.calls(AUTHENTICATE_SMS).len(), 1);
    assert_eq!(ada.get("/member").await.status, 200);
}

/// S23: if Stytch refuses the request of the first tab, that of the second is sent.
#[tokio::test]
async fn after_a_refusal_the_request_of_the_second_tab_is_sent() {
    let app = TestApp::start().await;
    let ada = app.choosing("ada@acme.example").await;
    let rule = FaultKind::Error {
        status: 403,
        error_type: "operation_restricted_by_organization_auth_methods".into(),
        message: String::new(),
    };
    app.fault(EXCHANGE, rule);
    let mut both = Vec::new();
    for button in ["Sign in to Acme Corp", "Sign in to O'Neil"] {
        both.push(tab(&ada, "/organizations", button).await.start());
    }
    let mut statuses = Vec::new();
    for tab in both {
        statuses.push(within_limit(tab).await.unwrap().1.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 403]);
    assert_eq!(app.calls(EXCHANGE).len(), 2);
}

/// C16, S23: a callback that arrives while another tab's callback is at Stytch waits for it. It finishes if the other
/// one's verifier did not fit, and otherwise leads to the other one's destination. It is never unsolicited.
#[tokio::test]
async fn a_callback_waits_for_that_of_another_tab() {
    let app = TestApp::start().await;
    for is_latest_first in [false, true] {
        let mut ada = app.browser();
        let start = ["/start/google", "/start/google"];
        let [earlier, later] = super::tabs::callbacks(&mut ada, start).await;
        let urls = if is_latest_first {
            [later, earlier]
        } else {
            [earlier, later]
        };
        let hold = HeldRequest::new();
        app.fault(DISCOVERY, FaultKind::HoldAfter(hold.clone()));
        let open = |url: &url::Url| {
            let (mut tab, url) = (ada.clone(), url.to_string());
            tokio::spawn(async move { (tab.get(&url).await, tab) })
        };
        let first = open(&urls[0]);
        within_limit(hold.reached()).await;
        let requests = app.state.tasks.len();
        let second = open(&urls[1]);
        within_limit(async {
            while app.state.tasks.len() == requests {
                tokio::task::yield_now().await;
            }
        })
        .await;
        hold.release();
        let (first, mut tab) = within_limit(first).await.unwrap();
        let (second, other_tab) = within_limit(second).await.unwrap();
        assert_eq!(first.status, if is_latest_first { 303 } else { 400 });
        assert_eq!(second.location().path(), "/organizations");
        if is_latest_first {
            assert_eq!(
                second.header("set-cookie"),
                "",
                "a token proves more than the old id"
            );
        } else {
            tab = other_tab;
        }
        assert_eq!(tab.get("/organizations").await.status, 200);
    }
}

/// S1, S23: a stranger who planted the session id, and uses it during and after the visitor's sign-in, gets no session.
#[tokio::test]
async fn a_planted_id_gets_no_session() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let stranger = ada.clone();
    ada.go("ada@acme.example").await;
    let paths = ["/login/x", "/create_org", "/confirm", "/email/code", "/mfa"];
    for (n, path) in paths.iter().enumerate() {
        let mut stranger = stranger.clone();
        let fields = [("code", "1"), ("method", "sms")];
        let page = stranger.post(&format!("{path}?form_id={n}"), &fields).await;
        assert_eq!(page.location().path(), "/organizations", "{path}");
        assert_eq!(page.header("set-cookie"), "", "{path}");
        assert_eq!(stranger.get("/organizations").await.status, 400);
    }
    // Later steps require only the session that replaced it, and give the stranger none either.
    ada.go("Sign in to Acme Corp").await;
    let page = stranger.clone().post("/login/x?form_id=y", &[]).await;
    assert_eq!(page.header("set-cookie"), "");
    app.advance_app(60);
    let page = stranger.clone().post("/login/x?form_id=z", &[]).await;
    assert_eq!(page.status, 400, "forgotten after a minute");
    assert_eq!(ada.get("/member").await.status, 200);
}

/// S23: a tab that sends its form after the session has changed twice is led to the current page.
#[tokio::test]
async fn a_late_tab_is_led_to_the_current_page() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let late = tab(&ada, "/organizations", "Sign in to Acme Corp").await;
    ada.go("Sign in to Acme Corp").await;
    ada.go("Switch organization").await;
    ada.go("Switch to O'Neil").await;
    let (late, page) = late.start().await.unwrap();
    assert_eq!(page.location().path(), "/org/oneil");
    assert_eq!(late.cookie(), ada.cookie());
}
