//! What breaks outside of us: the vendor, the network, the configuration.

mod config;
mod credentials;
mod jwt;
mod life_cycle;
mod logs;
mod overload;
mod process;
mod renewal;
mod vendor;
