//! The three credentials of a project, from the dashboard's API keys page.

use std::collections::HashSet;

use uuid::Uuid;

use super::Reader;
use crate::stytch::Credentials;

const NAMES: [&str; 3] = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_PUBLIC_TOKEN"];

impl Reader<'_> {
    /// The credentials, if all three are set. Setting only some of them is an error.
    pub(super) fn credentials(&mut self) -> Option<Credentials> {
        let values = NAMES.map(|name| self.get(name));
        if values.iter().all(Option::is_none) {
            return None;
        }
        for (name, value) in NAMES.iter().zip(&values) {
            if value.is_none() {
                self.wrong(format!("{name} is missing: set all three STYTCH_ credentials, from the dashboard's API keys page, or none"));
            }
        }
        let [project_id, secret, public_token] = values.map(Option::unwrap_or_default);
        let ids = [
            (NAMES[0], &project_id, "project-"),
            (NAMES[2], &public_token, "public-token-"),
        ];
        for (name, value, prefix) in ids {
            self.check_format(name, value, prefix, |rest| Uuid::try_parse(rest).is_ok());
        }
        let is_long = |rest: &str| rest.len() >= 8;
        let is_secret = self.check_format(NAMES[1], &secret, "secret-", is_long);
        if is_secret && !secret.ends_with(|c: char| c.is_alphanumeric() || "-_=".contains(c)) {
            self.wrong("STYTCH_SECRET ends with a character that is not part of a secret, such as a semicolon: remove it".to_owned());
        }
        let all = [&project_id, &secret, &public_token];
        let is = |kind: &str| all.iter().any(|value| environment(value) == Some(kind));
        if is("test") && is("live") {
            self.wrong("the STYTCH_ credentials mix the test and the live environment".to_owned());
        }
        Some(Credentials::new(project_id, secret, public_token))
    }

    /// Returns `false` if the value is missing or does not have the expected form, which is an error.
    fn check_format(
        &mut self,
        name: &str,
        value: &str,
        prefix: &str,
        is_well_formed: impl Fn(&str) -> bool,
    ) -> bool {
        let rest = ["test-", "live-"]
            .into_iter()
            .find_map(|kind| value.strip_prefix(prefix)?.strip_prefix(kind));
        let is_good = rest.is_some_and(|rest| !is_placeholder(rest) && is_well_formed(rest));
        if !value.is_empty() && !is_good {
            let what = if prefix == "secret-" { "…" } else { "<UUID>" };
            self.wrong(format!("{name} does not look like {prefix}test-{what} or {prefix}live-{what}: copy it from the dashboard's API keys page"));
        }
        is_good
    }
}

/// The environment of a value, by its prefix: `test` or `live`.
fn environment(value: &str) -> Option<&'static str> {
    let is = |kind: &&str| {
        ["project-", "secret-", "public-token-"]
            .iter()
            .any(|prefix| value.starts_with(&format!("{prefix}{kind}-")))
    };
    ["test", "live"].into_iter().find(is)
}

/// Whether a value is a placeholder, as documentation and people write it: dots, brackets, a word, or one or two
/// characters repeated. A random value never looks like that.
fn is_placeholder(rest: &str) -> bool {
    let words = [
        "...", "…", "<", ">", "your-", "your_", "changeme", "example",
    ];
    let letters = rest.chars().filter(char::is_ascii_alphanumeric);
    let distinct: HashSet<char> = letters.collect();
    let small = rest.to_ascii_lowercase();
    distinct.len() < 3 || words.iter().any(|word| small.contains(word))
}
