//! `CLIENT_IP_HEADER`: the header in which a proxy in front of the app puts the client's address.

use axum::http::HeaderName;

use super::Reader;

impl Reader<'_> {
    pub(super) fn client_ip_header(&mut self) -> Option<HeaderName> {
        let value = self.get("CLIENT_IP_HEADER")?;
        let Ok(name) = value.parse::<HeaderName>() else {
            self.wrong("CLIENT_IP_HEADER must be the name of one header, like X-Forwarded-For, without a colon or a value".to_owned());
            return None;
        };
        // Its values contain more than the address, as in `for="[2001:db8::1]";proto=https`.
        if name == "forwarded" {
            self.wrong("CLIENT_IP_HEADER can't be Forwarded, whose values contain more than an address: configure the proxy to set X-Forwarded-For or X-Real-IP, and use that name".to_owned());
        }
        Some(name)
    }
}
