//! Tests over real sockets.

mod sandbox;
mod sdk;
