//! What the forms that take a code share: the code itself, and what is wrong with it.

use serde::Deserialize;

use crate::stytch::Error;

/// A code as people type it.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
}

impl CodeForm {
    /// Blanks in it are fine.
    pub fn code(&self) -> String {
        without_blanks(&self.code)
    }
}

/// `123 456` → `123456`
pub fn without_blanks(code: &str) -> String {
    code.split_whitespace().collect()
}

/// What is wrong, and at which field.
#[derive(Default)]
pub struct Fault {
    /// The field's id.
    pub at: &'static str,
    /// What to do.
    pub words: &'static str,
}

/// The vendor's reasons that a person can mend by typing again; `None` for all others.
pub fn fault(at: &'static str, error: &Error) -> Option<Fault> {
    let words = match error.error_type()? {
        "otp_code_not_found" | "unable_to_authenticate_totp" | "totp_code_not_found" => {
            "That is not the code. Check it and try again."
        }
        "unable_to_auth_otp_code" => {
            "That code was used already or has run out. Have a new one sent."
        }
        "invalid_code" => "A code has six digits.",
        "totp_code_already_authenticated" => {
            "That code was used already. Wait for the app's next one."
        }
        "unable_to_authenticate_recovery_code" | "recovery_code_not_found" => {
            "That is not one of your recovery codes, or it was used already."
        }
        "totp_code_used_as_recovery_code" => {
            "That is a code of the app. Type it above, or a recovery code here."
        }
        "invalid_phone_number" => "Type the number with its country code, like +1 555 555 0100.",
        "invalid_email" => "That is not an e-mail address. Check it and try again.",
        _ => return None,
    };
    Some(Fault { at, words })
}
