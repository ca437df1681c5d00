//! Faults outside of the app: the vendor, the network, the configuration.

mod clocks;
mod command_line;
mod config;
mod connections;
mod containers;
mod credentials;
mod doctor;
mod environment;
mod full_redis;
mod holes;
mod instances;
mod jwt;
mod kill;
mod life_cycle;
mod logs;
mod operator_log;
mod overload;
mod process;
mod redis;
mod redis_rights;
mod renewal;
mod sandbox_state;
mod setup;
mod startup;
mod store;
mod vendor;
