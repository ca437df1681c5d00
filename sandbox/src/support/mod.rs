//! What the sandbox has of the vendor's API, read from the URL table, so that it cannot say more than is there.
//!
//! `SUPPORT.md` of this package is this table; `tests/it/support.rs` fails when it is stale.

pub(crate) mod routes;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    http::route::Route,
    support::routes::{ENDPOINTS, Endpoint, Handler},
};

/// One endpoint of the vendor's and how far the sandbox has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The path with `{names}`.
    pub path: &'static str,
    /// How far.
    pub level: Level,
    /// In what it differs from the vendor, in a few words; `""` for nothing known.
    pub differs: &'static str,
    /// The module of `tests/it` that proves it; `""` for what is not there.
    pub test: &'static str,
}

/// How far the sandbox has an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As the vendor has it, as far as the vendor is known.
    Done,
    /// A part of it; `differs` says which.
    Partly,
    /// It answers 501 `sandbox_not_implemented`.
    Not,
}

impl Level {
    /// `done`, `partly` or `not`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Not => "not",
        }
    }
}

/// Every endpoint of the vendor's that the sandbox knows of, in the order of the URL table. What is not in it is
/// answered 404 `route_not_found`.
pub fn table() -> Vec<Support> {
    let row = |route: &Route<Endpoint>| {
        let Endpoint {
            handler,
            partly,
            differs,
            test,
        } = &route.handler;
        let level = match handler {
            Handler::Missing | Handler::MissingPublic => Level::Not,
            _ if *partly => Level::Partly,
            _ => Level::Done,
        };
        Support {
            method: route.method,
            path: route.path,
            level,
            differs,
            test,
        }
    };
    ENDPOINTS.iter().map(row).collect()
}

/// The table for programs: `{"endpoints": [{"method", "path", "support", "differs", "test"}]}`, `support` being
/// `done`, `partly` or `not`.
pub fn as_json() -> Value {
    let endpoints: Vec<Value> = table()
        .iter()
        .map(|it| {
            json!({
                "method": it.method,
                "path": it.path,
                "support": it.level.word(),
                "differs": it.differs,
                "test": it.test,
            })
        })
        .collect();
    json!({ "endpoints": endpoints })
}

/// The table for people, as `SUPPORT.md` holds it.
pub fn as_markdown() -> String {
    let table = table();
    let count = |level: Level| table.iter().filter(|it| it.level == level).count();
    let mut text = format!(
        "# What the sandbox has of Stytch B2B\n\n\
         Written by `support.rs` from the URL table; do not edit. After a change of the table:\n\
         `SUPPORT=write cargo test -p stytch-sandbox --test it support::`.\n\n\
         {} endpoints are done, {} partly, and {} answer 501 `sandbox_not_implemented`. Everything else answers the\n\
         vendor's 404 `route_not_found`. What differs in general stands in [DIFFERENCES.md](DIFFERENCES.md). *Test* is a\n\
         module of `tests/it`; those that are done are called by the vendor's Python and Node SDKs too\n\
         (`tests/it/conformance`).\n\n\
         | Endpoint | Support | Differs | Test |\n| --- | --- | --- | --- |\n",
        count(Level::Done),
        count(Level::Partly),
        count(Level::Not),
    );
    for it in &table {
        let proof = if it.test.is_empty() {
            String::new()
        } else {
            format!("`{}`", it.test)
        };
        let _ = writeln!(
            text,
            "| `{} {}` | {} | {} | {proof} |",
            it.method,
            it.path,
            it.level.word(),
            it.differs
        );
    }
    text
}
