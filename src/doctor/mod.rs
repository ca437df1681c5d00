//! `stytch-b2b-axum doctor`: checks this app's configuration, its Stytch project and its session store, and says how to
//! fix what is wrong. It only reads, and does not create a member, a session or an email.

mod ask;
mod project;
mod report;
mod sessions;
mod start_urls;

use std::time::Duration;

use url::Url;

use self::ask::Ask;
pub use self::{
    ask::Project,
    report::{Check, Outcome, Report},
};
use crate::{config::Config, session::store::Store};

/// Time limit for a response. It is longer than the app's own, to distinguish a slow Stytch from one that is down.
const DEADLINE: Duration = Duration::from_secs(10);

/// Whether a sandbox responds at this origin.
pub async fn sandbox_responds(url: &Url) -> bool {
    let health = url.join("/_sandbox/health").expect("an origin and a path");
    let Ok(mut ask) = Ask::new(DEADLINE) else {
        return false;
    };
    ask.get(health)
        .await
        .is_ok_and(|response| response.status.is_success())
}

/// Runs all checks in order. If a check depends on one that failed, it is reported as skipped.
///
/// # Errors
/// If the platform's TLS roots can't be read.
pub async fn examine(config: &Config, project: &Project, store: &Store) -> reqwest::Result<Report> {
    let mut report = Report::default();
    let mut ask = Ask::new(DEADLINE)?;
    let is_sandbox = config.stytch.is_sandbox();
    if project::connection(&mut report, &mut ask, project).await {
        let organization = project::credentials(&mut report, &mut ask, project).await;
        start_urls::check(&mut report, &mut ask, config, project, organization).await;
    } else {
        report.skipped("credentials", "Stytch does not respond");
        report.skipped("public_token", "Stytch does not respond");
    }
    sessions::minutes(&mut report, config, is_sandbox);
    sessions::store(&mut report, config, store).await;
    report.last_failure = ask.last_failure;
    Ok(report)
}
