//! The table in `docs/outcomes.md`, generated from the tables that the tests run.

use std::fmt::Write;

use super::{
    columns::Flow,
    rows::{GOOD_OUTCOMES, ROWS},
};

const BEGIN: &str =
    "<!-- outcomes: made by `OUTCOMES=write cargo test --test it outcomes::table` -->\n";
const END: &str = "<!-- /outcomes -->";

#[test]
fn the_document_lists_every_outcome() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outcomes.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (before, rest) = document
        .split_once(BEGIN)
        .expect("the beginning of the table in docs/outcomes.md");
    let (written, after) = rest
        .split_once(END)
        .expect("the end of the table in docs/outcomes.md");
    let made = table();
    if std::env::var("OUTCOMES").as_deref() == Ok("write") {
        std::fs::write(path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
    } else {
        assert!(
            written == made,
            "docs/outcomes.md is stale: OUTCOMES=write cargo test --test it outcomes::table"
        );
    }
}

/// Outcomes are rows, flows are columns, and each cell has the status of the response.
fn table() -> String {
    let mut text = "\n| Outcome |".to_owned();
    for flow in Flow::ALL {
        write!(text, " {} |", flow.name()).unwrap();
    }
    text.push_str("\n| --- |");
    text.push_str(&" --- |".repeat(Flow::ALL.len()));
    let arms = GOOD_OUTCOMES
        .iter()
        .map(|(name, flows)| (*name, 303, *flows));
    let troubles = ROWS.iter().map(|row| (row.name, row.status, row.flows));
    for (name, status, flows) in arms.chain(troubles) {
        write!(text, "\n| {name} |").unwrap();
        for flow in Flow::ALL {
            let cell = if flows.contains(&flow) {
                status.to_string()
            } else {
                String::new()
            };
            write!(text, " {cell} |").unwrap();
        }
    }
    text + "\n\n"
}
