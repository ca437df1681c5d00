//! One binary, so that the suite links once. Tests of handlers mirror `src/routes`; `attacks` and `faults` follow the
//! rows of `docs/threats.md`, which names the tests of each row; `sandbox` and `sdk*` prove the sandbox.

mod attacks;
mod faults;
mod model;
mod outcomes;
mod routes;
mod rules;
mod sandbox;
mod sdk;
mod sdk_accounts;
mod sdk_factors;
mod support;
