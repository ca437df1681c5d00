//! A setup mistake that no `error_type` names: the credentials are those of two projects.

/// Stytch does not know the token of a sign-in that this browser started a moment ago. Stytch issues tokens for the project
/// of the public token, and looks them up in the project of the secret.
#[derive(Debug, thiserror::Error)]
#[error("Stytch does not know a token that it issued less than a minute ago")]
pub struct UnknownToken;

impl UnknownToken {
    /// What the operator must change.
    pub const ADVICE: &str = "STYTCH_PUBLIC_TOKEN belongs to another project than STYTCH_PROJECT_ID, or the token was used elsewhere: copy all three credentials from one API keys page of the dashboard";
}
