//! The API of the vendor's browser SDK, `/sdk/v1/…`. It uses the handlers of the server API, with the rights of the
//! signed-in member instead of the project's.
//!
//! The formats are from the SDK's source, because the vendor documents them nowhere else.

/// Settings for browsers, and events.
pub mod bootstrap;
/// Translation of the SDK's calls into calls of the server API.
pub mod call;
/// Identification of the project and the session.
pub mod caller;
/// The pages that may call (CORS).
pub mod cors;
/// Lookups for anyone.
pub mod look_ups;

pub use self::call::SdkCall;
