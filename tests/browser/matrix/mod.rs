//! The browser matrix: each flow with each outcome of the table of outcomes and with each provider, in a real Chromium.
//! [`variants`] assigns each case a way to view and use the app, so that every two values of any two factors occur
//! together. The last page of each outcome is checked in every width and look.

mod cases;
mod checks;
mod chromium;
mod input;
mod pictures;
mod steps;
mod tab;
mod variants;
mod ways;

#[allow(dead_code, reason = "the other test binary uses the rest")]
#[path = "../../it/outcomes/columns.rs"]
mod columns;
#[path = "../../it/outcomes/rows.rs"]
mod rows;
#[path = "../../it/outcomes/rules.rs"]
mod rules;

use std::{
    any::Any,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use self::{
    cases::{Case, Outcome},
    checks::Checks,
    chromium::Chromium,
    columns::Flow as F,
    rows::{Row, Trouble},
    tab::Tab,
    variants::{Input, Look, Script, Variant},
};
use crate::{
    neighbor,
    support::{TestApp, app::Setup},
};

/// Concurrent cases. There are two cores, and a browser waits for its network half of the time.
const AT_ONCE: usize = 4;

/// Time limit of a case, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// `MATRIX='Sso × by Globex Okta'` runs only the cases whose name contains these words.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium: tests/run"]
async fn every_outcome() {
    let cases = cases::all();
    let values: Vec<Vec<String>> = cases.iter().map(Case::values).collect();
    let variants = variants::assign(&values);
    let only = std::env::var("MATRIX").unwrap_or_default();
    let chromium = Arc::new(Chromium::start().await);
    let checks = Arc::new(Checks::new());
    let started = Instant::now();
    let cases = cases.into_iter().zip(variants);
    let cases = cases.filter(|(case, variant)| name(case, *variant).contains(&only));
    let cases: Vec<(Case, Variant)> = cases.collect();
    let count = cases.len();
    let outcomes = cases.iter().map(|(case, _)| case.outcome.name()).collect();
    let queue = Arc::new(Mutex::new(cases.into_iter()));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        workers.spawn(work(queue.clone(), chromium.clone(), checks.clone()));
    }
    let wrong = workers.join_all().await.concat();
    let seconds = started.elapsed().as_secs();
    let (pages, looked_at) = (checks.pages.load(Ordering::Relaxed), checks.looked_at());
    println!("{count} cases, {pages} pages, {looked_at} checked by axe, in {seconds} s");
    assert!(count > 0, "no case has {only:?} in its name");
    let number = wrong.len();
    assert!(
        wrong.is_empty(),
        "{number} of {count} cases:\n{}",
        wrong.join("\n")
    );
    let not_shown = checks.not_shown(&outcomes);
    assert_eq!(not_shown, 0, "each outcome in each width and look");
}

/// The message of a panic.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()))
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

fn name(case: &Case, variant: Variant) -> String {
    format!("{} × {}", case.name(), variant.values().join(" × "))
}

/// Runs one case after another in one tab. Returns the names of those that fail, with the reasons.
async fn work(
    queue: Arc<Mutex<impl Iterator<Item = (Case, Variant)> + Send>>,
    chromium: Arc<Chromium>,
    checks: Arc<Checks>,
) -> Vec<String> {
    let mut tab = None;
    let mut wrong = Vec::new();
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((case, variant)) = next else {
            return wrong;
        };
        let (chromium, checks) = (chromium.clone(), checks.clone());
        let used: Option<Tab> = tab.take();
        let run = tokio::spawn(async move {
            let mut tab = match used {
                Some(tab) => tab.next(variant).await,
                None => Tab::open(&chromium, variant).await.checked(checks.clone()),
            };
            run(&case, &tab).await;
            checks.outcome(case.outcome.name(), &mut tab).await;
            tab
        });
        let stop = run.abort_handle();
        let reason = match tokio::time::timeout(PATIENCE, run).await {
            Ok(Ok(done)) => {
                tab = Some(done);
                continue;
            }
            Ok(Err(error)) => words(&*error.into_panic()),
            Err(_) => format!("not completed within {PATIENCE:?}"),
        };
        stop.abort();
        wrong.push(format!("{}\n    {reason}", name(&case, variant)));
    }
}

async fn run(case: &Case, tab: &Tab) {
    let is_silent = |row: &Row| matches!((row.trouble)(case.flow), Trouble::Silent);
    let waits = matches!(case.outcome, Outcome::Trouble(row) if is_silent(row));
    let app = TestApp::with(Setup {
        // Only a case that waits for a silent Stytch needs a short deadline.
        deadline: waits.then_some(Duration::from_secs(2)),
        ..Setup::default()
    })
    .await;
    steps::begin(case, &app, tab).await;
    match case.outcome {
        Outcome::Fine(name) => fine(case, name, &app, tab).await,
        Outcome::Trouble(row) => trouble(case, row, &app, tab).await,
    }
    tab.go_round().await;
}

async fn fine(case: &Case, name: &str, app: &TestApp, tab: &Tab) {
    let slug = case.way.slug;
    match name {
        rows::STEP_UP if !matches!(case.flow, F::Organization | F::Create) => {
            let allowed = match case.way.provider {
                "Microsoft" => "google_oauth",
                _ => "microsoft_oauth",
            };
            rules::want_another_first_factor(app, slug, allowed);
        }
        rows::MFA => rules::want_a_second_factor(app, slug),
        _ => {}
    }
    steps::finish(case, app, tab).await;
    let page = tab.ask("state()").await;
    let path = tab.evaluate("location.pathname").await;
    let path = path.as_str().unwrap();
    match name {
        rows::CHOICE => assert_eq!(path, "/organizations", "{page}"),
        rows::STEP_UP => assert_eq!(path, "/step_up", "{page}"),
        rows::MFA => assert_eq!(path, "/mfa", "{page}"),
        _ => assert!(path.starts_with("/org/") && path.ends_with(slug), "{page}"),
    }
    assert_eq!(page["status"], 200, "{page}");
    is_signed_in(app, tab, name == rows::DONE).await;
}

