//! What a world keeps for the factors besides OAuth: the inbox, links and codes on their way, authenticator apps,
//! SSO connections. One value in [`super::state::State`], under its lock.

/// Six-digit codes that were sent.
pub mod codes;
/// The e-mails and SMS that the vendor would have sent.
pub mod inbox;
/// Links that were sent.
pub mod links;
/// Members locked after wrong codes.
pub mod locks;
/// QR codes as PNG.
pub mod qr;
/// SSO connections and the people of a stand-in IdP.
pub mod sso;
/// Codes by SMS.
pub mod texts;
/// Authenticator apps and recovery codes.
pub mod totp;

use std::collections::HashMap;

use time::OffsetDateTime;

use codes::{Code, Recipient};
use inbox::Inbox;
use links::Link;
use sso::{Account, SsoToken};
use totp::Totp;

use super::public::sso_request::SsoRequest;

/// All of it.
#[derive(Clone, Default)]
pub struct Factors {
    pub inbox: Inbox,
    /// By the token in the link.
    pub links: HashMap<String, Link>,
    /// The latest code of everybody who got one.
    pub codes: HashMap<Recipient, Code>,
    /// By member id.
    pub totps: HashMap<String, Totp>,
    /// How many wrong codes in a row, by member id.
    pub wrong_codes: HashMap<String, u32>,
    /// When a lock ends, by member id.
    pub locks: HashMap<String, OffsetDateTime>,
    /// People who were added on an IdP's page.
    pub accounts: Vec<Account>,
    /// Requests to sign in through a connection, by id.
    pub sso_requests: HashMap<String, SsoRequest>,
    /// Tokens on their way to the app.
    pub sso_tokens: HashMap<String, SsoToken>,
}
