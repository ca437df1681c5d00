//! Facts that the store and the session layer exchange during one request. tower-sessions' interface can't express
//! them: `Session::cycle_id` deletes the old record before the new one is saved, errors are texts, and the layer saves
//! again what a handler has saved already.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::FutureExt;
use tower_sessions::session::{Id, Record};

tokio::task_local! {
    static REQUEST: Arc<Mutex<Request>>;
}

#[derive(Default)]
struct Request {
    replaces: Option<Id>,
    loaded: Option<(Id, Version)>,
    stored: Option<Record>,
    /// The record that did not fit in the store.
    has_no_room: Option<Record>,
    refusal: Option<Refusal>,
    seen: Seen,
}

/// Version of a record: a random number for each write.
pub type Version = u64;

/// Why a store refused to save, apart from an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The record was deleted meanwhile.
    Gone,
    /// Another request has written it meanwhile.
    Changed,
    /// The store is full and evicts nothing. Records in it can be read.
    Full,
    /// The data is larger than the limit for a session.
    TooLarge,
}

/// What happened to the session during a request. The cookie depends on it.
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Id of the record that was written last.
    pub stored: Option<Id>,
    /// The record was deleted.
    pub deleted: bool,
    /// The id that the browser sent is unknown.
    pub unknown: bool,
    /// The id that the browser sent was replaced a moment ago.
    pub replaced: bool,
    /// The store failed in tower-sessions' own save, after the handler had finished.
    pub failed_at_the_end: Option<Failure>,
    handler_is_done: bool,
}

/// How the last save failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was refused.
    Refused(Refusal),
    /// The store did not respond.
    Outage,
}

/// Runs a request. Returns its result, and what happened to the session during it.
pub fn scope<Work: Future>(work: Work) -> impl Future<Output = (Work::Output, Seen)> {
    let request = Arc::<Mutex<Request>>::default();
    let work = REQUEST.scope(Arc::clone(&request), work);
    work.map(move |result| {
        let seen = request.lock().unwrap_or_else(PoisonError::into_inner).seen;
        (result, seen)
    })
}

/// Runs a future of another task as a part of this request.
pub fn carry<Work: Future>(work: Work) -> impl Future<Output = Work::Output> {
    let request = REQUEST.try_with(Arc::clone).unwrap_or_default();
    REQUEST.scope(request, work)
}

/// Records that the handler has returned. If the store refuses a write after this, no handler has seen the error.
pub fn handler_is_done() {
    with(|request| request.seen.handler_is_done = true);
}

/// The next record to be created replaces the one with this id, in one step.
pub fn replace(id: Id) {
    with(|request| request.replaces = Some(id));
}

/// Why the last save was refused. `None` after an outage.
pub fn refusal() -> Option<Refusal> {
    with(|request| request.refusal).flatten()
}

fn with<T>(read: impl FnOnce(&mut Request) -> T) -> Option<T> {
    let read = |request: &Arc<Mutex<Request>>| {
        read(&mut request.lock().unwrap_or_else(PoisonError::into_inner))
    };
    REQUEST.try_with(read).ok()
}

pub(super) fn replaces() -> Option<Id> {
    with(|request| request.replaces).flatten()
}

/// The version of this record that the request has read or written.
pub(super) fn version(id: &Id) -> Option<Version> {
    let loaded = with(|request| request.loaded).flatten();
    loaded
        .filter(|(loaded, _)| loaded == id)
        .map(|(_, version)| version)
}

pub(super) fn loaded(id: &Id, version: Version) {
    with(|request| request.loaded = Some((*id, version)));
}

pub(super) fn stored(record: &Record, version: Version) {
    with(|request| {
        request.loaded = Some((record.id, version));
        request.stored = Some(record.clone());
        request.replaces = None;
        request.refusal = None;
        request.seen.stored = Some(record.id);
        request.seen.deleted = false;
    });
}

/// Whether exactly this record was stored already, so that saving it again could only fail.
pub(super) fn has_stored(record: &Record) -> bool {
    with(|request| request.stored.as_ref() == Some(record)).unwrap_or_default()
}

pub(super) fn has_no_room(record: &Record) {
    with(|request| request.has_no_room = Some(record.clone()));
}

/// Whether the handler knows that there was no room for exactly this record, and has returned. It has decided what that
/// means, and saving once more could only fail.
pub(super) fn is_settled(record: &Record) -> bool {
    let is_settled = |request: &mut Request| {
        request.seen.handler_is_done && request.has_no_room.as_ref() == Some(record)
    };
    with(is_settled).unwrap_or_default()
}

pub(super) fn deleted() {
    with(|request| {
        request.seen.stored = None;
        request.seen.deleted = true;
    });
}

pub(in crate::session) fn failed(failure: Failure) {
    with(|request| {
        request.refusal = match failure {
            Failure::Refused(refusal) => Some(refusal),
            Failure::Outage => None,
        };
        if request.seen.handler_is_done {
            request.seen.failed_at_the_end = Some(failure);
        }
    });
}

pub(super) fn unknown(replaced: bool) {
    with(|request| {
        request.seen.unknown = true;
        request.seen.replaced = replaced;
    });
}
