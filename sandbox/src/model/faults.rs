//! The fault script: faults for the next calls of the vendor's URLs.

use std::time::Duration;

use crate::model::HeldRequest;

/// A fault for the next matching calls. If several faults match, the oldest is used. It is removed after `times` calls.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `POST`, `GET`, …, or `*` for any.
    pub method: String,
    /// The exact path, or its beginning followed by `*`.
    pub path: String,
    /// Number of calls that it affects.
    pub times: u32,
    /// Its effect.
    pub kind: FaultKind,
}

/// The effect of a fault.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// The call happens after this delay.
    Latency(Duration),
    /// The call happens when the hold is released. If the caller disconnects before, nothing happens.
    Hold(HeldRequest),
    /// The call happens, and its response is sent when the hold is released.
    HoldAfter(HeldRequest),
    /// Nothing happens; this response is sent. Without a body, it is the vendor's error JSON for that status.
    Status {
        /// The HTTP status.
        status: u16,
        /// Additional headers, for example `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body, sent unchanged.
        body: Option<String>,
    },
    /// Nothing happens; the response is the vendor's error body.
    Error {
        /// The HTTP status.
        status: u16,
        /// `error_type` in the body.
        error_type: String,
        /// `error_message` in the body.
        message: String,
    },
    /// Nothing happens; the connection is closed without a response.
    ResetBefore,
    /// The call happens; the connection is closed in the middle of the response.
    ResetMid,
    /// The call happens; the connection is closed without a response.
    ResetAfter,
    /// Nothing happens; the response is a 200 whose body is not JSON.
    Garbage,
    /// The call happens; the JSON of the response is cut off, and `Content-Length` matches the shorter body.
    Truncated,
    /// Nothing happens; the response is a 200 without a body.
    Empty,
    /// Nothing happens; the response is a 200 that streams up to 1 GiB of JSON.
    Huge,
    /// The call happens; the response is sent at one byte a second.
    Drip,
    /// Nothing happens; the response is a 302 to this URL.
    Redirect(String),
    /// The call happens; every object in the response has an unknown field.
    ExtraFields,
    /// The call happens; every enum field in the response has an unknown value.
    UnknownEnum,
    /// The call happens; the response names another organization than the requested one. A JWT in it is unchanged.
    OtherOrganization,
}

impl Fault {
    /// The hold of the kinds that have one.
    fn hold(&self) -> Option<&HeldRequest> {
        match &self.kind {
            FaultKind::Hold(hold) | FaultKind::HoldAfter(hold) => Some(hold),
            _ => None,
        }
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        let path_fits = match self.path.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == self.path,
        };
        path_fits && (self.method == "*" || method.eq_ignore_ascii_case(&self.method))
    }
}

/// The faults of a world, oldest first.
#[derive(Clone, Debug, Default)]
pub struct FaultScript {
    given: u32,
    entries: Vec<(String, Fault)>,
}

impl FaultScript {
    /// Adds a fault at the end and returns its id.
    pub fn add(&mut self, fault: Fault) -> String {
        self.given += 1;
        let id = format!("fault-{}", self.given);
        self.entries.push((id.clone(), fault));
        id
    }

    /// Number of faults, including those that only hold calls.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Uses the oldest fault that matches this call, if there is one.
    pub fn take(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let (_, fault) = self
            .entries
            .iter_mut()
            .find(|(_, fault)| fault.times > 0 && fault.fits(method, path))?;
        fault.times -= 1;
        let kind = fault.kind.clone();
        // A hold is kept after its last call, so that it can still be listed and released.
        self.entries.retain(|(_, fault)| {
            fault.times > 0 || fault.hold().is_some_and(|hold| !hold.is_released())
        });
        Some(kind)
    }

    /// The faults that wait for calls or hold calls, with their ids.
    pub fn active(&self) -> impl Iterator<Item = &(String, Fault)> {
        self.entries.iter().filter(|(_, fault)| {
            fault.times > 0 || fault.hold().is_some_and(|hold| hold.waiting() > 0)
        })
    }

    /// Removes all faults. Held requests stay held until they are released.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Releases all held requests, because nothing could release them once the script is gone.
    pub fn release_held(&self) {
        let holds = self.entries.iter().filter_map(|(_, fault)| fault.hold());
        for hold in holds.filter(|hold| hold.waiting() > 0) {
            hold.release();
        }
    }

    /// Removes the fault with this id, or all faults, and releases the held requests. Returns the number of removed
    /// faults.
    pub fn remove(&mut self, id: Option<&str>) -> usize {
        let (removed, kept) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|(own, _)| id.is_none_or(|id| id == own));
        self.entries = kept;
        let removed: Vec<(String, Fault)> = removed;
        for hold in removed.iter().filter_map(|(_, fault)| fault.hold()) {
            hold.release();
        }
        removed.len()
    }
}
