//! Approves sign-ins automatically.

use serde_json::{Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::ControlRequest,
    },
    model::people::{is_disruptive, is_email},
};

/// `POST …/auto_approve`: takes `email`, the person whom every start URL signs in from then on, or `off`, which shows
/// the pages again. Returns the same as `GET`.
pub fn set(request: &ControlRequest<'_>) -> Reply {
    const EMAIL: &str = "an email address, such as sam@acme.example";
    request.only(&["email", "off"])?;
    let world = request.project()?;
    let email = request.text("email", EMAIL)?;
    let is_off = match request.body.get("off") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(ControlError::field("off", "true, or left out")),
    };
    let auto_approve = match (email, is_off) {
        (Some(_), true) => return Err(ControlError::field("off", "left out if email is given")),
        (None, false) => {
            return Err(ControlError::field(
                "email",
                format!("{EMAIL}, or off true"),
            ));
        }
        (None, true) => None,
        (Some(email), false) if is_email(email) && !email.contains(is_disruptive) => {
            Some(email.to_lowercase())
        }
        (Some(_), false) => return Err(ControlError::field("email", EMAIL)),
    };
    world.lock().auto_approve = auto_approve;
    show(request)
}

/// `GET …/auto_approve`: returns `{"email": …}`, with null while it is off.
pub fn show(request: &ControlRequest<'_>) -> Reply {
    let email = request.project()?.lock().auto_approve.clone();
    Ok((
        200,
        email.map_or(Value::Null, |email| json!({ "email": email })),
    ))
}
