//! The registered redirect URLs of a project.

use serde_json::{Map, Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::{ControlRequest, only},
    },
    model::{
        RedirectUrls,
        project::{REDIRECT_URL, is_redirect_url},
    },
};

const TYPES: [&str; 5] = ["login", "signup", "discovery", "invite", "reset_password"];

/// `PUT …/redirect_urls`: takes `login`, `signup`, `discovery`, `invite` and `reset_password`, each a list of URLs.
/// They replace all registered URLs, and are returned. A reset returns to the URLs with which the project was created.
pub fn replace(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let urls = read("", &request.body)?;
    let shown = object(&urls);
    world.lock().redirect_urls = urls;
    Ok((200, shown))
}

/// Reads the field `redirect_urls` of a new project.
pub fn of_new_project(given: Option<&Value>) -> Result<Option<RedirectUrls>, ControlError> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(given)) => read("redirect_urls.", given).map(Some),
        Some(_) => Err(ControlError::field(
            "redirect_urls",
            "an object such as {\"login\": [\"http://localhost:3000/authenticate\"]}",
        )),
    }
}

/// The URLs in the format of the control API.
pub fn object(urls: &RedirectUrls) -> Value {
    json!({ "login": urls.login, "signup": urls.signup, "discovery": urls.discovery, "invite": urls.invite, "reset_password": urls.reset_password })
}

/// Reads the object. Omitted types have no URL. `within` is the path of the object, with a dot at the end.
fn read(within: &str, given: &Map<String, Value>) -> Result<RedirectUrls, ControlError> {
    only(within, given, &TYPES)?;
    let [login, signup, discovery, invite, reset_password] =
        TYPES.map(|kind| read_urls(&format!("{within}{kind}"), given.get(kind)));
    Ok(RedirectUrls {
        login: login?,
        signup: signup?,
        discovery: discovery?,
        invite: invite?,
        reset_password: reset_password?,
    })
}

fn read_urls(field: &str, given: Option<&Value>) -> Result<Vec<String>, ControlError> {
    match given {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(urls)) => {
            let url = |(index, url): (usize, &Value)| {
                let text = url.as_str().filter(|text| is_redirect_url(text));
                text.map(str::to_owned)
                    .ok_or_else(|| ControlError::field(&format!("{field}[{index}]"), REDIRECT_URL))
            };
            urls.iter().enumerate().map(url).collect()
        }
        Some(_) => Err(ControlError::field(field, "an array of URLs")),
    }
}
