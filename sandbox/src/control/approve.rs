//! Signs a person in without the consent page.

use serde_json::{Map, Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::{ControlRequest, only},
    },
    model::people::{is_disruptive, is_domain},
    rules::{
        Approval, Approved, Flow,
        approve::{approve as give_consent, deny},
        approve_sso::{SsoApproval, approve_sso, deny_sso},
        refusal::Refusal,
        requested_person::{HostedDomain, RequestedPerson},
    },
};

const FIELDS: [&str; 10] = [
    "flow",
    "provider",
    "connection_id",
    "email",
    "organization",
    "pkce_code_challenge",
    "groups",
    "person",
    "error",
    "redirect_url",
];
const EMAIL: &str = "the address of the person who signs in";
const CHALLENGE: &str = "a PKCE challenge of 43 characters";
const URL: &str = "a redirect URL that is registered for the project";

/// `POST …/approve`: returns what pressing the person's button would lead to: the one-time token, and the app's URL
/// with it. No start URL has to be opened before, and an unknown person is created. With `error`, returns the URL for a
/// refusal by the provider.
pub fn approve(request: &ControlRequest<'_>) -> Reply {
    const FLOWS: &str = "discovery_oauth, oauth or sso";
    request.only(&FIELDS)?;
    let flow = match request.need_text("flow", FLOWS)? {
        "discovery_oauth" => Flow::DiscoveryOauth,
        "oauth" => Flow::Oauth,
        "sso" => return sso(request),
        _ => return Err(ControlError::field("flow", FLOWS)),
    };
    left_out(
        request,
        &["connection_id", "groups"],
        "only the flow sso has connections",
    )?;
    let organization = request.text("organization", "the id or the slug of an organization")?;
    if flow == Flow::DiscoveryOauth && organization.is_some() {
        let expected = "left out: discovery chooses the organization afterwards";
        return Err(ControlError::field("organization", expected));
    }
    let error = error(request)?;
    let approval = Approval {
        flow,
        provider: request.need_text(
            "provider",
            "one of google, microsoft, github, slack, hubspot",
        )?,
        email: email(request, error)?,
        organization,
        pkce_code_challenge: request.text("pkce_code_challenge", CHALLENGE)?,
    };
    let person = person(request)?;
    let redirect_url = request.text("redirect_url", URL)?;
    let world = request.project()?;
    let mut state = world.lock();
    match error {
        Some(error) => denied(deny(&state, approval, error, redirect_url)),
        None => approved(give_consent(&mut state, approval, &person, redirect_url)),
    }
}

/// A sign-in through an SSO connection, which determines the organization.
fn sso(request: &ControlRequest<'_>) -> Reply {
    left_out(
        request,
        &["provider", "organization"],
        "the connection determines it",
    )?;
    let groups = request.texts("groups", "a list of the person's groups at the IdP")?;
    let error = error(request)?;
    let approval = SsoApproval {
        connection_id: request.need_text("connection_id", "the id of an active SSO connection")?,
        email: email(request, error)?,
        groups: groups.as_deref(),
        pkce_code_challenge: request.text("pkce_code_challenge", CHALLENGE)?,
    };
    let person = person(request)?;
    let redirect_url = request.text("redirect_url", URL)?;
    let world = request.project()?;
    let mut state = world.lock();
    match error {
        Some(error) => denied(deny_sso(&state, approval, error, redirect_url)),
        None => approved(approve_sso(&mut state, approval, &person, redirect_url)),
    }
}

fn approved(approved: Result<Approved, Refusal>) -> Reply {
    let approved = approved.map_err(refused)?;
    let body = json!({ "token": approved.token, "redirect_url": approved.redirect_url });
    Ok((200, body))
}

fn denied(redirect_url: Result<String, Refusal>) -> Reply {
    let redirect_url = redirect_url.map_err(refused)?;
    Ok((200, json!({ "token": null, "redirect_url": redirect_url })))
}

fn refused(refusal: Refusal) -> ControlError {
    ControlError::field(refusal.field, refusal.expected)
}

