//! The sandbox over real HTTP. Nothing here is shared with it but its public API: bodies are plain JSON.

mod access;
mod acting;
mod consent;
mod control;
mod create;
mod email_otps;
mod exchange;
mod faults;
mod invites;
mod joining;
mod listing;
mod magic_links;
mod member_search;
mod member_update;
mod members;
mod oauth;
mod one_time;
mod organizations;
mod person_form;
mod program;
mod properties;
mod rbac;
mod reference;
mod revoke;
mod search;
mod session_list;
mod sessions;
mod shapes;
mod sms_otps;
mod start;
mod step_up;
mod support;
mod totps;
mod worlds;

pub mod lab;
