//! The steps of a sign-in: requests of the browser, and the calls to Stytch behind them.

use serde::{Deserialize, Serialize};

use crate::stytch::recorder::RecordedCall;

/// Maximum number of steps that are kept.
pub const MOST_STEPS: usize = 30;

/// Maximum size of the list, in bytes of JSON.
pub const LARGEST_LIST: usize = 48 * 1024;

/// One request of the browser, with its secrets masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub url: String,
    /// The route that handled it, as in [`crate::app`]; empty for none.
    pub route: String,
    /// Status of the response. `None` while the request runs: this is the page that shows the list.
    pub status: Option<u16>,
    /// Where the response sends the browser; empty if it is not a redirect.
    pub location: String,
    /// Marker of the session id that the browser sent; empty for none.
    pub session: String,
    /// Marker of the session id that the response sets; empty for none.
    pub new_session: String,
    /// The calls to Stytch, in the order of their ends.
    pub calls: Vec<RecordedCall>,
}

/// The steps of one sign-in, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// The oldest comes first.
    pub steps: Vec<Step>,
    /// Whether older steps, or the bodies of a step that is too long, were dropped.
    pub is_cut: bool,
}

impl Steps {
    /// Adds a step. The oldest steps make room for it; a step that has no room even then loses its bodies.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
        while self.steps.len() > 1 && (self.steps.len() > MOST_STEPS || self.size() > LARGEST_LIST)
        {
            self.steps.remove(0);
            self.is_cut = true;
        }
        if self.size() > LARGEST_LIST {
            for call in self.steps.iter_mut().flat_map(|step| &mut step.calls) {
                (call.request, call.response) = (String::new(), String::new());
            }
            self.is_cut = true;
        }
    }

    /// Size in bytes of JSON.
    fn size(&self) -> usize {
        serde_json::to_string(self).map_or(usize::MAX, |text| text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(url: &str, bytes: usize) -> Step {
        let call = RecordedCall {
            response: "x".repeat(bytes),
            ..RecordedCall::default()
        };
        Step {
            url: url.to_owned(),
            calls: vec![call],
            ..Step::default()
        }
    }

    fn urls(steps: &Steps) -> Vec<&str> {
        steps.steps.iter().map(|step| step.url.as_str()).collect()
    }

    /// S32
    #[test]
    fn the_oldest_steps_make_room() {
        let mut steps = Steps::default();
        for url in ["a", "b", "c"] {
            steps.push(step(url, LARGEST_LIST / 4));
        }
        assert_eq!((urls(&steps), steps.is_cut), (vec!["a", "b", "c"], false));
        steps.push(step("d", LARGEST_LIST / 2));
        assert_eq!((urls(&steps), steps.is_cut), (vec!["c", "d"], true));
        assert!(steps.size() <= LARGEST_LIST);
    }

    /// S32
    #[test]
    fn a_step_that_is_too_long_loses_its_bodies() {
        let mut steps = Steps::default();
        steps.push(step("a", 10));
        steps.push(step("b", LARGEST_LIST));
        assert_eq!((urls(&steps), steps.is_cut), (vec!["b"], true));
        assert_eq!(steps.steps[0].calls[0].response, "");
        assert!(steps.size() <= LARGEST_LIST);
    }

    /// S32
    #[test]
    fn steps_have_a_number_too() {
        let mut steps = Steps::default();
        for n in 0..=MOST_STEPS {
            steps.push(step(&n.to_string(), 1));
        }
        assert_eq!(steps.steps.len(), MOST_STEPS);
        assert_eq!(steps.steps[0].url, "1");
    }
}
