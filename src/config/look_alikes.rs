//! Warns about variables whose names look like ours, because they are probably typos.

use super::VARIABLES;

/// Where a name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In `.env`, which only this app uses.
    File,
    /// In the process environment, which also has variables of other programs.
    Process,
}

/// Returns a warning if the name is not one of ours but looks like one.
pub(super) fn warning(name: &str, place: Place) -> Option<String> {
    let is_ours = |ours: &&str| *ours == name || cfg!(windows) && ours.eq_ignore_ascii_case(name);
    if VARIABLES.iter().any(is_ours) || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    let distance = |ours: &str| strsim::osa_distance(&upper, ours);
    let nearest = VARIABLES.into_iter().min_by_key(|ours| distance(ours))?;
    let is_near = distance(nearest) <= largest_distance(nearest, place);
    // Variables of other programs also begin with `SESSION_` and `SANDBOX_`, such as a desktop's `SESSION_MANAGER`.
    let prefixes: &[&str] = match place {
        Place::File => &["STYTCH_", "SANDBOX_", "SESSION_", "CLIENT_IP"],
        Place::Process => &["STYTCH_"],
    };
    if !is_near && !prefixes.iter().any(|prefix| upper.starts_with(prefix)) {
        return None;
    }
    let place = match place {
        Place::File => ".env",
        Place::Process => "the process environment",
    };
    let next = if distance(nearest) <= 2 {
        format!("did you mean {nearest}?")
    } else {
        "every variable is explained in .env.example".to_owned()
    };
    Some(format!(
        "{name} is set in {place}, but this app has no such variable: {next}"
    ))
}

/// Number of letters that may differ. Short names are similar to many words, such as `BIND` and `KIND`.
fn largest_distance(ours: &str, place: Place) -> usize {
    match (place, ours.len()) {
        (Place::File, 9..) => 2,
        (Place::File, _) | (Place::Process, 5..) => 1,
        (Place::Process, _) => 0,
    }
}
