//! The project's RBAC policy.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::{ControlRequest, only},
    },
    model::Policy,
    rules::policy::{self, PolicyMistake},
};

/// `POST …/rbac_policy`: takes `roles`, `resources` and `scopes`, which replace the policy, and returns the whole
/// policy in the format of `GET /v1/b2b/rbac/policy`. A reset returns to the policy with which the project was created.
pub fn set(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let read = policy::read(&Value::Object(request.body.clone())).map_err(|it| error("", it))?;
    let mut state = world.lock();
    policy::set(&mut state, read).map_err(|it| error("", it))?;
    Ok((200, json!({ "policy": state.policy.object() })))
}

/// Reads the field `rbac` of a new project: the whole response of `GET /v1/b2b/rbac/policy`, or its `policy`. The field
/// `rbac_policy` is the latter.
pub fn of_new_project(request: &ControlRequest<'_>) -> Result<Option<Arc<Policy>>, ControlError> {
    let given = |field| request.body.get(field).filter(|value| !value.is_null());
    match (given("rbac"), given("rbac_policy")) {
        (None, None) => Ok(None),
        (None, Some(policy)) => read("rbac_policy", policy).map(Some),
        (Some(_), Some(_)) => {
            let expected = "left out if rbac is given, because both are the policy";
            Err(ControlError::field("rbac_policy", expected))
        }
        (Some(Value::Object(answer)), None) if answer.contains_key("policy") => {
            only("rbac.", answer, &["policy", "status_code", "request_id"])?;
            read("rbac.policy", &answer["policy"]).map(Some)
        }
        (Some(policy), None) => read("rbac", policy).map(Some),
    }
}

fn read(field: &str, given: &Value) -> Result<Arc<Policy>, ControlError> {
    policy::read(given).map_err(|it| error(field, it))
}

fn error(within: &str, mistake: PolicyMistake) -> ControlError {
    let field = match (within, mistake.field.as_str()) {
        ("", field) => field.to_owned(),
        (within, "") => within.to_owned(),
        (within, field) => format!("{within}.{field}"),
    };
    ControlError::field(&field, mistake.expected)
}
