//! One binary, so that the suite links once. Tests of handlers mirror `src/routes`; `attacks` and `faults` follow the
//! rows of `docs/threats.md`, which names the tests of each row. The sandbox's own tests are in `sandbox/tests`.

mod attacks;
mod both_flows;
mod citations;
mod documented_urls;
mod embedding;
mod faults;
mod flows;
mod github;
mod inspector;
mod layers;
mod links;
mod model;
mod operating;
mod outcomes;
mod pages;
mod routes;
mod rules;
mod sleeps;
mod support;
mod units;
