//! The HTTP server, from connections to handlers.

/// Requests of browsers.
mod browser_call;
/// Calls of the server API.
mod call;
/// The log of calls of a world.
mod call_log;
/// Accepts connections.
mod connections;
/// Sends the deliveries of webhooks.
mod courier;
/// Handles one request.
mod handle;
/// Responses of faults that prevent a call.
mod instead;
/// The sockets on which a sandbox listens.
pub mod listeners;
/// The limit of open connections.
mod places;
/// One attempt to deliver a webhook.
mod post;
/// The program's log, with one line for each request.
mod request_log;
/// The sandbox's own URLs.
mod routes;
/// Changes responses, for faults.
mod spoil;
/// A timeout for clients that stop reading.
mod write_timeout;
