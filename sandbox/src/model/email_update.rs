//! A member's change of address, pending until the new address is verified.

use time::OffsetDateTime;

/// A pending change of address.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailUpdate {
    /// The new address, in lowercase.
    pub email: String,
    /// Until this time, the address is reserved for the member.
    pub expires_at: OffsetDateTime,
}
