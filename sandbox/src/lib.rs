//! A local Stytch B2B: a stand-in for `https://test.stytch.com` that runs in this process or alone
//! (`stytch-sandbox`), for trying an app without an account and for tests without a network.
//!
//! It is honest where the vendor's behaviour is known, and stricter, never laxer, where it is not. It shares no
//! type with the app: what it reads and writes is the vendor's JSON, so a misspelt field fails.
//!
//! In reading order:
//!
//! - `server/routes.rs`: every URL
//! - `public/`: what a browser opens: OAuth start, the consent page, the way back to the app
//! - `api/`: the server API, one file per resource
//! - `rules/`: who may go where
//! - `state.rs`, `organization.rs`, `member.rs`, `session.rs`, `people.rs`: what a world contains
//! - `seed.rs`: what a world begins with; `seed/default.toml` is the built-in cast
//! - `world.rs`, `rewind.rs`, `faults.rs`, `hold.rs`, `calls.rs`: what a test in this process can do
//! - `control/`: the same over HTTP; `console/`: what a person needs of it, as pages
//!
//! Each project is a world of its own: organizations, members, people, sessions, clock, faults and call log.

mod api;
mod console;
mod control;
mod model;
mod public;
mod rules;
mod seed;
mod server;
pub mod support;
mod world;

pub use crate::{
    model::{
        calls::Call,
        faults::{Fault, FaultKind},
        hold::Hold,
        inbox::{Channel, Message},
        project::{Credentials, RedirectUrls},
    },
    rules::approve::{Approval, Approved, Flow},
    seed::{Cast, Mistake, Seed, SeedMistakes},
    server::hosts::host_name,
    world::{
        World,
        local_only::{Refusal, Refused, may_start},
        sandbox::{Options, Sandbox},
    },
};
