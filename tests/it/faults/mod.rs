//! What breaks outside of us: the vendor, the network, the configuration.

mod config;
mod jwt;
mod logs;
mod process;
mod renewal;
mod store;
mod vendor;
