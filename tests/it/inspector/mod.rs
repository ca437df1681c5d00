//! The inspector: "What just happened" at the end of each page.

mod flows;
mod list;
mod lives;
mod off;

use crate::support::{TestApp, app::Setup};

/// An app with the inspector.
async fn app() -> TestApp {
    TestApp::with(Setup {
        inspector: true,
        ..Setup::default()
    })
    .await
}

/// The stored lists, as JSON.
fn kept(app: &TestApp) -> Vec<String> {
    let values = app.state.store.values().into_iter();
    let lists = values.filter(|(key, _)| key == "inspector");
    lists.map(|(_, list)| list).collect()
}
