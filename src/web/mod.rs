//! Middleware layers and the server. There is one file per layer, and each layer takes what it needs as an argument or a
//! field. [`around`] is the trait of layers that do not wait. [`crate::app`] adds them in the right order.

pub mod around;
pub mod assets;
mod connections;
pub mod csrf;
pub mod detached;
pub mod headers;
pub mod host;
pub mod inspector;
pub mod language;
pub mod mount;
pub mod one_at_a_time;
pub mod replay;
pub mod request_id;
pub mod server;
pub mod session_cookie;
pub mod site;
pub mod speculation;
pub mod whole_body;
mod write_timeout;
