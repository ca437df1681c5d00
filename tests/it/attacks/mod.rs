//! Rows of `docs/threats.md` about attackers, and about browsers in normal use.

mod at_once;
mod callback;
mod cookies;
mod duplicates;
mod floods;
mod guessing;
mod large_sessions;
mod lookups;
mod many_organizations;
mod names;
mod organizations;
mod return_path;
mod session;
mod several_links;
mod shared_limits;
mod sign_out;
mod tabs;
mod unwanted_emails;
mod web;
