//! The frame of all console pages: the project, the tabs, and a note about the last change.

use askama::Template;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::{
    http::{Answer, Incoming},
    model::State,
    public::pages,
    world::World,
};

/// The frame of a page.
pub struct Shell {
    /// `/_sandbox/console/{project_id}`
    pub path: String,
    pub project_id: String,
    pub tabs: Vec<Tab>,
    /// Note about the change that was just made.
    pub note: Option<&'static str>,
}

/// A link to one of the console's pages.
pub struct Tab {
    pub href: String,
    pub label: &'static str,
    pub count: Option<usize>,
    pub is_current: bool,
}

/// How many entries a page lists.
type Count = fn(&State) -> usize;

/// Each tab: path below the console's, label, and the function that counts its entries, if it lists any.
#[rustfmt::skip] // a table: one page per line
const TABS: [(&str, &str, Option<Count>); 8] = [
    ("", "Overview", None),
    ("/organizations", "Organizations", Some(|state| state.organizations.len())),
    ("/people", "People", Some(|state| state.people.len())),
    ("/sessions", "Sessions", Some(|state| state.sessions.iter().filter(|it| state.is_live(it)).count())),
    ("/calls", "Calls", Some(|state| state.calls.iter().len())),
    ("/messages", "Messages", Some(|state| state.factors.inbox.newest_first().count())),
    ("/faults", "Faults", Some(|state| state.faults.active().count())),
    ("/webhooks", "Webhooks", Some(|state| state.webhooks.registered.len())),
];

/// The note for each value of `done` in the query.
const NOTES: [(&str, &str); 11] = [
    ("saved", "Saved."),
    ("unchanged", "Nothing was changed."),
    ("created", "Created."),
    ("deleted", "Deleted."),
    ("removed", "Removed."),
    ("reactivated", "Reactivated."),
    ("ended", "Ended."),
    ("cleared", "Cleared."),
    ("added", "Added."),
    ("clock", "The clock was changed."),
    ("reset", "The project was reset."),
];

impl Shell {
    /// The frame for the page of the tab with this path.
    pub fn new(world: &World, request: &Incoming, current: &'static str) -> Self {
        let path = Self::path_of(world);
        let state = world.lock();
        let tabs = TABS.map(|(rest, label, count)| Tab {
            href: format!("{path}{rest}"),
            label,
            count: count.map(|count| count(&state)),
            is_current: rest == current,
        });
        let done = request.parameter("done").unwrap_or_default();
        let note = NOTES.iter().find(|(word, _)| *word == done);
        Self {
            project_id: world.project_id(),
            path,
            tabs: tabs.into(),
            note: note.map(|(_, note)| *note),
        }
    }

    /// Path of this world's console.
    pub fn path_of(world: &World) -> String {
        format!("/_sandbox/console/{}", world.credentials().project_id)
    }
}

/// A page of the console. Its forms are sent to the sandbox only, unlike those of the consent page, whose redirects
/// leave it, so the policy can have `form-action 'self'`.
pub fn render(status: u16, page: &impl Template) -> Answer {
    let mut answer = pages::render(status, page);
    answer.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    );
    answer
}
