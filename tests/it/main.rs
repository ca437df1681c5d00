//! One binary, so that the suite links once. Tests of handlers mirror `src/routes`; `attacks` and `faults` follow the
//! threat table, whose rows `tests/fixtures/threats.md` maps to test names. The sandbox's own tests are in `sandbox/tests`.

mod attacks;
mod faults;
mod model;
mod outcomes;
mod routes;
mod rules;
mod support;
