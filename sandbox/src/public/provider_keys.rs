//! The keys of the stand-in providers, with which apps check ID tokens, and where they find them (OpenID Connect Discovery
//! 1.0 §4).

use serde_json::json;

use crate::{
    http::{Answer, Incoming, answer},
    model::{ApiError, KeyRing, Provider},
    world::sandbox::Sandbox,
};

/// `GET /_sandbox/oauth/{provider}/jwks.json`: the public keys, for Google and Microsoft.
pub fn jwks(_: &Sandbox, request: &Incoming) -> Answer {
    match provider(request) {
        Ok(_) => answer::json(
            200,
            &json!({ "keys": KeyRing::of_identity_provider().jwks() }),
        ),
        Err(error) => answer::error(&error, &request.request_id),
    }
}

/// `GET /_sandbox/oauth/{provider}/.well-known/openid-configuration`: the issuer, and where its keys are. Logins begin at
/// Stytch's start URLs, so there is no more than that.
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

/// The provider of the path, if it signs ID tokens.
fn provider(request: &Incoming) -> Result<Provider, ApiError> {
    let word = request.path.get("provider").map_or("", String::as_str);
    Provider::from_word(word)
        .filter(|provider| provider.identifies())
        .ok_or_else(|| ApiError::of("route_not_found"))
}
