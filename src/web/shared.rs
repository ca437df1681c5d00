//! A layer that makes its inner service cheap to clone.
//!
//! axum clones a route for each request, and each middleware function clones what is inside it once more. Without this
//! layer in between, the fifth layer from the inside clones five layers, and a page with nine layers makes 45 clones.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use axum::extract::Request;
use tower::{Layer, Service, util::Oneshot};

/// The layer. Add it between two other layers.
#[derive(Clone, Copy)]
pub struct Share;

/// A service that many clones share.
pub struct Shared<Inner>(Arc<Inner>);

impl<Inner> Layer<Inner> for Share {
    type Service = Shared<Inner>;

    fn layer(&self, inner: Inner) -> Shared<Inner> {
        Shared(Arc::new(inner))
    }
}

impl<Inner> Clone for Shared<Inner> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Inner: Service<Request> + Clone> Service<Request> for Shared<Inner> {
    type Response = Inner::Response;
    type Error = Inner::Error;
    type Future = Oneshot<Inner, Request>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(())) // the clone that is called waits until it is ready
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Oneshot::new(Inner::clone(&self.0), request)
    }
}
