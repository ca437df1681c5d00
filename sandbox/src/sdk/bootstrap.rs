//! The SDK's calls for settings and for reports.

use serde_json::{Value, json};

use crate::{
    http::{Answer, ApiRequest, Incoming, answer},
    model::{ApiError, Reply, State, StrengthPolicy, fields::fields},
    world::sandbox::Sandbox,
};

/// `GET /sdk/v1/projects/bootstrap/{public_token}`: returns the project's settings for browsers. Every method is
/// enabled, and PKCE is required in every flow that supports it.
pub fn show(state: &mut State, request: &ApiRequest) -> Reply {
    if request.part("public_token") != state.credentials.public_token {
        return Err(ApiError::of("public_token_not_found"));
    }
    let password_config = match state.passwords.policy {
        StrengthPolicy::Zxcvbn => Value::Null,
        StrengthPolicy::Luds {
            min_length,
            min_complexity,
        } => json!({ "luds_complexity": min_complexity, "luds_minimum_count": min_length }),
    };
    Ok(fields(json!({
        "project_name": "Stytch sandbox",
        "vertical": "B2B",
        "disable_sdk_watermark": false,
        "cname_domain": null,
        "email_domains": ["stytch.com"],
        "captcha_settings": { "enabled": false },
        "dfp_protected_auth_enabled": false,
        "siwe_required_for_crypto_wallets": false,
        "pkce_required_for_email_magic_links": true,
        "pkce_required_for_password_resets": true,
        "pkce_required_for_oauth": true,
        "pkce_required_for_sso": true,
        "slug_pattern": null,
        "create_organization_enabled": true,
        "password_config": password_config,
        "rbac_policy": state.policy.object(),
    })))
}

/// `POST /sdk/v1/events`: accepts and discards the SDK's reports about itself, which have no credentials.
pub fn events(_: &Sandbox, request: &Incoming) -> Answer {
    if let Ok(Value::Array(_)) = serde_json::from_slice(&request.body) {
        return answer::json(200, &json!({ "data": {} }));
    }
    let error = ApiError::bad_request("The request body must be an array of events.");
    answer::error(&error, &request.request_id)
}
