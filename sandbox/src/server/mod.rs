//! HTTP: from a connection to a handler and back.

/// Answers: JSON, pages, redirects.
pub mod answer;
/// Which project a request is of, and whether it may speak for it.
pub mod auth;
/// A call of the server API: logged, spoiled if the fault script says so, run under the world's lock.
pub mod call;
/// Accepting connections and ending promptly.
pub mod connections;
/// One request from its first byte to its answer.
pub mod handle;
/// Under which names the sandbox answers.
pub mod hosts;
/// Finding the route of a path.
pub mod matching;
/// A request of the server API, with readers for its fields.
pub mod request;
/// Every URL, with its method and handler.
pub mod routes;
/// Spoiled answers, for the fault script.
pub mod spoil;
