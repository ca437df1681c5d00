//! Credentials that a test chooses for a new project, for apps with credentials in their code.

use crate::{
    control::{error::ControlError, request::ControlRequest},
    model::{Credentials, ids},
};

/// Maximum length of a secret, in bytes.
const LONGEST_SECRET: usize = 256;

/// Reads `project_id`, `secret` and `public_token`, each in the vendor's format for test projects. Omitted ones are
/// generated.
pub fn credentials(request: &ControlRequest<'_>) -> Result<Credentials, ControlError> {
    let fresh = Credentials::fresh();
    Ok(Credentials {
        project_id: id(request, "project_id", "project")?.unwrap_or(fresh.project_id),
        secret: secret(request)?.unwrap_or(fresh.secret),
        public_token: id(request, "public_token", "public-token")?.unwrap_or(fresh.public_token),
    })
}

fn id(
    request: &ControlRequest<'_>,
    field: &str,
    kind: &str,
) -> Result<Option<String>, ControlError> {
    let expected = format!("{kind}-test- and a UUID in lowercase, or left out for a new one");
    match request.text(field, &expected)? {
        None => Ok(None),
        Some(id) if ids::is_id(kind, id) => Ok(Some(id.to_owned())),
        Some(_) => Err(ControlError::field(field, expected)),
    }
}

fn secret(request: &ControlRequest<'_>) -> Result<Option<String>, ControlError> {
    let expected = format!(
        "secret-test- and at least one more visible ASCII character, {LONGEST_SECRET} in all at most, or left out for a new one"
    );
    match request.text("secret", &expected)? {
        None => Ok(None),
        Some(secret) if is_secret(secret) => Ok(Some(secret.to_owned())),
        Some(_) => Err(ControlError::field("secret", expected)),
    }
}

fn is_secret(text: &str) -> bool {
    let rest = text.strip_prefix("secret-test-").unwrap_or_default();
    let is_visible = rest.bytes().all(|byte| byte.is_ascii_graphic());
    !rest.is_empty() && is_visible && text.len() <= LONGEST_SECRET
}
