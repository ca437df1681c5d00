//! A local Stytch B2B: a replacement for `https://test.stytch.com` that runs in this process or alone
//! (`stytch-sandbox`), for trying an app without an account and for tests without a network.
//!
//! It behaves as the vendor does where the vendor's behavior is known, and more strictly, never less, where it is not.
//! It shares no type with the app: it reads and writes the vendor's JSON, so a misspelled field fails.
//!
//! The modules are layers, from top to bottom; imports go down only (`tests/it/layers.rs`):
//!
//! - `server/`: connections, the sandbox's own URLs, the log of calls, faults on the wire
//! - `console/`: pages for people
//! - `control/`: JSON for tests
//! - `support/`: the vendor's URLs, each with its differences and its test
//! - `sdk/`: the API of the browser SDK
//! - `api/`, `public/`: the server API; what browsers open
//! - `http/`: requests, answers, authentication, matching of URLs
//! - `world/`: one world and what a test in this process can do with it; all worlds of a sandbox
//! - `seed/`: what a world begins with; `seed/default.toml` is the built-in cast
//! - `rules/`: who may go where
//! - `model/`: the plain data of a world
//!
//! Each project is a world of its own: organizations, members, people, sessions, clock, faults and call log.

#![warn(clippy::use_self)]

mod api;
mod console;
mod control;
mod http;
mod model;
mod public;
mod rules;
mod sdk;
mod seed;
mod server;
pub mod support;
mod world;

pub use crate::{
    http::{
        hosts::{host_name, public_url},
        origins::origin,
    },
    model::{
        calls::Call,
        faults::{Fault, FaultKind},
        held_request::HeldRequest,
        inbox::{Channel, Message},
        limits::Limits,
        password_settings::{PasswordSettings, StrengthPolicy},
        policy::Policy as RbacPolicy,
        project::{Credentials, Locks, ProjectSettings, RedirectUrls, redirect_url},
    },
    rules::approve::{Approval, Approved, Flow},
    seed::{Mistake, Seed, SeedMistakes, cast::Cast},
    server::listeners::Listeners,
    world::{
        World,
        keeper::StateKeeper,
        local_only::{Refusal, Refused, may_start},
        sandbox::{Options, Sandbox},
        worlds::Taken,
    },
};
