//! The text of the "try later" pages: why, and where to continue.

use super::{
    message::{Words, again_words},
    words,
};
use crate::error::{Outage, TryLater};

/// For a request for this path.
pub(super) fn words(later: &TryLater, path: &str) -> Words {
    #[rustfmt::skip]
    let (title, text) = match later.outage {
        Outage::Slow => ("Stytch is slow to answer", "We waited and got no answer.".to_owned()),
        Outage::Down => ("Stytch does not answer", "The service that checks sign-ins can't be reached, or its answer makes no sense.".to_owned()),
        Outage::Store => ("Sign-in is unavailable right now", "The store that remembers who is signed in can't be reached or is full. Try again in a moment: you stay signed in.".to_owned()),
        Outage::Busy(after) => ("Too many tries at once", format!("Nothing was done. Try again in {}.",words::a_while(after.as_secs()))),
    };
    let back = page_before(path).filter(|back| back != "/confirm" || !later.may_have_happened);
    let known = match &back {
        _ if !later.may_have_happened => "",
        Some(back) if back.starts_with("/org/") => {
            " What you asked for may have been done all the same: go back to see."
        }
        _ => " What you asked for may have been done all the same: sign in again to see.",
    };
    let words = Words::new(title, text + known);
    match (back, &later.origin) {
        (Some(back), _) if back == path => words.leading("Try again", back),
        (Some(back), _) => words.leading("Go back", back),
        (None, Some(origin)) => words.leading(again_words(origin), origin.restart_path()),
        (None, None) => words,
    }
}

/// The page whose form or link asked for this path; `None` for a callback, which comes from elsewhere.
pub(super) fn page_before(path: &str) -> Option<String> {
    let mut segments = path.split('/').skip(1);
    match segments.next()? {
        page @ ("mfa" | "step_up" | "email" | "create_org" | "confirm") => Some(format!("/{page}")),
        "login" | "organizations" => Some("/organizations".to_owned()),
        "org" => Some(format!("/org/{}", segments.next()?)),
        _ => None,
    }
}
