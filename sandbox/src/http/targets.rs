//! The URLs to which the sandbox itself may send requests: those of webhooks.

use url::{Host, Url};

use crate::http::hosts::is_allowed;

/// What [`webhook_url`] accepts, for error messages.
pub const WEBHOOK_URL: &str = "an http URL of this machine, such as http://localhost:3000/webhooks, or of a host \
    that --allow-host names, without a user name or fragment";

/// Reads the URL of a webhook. Only plain http to a loopback address, to `localhost`, or to one of the allowed hosts is
/// accepted, because a client could otherwise reach services through the sandbox that only this machine can reach.
pub fn webhook_url(text: &str, allowed_hosts: &[String]) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.scheme() == "http"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    let is_loopback = match url.host()? {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => name == "localhost",
    };
    let name = url.host_str()?;
    let is_allowed = || allowed_hosts.iter().any(|it| is_allowed(it, name));
    (is_plain && (is_loopback || is_allowed())).then_some(url)
}
