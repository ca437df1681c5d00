//! The project's RBAC policy.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::ControlRequest,
    },
    model::Policy,
    rules::policy::{self, PolicyMistake},
};

/// `POST …/rbac_policy`: `roles`, `resources` and `scopes` in, which replace the policy; the whole policy out, as
/// `GET /v1/b2b/rbac/policy` returns it. A reset goes back to the policy with which the project was created.
pub fn set(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let read = policy::read(&Value::Object(request.body.clone())).map_err(|it| error("", it))?;
    let mut state = world.lock();
    policy::set(&mut state, read).map_err(|it| error("", it))?;
    Ok((200, json!({ "policy": state.policy.object() })))
}

/// The field `rbac_policy` of a new project.
pub fn read(given: &Value) -> Result<Arc<Policy>, ControlError> {
    policy::read(given).map_err(|it| error("rbac_policy", it))
}

fn error(within: &str, mistake: PolicyMistake) -> ControlError {
    let field = match (within, mistake.field.as_str()) {
        ("", field) => field.to_owned(),
        (within, "") => within.to_owned(),
        (within, field) => format!("{within}.{field}"),
    };
    ControlError::field(&field, mistake.expected)
}
