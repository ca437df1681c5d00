//! Each flow as a person clicks through it.

mod confirm;
mod create_org;
mod discovery;
mod email;
mod jit;
pub mod joining;
pub mod mfa;
mod mfa_enrolment;
mod org;
mod pages;
mod provider;
mod session;
mod sso;
mod step_up;
mod switch;
