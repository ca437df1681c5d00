//! Explains why a token does not work.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::{
    model::{
        CurrentCall, State,
        clock::wire,
        endings::expired,
        token_fates::{Fate, TokenFate},
    },
    rules::ActingHeaders,
};

/// What happened to one token in a call. It does not contain the token itself.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The field, parameter or header with the token.
    pub field: String,
    /// `used`, `wrong_verifier`, `expired`, `ended`, `other_project`, `earlier` or `unknown`.
    pub outcome: &'static str,
    /// Time, by the world's clock.
    pub at: Option<OffsetDateTime>,
    /// The call that caused it.
    pub by: Option<Arc<CurrentCall>>,
    /// The project that issued the token, if it is another one.
    pub project_id: Option<String>,
    /// The whole explanation as a sentence.
    pub text: String,
}

impl Explanation {
    fn new(field: &str, outcome: &'static str, text: &str) -> Self {
        Self {
            field: field.to_owned(),
            outcome,
            at: None,
            by: None,
            project_id: None,
            text: format!("{field} {text}"),
        }
    }

    /// The explanation in the format of the control API.
    pub fn object(&self) -> Value {
        let by = self.by.as_ref();
        json!({
            "field": self.field,
            "outcome": self.outcome,
            "at": self.at.map(wire),
            "by": by.map(|by| format!("{} {}", by.method, by.path)),
            "request_id": by.map(|by| by.request_id.clone()),
            "project_id": self.project_id,
            "explanation": self.text,
        })
    }
}

/// The tokens in the body, the query and the headers of a call, with the names of their fields.
pub fn tokens<'a>(
    body: &Map<String, Value>,
    query: impl Iterator<Item = (&'a String, &'a String)>,
    acting: &ActingHeaders,
) -> Vec<(String, String)> {
    let of_body = body
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let of_query = query.map(|(name, value)| (name.clone(), value.clone()));
    let mut tokens: Vec<(String, String)> = of_body
        .chain(of_query)
        .filter(|(name, value)| is_token_field(name) && !value.is_empty())
        .collect();
    for (name, value) in [
        ("X-Stytch-Member-Session", &acting.session_token),
        ("X-Stytch-Member-SessionJWT", &acting.session_jwt),
    ] {
        let value = value.iter().filter(|value| !value.is_empty());
        tokens.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    tokens
}

fn is_token_field(name: &str) -> bool {
    name != "public_token"
        && (name == "token" || name.ends_with("_token") || name.ends_with("_jwt"))
}

/// Explains the tokens that do not work. `request_id` is the id of their call.
pub fn explain(state: &State, tokens: &[(String, String)], request_id: &str) -> Vec<Explanation> {
    tokens
        .iter()
        .filter_map(|(field, token)| of_token(state, field, token, request_id))
        .collect()
}

fn of_token(state: &State, field: &str, token: &str, request_id: &str) -> Option<Explanation> {
    let claims = claims(token);
    let session_id = claims
        .as_ref()
        .and_then(|claims| claims["https://stytch.com/session"]["id"].as_str());
    let name = session_id.unwrap_or(token);
    if let Some(fate) = state.fates.of(name) {
        return Some(told(field, fate, request_id));
    }
    let now = state.now();
    match expires_at(state, name) {
        Some(expires_at) if now < expires_at => return None,
        Some(expires_at) => return Some(told(field, &expired(expires_at), request_id)),
        None => {}
    }
    let audience = claims.as_ref().and_then(|claims| claims["aud"][0].as_str());
    let owner = audience.map(Arc::from).or_else(|| state.owners.of(token));
    Some(match owner {
        None => Explanation::new(field, "unknown", "is not a token that this sandbox issued"),
        Some(owner) if *owner == *state.credentials.project_id => {
            let text = "no longer exists: it was issued before this project was reset or restored, or it belonged to something that was deleted";
            Explanation::new(field, "earlier", text)
        }
        Some(owner) => Explanation {
            project_id: Some(owner.to_string()),
            ..Explanation::new(
                field,
                "other_project",
                &format!("belongs to another project, {}", short(&owner)),
            )
        },
    })
}

/// Shortens text from a JWT, which may have any length.
fn short(text: &str) -> String {
    let plain = text.chars().filter(char::is_ascii_graphic);
    plain.take(64).collect()
}

/// Expiry of a stored token of any kind.
fn expires_at(state: &State, name: &str) -> Option<OffsetDateTime> {
    let factors = &state.factors;
    let mut sessions = state.sessions.iter();
    let session = sessions.find(|session| session.token == name || session.id == name);
    session
        .map(|it| it.expires_at)
        .or_else(|| state.intermediates.get(name).map(|it| it.expires_at))
        .or_else(|| state.oauth_tokens.get(name).map(|it| it.expires_at))
        .or_else(|| factors.sso_tokens.get(name).map(|it| it.expires_at))
        .or_else(|| factors.links.get(name).map(|it| it.expires_at))
}

fn told(field: &str, fate: &TokenFate, request_id: &str) -> Explanation {
    let by = Some(&fate.by).filter(|by| !by.request_id.is_empty());
    let at = wire(fate.at);
    let at = at.as_str().unwrap_or_default();
    let call = match by {
        Some(by) if by.request_id == request_id => format!("at {at} by this call"),
        Some(by) => format!("at {at} by {} {} ({})", by.method, by.path, by.request_id),
        None => format!("at {at}"),
    };
    let (outcome, what) = match fate.fate {
        Fate::Used => ("used", "was used"),
        Fate::WrongVerifier => ("wrong_verifier", "was invalidated by a wrong PKCE verifier"),
        Fate::Expired => ("expired", "expired"),
        Fate::Ended => ("ended", "was ended"),
    };
    Explanation {
        at: Some(fate.at),
        by: by.cloned(),
        ..Explanation::new(field, outcome, &format!("{what} {call}"))
    }
}

/// The claims of a JWT, whose signature is not checked.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&claims)
        .ok()
        .filter(Value::is_object)
}
