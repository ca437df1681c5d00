//! What breaks outside of us: the vendor, the network, the configuration.

mod command_line;
mod config;
mod containers;
mod credentials;
mod environment;
mod instances;
mod jwt;
mod kill;
mod life_cycle;
mod logs;
mod overload;
mod process;
mod redis;
mod renewal;
mod startup;
mod store;
mod vendor;
