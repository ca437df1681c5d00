//! The fault script: what goes wrong with the next calls of the server API.

use std::time::Duration;

use crate::model::HeldRequest;

/// Something that goes wrong with the next calls that fit. Faults wait in line: the oldest that fits is used, and
/// forgotten after `times` calls.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `POST`, `GET`, …, or `*` for any.
    pub method: String,
    /// The exact path, or its beginning followed by `*`.
    pub path: String,
    /// How many calls it spoils.
    pub times: u32,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// The call happens after so long.
    Latency(Duration),
    /// The call happens when the hold is released, unless the caller leaves before: then nothing happens.
    Hold(HeldRequest),
    /// The call happens, and its answer leaves when the hold is released.
    HoldAfter(HeldRequest),
    /// Nothing happens; this is answered. Without a body it is the vendor's error JSON of that status.
    Status {
        /// The HTTP status.
        status: u16,
        /// Headers besides, for example `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body as it is.
        body: Option<String>,
    },
    /// Nothing happens; the vendor's error body is answered.
    Error {
        /// The HTTP status.
        status: u16,
        /// `error_type` in the body.
        error_type: String,
        /// `error_message` in the body.
        message: String,
    },
    /// Nothing happens; the connection dies without an answer.
    ResetBefore,
    /// The call happens; the connection dies in the middle of its answer.
    ResetMid,
    /// The call happens; the connection dies without an answer.
    ResetAfter,
    /// Nothing happens; the answer is a 200 whose body is no JSON.
    Garbage,
    /// The call happens; its answer is whole by its length, but the JSON ends in the middle.
    Truncated,
    /// Nothing happens; the answer is a 200 without a body.
    Empty,
    /// Nothing happens; the answer is a 200 that streams JSON for up to 1 GiB.
    Huge,
    /// The call happens; its answer comes at one byte a second.
    Drip,
    /// Nothing happens; the answer is a 302 to this URL.
    Redirect(String),
    /// The call happens; every object of its response has an unknown field.
    ExtraFields,
    /// The call happens; every field of its response with a fixed set of words has an unknown word.
    UnknownEnum,
    /// The call happens; its response names another organization than the requested one. A JWT in it does not.
    OtherOrganization,
}

impl Fault {
    /// The hold of a fault that has one.
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

/// The faults of a world, in line.
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

    /// How many there are, with those that only hold calls.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes the fault for this call, if there is one.
    pub fn take(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let (_, fault) = self
            .entries
            .iter_mut()
            .find(|(_, fault)| fault.times > 0 && fault.fits(method, path))?;
        fault.times -= 1;
        let kind = fault.kind.clone();
        // A hold is kept after its last call, so that it can still be found and released.
        self.entries.retain(|(_, fault)| {
            fault.times > 0 || fault.hold().is_some_and(|hold| !hold.is_released())
        });
        Some(kind)
    }

    /// Id and fault of those that wait for calls or hold some.
    pub fn active(&self) -> impl Iterator<Item = &(String, Fault)> {
        self.entries.iter().filter(|(_, fault)| {
            fault.times > 0 || fault.hold().is_some_and(|hold| hold.waiting() > 0)
        })
    }

    /// Empties the script. What is held stays held until it is released.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Releases all held requests: without the script, nothing could release them later.
    pub fn release_held(&self) {
        let holds = self.entries.iter().filter_map(|(_, fault)| fault.hold());
        for hold in holds.filter(|hold| hold.waiting() > 0) {
            hold.release();
        }
    }

    /// Removes the fault with this id, or all, and releases the requests that they hold. Returns the number of removed faults.
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
