//! Who may go where: the vendor's rules of fact sheet §7, in the order in which a login meets them.

/// With whose rights a call is made.
pub mod acting;
/// What discovery lists.
pub mod discovery;
/// What is still missing before a session: primary step-up, MFA.
pub mod due;
/// Entering an organization: the one place where members join and sessions begin.
pub mod entry;
/// Roles by the domain of the address.
pub mod roles;
/// Member, or allowed to join, or neither.
pub mod standing;
