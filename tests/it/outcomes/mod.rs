//! Every way a login can go, times every way it can end. The tables here are run, and `docs/outcomes.md` is made from them.

mod arms;
mod columns;
mod flow;
mod meanings;
mod rows;
mod rules;
mod table;
mod troubles;
