//! The pages of a sign-in in progress: another first factor, a second factor, an address to verify.

use askama::Template;
use time::OffsetDateTime;

use super::{
    Shell, form_id, qr,
    words::{self, FieldError},
};
use crate::{
    sign_in::{
        Mfa, SentEmail, StepUp,
        partial::{EMAIL_CODE_LIFETIME, seconds_until_resend},
    },
    stytch::{AuthMethod, Provider, objects::SsoConnection},
    web::assets,
};

/// `GET /step_up`
#[derive(Template)]
#[template(path = "step_up.html")]
pub struct StepUpPage {
    /// The frame.
    pub shell: Shell,
    /// What is missing.
    pub due: StepUp,
    /// The allowed providers among those of this app.
    pub providers: Vec<Provider>,
    /// The allowed connections.
    pub connections: Vec<SsoConnection>,
    /// Until when the code that was sent is good; `None` when there is none.
    pub code_until: Option<OffsetDateTime>,
    /// Seconds until another code may be sent.
    pub code_wait: i64,
    /// Seconds until another link may be sent.
    pub link_wait: i64,
    /// What is wrong with what was typed.
    pub field_error: FieldError,
    /// Makes a second submission a duplicate.
    pub form_id: String,
}

impl StepUpPage {
    /// As it is now.
    pub fn new(
        shell: Shell,
        due: StepUp,
        connections: Vec<SsoConnection>,
        field_error: FieldError,
        now: OffsetDateTime,
    ) -> Self {
        let allowed = |provider: &&Provider| due.allows(&provider.auth_method());
        let code_until = due.code_sent_at.map(|at| at + EMAIL_CODE_LIFETIME);
        Self {
            providers: shell
                .site
                .providers()
                .iter()
                .filter(allowed)
                .copied()
                .collect(),
            shell,
            connections,
            code_until: code_until.filter(|until| *until > now),
            code_wait: seconds_until_resend(due.code_sent_at, now),
            link_wait: seconds_until_resend(due.link_sent_at, now),
            due,
            field_error,
            form_id: form_id(),
        }
    }

    /// Whether this app has any of the ways that would do.
    fn has_a_way(&self) -> bool {
        let by_email =
            self.due.allows(&AuthMethod::EmailOtp) || self.due.allows(&AuthMethod::MagicLink);
        by_email || !self.providers.is_empty() || !self.connections.is_empty()
    }
}

/// `GET /email`
#[derive(Template)]
#[template(path = "email.html")]
pub struct EmailPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed, and what is on its way.
    pub sent_email: Option<SentEmail>,
    /// Until when the code that was sent is good; `None` when there is none.
    pub code_until: Option<OffsetDateTime>,
    /// Seconds until another code may be sent.
    pub code_wait: i64,
    /// Seconds until another link may be sent.
    pub link_wait: i64,
    /// What is wrong with what was typed.
    pub field_error: FieldError,
    /// Makes a second submission a duplicate.
    pub form_id: String,
}

impl EmailPage {
    /// At this time.
    pub fn new(
        shell: Shell,
        sent_email: Option<SentEmail>,
        field_error: FieldError,
        now: OffsetDateTime,
    ) -> Self {
        let code_sent_at = sent_email
            .as_ref()
            .and_then(|sent_email| sent_email.code_sent_at);
        let link_sent_at = sent_email
            .as_ref()
            .and_then(|sent_email| sent_email.link_sent_at);
        let code_until = code_sent_at.map(|at| at + EMAIL_CODE_LIFETIME);
        Self {
            shell,
            code_until: code_until.filter(|until| *until > now),
            code_wait: seconds_until_resend(code_sent_at, now),
            link_wait: seconds_until_resend(link_sent_at, now),
            sent_email,
            field_error,
            form_id: form_id(),
        }
    }

    /// What stands in the address field.
    fn address(&self) -> &str {
        let typed = self.sent_email.as_ref();
        typed.map_or("", |sent_email| &sent_email.email_address)
    }

    /// Whether anything is on its way.
    fn is_sent(&self) -> bool {
        self.sent_email
            .as_ref()
            .and_then(SentEmail::sent_at)
            .is_some()
    }
}

/// `GET /mfa`
#[derive(Template)]
#[template(path = "mfa.html")]
pub struct MfaPage {
    /// The frame.
    pub shell: Shell,
    /// What is missing.
    pub due: Mfa,
    /// Seconds until another SMS may be sent.
    pub wait: i64,
    /// Until when the code that was sent is good.
    pub sms_until: Option<OffsetDateTime>,
    /// For the app that is being set up.
    pub qr: Option<qr::Qr>,
    /// What is wrong with what was typed.
    pub field_error: FieldError,
    /// Makes a second submission a duplicate.
    pub form_id: String,
}
