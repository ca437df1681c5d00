//! The pages of a sign-in that is not finished: one more proof, a second factor, an address to prove.

use askama::Template;
use time::OffsetDateTime;

use super::{Shell, once, qr, words};
use crate::{
    routes::code::Fault,
    session::{
        Emailed, Mfa, StepUp,
        state::{EMAIL_CODE_LIVES, wait_after},
    },
    stytch::{Provider, objects::SsoConnection},
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
    pub fault: Fault,
    /// One showing of the forms.
    pub once: String,
}

impl StepUpPage {
    /// At this time.
    pub fn new(
        shell: Shell,
        due: StepUp,
        connections: Vec<SsoConnection>,
        ours: &[Provider],
        fault: Fault,
        now: OffsetDateTime,
    ) -> Self {
        let allowed = |provider: &&Provider| due.allows(provider.auth_method());
        let code_until = due.code_sent_at.map(|at| at + EMAIL_CODE_LIVES);
        Self {
            shell,
            providers: ours.iter().filter(allowed).copied().collect(),
            connections,
            code_until: code_until.filter(|until| *until > now),
            code_wait: wait_after(due.code_sent_at, now),
            link_wait: wait_after(due.link_sent_at, now),
            due,
            fault,
            once: once(),
        }
    }

    /// Whether this app has any of the ways that would do.
    fn has_a_way(&self) -> bool {
        let by_email = self.due.allows("email_otp") || self.due.allows("magic_link");
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
    pub emailed: Option<Emailed>,
    /// Until when the code that was sent is good; `None` when there is none.
    pub code_until: Option<OffsetDateTime>,
    /// Seconds until another code may be sent.
    pub code_wait: i64,
    /// Seconds until another link may be sent.
    pub link_wait: i64,
    /// What is wrong with what was typed.
    pub fault: Fault,
    /// One showing of the code's form.
    pub once: String,
}

impl EmailPage {
    /// At this time.
    pub fn new(shell: Shell, emailed: Option<Emailed>, fault: Fault, now: OffsetDateTime) -> Self {
        let code_sent_at = emailed.as_ref().and_then(|emailed| emailed.code_sent_at);
        let link_sent_at = emailed.as_ref().and_then(|emailed| emailed.link_sent_at);
        let code_until = code_sent_at.map(|at| at + EMAIL_CODE_LIVES);
        Self {
            shell,
            code_until: code_until.filter(|until| *until > now),
            code_wait: wait_after(code_sent_at, now),
            link_wait: wait_after(link_sent_at, now),
            emailed,
            fault,
            once: once(),
        }
    }

    /// What stands in the address field.
    fn address(&self) -> &str {
        let typed = self.emailed.as_ref();
        typed.map_or("", |emailed| &emailed.email_address)
    }

    /// Whether anything is on its way.
    fn is_sent(&self) -> bool {
        self.emailed.as_ref().and_then(Emailed::at).is_some()
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
    pub fault: Fault,
    /// One showing of the forms.
    pub once: String,
}
