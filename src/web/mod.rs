//! What happens to every request, whatever its handler: one layer a file. Their order stands in [`crate::app`].

pub mod assets;
pub mod cookie;
pub mod csrf;
pub mod detached;
pub mod error_page;
pub mod headers;
pub mod host;
pub mod language;
pub mod once;
mod patience;
pub mod request_id;
pub mod server;
pub mod speculation;
pub mod whole_body;
