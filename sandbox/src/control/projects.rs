//! Creates, deletes, lists and shows projects.

use serde_json::{Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        pinned, policy, redirect_urls,
        request::{ControlRequest, only},
    },
    model::{
        Identity, Locks, PasswordSettings, Person, ProjectSettings,
        clock::wire,
        project::{SMS_PREFIX, is_sms_prefix},
    },
    seed::Seed,
};

/// `POST /_sandbox/projects`: takes `seed`, `redirect_urls`, `locks`, `passwords`, `rbac`, `sms_prefixes` and
/// `rate_limits`, and returns the credentials of a new world. They can be chosen with `project_id`, `secret` and
/// `public_token`. No other response contains the secret.
pub fn create(request: &ControlRequest<'_>) -> Reply {
    #[rustfmt::skip]
    request.only(&[
        "seed", "redirect_urls", "locks", "passwords", "rbac", "rbac_policy", "sms_prefixes", "rate_limits",
        "project_id", "secret", "public_token",
    ])?;
    let seed = read_seed(request.body.get("seed"))?;
    let given_urls = redirect_urls::of_new_project(request.body.get("redirect_urls"))?;
    let redirect_urls = given_urls.or_else(|| seed.redirect_urls());
    let settings = ProjectSettings {
        redirect_urls: redirect_urls.unwrap_or_default(),
        locks: read_locks(request.body.get("locks"))?,
        rbac_policy: policy::of_new_project(request)?,
        passwords: read_passwords(request.body.get("passwords"))?,
        sms_prefixes: read_sms_prefixes(request.body.get("sms_prefixes"))?,
        rate_limits: match request.body.get("rate_limits") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(has)) => Some(*has),
            Some(_) => return Err(ControlError::field("rate_limits", "true or false")),
        },
    };
    let world = request
        .sandbox
        .create_world_with(pinned::credentials(request)?, seed, settings)
        .map_err(|taken| {
            let expected =
                "one that no project of this sandbox has: delete that one first, or choose another";
            ControlError::conflict(taken.field, expected)
        })?;
    let credentials = world.credentials();
    let body = json!({
        "project_id": credentials.project_id,
        "secret": credentials.secret,
        "public_token": credentials.public_token,
    });
    Ok((201, body))
}

/// `DELETE /_sandbox/projects/{project_id}`: removes the world with everything in it. The first world can't be removed:
/// 409.
pub fn delete(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    if request
        .sandbox
        .remove_world(&world.credentials().project_id)
    {
        Ok((200, json!({})))
    } else {
        let expected =
            "a project that was created here: the first one can't be deleted, only reset";
        Err(ControlError::conflict("project_id", expected))
    }
}

/// `GET /_sandbox/projects`: lists the projects, the first one at the beginning. `dropped` is the number of projects
/// that were dropped for newer ones.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn list(request: &ControlRequest<'_>) -> Reply {
    let projects: Vec<Value> = request
        .sandbox
        .worlds()
        .iter()
        .map(|world| {
            json!({
                "project_id": world.credentials().project_id,
                "public_token": world.credentials().public_token,
                "seed": world.seed(),
            })
        })
        .collect();
    let dropped = request.sandbox.dropped_worlds();
    Ok((200, json!({ "projects": projects, "dropped": dropped })))
}

/// `GET …/state`: returns everything in the world except secrets, as the vendor's objects where such objects exist.
pub fn state(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let state = world.lock();
    let mut all = state.snapshot();
    all["people"] = state.people.iter().map(person).collect();
    all["redirect_urls"] = redirect_urls::object(&state.redirect_urls);
    all["locks"] = json!({ "attempts": state.locks.attempts, "minutes": state.locks.minutes });
    all["rbac_policy"] = state.policy.object();
    all["passwords"] = state.passwords.object();
    all["sms_prefixes"] = json!(state.sms_prefixes);
    all["rate_limits"] = json!(state.rates.is_some());
    all["now"] = wire(state.now());
    Ok((200, all))
}

fn person(person: &Person) -> Value {
    let account = |identity: &Identity| {
        json!({
            "provider": identity.provider.word(),
            "subject": identity.subject,
            "hd": identity.hd,
            "tenants": identity.tenants,
            "email_verified": identity.email_verified,
        })
    };
    json!({
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "accounts": person.identities.iter().map(account).collect::<Vec<_>>(),
    })
}

fn read_seed(given: Option<&Value>) -> Result<Seed, ControlError> {
    match given {
        None | Some(Value::Null) => Ok(Seed::Default),
        Some(Value::String(word)) if word == "default" => Ok(Seed::Default),
        Some(Value::String(word)) if word == "empty" => Ok(Seed::Empty),
        Some(seed @ Value::Object(_)) => Seed::from_value(seed).map_err(|mistakes| {
            let first = mistakes.first();
            let field = match first.field.as_str() {
                "" => "seed".to_owned(),
                inner => format!("seed.{inner}"),
            };
            ControlError::field(&field, &first.expected)
        }),
        Some(_) => Err(ControlError::field(
            "seed",
            "\"default\", \"empty\" or an object with the structure that `stytch-sandbox --print-seed` prints",
        )),
    }
}

/// Omitted fields have their default values.
fn read_locks(given: Option<&Value>) -> Result<Option<Locks>, ControlError> {
    let given = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(given)) => given,
        Some(_) => {
            let expected = "an object such as {\"attempts\": 10, \"minutes\": 60}";
            return Err(ControlError::field("locks", expected));
        }
    };
    only("locks.", given, &Locks::FIELDS.map(|(name, _)| name))?;
    let [attempts, minutes] = Locks::FIELDS.map(|(name, range)| {
        let Some(value) = given.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let (from, to) = (range.start(), range.end());
        let expected = format!("a whole number from {from} to {to}");
        let number = number.filter(|number| range.contains(number));
        number
            .map(Some)
            .ok_or_else(|| ControlError::field(&format!("locks.{name}"), expected))
    });
    let default = Locks::default();
    Ok(Some(Locks {
        attempts: attempts?.unwrap_or(default.attempts),
        minutes: minutes?.unwrap_or(default.minutes),
    }))
}

/// Omitted fields have their default values.
fn read_passwords(given: Option<&Value>) -> Result<Option<PasswordSettings>, ControlError> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(given)) => {
            PasswordSettings::read(given)
                .map(Some)
                .map_err(|(field, expected)| {
                    ControlError::field(&format!("passwords.{field}"), expected)
                })
        }
        Some(_) => {
            let expected = "an object such as {\"cross_org_passwords_enabled\": true}";
            Err(ControlError::field("passwords", expected))
        }
    }
}

fn read_sms_prefixes(given: Option<&Value>) -> Result<Option<Vec<String>>, ControlError> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(prefixes)) => {
            let prefix = |(index, prefix): (usize, &Value)| {
                let text = prefix.as_str().filter(|text| is_sms_prefix(text));
                text.map(str::to_owned).ok_or_else(|| {
                    ControlError::field(&format!("sms_prefixes[{index}]"), SMS_PREFIX)
                })
            };
            prefixes
                .iter()
                .enumerate()
                .map(prefix)
                .collect::<Result<_, _>>()
                .map(Some)
        }
        Some(_) => Err(ControlError::field(
            "sms_prefixes",
            "an array such as [\"+1\", \"+44\"]",
        )),
    }
}
