//! Limits on emails to an address that is not verified yet: Discovery emails, which anyone can request for any address,
//! and step-up emails.

use time::{Duration, OffsetDateTime};

use super::{
    Client, RateLimiter, code_limits,
    rate_limit::{give_all_back, take_all},
};
use crate::{error::AppError, stytch::Error};

/// Limits on emails to an address that is not verified yet.
#[derive(Clone)]
pub struct EmailLimits {
    /// Emails per client, to any address. Like [`Self::total`], it counts every call that reached Stytch.
    pub per_client: RateLimiter,
    /// Emails to all addresses together.
    pub total: RateLimiter,
    /// Emails to one mailbox. A failed call does not count.
    pub per_address: RateLimiter,
    /// Failed calls for one mailbox that may have sent an email anyway. When this limit is reached, further ones count
    /// as emails.
    pub unknown_per_address: RateLimiter,
    /// Attempts at one code.
    pub per_code: RateLimiter,
}

impl EmailLimits {
    /// Creates the limits: emails per minute in total, and emails in ten minutes per client. In addition, each mailbox
    /// gets at most five emails in ten minutes, and each code has four attempts.
    pub fn new(per_minute: usize, per_client: usize) -> Self {
        let in_ten_minutes = |most| RateLimiter::new(most, Duration::minutes(10));
        Self {
            per_client: in_ten_minutes(per_client),
            total: RateLimiter::new(per_minute, Duration::MINUTE),
            per_address: in_ten_minutes(5),
            unknown_per_address: in_ten_minutes(5),
            per_code: in_ten_minutes(4),
        }
    }

    /// Takes a turn to send an email to this address. A request that exceeds the client's limit does not use up the
    /// shared limits.
    ///
    /// # Errors
    /// "Try later", and when, if one of the limits is reached.
    pub fn take(
        &self,
        client: &Client,
        address: &str,
        now: OffsetDateTime,
    ) -> Result<(), AppError> {
        let (client, mailbox) = (client.key(), mailbox(address));
        let mut limits = self.shared(client.as_deref());
        limits.insert(limits.len() - 1, (&self.per_address, &mailbox));
        take_all(&limits, now)
    }

    /// Gives back the turn of an email for which Stytch was not called.
    pub fn give_back(&self, client: &Client, address: &str, taken_at: OffsetDateTime) {
        self.per_address.give_back(&mailbox(address), taken_at);
        give_all_back(&self.shared(client.key().as_deref()), taken_at);
    }

    /// Gives back the turn of an email that was not sent, because of this error.
    pub fn not_sent(
        &self,
        client: &Client,
        address: &str,
        taken_at: OffsetDateTime,
        error: &Error,
    ) {
        let mailbox = mailbox(address);
        if !error.may_have_happened() || self.unknown_per_address.take(&mailbox, taken_at).is_ok() {
            self.per_address.give_back(&mailbox, taken_at);
        }
        if error.never_reached_stytch() {
            give_all_back(&self.shared(client.key().as_deref()), taken_at);
        }
    }

    /// Gives back the attempt at a code that Stytch has not checked, because of this error.
    pub fn not_judged(&self, code_id: &str, taken_at: OffsetDateTime, error: &Error) {
        if !code_limits::counts(error) {
            self.per_code.give_back(code_id, taken_at);
        }
    }

    fn shared<'a>(&'a self, client: Option<&'a str>) -> Vec<(&'a RateLimiter, &'a str)> {
        let per_client = client.map(|client| (&self.per_client, client));
        per_client.into_iter().chain([(&self.total, "")]).collect()
    }
}

/// Id, for [`EmailLimits::per_code`], of the codes that other browsers requested for this address. All browsers that
/// enter one of them share these attempts, and don't use up those of the browser that requested the code.
pub fn code_id_of_others(address: &str) -> String {
    mailbox(address)
}

/// The mailbox of an address. Addresses that usually lead to the same mailbox have the same result: case, a `+tag`, the
/// spelling of an international domain, and dots at Gmail are ignored.
fn mailbox(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let local = local.to_lowercase();
    let untagged = local.split('+').next().unwrap_or_default();
    let local = if untagged.is_empty() {
        &local
    } else {
        untagged
    };
    let domain = domain.trim_end_matches('.').to_lowercase();
    let domain = url::Host::parse(&domain).map_or(domain, |host| host.to_string());
    match domain.as_str() {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
        _ => format!("{local}@{domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O14: an email that surely never reached Stytch uses up no turn. A refused one uses up the client's and the
    /// shared one.
    #[test]
    fn what_never_reached_stytch_does_not_count() {
        let unavailable = |may_have_happened| Error::Unavailable {
            reason: String::new(),
            may_have_happened,
        };
        for (error, allowed) in [(unavailable(false), 10), (unavailable(true), 3)] {
            let limits = EmailLimits::new(3, 3);
            for n in 0..10 {
                let now = OffsetDateTime::UNIX_EPOCH + Duration::seconds(n);
                let address = format!("{n}@acme.example");
                let taken = limits.take(&Client::UNKNOWN, &address, now);
                assert_eq!(taken.is_ok(), n < allowed, "{n} {error:?}");
                if taken.is_ok() {
                    limits.not_sent(&Client::UNKNOWN, &address, now, &error);
                }
            }
        }
    }

    /// O14
    #[test]
    fn a_mailbox_has_many_addresses() {
        for (address, expected) in [
            ("Ada@Acme.Example", "ada@acme.example"),
            ("ada+1@acme.example", "ada@acme.example"),
            ("ada+1+2@acme.example.", "ada@acme.example"),
            ("A.D.A+x@gmail.com", "ada@gmail.com"),
            ("ada@GoogleMail.com", "ada@gmail.com"),
            ("a.da@acme.example", "a.da@acme.example"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
            ("+1@acme.example", "+1@acme.example"),
            ("a@b@acme.example", "a@b@acme.example"),
            ("nonsense", "nonsense@"),
            ("", "@"),
        ] {
            assert_eq!(mailbox(address), expected, "{address}");
        }
    }
}
