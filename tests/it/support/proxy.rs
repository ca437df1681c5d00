//! A plain proxy in front of several instances, which get requests in turn.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use reqwest::{Client, redirect};
use tokio::{net::TcpListener, task::AbortHandle};

/// Header of a response that comes from no instance.
pub const FROM_PROXY: &str = "x-response-of-the-proxy";

/// A running proxy. Dropping it stops it.
pub struct Proxy {
    /// `http://localhost:…`
    pub url: String,
    inner: Inner,
    task: AbortHandle,
}

#[derive(Clone)]
struct Inner {
    client: Client,
    instances: Arc<Mutex<Vec<(String, usize)>>>,
    turn: Arc<AtomicUsize>,
    only: Arc<Mutex<Option<usize>>>,
}

impl Proxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .build();
        let inner = Inner {
            client: client.unwrap(),
            instances: Arc::default(),
            turn: Arc::default(),
            only: Arc::default(),
        };
        let router = Router::new().fallback(pass_on).with_state(inner.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            inner,
            task: task.abort_handle(),
        }
    }

    /// Adds an instance by its address.
    pub fn add(&self, address: String) {
        self.inner.instances.lock().unwrap().push((address, 0));
    }

    /// Sends all requests to this instance, or to all in turn again.
    pub fn only(&self, which: Option<usize>) {
        *self.inner.only.lock().unwrap() = which;
    }

    /// Number of requests that each instance got.
    pub fn counts(&self) -> Vec<usize> {
        let instances = self.inner.instances.lock().unwrap();
        instances.iter().map(|(_, count)| *count).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Inner {
    fn next(&self) -> String {
        let only = *self.only.lock().unwrap();
        let mut instances = self.instances.lock().unwrap();
        let turn = only.unwrap_or_else(|| self.turn.fetch_add(1, Ordering::Relaxed));
        let which = turn % instances.len();
        instances[which].1 += 1;
        instances[which].0.clone()
    }
}

/// Passes a request on unchanged, including `Host`. An instance that has died sends no response, which becomes a 502.
async fn pass_on(State(proxy): State<Inner>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path_and_query().unwrap();
    let url = format!("{}{path}", proxy.next());
    let request = proxy.client.request(parts.method, url);
    let Ok(upstream) = request.headers(parts.headers).body(body).send().await else {
        return (StatusCode::BAD_GATEWAY, [(FROM_PROXY, "1")]).into_response();
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = upstream.status();
    *response.headers_mut() = upstream.headers().clone();
    *response.body_mut() = Body::from(upstream.bytes().await.unwrap());
    response
}
