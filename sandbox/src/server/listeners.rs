//! The sockets on which a sandbox listens. `localhost` has an address in each address family, and some clients try only
//! IPv6.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    task::Poll,
};

use tokio::net::{TcpListener, TcpStream};

/// Maximum number of ports to try, because a port that the system chose may be taken in the other family.
const ATTEMPTS: u32 = 20;

/// One socket, or the two of `localhost`.
pub struct Listeners {
    first: TcpListener,
    /// The socket on the other family's loopback address, with the same port.
    other: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(first: TcpListener) -> Self {
        Self { first, other: None }
    }
}

impl Listeners {
    /// Listens on the address. For `127.0.0.1` and `[::1]`, it also listens on the same port of the other one, if the
    /// machine has it. Port 0 chooses a port that is free in both families.
    ///
    /// # Errors
    /// If one of the two addresses is in use, or if the given one can't be used.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let first = TcpListener::bind(address).await?;
            match on_other_family(&first).await {
                Ok(other) => return Ok(Self { first, other }),
                Err(_) if address.port() == 0 && attempt < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds a socket on the other loopback address to a socket on `127.0.0.1` or `[::1]`. If another program uses that
    /// port, it logs a warning.
    pub async fn beside(first: TcpListener) -> Self {
        let other = on_other_family(&first).await.unwrap_or_else(|_| {
            let address = first.local_addr().ok().and_then(other_family);
            let address = address.map_or_else(String::new, |it| it.to_string());
            tracing::warn!(
                address,
                "sandbox: another program listens on this address; clients that open localhost may reach that program instead"
            );
            None
        });
        Self { first, other }
    }

    /// The address that was given.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.first.local_addr()
    }

    /// Accepts the next connection on any of the sockets.
    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        std::future::poll_fn(|context| {
            for listener in [Some(&self.first), self.other.as_ref()]
                .into_iter()
                .flatten()
            {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// A listener on the same port of the other family's loopback address. `None` if the machine has no such address.
async fn on_other_family(first: &TcpListener) -> io::Result<Option<TcpListener>> {
    let Some(address) = other_family(first.local_addr()?) else {
        return Ok(None);
    };
    match TcpListener::bind(address).await {
        Ok(other) => Ok(Some(other)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(error) => {
            tracing::debug!(%address, %error, "sandbox: cannot listen on this address");
            Ok(None)
        }
    }
}

fn other_family(address: SocketAddr) -> Option<SocketAddr> {
    let ip: IpAddr = match address.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Ipv4Addr::LOCALHOST.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, address.port()))
}
