//! Every case: each cell of the table of outcomes, by each provider.

use super::{
    columns::Flow,
    rows::{ARMS, ROWS, Row},
    ways::{self, Way},
};

#[derive(Clone, Copy)]
pub struct Case {
    pub flow: Flow,
    pub way: Way,
    pub outcome: Outcome,
}

#[derive(Clone, Copy)]
pub enum Outcome {
    /// The name of one of the outcomes that are no trouble.
    Fine(&'static str),
    Trouble(&'static Row),
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fine(name) => name,
            Self::Trouble(row) => row.name,
        }
    }
}

impl Case {
    /// What a failure is called.
    pub fn name(&self) -> String {
        self.values().join(" × ")
    }

    /// Its values, which are unlike those of any other factor.
    pub fn values(&self) -> Vec<String> {
        vec![
            format!("{:?}", self.flow),
            format!("by {}", self.way.provider),
            self.outcome.name().to_owned(),
        ]
    }
}

/// All that a browser can come to.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, flows) in ARMS {
        add(&mut cases, Outcome::Fine(name), flows);
    }
    for row in ROWS {
        add(&mut cases, Outcome::Trouble(row), row.flows);
    }
    cases
}

fn add(cases: &mut Vec<Case>, outcome: Outcome, flows: &[Flow]) {
    for &flow in flows {
        for way in ways::of(flow, outcome) {
            if ways::out_of_reach(flow, way, outcome).is_none() {
                cases.push(Case { flow, way, outcome });
            }
        }
    }
}
