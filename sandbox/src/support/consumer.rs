//! Endpoints of the vendor's Consumer product, which apps call by mistake.

use crate::model::ApiError;

/// First segments of the Consumer product's paths, after `/v1/`.
const FOLDERS: [&str; 12] = [
    "crypto_wallets",
    "idp",
    "impersonation",
    "magic_links",
    "oauth",
    "otps",
    "passwords",
    "rbac",
    "sessions",
    "totps",
    "users",
    "webauthn",
];

/// Whether a path that B2B does not have belongs to the Consumer product.
pub fn is_consumer(path: &str) -> bool {
    let folder = path
        .strip_prefix("/v1/")
        .and_then(|it| it.split('/').next());
    folder.is_some_and(|folder| FOLDERS.contains(&folder))
}

/// The error for such a call in a B2B project. Its error type is from the vendor's Android SDK.
pub fn refused(method: &str, path: &str) -> ApiError {
    let message = format!(
        "This is a B2B project, and {method} {path} is an endpoint of Consumer projects. The endpoints of B2B projects \
         begin with /v1/b2b/: use the B2B client of your SDK."
    );
    ApiError::new(400, "invalid_consumer_endpoint", message)
}
