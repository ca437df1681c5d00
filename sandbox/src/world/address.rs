//! The address of a sandbox.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

/// Where the sandbox listens, as soon as it does. All its worlds share it.
#[derive(Clone, Default)]
pub struct Address(Arc<Mutex<Option<SocketAddr>>>);

impl Address {
    pub fn set(&self, address: SocketAddr) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// A listener on all addresses is reached on this machine's own.
    pub fn url(&self) -> String {
        let address = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut address = address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3100)));
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    }
}