async fn trouble(case: &Case, row: &Row, app: &TestApp, tab: &Tab) {
    match (row.trouble)(case.flow) {
        Trouble::Cancel => tab.press_css("form[action$='/cancel'] button").await,
        Trouble::Query(query) => {
            let callback = format!("{}{}?{query}", app.url, case.flow.callback());
            tab.visit(callback).await;
        }
        trouble => {
            rules::arrange(trouble, case.flow, app);
            steps::finish(case, app, tab).await;
        }
    }
    let page = tab.ask("state()").await;
    assert_eq!(page["status"], row.status, "{page}");
    assert!(page["text"].as_str().unwrap().contains(row.words), "{page}");
    assert!(
        page["controls"].as_u64() > Some(1),
        "a way to continue: {page}"
    );
    let is_in = case.flow.is_signed_in() && row.status != 401;
    app.world.clear_faults();
    is_signed_in(app, tab, is_in).await;
}

/// A crash of the browser is reported at once: no command waits for its response.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium: tests/run"]
async fn a_crash_is_reported_at_once() {
    let chromium = Chromium::start().await;
    let call = async || chromium.call(None, "Browser.getVersion", json!({})).await;
    call().await.unwrap();
    chromium.crash();
    let error = call().await.unwrap_err();
    assert!(error.contains("the browser is gone"), "{error}");
}

/// Sends a request with the tab's own cookies.
async fn is_signed_in(app: &TestApp, tab: &Tab, expected: bool) {
    // Reading the certificates of this machine would take longer than everything else.
    let client = reqwest::Client::builder().tls_certs_only([]).build();
    let request = client.unwrap().get(format!("{}/member", app.url));
    let request = request.header("cookie", tab.cookies(&app.url).await);
    let status = request.send().await.unwrap().status();
    assert_eq!(status == 200, expected, "/member returns {status}");
}

/// Defects of a page are found, with scripts and without. Without scripts, none runs.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium: tests/run"]
async fn defects_of_a_page_are_found() {
    let chromium = Arc::new(Chromium::start().await);
    for (script, title) in [(Script::On, "on"), (Script::Off, "off")] {
        let variant = Variant {
            width: 320,
            look: Look::Light,
            script,
            input: Input::Keyboard,
        };
        for (body, found) in [
            ("<p>Good</p>", None),
            ("<img src='data:,'>", Some("image-alt")),
            ("<p style='width: 400px'>Wide</p>", Some("scrolls sideways")),
            (
                "<a href='/' style='outline: none'>Here</a>",
                Some("shows no focus"),
            ),
        ] {
            let page = format!(
                "<!doctype html><html lang=en><title>off</title><main><h1>Page</h1>{body}</main>\
                 <script>document.title = 'on'</script>"
            );
            let url = neighbor::serve("localhost", neighbor::page(page)).await;
            let checks = Arc::new(Checks::new());
            let tab = Tab::open(&chromium, variant).await.checked(checks);
            let look = tokio::spawn(async move {
                tab.visit(url).await;
                tab.go_round().await;
                assert_eq!(tab.evaluate("document.title").await, title);
            });
            let said = look.await.err().map(|error| words(&*error.into_panic()));
            let is_found = match (found, &said) {
                (Some(found), Some(said)) => said.contains(found),
                (found, said) => found.is_none() && said.is_none(),
            };
            assert!(is_found, "{script:?}, {body}: {said:?}");
        }
    }
}

/// Every two values of two factors occur together, and each flow, provider and outcome occurs with each value.
#[test]
fn every_pair_of_values_is_covered() {
    let cases: Vec<Vec<String>> = cases::all().iter().map(Case::values).collect();
    let given = variants::assign(&cases);
    assert_eq!(variants::missing(&cases, &given), []);
}

/// Every cell of the table is a case, except those that no browser can reach. Each exception is a cell of the table and
/// a way through its flow.
#[test]
fn every_cell_is_a_case() {
    let cases = cases::all();
    let arms = rows::GOOD_OUTCOMES.map(|(name, flows)| (name, flows));
    let troubles = rows::ROWS.iter().map(|row| (row.name, row.flows));
    for (name, flows) in arms.into_iter().chain(troubles) {
        for &flow in flows {
            let found = cases
                .iter()
                .any(|it| it.flow == flow && it.outcome.name() == name);
            assert!(found, "no browser reaches {flow:?} × {name}");
        }
    }
}

#[test]
fn every_provider_has_a_case_in_each_of_its_flows() {
    let cases = cases::all();
    for case in rows::ROWS.iter().flat_map(|row| {
        let outcome = Outcome::Trouble(row);
        let ways = move |&flow| {
            ways::of(flow, outcome)
                .into_iter()
                .map(move |way| (flow, way))
        };
        row.flows.iter().flat_map(ways)
    }) {
        let (flow, way) = case;
        let is_there = |it: &Case| it.flow == flow && it.way == way;
        assert!(cases.iter().any(is_there), "{flow:?} by {}", way.provider);
    }
}
