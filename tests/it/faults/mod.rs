//! What breaks outside of us: the vendor, the network, the configuration.

mod config;
mod instances;
mod jwt;
mod kill;
mod logs;
mod process;
mod redis;
mod renewal;
mod store;
mod vendor;
