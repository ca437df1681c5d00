//! Layers that wait for nothing before they pass a request on. They make one allocation for each request. axum's `from_fn`
//! makes three, and clones the layers inside. Layers that wait, such as for a body, use `from_fn`.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use futures_util::FutureExt;
use tower::{Layer, Service};

/// A layer, as one method.
pub trait Around: Clone {
    /// Looks at the request, passes it on, and looks at the response.
    fn handle<Inside: ResponseFuture>(
        &self,
        request: Request,
        next: Next<'_, Inside>,
    ) -> impl Future<Output = Response> + Send + use<Self, Inside>;
}

/// The layers inside, and the handler.
pub struct Next<'a, Inside>(&'a mut dyn FnMut(Request) -> Inside);

impl<Inside> Next<'_, Inside> {
    /// Passes the request on. The layers inside look at it at once, so enter a span before this call. The handler runs
    /// when the returned future is awaited.
    ///
    /// Continue with [`FutureExt::map`]: an async block that awaits the future would store it twice.
    pub fn run(self, request: Request) -> Inside {
        (self.0)(request)
    }
}

/// The future of the layers inside and the handler.
pub trait ResponseFuture: Future<Output = Response> + Send + 'static {}

impl<Work: Future<Output = Response> + Send + 'static> ResponseFuture for Work {}

/// Adapts [`Around`] to tower's [`Layer`].
#[derive(Clone, Copy)]
pub struct AroundLayer<It>(pub It);

/// The service of [`AroundLayer`].
#[derive(Clone, Copy)]
pub struct AroundService<It, Inner> {
    it: It,
    inner: Inner,
}

impl<It: Clone, Inner> Layer<Inner> for AroundLayer<It> {
    type Service = AroundService<It, Inner>;

    fn layer(&self, inner: Inner) -> Self::Service {
        let it = self.0.clone();
        AroundService { it, inner }
    }
}

impl<It, Inner> Service<Request> for AroundService<It, Inner>
where
    It: Around + 'static,
    Inner: Service<Request, Response = Response, Error = Infallible>,
    Inner::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut run = |request| self.inner.call(request).map(|Ok(response)| response);
        let response = self.it.handle(request, Next(&mut run));
        Box::pin(response.map(Ok))
    }
}
