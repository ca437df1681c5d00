//! The keys of the simulated providers for checking ID tokens, and the discovery document that names them (OpenID
//! Connect Discovery 1.0 §4).

use serde_json::json;

use crate::{
    http::{Answer, Incoming, answer},
    model::{ApiError, KeyRing, Provider},
    world::sandbox::Sandbox,
};

/// `GET /_sandbox/oauth/{provider}/jwks.json`: returns the public keys, for Google and Microsoft.
pub fn jwks(_: &Sandbox, request: &Incoming) -> Answer {
    match provider(request) {
        Ok(_) => answer::json(
            200,
            &json!({ "keys": KeyRing::of_identity_provider().jwks() }),
        ),
        Err(error) => answer::error(&error, &request.request_id),
    }
}

/// `GET /_sandbox/oauth/{provider}/.well-known/openid-configuration`: returns the issuer and the URL of its keys. It
/// has nothing else, because logins begin at Stytch's start URLs.
pub fn configuration(_: &Sandbox, request: &Incoming) -> Answer {
    match provider(request) {
        Ok(provider) => {
            let issuer = provider.issuer(&request.origin());
            let body = json!({
                "issuer": issuer,
                "jwks_uri": format!("{issuer}/jwks.json"),
                "id_token_signing_alg_values_supported": ["RS256"],
                "subject_types_supported": ["public"],
            });
            answer::json(200, &body)
        }
        Err(error) => answer::error(&error, &request.request_id),
    }
}

/// The provider in the path, if it signs ID tokens.
fn provider(request: &Incoming) -> Result<Provider, ApiError> {
    let word = request.path.get("provider").map_or("", String::as_str);
    Provider::from_word(word)
        .filter(|provider| provider.identifies())
        .ok_or_else(|| ApiError::of("route_not_found"))
}
