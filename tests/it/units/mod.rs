//! Parts of the app that need no server.

mod client;
mod gmail;
mod initial;
mod language;
mod memory_store;
mod names;
mod pasted;
mod renewals;
mod return_path;
mod state;
mod suggestions;
mod times;
