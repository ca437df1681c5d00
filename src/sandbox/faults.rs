//! The fault script: what goes wrong with the next calls of the server API.

use std::time::Duration;

use super::hold::Hold;

/// Something that goes wrong with the next calls that fit. Faults wait in line: the oldest that fits is used, and
/// forgotten after `times` calls.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `POST`, `GET`, …
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
    Hold(Hold),
    /// The call happens, and its answer leaves when the hold is released.
    HoldAfter(Hold),
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
    /// The call happens; every object of its answer has a field that nobody knows.
    ExtraFields,
    /// The call happens; every closed set of words in its answer has a word that nobody knows.
    UnknownEnum,
    /// The call happens; its answer speaks of an organization that nobody asked for (a JWT in it does not).
    OtherOrganization,
}

impl Fault {
    fn fits(&self, method: &str, path: &str) -> bool {
        let path_fits = match self.path.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == self.path,
        };
        path_fits && method.eq_ignore_ascii_case(&self.method)
    }
}

/// Takes the fault for this call out of the script, if there is one.
pub fn take(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultKind> {
    let index = faults
        .iter()
        .position(|fault| fault.times > 0 && fault.fits(method, path))?;
    faults[index].times -= 1;
    let kind = faults[index].kind.clone();
    faults.retain(|fault| fault.times > 0);
    Some(kind)
}
