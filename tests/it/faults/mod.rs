//! What breaks outside of us: the vendor, the network, the configuration.

mod config;
mod logs;
mod process;
mod vendor;
