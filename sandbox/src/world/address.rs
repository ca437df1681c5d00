//! The address of a sandbox.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use url::Url;

/// The address at which browsers reach the sandbox: the configured URL, or the address on which it listens. All its
/// worlds share it.
#[derive(Clone, Default)]
pub struct Address {
    listens: Arc<Mutex<Option<SocketAddr>>>,
    public_url: Option<Arc<Url>>,
}

impl Address {
    pub fn new(public_url: Option<&Url>) -> Self {
        Self {
            listens: Arc::default(),
            public_url: public_url.cloned().map(Arc::new),
        }
    }

    pub fn set(&self, address: SocketAddr) {
        *self.listens.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// The URL. For a listener on all addresses, it has the loopback address.
    pub fn url(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.origin().ascii_serialization();
        }
        let address = *self.listens.lock().unwrap_or_else(PoisonError::into_inner);
        let mut address = address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3100)));
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    }
}
