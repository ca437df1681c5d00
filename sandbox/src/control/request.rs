//! A request of the control API.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::{
    control::error::{ControlError, Reply},
    http::{Answer, Incoming, answer},
    seed::Seed,
    world::{World, sandbox::Sandbox},
};

/// A handler of the control API.
pub type Control = fn(&ControlRequest<'_>) -> Reply;

/// The input of a handler.
pub struct ControlRequest<'a> {
    pub sandbox: &'a Sandbox,
    pub incoming: &'a Incoming,
    pub body: Map<String, Value>,
}

/// Serves a call of the control API, whose query may have only these parameters. The body of methods other than POST
/// and PUT is ignored.
pub fn serve(
    sandbox: &Sandbox,
    control: Control,
    parameters: &[&str],
    method: &str,
    incoming: &Incoming,
) -> Answer {
    let result = check_origin(incoming).and_then(|()| {
        let mut request = ControlRequest {
            sandbox,
            incoming,
            body: Map::new(),
        };
        request.only_parameters(parameters)?;
        if matches!(method, "POST" | "PUT") {
            request.body = read_body(incoming)?;
        }
        control(&request)
    });
    match result {
        Ok((status, body)) => answer::json(status, &body),
        Err(error) => error.answer(&incoming.request_id),
    }
}

/// Refuses requests that a page of another site sends, by `Sec-Fetch-Site`, or by `Origin` for browsers without that
/// header. Programs send neither header.
pub fn check_origin(incoming: &Incoming) -> Result<(), ControlError> {
    let site = incoming.header("sec-fetch-site");
    let origin = incoming.header("origin");
    let is_own = origin.is_empty() || incoming.is_own_origin(origin);
    if matches!(site, "" | "none" | "same-origin") && is_own {
        return Ok(());
    }
    Err(ControlError::plain(
        403,
        "sandbox_forbidden",
        "Pages of other sites can't change the sandbox. Send this from a program or from the sandbox's console.",
    ))
}

fn read_body(incoming: &Incoming) -> Result<Map<String, Value>, ControlError> {
    if incoming.body.is_empty() {
        return Ok(Map::new());
    }
    let content_type = incoming.header("content-type").to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind != "application/json" {
        return Err(ControlError::field(
            "Content-Type",
            "application/json, unless the body is empty",
        ));
    }
    match serde_json::from_slice(&incoming.body) {
        Ok(Value::Object(fields)) => {
            let text = str::from_utf8(&incoming.body).unwrap_or_default();
            match Seed::key_given_twice(text) {
                Some(field) => Err(ControlError::field(&field, "given only once")),
                None => Ok(fields),
            }
        }
        Ok(_) => Err(ControlError::field("The body", "a JSON object")),
        Err(error) => Err(ControlError::field(
            "The body",
            format!("valid JSON ({error})"),
        )),
    }
}

impl ControlRequest<'_> {
    /// The world of the project in the path.
    pub fn project(&self) -> Result<World, ControlError> {
        let id = self.part("project_id");
        self.sandbox.project(id).ok_or_else(|| {
            ControlError::unknown(
                "project_id",
                format!(
                    "the id of a project of this sandbox, which keeps the newest {}; GET /_sandbox/projects lists them",
                    self.sandbox.options.limits.projects
                ),
            )
        })
    }

    /// The part of the path that this name stands for in the route.
    pub fn part(&self, name: &str) -> &str {
        self.incoming.path.get(name).map_or("", String::as_str)
    }

    /// Refuses unknown fields, because a misspelled one would silently have no effect.
    pub fn only(&self, known: &[&str]) -> Result<(), ControlError> {
        only("", &self.body, known)
    }

    /// Refuses unknown query parameters.
    pub fn only_parameters(&self, known: &[&str]) -> Result<(), ControlError> {
        let given = self.incoming.query.iter();
        let fields = given.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        only("", &fields.collect(), known).map_err(|error| {
            if known.is_empty() {
                let field = error.field.unwrap_or_default();
                ControlError::field(&field, "left out: this call has no query parameters")
            } else {
                error
            }
        })
    }

    /// A text field. Null counts as omitted; `""` is refused, because no field can be empty.
    pub fn text(&self, field: &str, expected: &str) -> Result<Option<&str>, ControlError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(ControlError::field(field, expected)),
        }
    }

    pub fn need_text(&self, field: &str, expected: &str) -> Result<&str, ControlError> {
        self.text(field, expected)?
            .ok_or_else(|| ControlError::field(field, expected))
    }

    /// A list of texts that are not empty. Null counts as omitted.
    pub fn texts(&self, field: &str, expected: &str) -> Result<Option<Vec<String>>, ControlError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let text = |it: &Value| it.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
                let texts = value
                    .as_array()
                    .and_then(|list| list.iter().map(text).collect());
                texts
                    .map(Some)
                    .ok_or_else(|| ControlError::field(field, expected))
            }
        }
    }

    pub fn integer(
        &self,
        field: &str,
        range: RangeInclusive<u64>,
        unit: &str,
    ) -> Result<Option<u64>, ControlError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_u64()
                .filter(|number| range.contains(number))
                .map(Some)
                .ok_or_else(|| {
                    let (from, to) = (range.start(), range.end());
                    ControlError::field(field, format!("a whole number{unit} from {from} to {to}"))
                }),
        }
    }
}

/// Refuses unknown keys. `within` is the path of the object, with a dot at the end.
pub fn only(within: &str, given: &Map<String, Value>, known: &[&str]) -> Result<(), ControlError> {
    match given.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) if known.is_empty() => Err(ControlError::field(
            &format!("{within}{key}"),
            "left out: this call has no fields",
        )),
        Some(key) => Err(ControlError::field(
            &format!("{within}{key}"),
            format!("one of the known fields: {}", known.join(", ")),
        )),
    }
}
