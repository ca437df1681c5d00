//! Limits the number of open connections. If there are too many, the one that has waited longest for its client is
//! closed, so that idle clients do not block others.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::sync::Notify;

/// The open connections of a server.
pub struct Places(Arc<Shared>);

struct Shared {
    most: usize,
    reserve: usize,
    open: Mutex<Open>,
    /// Notified when a connection is closed or starts to wait for its client.
    changed: Notify,
}

#[derive(Default)]
struct Open {
    usual: Group,
    reserved: Group,
}

#[derive(Default)]
struct Group {
    count: usize,
    next: u64,
    /// Connections that wait for a request, for the rest of one, or for the client to read a response, in the order of
    /// waiting.
    waiting: BTreeMap<u64, Arc<Notify>>,
}

impl Places {
    /// Allows `most` connections, and `reserve` more while all of them are busy.
    pub fn new(most: usize, reserve: usize) -> Self {
        Self(Arc::new(Shared {
            most,
            reserve,
            open: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// Waits until there is room for another connection, or until one can be closed.
    pub async fn room(&self) {
        loop {
            let changed = self.0.changed.notified();
            {
                let open = self.0.lock();
                if open.usual.has_room(self.0.most) || open.reserved.has_room(self.0.reserve) {
                    return;
                }
            }
            changed.await;
        }
    }

    /// Adds an accepted connection. Closes another one if there are too many.
    pub fn admit(&self) -> Place {
        let close = Arc::new(Notify::new());
        let mut open = self.0.lock();
        let is_reserved = !open.usual.has_room(self.0.most);
        let most = if is_reserved {
            self.0.reserve
        } else {
            self.0.most
        };
        let group = open.group(is_reserved);
        if group.count >= most
            && let Some((_, longest)) = group.waiting.pop_first()
        {
            group.count -= 1;
            longest.notify_one();
        }
        group.count += 1;
        let number = group.wait(Arc::clone(&close));
        drop(open);
        Place(Arc::new(Inner {
            shared: Arc::clone(&self.0),
            is_reserved,
            close,
            waits_as: Mutex::new(Some(number)),
        }))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn group(&mut self, is_reserved: bool) -> &mut Group {
        if is_reserved {
            &mut self.reserved
        } else {
            &mut self.usual
        }
    }
}

impl Group {
    /// Whether it has fewer than `most` connections, or one that can be closed.
    fn has_room(&self, most: usize) -> bool {
        self.count < most || !self.waiting.is_empty()
    }

    fn wait(&mut self, close: Arc<Notify>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, close);
        number
    }
}

/// The place of one connection, which is freed when all clones are dropped.
#[derive(Clone)]
pub struct Place(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    is_reserved: bool,
    close: Arc<Notify>,
    /// Key in [`Group::waiting`]; `None` while a request is served.
    waits_as: Mutex<Option<u64>>,
}

impl Place {
    /// Whether it belongs to the reserve, which is for health checks.
    pub fn is_reserved(&self) -> bool {
        self.0.is_reserved
    }

    /// Resolves when the connection must be closed to make room for another one.
    pub async fn closed(&self) {
        self.0.close.notified().await;
    }

    /// Called when a whole request has arrived and is being served.
    fn is_busy(&self) {
        let mut waits_as = self.0.waits_as();
        let mut open = self.0.shared.lock();
        let group = open.group(self.0.is_reserved);
        if waits_as.is_some_and(|number| group.waiting.remove(&number).is_some()) {
            *waits_as = None;
        }
    }

    /// Called when the response is ready and the connection waits for the client.
    pub fn is_waiting(&self) {
        let mut waits_as = self.0.waits_as();
        let mut open = self.0.shared.lock();
        let group = open.group(self.0.is_reserved);
        // If the request's body was not read, the connection is already waiting, or is being closed to make room.
        if waits_as.is_some_and(|number| group.waiting.remove(&number).is_none()) {
            return;
        }
        *waits_as = Some(group.wait(Arc::clone(&self.0.close)));
        drop(open);
        self.0.shared.changed.notify_one();
    }

    /// Wraps the request's body to notice when the whole request has arrived.
    pub fn watch(&self, body: Incoming) -> Body {
        if body.is_end_stream() {
            self.is_busy();
            return Body::new(body);
        }
        let place = self.clone();
        Body::new(Arriving { body, place })
    }
}

impl Inner {
    fn waits_as(&self) -> MutexGuard<'_, Option<u64>> {
        self.waits_as.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let number = *self.waits_as();
        let mut open = self.shared.lock();
        let group = open.group(self.is_reserved);
        // A waiting connection that is not in the list is being closed.
        if number.is_none_or(|number| group.waiting.remove(&number).is_some()) {
            group.count -= 1;
        }
        drop(open);
        self.shared.changed.notify_one();
    }
}

/// The body of a request. While it arrives, its connection counts as waiting for its client.
struct Arriving {
    body: Incoming,
    place: Place,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.place.is_busy();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
