//! The client that a request counts for.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use stytch_b2b_axum::limits::{Client, ClientIpHeader};

fn key(header: Option<&'static str>, lines: &[&'static str], peer: &str) -> Option<String> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("x-forwarded-for", HeaderValue::from_static(line));
    }
    let header = ClientIpHeader(header.map(HeaderName::from_static));
    let peer: Option<IpAddr> = peer.parse().ok();
    Client::of(&header, &headers, peer).key()
}

/// O13: without a header, the peer is the client, unless it is most likely a proxy.
#[test]
fn the_peer_is_the_client() {
    for (peer, expected) in [
        ("203.0.113.7", Some("203.0.113.7")),
        ("::ffff:203.0.113.7", Some("203.0.113.7")),
        ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
        ("2001:db8:1:2::", Some("2001:db8:1:2::")),
        ("2001:db8:1:3::", Some("2001:db8:1:3::")),
        ("100.63.255.255", Some("100.63.255.255")),
        ("100.128.0.1", Some("100.128.0.1")),
        ("172.32.0.1", Some("172.32.0.1")),
        ("127.0.0.1", None),
        ("::1", None),
        ("10.1.2.3", None),
        ("172.16.0.1", None),
        ("192.168.0.1", None),
        ("169.254.0.1", None),
        ("100.64.0.1", None),
        ("100.127.255.255", None),
        ("::ffff:10.1.2.3", None),
        ("fd00::1", None),
        ("fe80::1", None),
        ("none", None),
    ] {
        let forged = ["198.51.100.1"];
        assert_eq!(key(None, &forged, peer).as_deref(), expected, "{peer}");
    }
}

/// O13: with a header, its last value is the client. What a client sends itself comes before what the proxy appends.
#[test]
fn the_last_value_of_the_header_is_the_client() {
    for (lines, expected) in [
        (&["203.0.113.7"][..], "203.0.113.7"),
        (&["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (&["198.51.100.1,203.0.113.7 "], "203.0.113.7"),
        (&["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (&["203.0.113.7:4711"], "203.0.113.7"),
        (&["[2001:db8:1:2:3::7]:4711"], "2001:db8:1:2::"),
        (&["[2001:db8:1:2:3::7]"], "2001:db8:1:2::"),
        (&["2001:db8:1:2:3::7"], "2001:db8:1:2::"),
        (&["::ffff:203.0.113.7"], "203.0.113.7"),
        // An office behind the same proxy.
        (&["10.1.2.3"], "10.1.2.3"),
        // Not an address: the peer counts, even if it is private.
        (&[], "10.0.0.1"),
        (&[""], "10.0.0.1"),
        (&["203.0.113.7,"], "10.0.0.1"),
        (&["203.0.113.7, unknown"], "10.0.0.1"),
        (&["203.0.113.7", "for=203.0.113.7"], "10.0.0.1"),
    ] {
        let key = key(Some("x-forwarded-for"), lines, "10.0.0.1");
        assert_eq!(key.as_deref(), Some(expected), "{lines:?}");
    }
    let lines = ["203.0.113.7"];
    let other = key(Some("x-real-ip"), &lines, "198.51.100.9");
    assert_eq!(other.as_deref(), Some("198.51.100.9"));
    assert_eq!(key(Some("x-forwarded-for"), &[], "none"), None);
}
