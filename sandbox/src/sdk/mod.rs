//! The API of the vendor's browser SDK, `/sdk/v1/…`: the handlers of the server API, with the rights of the member who is
//! signed in instead of those of the project.
//!
//! The shapes are those of the SDK's own source, since the vendor describes them nowhere else.

/// Settings for the browser, and events.
pub mod bootstrap;
/// A call of the SDK as one of the server API.
pub mod call;
/// The project and the session of a call.
pub mod caller;
/// Which pages may call.
pub mod cors;
/// What anyone may look up.
pub mod look_ups;

pub use self::call::SdkCall;
