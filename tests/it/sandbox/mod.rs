//! The sandbox over real HTTP. Nothing here is shared with it but its public API: bodies are plain JSON.

mod access;
mod command_line;
mod consent;
mod consent_more;
mod console;
mod control;
mod create;
mod exchange;
mod faults;
mod joining;
mod listing;
mod oauth;
mod one_time;
mod person_form;
mod program;
mod revoke;
mod search;
mod seed;
mod sessions;
mod shapes;
mod start;
mod step_up;
mod worlds;

pub mod lab;
