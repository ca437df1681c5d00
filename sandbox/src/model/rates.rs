//! Counts of calls in fixed windows of time.

use std::collections::HashMap;

/// Above this number of counts, those of past windows are removed.
const MANY: usize = 1_000;

/// Number of calls in the current window, by what was called.
#[derive(Clone, Debug, Default)]
pub struct Rates(HashMap<String, Window>);

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: i64,
    calls: u32,
}

impl Rates {
    /// Counts a call of `what` at `now` (seconds since 1970) in windows of this number of seconds. Returns whether it
    /// is one of the first `most` calls of its window.
    pub fn count(&mut self, what: String, now: i64, seconds: i64, most: u32) -> bool {
        if self.0.len() >= MANY {
            self.0.retain(|_, window| now < window.ends_at);
        }
        let ends_at = (now.div_euclid(seconds) + 1) * seconds;
        let window = self.0.entry(what).or_insert(Window { ends_at, calls: 0 });
        if window.ends_at != ends_at {
            *window = Window { ends_at, calls: 0 };
        }
        window.calls = window.calls.saturating_add(1);
        window.calls <= most
    }
}
