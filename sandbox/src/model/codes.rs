//! Six-digit codes sent by email or SMS.

use time::OffsetDateTime;

/// The person and purpose of a code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Recipient {
    /// The email sign-in of the member with this id.
    Email(String),
    /// The second factor of the member with this id.
    Sms(String),
    /// Discovery by this address, in lowercase.
    Discovery(String),
}

impl Recipient {
    /// Whether the code is sent by email.
    pub fn is_by_email(&self) -> bool {
        match self {
            Self::Email(_) | Self::Discovery(_) => true,
            Self::Sms(_) => false,
        }
    }
}

/// A code that was sent.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The address or number. If the member's changes, the code becomes invalid.
    pub to: String,
    pub digits: String,
    pub expires_at: OffsetDateTime,
    pub used: bool,
    pub wrong_guesses: u32,
}
