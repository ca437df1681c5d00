//! The URLs that a browser opens: start URLs, consent pages, and redirects to the app.
//! See `docs/stytch.md#start-urls`.

/// The choice between a page and JSON.
pub mod accept;
/// The consent page and its buttons.
pub mod consent;
/// A generated person.
pub mod generated_person;
/// The simulated IdP and its buttons.
pub mod idp;
/// Content of the IdP's pages and of the inbox.
pub mod idp_pages;
/// Searchable lists with pages.
pub mod listing;
/// The redirect of links in emails.
pub mod magic_link;
/// Names and addresses on pages.
pub mod names;
/// Content of the pages.
pub mod pages;
/// Requests that wait on a page.
pub mod pending;
/// The form that adds a person.
pub mod person_form;
/// The keys for checking ID tokens.
pub mod provider_keys;
/// The start URLs of SSO, for starts at the app and at the IdP.
pub mod sso_start;
/// The start URLs of OAuth.
pub mod start;
