//! The crypto provider of TLS: *ring*, with which the client also checks JWTs and computes hashes.

use rustls::crypto::{CryptoProvider, ring};

/// Makes *ring* the provider of `rustls`, unless this process already has one. Without a provider, `reqwest` and `redis`
/// panic when they create a client.
pub fn choose_provider() {
    if CryptoProvider::get_default().is_none() {
        // An error means that another thread has just chosen one.
        let _ = ring::default_provider().install_default();
    }
}
