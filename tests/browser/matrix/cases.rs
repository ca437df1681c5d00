//! Every case: each cell of the table of outcomes. Each provider is in each of its flows, where nothing goes wrong; what
//! goes wrong looks the same by each provider, so those cells take turns with the providers.

use super::{
    columns::Flow,
    rows::{ARMS, ROWS, Row, Trouble},
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
        let mut ways = ways::of(flow, outcome);
        ways.retain(|way| ways::out_of_reach(flow, *way, outcome).is_none());
        if let Outcome::Trouble(row) = outcome
            && !matches!((row.trouble)(flow), Trouble::Cancel)
        // pressed on the provider's own page
        {
            // The number of this flow's cases so far: the next provider's turn.
            let turn = cases.iter().filter(|it| it.flow == flow).count() % ways.len();
            ways = vec![ways[turn]];
        }
        cases.extend(ways.into_iter().map(|way| Case { flow, way, outcome }));
    }
}
