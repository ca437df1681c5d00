//! Times in words that need no time zone.

use stytch_b2b_axum::views::words::{datetime, minutes, time_ago, time_left};
use time::{Duration, OffsetDateTime, UtcOffset};

#[test]
fn remaining_time_is_in_words() {
    let now = OffsetDateTime::UNIX_EPOCH;
    for (seconds, words) in [
        (600, "10 minutes"),
        // A page is shown a moment after the vendor's response.
        (596, "10 minutes"),
        (590, "9 minutes"),
        (60, "1 minute"),
        (50, "50 seconds"),
        (1, "1 second"),
        (0, "0 seconds"),
        (-600, "0 seconds"),
        (3600, "60 minutes"),
        (7199, "2 hours"),
        (12 * 3600, "12 hours"),
    ] {
        let at = now + Duration::seconds(seconds);
        assert_eq!(time_left(&at, &now), words, "{seconds}");
    }
}

/// Two statements on one page about the same hour agree.
#[test]
fn minutes_are_as_tolerant_as_the_remaining_time() {
    let now = OffsetDateTime::UNIX_EPOCH;
    for (seconds, words) in [(3599, "60 minutes"), (3594, "59 minutes"), (56, "1 minute")] {
        assert_eq!(minutes(&seconds), words, "{seconds}");
        let at = now + Duration::seconds(seconds);
        assert_eq!(time_left(&at, &now), words, "{seconds}");
    }
    assert_eq!(minutes(&54), "less than a minute");
}

#[test]
fn past_time_is_in_words() {
    let now = OffsetDateTime::UNIX_EPOCH;
    for (seconds, words) in [
        // Stytch's clock may be ahead of the app's.
        (-5, "less than a minute ago"),
        (59, "less than a minute ago"),
        (119, "1 minute ago"),
        (600, "10 minutes ago"),
        (11 * 3600 + 3599, "11 hours ago"),
    ] {
        let at = now - Duration::seconds(seconds);
        assert_eq!(time_ago(&at, &now), words, "{seconds}");
    }
}

#[test]
fn machines_read_utc() {
    let at = OffsetDateTime::from_unix_timestamp(1_795_269_900).unwrap();
    assert_eq!(datetime(&at).0, "2026-11-21T14:05:00Z");
    let elsewhere = at.to_offset(UtcOffset::from_hms(5, 45, 0).unwrap());
    let later = elsewhere + Duration::nanoseconds(7);
    assert_eq!(datetime(&later).0, "2026-11-21T14:05:00Z");
}
