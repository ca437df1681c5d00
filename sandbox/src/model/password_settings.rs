//! A project's settings for passwords, with the names of the vendor's dashboard and management API.

use serde_json::{Map, Value, json};

/// The rules for passwords in a project.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordSettings {
    /// Whether an address has one password for all organizations, instead of one for each member.
    pub cross_org_passwords_enabled: bool,
    /// Whether breached passwords are refused when a password is set.
    pub check_breach_on_creation: bool,
    /// Whether a member with a breached password must reset it at sign-in.
    pub check_breach_on_authentication: bool,
    /// How strong a new password must be.
    pub policy: StrengthPolicy,
    /// Passwords that count as breached, besides the most common ones. The vendor queries a service instead.
    pub breached_passwords: Vec<String>,
}

/// The rule for a password's strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StrengthPolicy {
    /// A zxcvbn score of at least 3.
    Zxcvbn,
    /// A minimum length, and a minimum number of kinds among lowercase letters, uppercase letters, digits and symbols.
    Luds {
        /// Minimum number of characters, 8 to 32.
        min_length: u32,
        /// Minimum number of kinds of characters, 1 to 4.
        min_complexity: u32,
    },
}

/// The values of `validation_policy`.
pub const POLICIES: [&str; 2] = ["ZXCVBN", "LUDS"];

impl Default for PasswordSettings {
    /// The vendor's defaults.
    fn default() -> Self {
        Self {
            cross_org_passwords_enabled: false,
            check_breach_on_creation: true,
            check_breach_on_authentication: true,
            policy: StrengthPolicy::Zxcvbn,
            breached_passwords: Vec::new(),
        }
    }
}

impl PasswordSettings {
    /// All fields with the names of a seed and of `POST /_sandbox/projects`. Of the breached passwords, only the number
    /// is shown.
    pub fn object(&self) -> Value {
        let (policy, min_length, min_complexity) = match self.policy {
            StrengthPolicy::Zxcvbn => ("ZXCVBN", 8, 3),
            StrengthPolicy::Luds {
                min_length,
                min_complexity,
            } => ("LUDS", min_length, min_complexity),
        };
        json!({
            "cross_org_passwords_enabled": self.cross_org_passwords_enabled,
            "check_breach_on_creation": self.check_breach_on_creation,
            "check_breach_on_authentication": self.check_breach_on_authentication,
            "validation_policy": policy,
            "luds_min_password_length": min_length,
            "luds_min_password_complexity": min_complexity,
            "breached_passwords": self.breached_passwords.len(),
        })
    }

    /// All fields for a seed, including the breached passwords.
    pub fn seed(&self) -> Value {
        let mut object = self.object();
        object["breached_passwords"] = json!(self.breached_passwords);
        object
    }

    /// Reads the settings. Missing and null fields have default values. The error is the name of the field, and what it
    /// must be.
    pub fn read(given: &Map<String, Value>) -> Result<Self, (String, String)> {
        let mut settings = Self::default();
        let (mut luds, mut min_length, mut min_complexity) = (false, 8, 3);
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let wrong = |expected: &str| (name.clone(), expected.to_owned());
            let flag = || value.as_bool().ok_or_else(|| wrong("true or false"));
            let number = |from: u32, to: u32| {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                number
                    .filter(|number| (from..=to).contains(number))
                    .ok_or_else(|| wrong(&format!("a whole number from {from} to {to}")))
            };
            match name.as_str() {
                "cross_org_passwords_enabled" => settings.cross_org_passwords_enabled = flag()?,
                "check_breach_on_creation" => settings.check_breach_on_creation = flag()?,
                "check_breach_on_authentication" => {
                    settings.check_breach_on_authentication = flag()?;
                }
                "validation_policy" => {
                    let policy = value.as_str().filter(|word| POLICIES.contains(word));
                    luds = policy.ok_or_else(|| wrong("one of ZXCVBN, LUDS"))? == "LUDS";
                }
                "luds_min_password_length" => min_length = number(8, 32)?,
                "luds_min_password_complexity" => min_complexity = number(1, 4)?,
                "breached_passwords" => {
                    let list = value.as_array().into_iter().flatten();
                    let list: Option<Vec<String>> =
                        list.map(|it| it.as_str().map(str::to_owned)).collect();
                    settings.breached_passwords = list
                        .filter(|_| value.is_array())
                        .ok_or_else(|| wrong("a list of texts"))?;
                }
                _ => {
                    let known = Self::default().object();
                    let known = known.as_object().expect("an object").keys();
                    let known: Vec<&str> = known.map(String::as_str).collect();
                    return Err(wrong(&format!("one of {}", known.join(", "))));
                }
            }
        }
        if luds {
            settings.policy = StrengthPolicy::Luds {
                min_length,
                min_complexity,
            };
        }
        Ok(settings)
    }
}