fn left_out(
    request: &ControlRequest<'_>,
    fields: &[&str],
    reason: &str,
) -> Result<(), ControlError> {
    match fields
        .iter()
        .find(|field| request.body.contains_key(**field))
    {
        None => Ok(()),
        Some(field) => Err(ControlError::field(field, format!("left out: {reason}"))),
    }
}

/// The provider's error, if the sign-in is to fail. RFC 6749 §4.1.2.1 defines six errors, and providers add their own.
fn error<'a>(request: &'a ControlRequest<'_>) -> Result<Option<&'a str>, ControlError> {
    const EXPECTED: &str = "an error of the provider, such as access_denied: up to 100 visible ASCII characters without quotes and backslashes";
    let is_good = |error: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        error.len() <= 100 && error.bytes().all(is_allowed)
    };
    match request.text("error", EXPECTED)? {
        Some(error) if !is_good(error) => Err(ControlError::field("error", EXPECTED)),
        Some(_) if request.body.contains_key("person") => {
            let expected = "left out if error is given, because no person signs in then";
            Err(ControlError::field("person", expected))
        }
        error => Ok(error),
    }
}

/// The address of the person. Refused if `error` is given, because no person signs in then.
fn email<'a>(
    request: &'a ControlRequest<'_>,
    error: Option<&str>,
) -> Result<&'a str, ControlError> {
    match error {
        Some(_) => Ok(request.text("email", EMAIL)?.unwrap_or_default()),
        None => request.need_text("email", EMAIL),
    }
}

fn person(request: &ControlRequest<'_>) -> Result<RequestedPerson, ControlError> {
    let given = match request.body.get("person") {
        None | Some(Value::Null) => return Ok(RequestedPerson::default()),
        Some(Value::Object(given)) => given,
        Some(_) => {
            let expected = "an object such as {\"name\": \"Sam\", \"email_verified\": false}";
            return Err(ControlError::field("person", expected));
        }
    };
    only(
        "person.",
        given,
        &["name", "hosted_domain", "email_verified", "tenants"],
    )?;
    Ok(RequestedPerson {
        name: name(given)?,
        hosted_domain: hosted_domain(given)?,
        email_verified: email_verified(given)?,
        tenants: tenants(given)?,
    })
}

fn name(given: &Map<String, Value>) -> Result<Option<String>, ControlError> {
    let is_good = |name: &str| {
        let length = name.chars().count();
        (1..=100).contains(&length) && !name.trim().is_empty() && !name.contains(is_disruptive)
    };
    match given.get("name") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if is_good(name) => Ok(Some(name.clone())),
        Some(_) => Err(ControlError::field(
            "person.name",
            "a name of 1 to 100 characters without control characters",
        )),
    }
}

/// Null means a personal account; an omitted field keeps the default.
fn hosted_domain(given: &Map<String, Value>) -> Result<Option<HostedDomain>, ControlError> {
    match given.get("hosted_domain") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(HostedDomain::Personal)),
        Some(Value::String(domain)) if is_domain(domain) => {
            Ok(Some(HostedDomain::Workspace(domain.clone())))
        }
        Some(_) => Err(ControlError::field(
            "person.hosted_domain",
            "Google's Workspace domain, such as acme.example, or null for a personal account",
        )),
    }
}

fn email_verified(given: &Map<String, Value>) -> Result<Option<bool>, ControlError> {
    match given.get("email_verified") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(verified)) => Ok(Some(*verified)),
        Some(_) => Err(ControlError::field(
            "person.email_verified",
            "true or false",
        )),
    }
}

fn tenants(given: &Map<String, Value>) -> Result<Option<Vec<String>>, ControlError> {
    let tenant = |it: &Value| it.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    match given.get("tenants") {
        None | Some(Value::Null) => Ok(None),
        Some(list) => {
            let tenants = list
                .as_array()
                .and_then(|list| list.iter().map(tenant).collect());
            tenants
                .map(Some)
                .ok_or_else(|| ControlError::field("person.tenants", "a list of ids of tenants"))
        }
    }
}
