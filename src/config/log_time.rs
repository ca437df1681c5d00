//! The time of a log line.

use std::fmt;

use time::format_description::well_known::Rfc3339;
use tracing_subscriber::fmt::{format::Writer, time::FormatTime};

use crate::clock::Clock;

/// The time of a log line: RFC 3339 in UTC with microseconds, such as `2026-11-28T02:15:18.000123Z`. It looks like the
/// time of `tracing-subscriber`, which takes four times as long.
#[derive(Default)]
pub struct LogTime(Clock);

impl FormatTime for LogTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let now = self.0.now();
        let second = now.truncate_to_second().format(&Rfc3339);
        let second = second.map_err(|_| fmt::Error)?;
        let second = second.trim_end_matches('Z');
        write!(writer, "{second}.{:06}Z", now.microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tracing-subscriber`'s own time has the same form.
    #[test]
    fn a_time_has_microseconds() {
        let mut text = String::new();
        let time = LogTime::default();
        time.format_time(&mut Writer::new(&mut text)).unwrap();
        let form: String = text.replace(|c: char| c.is_ascii_digit(), "0");
        assert_eq!(form, "0000-00-00T00:00:00.000000Z");
        let parsed = time::OffsetDateTime::parse(&text, &Rfc3339).unwrap();
        assert!((Clock::default().now() - parsed).whole_minutes().abs() < 1);
    }
}
