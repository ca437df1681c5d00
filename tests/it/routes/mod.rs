//! Each flow as a person clicks through it.

mod confirm;
mod create_org;
mod discovery;
mod mfa;
mod org;
mod pages;
mod session;
mod sso;
