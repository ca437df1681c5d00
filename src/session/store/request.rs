//! What the store must know about the request that it works for. tower-sessions has no room for it: its `cycle_id`
//! deletes the old record before the new one is saved, and its layer saves once more what the handler has saved.

use std::{cell::RefCell, future::Future};

use tower_sessions::session::{Id, Record};

tokio::task_local! {
    static REQUEST: RefCell<Request>;
}

#[derive(Default)]
struct Request {
    given_up: Option<Id>,
    stored: Option<Record>,
    seen: Seen,
}

/// What the answer's cookie depends on.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    /// The store failed.
    pub failed: bool,
    /// The id that the browser sent has given way to another a moment ago.
    pub replaced: bool,
}

/// Runs a request. Answers its result, and what was seen of the store meanwhile.
pub async fn scope<T>(work: impl Future<Output = T>) -> (T, Seen) {
    let work = async {
        let result = work.await;
        (result, with(|request| request.seen).unwrap_or_default())
    };
    REQUEST.scope(RefCell::default(), work).await
}

fn with<T>(read: impl FnOnce(&mut Request) -> T) -> Option<T> {
    REQUEST
        .try_with(|request| read(&mut request.borrow_mut()))
        .ok()
}

/// The next session id takes the place of this one: the old record goes in the same step as the new one comes, or
/// stays.
pub(in crate::session) fn give_up(id: Id) {
    with(|request| request.given_up = Some(id));
}

pub(super) fn given_up() -> Option<Id> {
    with(|request| request.given_up).flatten()
}

pub(super) fn stored(record: &Record) {
    with(|request| {
        request.stored = Some(record.clone());
        request.given_up = None;
    });
}

/// Whether this very record was stored already. To store it again could only fail, when all is done.
pub(super) fn has_stored(record: &Record) -> bool {
    with(|request| request.stored.as_ref() == Some(record)).unwrap_or_default()
}

pub(super) fn failed() {
    with(|request| request.seen.failed = true);
}

pub(super) fn replaced() {
    with(|request| request.seen.replaced = true);
}
