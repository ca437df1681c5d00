//! Stytch's clock, by the `Date` of its responses (RFC 9110 §6.6.1).

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use reqwest::{Response, header::DATE};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::Stytch;

/// The last `Date`, and when it arrived by this machine's monotonic clock.
#[derive(Default)]
pub(super) struct VendorClock(Mutex<Option<(OffsetDateTime, Instant)>>);

impl VendorClock {
    pub(super) fn read(&self, response: &Response) {
        if let Some(date) = date(response) {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some((date, Instant::now()));
        }
    }
}

impl Stytch {
    /// The time at Stytch, to the second, as of its last response. `None` before the first one. The times in a response
    /// are measured by this clock, which can differ from that of this machine.
    pub fn now(&self) -> Option<OffsetDateTime> {
        let last = self.0.clock.0.lock();
        let last = *last.unwrap_or_else(PoisonError::into_inner);
        last.map(|(date, at)| date.saturating_add(at.elapsed().try_into().unwrap_or_default()))
    }
}

/// The `Date` of a response.
pub(super) fn date(response: &Response) -> Option<OffsetDateTime> {
    let date = response.headers().get(DATE)?.to_str().ok()?;
    OffsetDateTime::parse(date, &Rfc2822).ok()
}
