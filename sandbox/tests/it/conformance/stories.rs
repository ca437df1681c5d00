//! The parts of the stories that the tests need.

use std::fs;

use serde_json::Value;

use super::endpoints::NOT_YET;
use super::program::here;

/// The unsupported endpoints, and all endpoints of the stories that need them.
pub fn that_wait() -> Vec<String> {
    let mut waiting: Vec<String> = NOT_YET.iter().map(|it| (*it).to_owned()).collect();
    for file in fs::read_dir(here().join("stories")).expect("the stories") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("a story");
        let stories: Vec<Value> = serde_json::from_str(&text).expect("a list of stories");
        for story in stories {
            let needs = story["needs"].as_array().into_iter().flatten();
            let needs: Vec<String> = needs
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect();
            if needs.iter().any(|it| NOT_YET.contains(&it.as_str())) {
                waiting.extend(needs);
            }
        }
    }
    waiting
}
