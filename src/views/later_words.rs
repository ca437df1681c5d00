//! The text of the "try later" pages: what failed, and where to continue.

use super::{
    message::{Words, again_words},
    words,
};
use crate::error::{Outage, TryLater};

/// The text for an outage. `path` is the path of the failed request.
pub(super) fn words(later: &TryLater, path: &str) -> Words {
    #[rustfmt::skip]
    let (title, text) = match later.outage {
        Outage::Slow => ("The sign-in service took too long to respond", "We did not get a response in time.".to_owned()),
        Outage::Down => ("The sign-in service is not responding", "We could not reach it, or could not read its response.".to_owned()),
        Outage::Store => ("Sign-in is unavailable right now", "We can't look up or save sign-ins right now. If you are signed in, you stay signed in. Try again in a moment.".to_owned()),
        Outage::Busy(after) => ("Too many requests", format!("Nothing was changed. Try again in {}.",words::a_while(after.as_secs()))),
    };
    let back = page_before(path).filter(|back| back != "/confirm" || !later.may_have_happened);
    let known = match &back {
        _ if !later.may_have_happened => "",
        Some(back) if back.starts_with("/org/") => {
            " Your request may have gone through anyway. Go back to check."
        }
        _ => " Your request may have gone through anyway. Sign in again to check.",
    };
    let words = Words::new(title, text + known);
    // A member can get these errors too, but not those that ask for a new sign-in.
    let words = if later.may_have_happened {
        words.back_to_sign_in()
    } else {
        words
    };
    match (back, &later.origin) {
        (Some(back), _) if back == path => words.leading("Try again", back),
        (Some(back), _) => words.leading("Go back", back),
        (None, Some(origin)) => words.leading(again_words(origin), origin.restart_path()),
        (None, None) => words,
    }
}

/// Path of the page that has the form or link for this path; `None` for a callback, which Stytch redirects to.
pub(super) fn page_before(path: &str) -> Option<String> {
    let mut segments = path.split('/').skip(1);
    match segments.next()? {
        page @ ("mfa" | "step_up" | "email" | "create_org" | "confirm") => Some(format!("/{page}")),
        "login" | "organizations" => Some("/organizations".to_owned()),
        "org" => Some(format!("/org/{}", segments.next()?)),
        _ => None,
    }
}
