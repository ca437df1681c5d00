//! One attempt to deliver a webhook: a POST over plain http.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use axum::body::{Body, to_bytes};
use hyper::{
    Request,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};
use url::{Host, Position, Url};

use crate::world::deliveries::Outgoing;

/// Maximum number of bytes of a response's body that are read and discarded.
const LONGEST_RESPONSE: usize = 64 * 1024;

const SENDER: &str = concat!("stytch-sandbox/", env!("CARGO_PKG_VERSION"));

/// Sends the delivery once, and returns the status of the response or the reason why there is none. Redirects are not
/// followed.
pub async fn post(outgoing: &Outgoing, within: Duration) -> Result<u16, String> {
    match timeout(within, exchange(outgoing)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("no response within {} s", within.as_secs_f32())),
    }
}

async fn exchange(outgoing: &Outgoing) -> Result<u16, String> {
    let stream = connect(&outgoing.url)
        .await
        .map_err(|error| format!("could not connect: {error}"))?;
    let told = |error: hyper::Error| format!("no response: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let mut running = JoinSet::new(); // closes the connection when it is dropped
    running.spawn(connection);
    let mut request = Request::post(&outgoing.url[Position::BeforePath..Position::AfterQuery])
        .header(
            HOST,
            &outgoing.url[Position::BeforeHost..Position::AfterPort],
        )
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, SENDER);
    for (name, value) in outgoing.headers() {
        request = request.header(name, value);
    }
    let request = request
        .body(Body::from(outgoing.payload.to_string()))
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(told)?;
    let status = response.status().as_u16();
    // Reads the rest, so that the receiver does not see its response cut off. Errors do not matter.
    let _ = to_bytes(Body::new(response.into_body()), LONGEST_RESPONSE).await;
    Ok(status)
}

/// Connects to the URL's host. `localhost` is resolved without a name server.
async fn connect(url: &Url) -> io::Result<TcpStream> {
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![(ip, port).into()],
        Some(Host::Ipv6(ip)) => vec![(ip, port).into()],
        Some(Host::Domain("localhost")) => vec![
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ],
        Some(Host::Domain(name)) => lookup_host((name, port)).await?.collect(),
        None => Vec::new(),
    };
    TcpStream::connect(addresses.as_slice()).await
}
