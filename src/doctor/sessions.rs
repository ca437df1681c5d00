//! Checks of the session length and of the session store.

use super::report::Report;
use crate::{
    config::{Config, SessionStore},
    session::store::{FULL, Readiness, Store},
};

/// The API does not return the maximum session duration that is set in the dashboard. Stytch refuses a longer one only
/// at a sign-in.
pub fn minutes(report: &mut Report, config: &Config, is_sandbox: bool) {
    let minutes = config.session_minutes;
    if is_sandbox {
        report.ok(
            "session_minutes",
            format!("{minutes} minutes; the sandbox has no maximum of its own"),
        );
    } else {
        report.cannot_tell(
            "session_minutes",
            format!(
                "only a sign-in can show whether {minutes} minutes are allowed: compare SESSION_MINUTES with the maximum in \
                 the dashboard"
            ),
        );
    }
}

/// Checks the store, with every command that a sign-in needs.
pub async fn store(report: &mut Report, config: &Config, store: &Store) {
    const NAME: &str = "session_store";
    if matches!(config.session_store, SessionStore::Memory { .. }) {
        return report.ok(NAME, "in memory: sessions end when the app stops");
    }
    match store.ready().await {
        Ok(Readiness::Ready) => {}
        Ok(Readiness::Full) => return report.wrong(NAME, FULL),
        Err(error) => {
            return report.wrong(
                NAME,
                format!("Redis does not do what a sign-in needs: {error}. Check SESSION_STORE, its user and password, and the commands that this user may run"),
            );
        }
    }
    match store.memory_advice().await {
        Ok(advice) if advice.is_empty() => report.ok(NAME, "Redis does what a sign-in needs"),
        Ok(advice) => {
            for line in advice {
                report.wrong(NAME, line);
            }
        }
        Err(error) => report.cannot_tell(NAME, format!("Redis does what a sign-in needs, but does not tell maxmemory and maxmemory-policy: {error}")),
    }
}
