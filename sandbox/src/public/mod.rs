//! The URLs that a browser opens: start URLs, consent pages, and redirects to the app.
//! See `docs/stytch.md#start-urls`.

/// Page or JSON.
pub mod accept;
/// The consent page and its buttons.
pub mod consent;
/// A generated person.
pub mod generated_person;
/// The stand-in IdP and its buttons.
pub mod idp;
/// What the IdP's pages and the inbox show.
pub mod idp_pages;
/// Long lists: searched, a page at a time.
pub mod listing;
/// Where links in emails lead.
pub mod magic_link;
/// Names and addresses on pages.
pub mod names;
/// What the pages show.
pub mod pages;
/// Requests that wait on a page: found, checked, finished.
pub mod pending;
/// The form that adds a person.
pub mod person_form;
/// The keys with which apps check ID tokens.
pub mod provider_keys;
/// The start of SSO, at the app and at the IdP.
pub mod sso_start;
/// The start endpoints.
pub mod start;
