//! A member's change of address that waits for the new address to be proved.

use time::OffsetDateTime;

/// A change of address that waits for a proof of the new one.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailUpdate {
    /// The new address, in lower case.
    pub email: String,
    /// Until when the address is kept for the member.
    pub expires_at: OffsetDateTime,
}
