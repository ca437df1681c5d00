//! Every flow of a login with every outcome. The tests run these tables, and `docs/outcomes.md` is generated from them.

mod arms;
mod columns;
mod flow;
mod meanings;
mod rows;
mod rules;
mod table;
mod troubles;
