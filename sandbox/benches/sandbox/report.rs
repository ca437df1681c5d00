//! Figures as they are printed, each with its limit.

use std::time::Duration;

/// Counts the figures that are beyond their limits.
#[derive(Default)]
pub struct Report {
    pub missed: usize,
}

impl Report {
    /// A figure that may be as large as the limit.
    pub fn at_most(&mut self, what: &str, value: f64, limit: f64, unit: &str) {
        let verdict = if value <= limit {
            "ok"
        } else {
            self.missed += 1;
            "MISSED"
        };
        println!(
            "  {what:<44}{value:>9.2} {unit:<3} {:>5.2} of {limit} {unit}  {verdict}",
            value / limit
        );
    }

    /// The cost of a call in two settings, and how many times the second costs the first.
    pub fn flat(&mut self, what: &str, [few, many]: [Duration; 2], limit: f64) {
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        let verdict = if ratio <= limit {
            "ok"
        } else {
            self.missed += 1;
            "MISSED"
        };
        let [few, many] = [few, many].map(micros);
        println!(
            "  {what:<30}{few:>8.0} µs {many:>8.0} µs  ratio {ratio:>5.2}, limit {limit}  {verdict}"
        );
    }
}

pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
