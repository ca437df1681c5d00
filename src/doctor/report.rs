//! The result of each check, as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Name of the check, such as `redirect_url_discovery`.
    pub name: String,
    /// How it ended.
    pub result: Outcome,
    /// The result in words and, if something is wrong, how to fix it. One line.
    pub message: String,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Outcome {
    Ok,
    Wrong,
    CannotTell,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
    /// Status, `error_type`, message and `request_id` of Stytch's last failed response.
    pub last_failure: Option<String>,
}

impl Report {
    /// Whether something is wrong.
    pub fn is_wrong(&self) -> bool {
        self.checks.iter().any(|it| it.result == Outcome::Wrong)
    }

    /// One line for each check, and at the end the last failed response.
    pub fn text(&self) -> String {
        let widest = self.checks.iter().map(|it| it.name.len()).max();
        let widest = widest.unwrap_or_default();
        let mut text = String::new();
        for Check {
            name,
            result,
            message,
        } in &self.checks
        {
            let mark = match result {
                Outcome::Ok => "ok   ",
                Outcome::Wrong => "WRONG",
                Outcome::CannotTell => "?    ",
            };
            let _ = writeln!(text, "{mark}  {name:widest$}  {message}");
        }
        if let Some(failure) = &self.last_failure {
            let _ = writeln!(text, "\nLast failed response: {failure}");
        }
        text
    }

    /// `{"checks": [{"name", "result": "ok" | "wrong" | "cannot_tell", "message"}]}`
    pub fn json(&self) -> Value {
        json!({ "checks": self.checks })
    }

    pub(super) fn ok(&mut self, name: impl Into<String>, message: impl Into<String>) {
        self.add(name, Outcome::Ok, message);
    }

    pub(super) fn wrong(&mut self, name: impl Into<String>, message: impl Into<String>) {
        self.add(name, Outcome::Wrong, message);
    }

    pub(super) fn cannot_tell(&mut self, name: impl Into<String>, message: impl Into<String>) {
        self.add(name, Outcome::CannotTell, message);
    }

    /// The check was skipped, because an earlier one failed.
    pub(super) fn skipped(&mut self, name: impl Into<String>, because: &str) {
        self.cannot_tell(name, format!("not checked: {because}"));
    }

    fn add(&mut self, name: impl Into<String>, result: Outcome, message: impl Into<String>) {
        self.checks.push(Check {
            name: name.into(),
            result,
            message: message.into(),
        });
    }
}

/// The report about an invalid configuration, with which nothing else can be checked.
impl From<&crate::config::Mistakes> for Report {
    fn from(mistakes: &crate::config::Mistakes) -> Self {
        let mut report = Self::default();
        for mistake in &mistakes.0 {
            report.wrong("configuration", mistake);
        }
        report
    }
}
