//! HTTP: from a connection to a handler and back.

/// A request of a browser to one of the vendor's URLs.
mod browser_call;
/// A call of the server API: logged, spoiled if the fault script says so, run under the world's lock.
mod call;
/// What the log of a world says of calls.
mod call_log;
/// Accepting connections and ending promptly.
mod connections;
/// Sends the deliveries of webhooks.
mod courier;
/// One request from its first byte to its answer.
mod handle;
/// Responses of faults that prevent a call.
mod instead;
/// The sockets.
pub mod listeners;
/// Work away from the threads that serve connections.
mod off_thread;
/// Places for connections, of which there are so many.
mod places;
/// One attempt to deliver a webhook.
mod post;
/// One line of the program's log for each request.
mod request_log;
/// The URLs that are the sandbox's own.
mod routes;
/// Damages responses, for faults.
mod spoil;
/// A connection that fails when its client stops reading.
mod write_timeout;
