//! The sandbox over real HTTP. The tests share nothing with it except its public API: bodies are plain JSON.
//!
//! `sdk*` and `conformance` run the vendor's own SDKs against it.

mod access;
mod acting;
mod acting_on_members;
mod command_line;
mod conformance;
mod consent;
mod consent_more;
mod console;
mod control;
mod create;
mod email_otps;
mod exchange;
mod faults;
mod inbox;
mod invites;
mod joining;
mod layers;
mod listing;
mod local_only;
mod magic_links;
mod member_search;
mod member_update;
mod members;
mod oauth;
mod oauth_providers;
mod one_time;
mod organizations;
mod person_form;
mod program;
mod properties;
mod public_url;
mod random_steps;
mod rbac;
mod reference;
mod revoke;
mod sdk;
mod sdk_accounts;
mod sdk_factors;
mod search;
mod seed;
mod session_exchange;
mod session_list;
mod sessions;
mod shapes;
mod sms_otps;
mod sso;
mod sso_start;
mod start;
mod step_up;
mod support;
mod totps;
mod worlds;

mod lab;
