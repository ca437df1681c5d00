//! Runs every cell of the table of troubles.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{
    columns::{Flow, Flow as F},
    rows::{ROWS, Row, Trouble},
    rules::arrange,
};
use crate::support::{Browser, Page, TestApp, app::Setup};

/// Every (flow × trouble): status, text, a request id, and a way to continue. The trouble does not sign the visitor in,
/// and signs them out only if it must. If the form can be sent again, it works as soon as the trouble is over.
#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_has_its_page() {
    let mut running = JoinSet::new();
    for row in ROWS {
        for &flow in row.flows {
            running.spawn(cell(row, flow));
            if running.len() >= 8 {
                running.join_next().await.unwrap().unwrap();
            }
        }
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

async fn cell(row: &'static Row, flow: Flow) {
    let trouble = (row.trouble)(flow);
    // Only a case that waits for a silent Stytch needs a short deadline.
    let deadline = matches!(trouble, Trouble::Silent).then_some(Duration::from_secs(2));
    let app = TestApp::with(Setup {
        deadline,
        ..Setup::default()
    })
    .await;
    let mut browser = flow.begin(&app).await;
    let page = meet(trouble, flow, &app, &mut browser).await;
    let at = format!("{} × {flow:?}: {}", row.name, page.text());
    assert_eq!(page.status, row.status, "{at}");
    assert!(page.text().contains(row.words), "{at}");
    if row.status != 422 {
        assert!(page.text().contains("Request "), "a request id: {at}");
        assert!(page.controls().len() > 1, "a way to continue: {at}");
    }
    if let (403, Some(name)) = (row.status, flow.organization()) {
        assert!(page.text().contains(name), "the organization's name: {at}");
    }
    if matches!(trouble, Trouble::Busy(_)) {
        assert_eq!(page.header("retry-after"), "7", "{at}");
        // The input is kept, or one click starts the same again.
        if let Some(way) = flow.way_on() {
            page.action(way, &[]);
        }
    }
    if let (F::StepUpLink | F::StepUpProvider | F::StepUpSso, true) = (flow, row.status != 410) {
        let page = browser.get("/step_up").await;
        assert_eq!(page.status, 200, "the sign-in in progress is kept: {at}");
    }
    let ended = row.status == 401;
    let inside = browser.get("/member").await.status == 200;
    assert_eq!(inside, flow.is_signed_in() && !ended, "{at}");
    again(row, trouble, flow, &app, browser).await;
}

/// Arranges the trouble, and sends the last request.
async fn meet(trouble: Trouble, flow: Flow, app: &TestApp, browser: &mut Browser) -> Page {
    match trouble {
        Trouble::Cancel => {
            browser.click("Cancel").await;
            browser.follow().await
        }
        Trouble::Query(query) => browser.get(&format!("{}?{query}", flow.callback())).await,
        trouble => {
            arrange(trouble, flow, app);
            flow.finish(app, browser).await
        }
    }
}

/// A call without effect has spent nothing.
async fn again(row: &Row, trouble: Trouble, flow: Flow, app: &TestApp, mut browser: Browser) {
    let over =
        matches!(row.status, 401 | 410) || matches!(trouble, Trouble::Late(_) | Trouble::Elsewhere);
    let Some(form) = flow.form().filter(|_| !over) else {
        return;
    };
    app.world.clear_faults();
    let page = browser.get(form).await;
    assert_eq!(page.status, 200, "{} × {flow:?}: {}", row.name, page.text());
    flow.finish(app, &mut browser).await;
    let page = browser.arrive().await;
    assert_eq!(
        page.path(),
        flow.end(),
        "{} × {flow:?}: {}",
        row.name,
        page.text()
    );
}
