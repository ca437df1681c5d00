//! Every case: each cell of the table of outcomes. Each provider has a case in each of its flows that ends well. Errors
//! look the same with every provider, so their cases alternate between the providers.

use super::{
    columns::Flow,
    rows::{GOOD_OUTCOMES, ROWS, Row, Trouble},
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
    /// The name of an outcome that is not an error.
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
    /// Name of the case in reports of failures.
    pub fn name(&self) -> String {
        self.values().join(" × ")
    }

    /// Its values, as names that differ from those of any other factor.
    pub fn values(&self) -> Vec<String> {
        vec![
            format!("{:?}", self.flow),
            format!("by {}", self.way.provider),
            self.outcome.name().to_owned(),
        ]
    }
}

/// All cases that a browser can reach.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, flows) in GOOD_OUTCOMES {
        add(&mut cases, Outcome::Fine(name), flows);
    }
    for row in ROWS {
        add(&mut cases, Outcome::Trouble(row), row.flows);
    }
    cases
}

fn add(cases: &mut Vec<Case>, outcome: Outcome, flows: &[Flow]) {
    for &flow in flows {
        let mut ways = ways::of(flow, outcome);
        ways.retain(|way| ways::out_of_reach(flow, *way, outcome).is_none());
        if let Outcome::Trouble(row) = outcome
            && !matches!((row.trouble)(flow), Trouble::Cancel)
        // Cancel is a button of each provider's own page.
        {
            // Number of this flow's cases so far, which selects the next provider.
            let turn = cases.iter().filter(|it| it.flow == flow).count() % ways.len();
            ways = vec![ways[turn]];
        }
        cases.extend(ways.into_iter().map(|way| Case { flow, way, outcome }));
    }
}
