//! Second factors: codes by SMS, authenticator apps, recovery codes.
//!
//! Most calls complete a sign-in in progress: they exchange the intermediate session for a member session.
//!
//! Sources: <https://stytch.com/docs/b2b/api/otp-sms-send>, `authenticate-otp-sms`, `totp-create`, `totp-authenticate`,
//! `recovery-code-recover`.

use serde::{Deserialize, Serialize};

use super::{
    IntermediateSessionToken, MemberId, OrganizationId, Result, SessionOptions, SignedIn, Stytch,
    login::SignedInBody,
    needed::{at_least_one, needed},
    secret::{RecoveryCode, TotpSecret},
    send::{Call, Done},
};

/// `stytch.mfa(..)`: the second factors of one partial session. Stytch's SDKs have them in `otps.sms`, `totps` and
/// `recovery_codes`. They are in one type here, because all calls need the same member and session.
pub struct Mfa<'a> {
    pub(super) stytch: &'a Stytch,
    pub(super) session: PartialSession<'a>,
}

/// The member whose sign-in requires a second factor, and the intermediate session.
#[derive(Clone, Copy, Serialize)]
pub(super) struct PartialSession<'a> {
    pub organization_id: &'a OrganizationId,
    pub member_id: &'a MemberId,
    pub intermediate_session_token: &'a IntermediateSessionToken,
}

#[derive(Serialize)]
struct With<'a, More> {
    #[serde(flatten)]
    session: PartialSession<'a>,
    #[serde(flatten)]
    more: More,
}

#[derive(Serialize)]
struct Code<'a> {
    code: &'a str,
    session_duration_minutes: Option<u32>,
}

/// A new authenticator app. It is not in use until its first code is accepted.
#[derive(Debug, Deserialize)]
pub struct NewTotp {
    /// Key from which the app computes codes, in Base32.
    #[serde(deserialize_with = "needed")]
    pub secret: TotpSecret,
    /// Codes that replace a code of the app, each valid once. Show them to the member once.
    #[serde(deserialize_with = "at_least_one")]
    pub recovery_codes: Vec<RecoveryCode>,
}

impl Mfa<'_> {
    /// `POST /v1/b2b/otps/sms/send`: sends a code of six digits, valid for two minutes or until a newer one is sent.
    /// Set `phone_number` (E.164) only for a member who has none yet.
    pub async fn send_sms(
        &self,
        phone_number: Option<&str>,
        options: &SessionOptions,
    ) -> Result<()> {
        #[derive(Serialize)]
        struct Send<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            mfa_phone_number: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            locale: Option<&'a str>,
        }
        let more = Send {
            mfa_phone_number: phone_number,
            locale: options.email_locale(),
        };
        let Done { .. } = self.send("/v1/b2b/otps/sms/send", more).await?;
        Ok(())
    }

    /// `POST /v1/b2b/otps/sms/authenticate`
    pub async fn sms(&self, code: &str, options: &SessionOptions) -> Result<SignedIn> {
        self.code("/v1/b2b/otps/sms/authenticate", code, options)
            .await
    }

    /// `POST /v1/b2b/totp`: creates an authenticator app for a member who has none.
    pub async fn create_totp(&self) -> Result<NewTotp> {
        #[derive(Serialize)]
        struct Nothing {}
        self.send("/v1/b2b/totp", Nothing {}).await
    }

    /// `POST /v1/b2b/totp/authenticate`: a code from the app. The first code completes its enrollment.
    pub async fn totp(&self, code: &str, options: &SessionOptions) -> Result<SignedIn> {
        self.code("/v1/b2b/totp/authenticate", code, options).await
    }

    /// `POST /v1/b2b/recovery_codes/recover`: uses up one of the codes that were created with the app.
    pub async fn recover(&self, recovery_code: &str, options: &SessionOptions) -> Result<SignedIn> {
        #[derive(Serialize)]
        struct Recover<'a> {
            recovery_code: &'a str,
            session_duration_minutes: Option<u32>,
        }
        let more = Recover {
            recovery_code,
            session_duration_minutes: options.session_duration_minutes,
        };
        self.sign_in("/v1/b2b/recovery_codes/recover", more).await
    }

    async fn code(&self, path: &str, code: &str, options: &SessionOptions) -> Result<SignedIn> {
        let more = Code {
            code,
            session_duration_minutes: options.session_duration_minutes,
        };
        self.sign_in(path, more).await
    }

    async fn sign_in(&self, path: &str, more: impl Serialize) -> Result<SignedIn> {
        let session = self.session;
        let body = With { session, more };
        let outcome = |body: SignedInBody| Ok(body.into());
        self.stytch.post_login(path, &body, outcome).await
    }

    async fn send<Answer: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        more: impl Serialize,
    ) -> Result<Answer> {
        let session = self.session;
        let body = With { session, more };
        self.stytch.post(Call::Once, path, &body).await
    }
}
