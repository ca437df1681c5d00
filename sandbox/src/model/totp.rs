//! Authenticator apps (RFC 6238 with SHA-1, six digits and 30 seconds, by the world's clock), and recovery codes for
//! lost ones. See `docs/stytch.md#second-factors`.

use data_encoding::BASE32_NOPAD;
use ring::{
    digest::{SHA256, digest},
    hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign},
};
use time::OffsetDateTime;

use crate::model::{ApiError, ids};

/// Number of recovery codes of a member.
const RECOVERY_CODES: usize = 10;

/// A member's authenticator app.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totp {
    pub registration_id: String,
    /// The shared secret.
    key: Vec<u8>,
    /// Deadline for the first use; `None` after it.
    pub expires_at: Option<OffsetDateTime>,
    /// The step of the last accepted code. Codes of this and earlier steps are used up.
    last_step: Option<i64>,
    pub recovery_codes: Vec<RecoveryCode>,
}

/// A single-use code for a lost authenticator app.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCode {
    pub id: String,
    pub code: String,
}

impl Totp {
    /// A new app, to be used for the first time before `expires_at`.
    pub fn new(expires_at: OffsetDateTime) -> Self {
        Self {
            registration_id: ids::mint("member-totp"),
            key: ids::random::<20>().to_vec(),
            expires_at: Some(expires_at),
            last_step: None,
            recovery_codes: new_recovery_codes(),
        }
    }

    /// An imported app: its secret in base32, with upper or lower case and with or without padding, and its recovery
    /// codes, or new ones if none are given. `None` unless the secret is base32 of 10 to 64 bytes.
    pub fn migrated(secret: &str, codes: &[&str]) -> Option<Self> {
        let secret = secret.trim_end_matches('=').to_ascii_uppercase();
        let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
        let theirs = codes.iter().map(|code| RecoveryCode {
            id: ids::mint("totp-recovery-code"),
            code: (*code).to_owned(),
        });
        (10..=64).contains(&key.len()).then(|| Self {
            registration_id: ids::mint("member-totp"),
            key,
            expires_at: None,
            last_step: None,
            recovery_codes: if codes.is_empty() {
                new_recovery_codes()
            } else {
                theirs.collect()
            },
        })
    }

    /// The app of a member whose registration id is from a seed or a test. Secret and recovery codes are derived from
    /// the id, so they are the same at every start.
    pub fn pinned(registration_id: &str) -> Self {
        let bytes = |what: &str| digest(&SHA256, format!("{registration_id} {what}").as_bytes());
        let recovery_codes = (1..=RECOVERY_CODES).map(|number| RecoveryCode {
            id: format!("{registration_id}-recovery-{number}"),
            code: recovery_code(bytes(&format!("recovery {number}")).as_ref()),
        });
        Self {
            registration_id: registration_id.to_owned(),
            key: bytes("secret").as_ref()[..20].to_vec(),
            expires_at: None,
            last_step: None,
            recovery_codes: recovery_codes.collect(),
        }
    }

    /// The app with this secret in base32, whose recovery codes are derived from the registration id. `None` unless the
    /// secret is base32 of 10 to 64 bytes.
    pub fn registered(registration_id: &str, secret: &str) -> Option<Self> {
        Self::migrated(secret, &[]).map(|it| Self {
            key: it.key,
            ..Self::pinned(registration_id)
        })
    }

    /// The secret in the form that people type: 32 characters of base32 without padding.
    pub fn secret(&self) -> String {
        BASE32_NOPAD.encode(&self.key)
    }

    pub fn code(&self, now: OffsetDateTime) -> String {
        code_of(&self.key, step(now))
    }

    /// Uses up a code of this step or, for people who type slowly, of the previous one. Each code can be used once.
    pub fn take(&mut self, code: &str, now: OffsetDateTime) -> Result<(), ApiError> {
        let fitting = [step(now), step(now) - 1]
            .into_iter()
            .find(|step| code_of(&self.key, *step) == code);
        let step = fitting.ok_or_else(|| ApiError::of("unable_to_authenticate_totp"))?;
        if self.last_step.is_some_and(|last| step <= last) {
            return Err(ApiError::of("totp_code_already_authenticated"));
        }
        self.last_step = Some(step);
        Ok(())
    }

    /// Removes a recovery code and returns its id.
    pub fn recover(&mut self, code: &str) -> Result<String, ApiError> {
        let index = self
            .recovery_codes
            .iter()
            .position(|known| known.code == code)
            .ok_or_else(|| ApiError::of("unable_to_authenticate_recovery_code"))?;
        Ok(self.recovery_codes.remove(index).id)
    }

    /// Replaces the recovery codes, and invalidates the old ones.
    pub fn rotate(&mut self) {
        self.recovery_codes = new_recovery_codes();
    }

    /// The remaining recovery codes.
    pub fn codes(&self) -> Vec<&str> {
        self.recovery_codes
            .iter()
            .map(|it| it.code.as_str())
            .collect()
    }
}

fn step(now: OffsetDateTime) -> i64 {
    now.unix_timestamp().div_euclid(30)
}

/// The code of a step (RFC 4226 §5.3).
fn code_of(key: &[u8], step: i64) -> String {
    let mac = sign(
        &Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key),
        &step.to_be_bytes(),
    );
    let mac = mac.as_ref();
    let offset = usize::from(mac[mac.len() - 1] & 0x0f);
    let four = [
        mac[offset] & 0x7f,
        mac[offset + 1],
        mac[offset + 2],
        mac[offset + 3],
    ];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

fn new_recovery_codes() -> Vec<RecoveryCode> {
    (0..RECOVERY_CODES)
        .map(|_| RecoveryCode {
            id: ids::mint("totp-recovery-code"),
            code: recovery_code(&ids::random::<12>()),
        })
        .collect()
}

/// Twelve lowercase letters and digits in groups of four, as in the vendor's examples.
fn recovery_code(random: &[u8]) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let letters: Vec<char> = random
        .iter()
        .take(12)
        .map(|byte| char::from(LETTERS[usize::from(byte % 36)]))
        .collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 6238 appendix B, of which the last six digits are compared.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let key = b"12345678901234567890";
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(key, time / 30), code);
        }
    }

    #[test]
    fn secrets_are_base32() {
        let totp = Totp {
            key: b"12345678901234567890".to_vec(),
            ..Totp::pinned("")
        };
        assert_eq!(totp.secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
