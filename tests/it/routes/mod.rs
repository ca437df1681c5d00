//! Each flow, as a person clicks through it.

mod changed_factors;
mod confirm;
mod create_org;
mod discovery;
pub mod email;
mod email_limits;
mod field_errors;
mod folded;
mod jit;
pub mod joining;
mod locales;
mod login;
pub mod mfa;
mod mfa_enrollment;
mod org;
mod pages;
mod provider;
mod session;
mod sso;
pub mod step_up;
mod switch;
