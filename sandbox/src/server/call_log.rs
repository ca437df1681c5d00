//! Writes the log of calls of a world.

use serde_json::{Map, Value};

use crate::{
    http::{Answer, answer::Noted},
    model::LoggedCall,
    rules::explain::Explanation,
    world::World,
};

/// The outcome of a call.
pub struct Done {
    pub status: u16,
    pub error_type: Option<String>,
    /// Explanations of its tokens that do not work.
    pub tokens: Vec<Explanation>,
}

impl Done {
    pub fn new(status: u16, error_type: Option<&str>) -> Self {
        Self {
            status,
            error_type: error_type.map(str::to_owned),
            tokens: Vec::new(),
        }
    }

    /// Reads the outcome from a response.
    pub fn of(answer: &Answer) -> Self {
        let noted = answer.extensions().get::<Noted>();
        let error_type = noted.and_then(|it| it.error_type.as_deref());
        Self::new(answer.status().as_u16(), error_type)
    }

    /// Copies the outcome into the response's notes.
    pub fn note(&self, noted: &mut Noted) {
        noted.error_type.clone_from(&self.error_type);
        let texts: Vec<&str> = self.tokens.iter().map(|it| it.text.as_str()).collect();
        noted.tokens = (!texts.is_empty()).then(|| texts.join("; "));
    }
}

/// Adds a call immediately, because the caller may disconnect before the response.
pub fn begin(world: &World, call: LoggedCall) {
    world.lock().calls.push(call);
}

/// Completes the call's entry, unless a test has cleared the log meanwhile.
pub fn complete(world: &World, request_id: &str, done: &Done) {
    let mut state = world.lock();
    let mut logged = state.calls.iter_mut().rev();
    if let Some(logged) = logged.find(|logged| logged.call.request_id == request_id) {
        logged.call.status = done.status;
        logged.call.error_type.clone_from(&done.error_type);
        logged.tokens = done.tokens.iter().map(Explanation::object).collect();
    }
}

/// The parameters of a query or the fields of a form as an object; null if there are none.
pub fn object<'a>(parameters: impl Iterator<Item = (&'a String, &'a String)>) -> Value {
    let fields: Map<String, Value> = parameters
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    if fields.is_empty() {
        Value::Null
    } else {
        Value::Object(fields)
    }
}
