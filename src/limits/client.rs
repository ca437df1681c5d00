//! The client that sent a request, for limits per client: the peer's address, or the one that a proxy in front of the
//! app names in a header.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, request::Parts},
};

/// Name of the header in which the proxy puts the client's address (`CLIENT_IP_HEADER`); `None` without such a proxy.
#[derive(Clone, Debug, Default)]
pub struct ClientIpHeader(pub Option<HeaderName>);

/// An argument of handlers that limit what each client can do. All requests through a proxy that does not name its
/// clients have an unknown client. They have no limit per client, because one visitor could use up the turns of all
/// others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client(Option<IpAddr>);

impl Client {
    /// A client without an address, such as a request that reached the router without a connection.
    pub const UNKNOWN: Self = Self(None);

    /// The last value of the header is used, because proxies append it, and the values before it may be forged. A
    /// request without an address there did not come through the proxy, so its client is the peer. If no header is
    /// configured, a peer on loopback or in a private network is probably a proxy.
    pub fn of(header: &ClientIpHeader, headers: &HeaderMap, peer: Option<IpAddr>) -> Self {
        let peer = peer.map(|ip| ip.to_canonical());
        let ip = match &header.0 {
            Some(name) => last_address(headers, name).or(peer),
            None => peer.filter(|ip| !is_private(*ip)),
        };
        Self(ip.map(network))
    }

    /// Key in a [`RateLimiter`](super::RateLimiter): an IPv4 address, or an IPv6 network. `None` if the client is
    /// unknown.
    pub fn key(&self) -> Option<String> {
        self.0.map(|ip| ip.to_string())
    }
}

/// Works with [`crate::web::server`] and with any other server that adds axum's [`ConnectInfo`].
impl<S: Sync> FromRequestParts<S> for Client
where
    ClientIpHeader: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip());
        let header = ClientIpHeader::from_ref(state);
        Ok(Self::of(&header, &parts.headers, peer))
    }
}

fn last_address(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let value = line.rsplit(',').next()?.trim();
    let in_brackets = value.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let ip = in_brackets.unwrap_or(value).parse::<IpAddr>();
    let ip = ip.or_else(|_| value.parse::<SocketAddr>().map(|it| it.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

/// One subscriber has a whole /64 of IPv6 addresses (RFC 6177), so its addresses count as one client.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// Whether an address can't belong to a stranger on the internet: it is in a loopback, private or link-local network
/// (RFC 1918, 4193, 3927), or in a network inside a provider (RFC 6598), from which some load balancers connect.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.to_bits() & 0xffc0_0000 == Ipv4Addr::new(100, 64, 0, 0).to_bits();
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
