//! `RUST_LOG`: the log filter, in the syntax of `tracing-subscriber`.

use std::str::FromStr;

use tracing_subscriber::{
    EnvFilter,
    filter::{Directive, LevelFilter},
};

use super::Reader;

/// Crates that the filter may name without a level. Any other single word is treated as a misspelled level, because as
/// a target it would turn off all other logs.
const CRATES: [&str; 9] = [
    "stytch_b2b_axum",
    "stytch_sandbox",
    "tower_sessions",
    "tower_sessions_core",
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "redis",
];

/// Added if `RUST_LOG` does not name tower-sessions, which warns about each cookie of an expired session. These are
/// normal.
const QUIET: &str = "tower_sessions=error,tower_sessions_core=error";

/// Log filter for a value of `RUST_LOG`. It is `info` if the value is missing or invalid.
/// [`super::Config::from_values`] reports an invalid one.
pub fn log_filter(value: Option<&str>) -> EnvFilter {
    let asked = match value.unwrap_or_default().trim() {
        "" => "info",
        asked if mistake(asked).is_some() => "info",
        asked => asked,
    };
    let is_off = asked.eq_ignore_ascii_case("off");
    if is_off || asked.contains("tower_sessions") {
        return EnvFilter::new(asked);
    }
    EnvFilter::new(format!("{asked},{QUIET}"))
}

impl Reader<'_> {
    pub(super) fn check_log_filter(&mut self) {
        let value = self.get("RUST_LOG");
        if let Some(directive) = value.as_deref().and_then(mistake) {
            self.wrong(format!(
                "RUST_LOG: {directive:?} is neither a level nor a target: write off, error, warn, info, debug or trace, or a target with a level like stytch_b2b_axum=debug, separated by commas"
            ));
        }
    }
}

/// The first invalid directive.
fn mistake(filter: &str) -> Option<&str> {
    let mut directives = filter.split(',').map(str::trim);
    directives.find(|directive| !directive.is_empty() && !is_directive(directive))
}

fn is_directive(directive: &str) -> bool {
    if Directive::from_str(directive).is_err() {
        return false;
    }
    let is_level = |text: &str| !text.is_empty() && LevelFilter::from_str(text).is_ok();
    match directive.rsplit_once('=') {
        // A span, perhaps with fields: `[request{id=…}]=debug`.
        _ if directive.contains('[') => true,
        Some((target, level)) => !target.is_empty() && is_level(level),
        None => {
            let root = directive.split("::").next().unwrap_or_default();
            is_level(directive) || CRATES.contains(&root)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P12
    #[test]
    fn a_person_can_turn_tower_sessions_on() {
        for (asked, quiet) in [
            ("", true),
            (" ", true),
            ("info", true),
            ("debug,hyper=off", true),
            ("info,tower_sessions_core=warn", false),
            ("off", false),
        ] {
            let filter = log_filter(Some(asked)).to_string();
            let has = filter.contains("tower_sessions_core=error");
            assert_eq!(has, quiet, "{asked:?}: {filter}");
        }
        let unset = log_filter(None).to_string();
        assert!(unset.contains("info") && unset.contains("tower_sessions=error"));
    }
}
