//! The pages on which a visitor continues a sign-in: step-up, MFA, and sign-in by email.

#![expect(missing_docs, reason = "fields are named after what the page shows")]

use askama::Template;
use time::OffsetDateTime;

use super::{
    Shell, form_id, names, qr,
    words::{self, FieldError},
};
use crate::{
    limits::code_limits::NoAttempt,
    sign_in::{
        Mfa, SentEmail, StepUp,
        partial::{EMAIL_CODE_LIFETIME, seconds_until_resend, whole_seconds},
    },
    stytch::{Provider, objects::SsoConnection},
    web::assets,
};

/// A second factor that a page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code by SMS to the member's phone.
    Sms,
    /// A code from the member's authenticator app.
    App,
    /// A code from the app that the member is setting up.
    Enrollment,
    /// A phone number that the member can add.
    NewPhone,
    /// An app that the member can set up.
    NewApp,
    /// The organization accepts no factor that this app supports.
    None,
}

/// A first factor that a page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstFactor {
    /// A code by email.
    Code,
    /// A link by email.
    Link,
    /// A provider or a single sign-on connection.
    SignIn,
    /// The organization accepts no factor that this app supports.
    None,
}

/// `GET /step_up`
#[derive(Template)]
#[template(path = "step_up.html")]
pub struct StepUpPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub due: StepUp,
    pub providers: Vec<Provider>,
    pub connections: Vec<SsoConnection>,
    /// When the code that was sent expires. `None` if there is no code, or the visitor may not enter it.
    pub code_until: Option<OffsetDateTime>,
    /// Seconds until another code can be sent.
    pub code_wait: i64,
    /// Seconds until another link can be sent.
    pub link_wait: i64,
    /// Why the visitor may not enter the code.
    pub refusal: Option<NoAttempt>,
    pub field_error: FieldError,
    pub form_id: String,
}

impl StepUpPage {
    /// The page at this time.
    pub fn new(
        shell: Shell,
        due: StepUp,
        connections: Vec<SsoConnection>,
        refusal: Option<NoAttempt>,
        field_error: FieldError,
        now: OffsetDateTime,
    ) -> Self {
        let code_until = due.code_sent_at.map(|at| at + EMAIL_CODE_LIFETIME);
        Self {
            providers: due.providers(shell.site.providers()),
            shell,
            now,
            connections,
            code_until: code_until.filter(|until| *until > now && refusal.is_none()),
            code_wait: seconds_until_resend(due.code_sent_at, now),
            link_wait: seconds_until_resend(due.link_sent_at, now),
            due,
            refusal,
            field_error,
            form_id: form_id(),
        }
    }

    /// Whether the visitor could enter a new code now.
    pub(super) fn takes_new_code(&self) -> bool {
        self.refusal.is_none_or(|refusal| refusal.needs_new_code())
    }
}

/// `GET /email`
#[derive(Template)]
#[template(path = "email.html")]
pub struct EmailPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub sent_email: Option<SentEmail>,
    /// When the code that was sent expires; `None` without a code.
    pub code_until: Option<OffsetDateTime>,
    /// Seconds until another code can be sent.
    pub code_wait: i64,
    /// Seconds until another link can be sent.
    pub link_wait: i64,
    /// Seconds until an email can be sent, if a limit refused the last one; 0 if one can be sent now.
    pub refused_wait: Option<i64>,
    /// Text of `field_error`, which can contain a time to wait.
    pub error: String,
    pub field_error: FieldError,
    /// The private page that the visitor requested, where the sign-in ends; empty without one.
    pub return_to: String,
    pub form_id: String,
}

impl EmailPage {
    /// The page at this time.
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
        let return_to = sent_email.as_ref().and_then(|it| it.return_to.as_ref());
        let return_to = return_to.map(|path| path.as_str().to_owned());
        Self {
            shell,
            now,
            code_until: code_until.filter(|until| *until > now),
            code_wait: seconds_until_resend(code_sent_at, now),
            link_wait: seconds_until_resend(link_sent_at, now),
            refused_wait: sent_email
                .as_ref()
                .and_then(|sent_email| sent_email.refused)
                .map(|refused| whole_seconds(refused.until - now)),
            error: field_error.text.to_owned(),
            return_to: return_to.unwrap_or_default(),
            sent_email,
            field_error,
            form_id: form_id(),
        }
    }

    /// Removes the field for the code, which has no attempts left. A limit on emails applies to the next code.
    pub fn without_code(&mut self) {
        self.code_until = None;
        if let Some(wait) = self.refused_wait.take() {
            self.code_wait = self.code_wait.max(wait);
            self.link_wait = self.link_wait.max(wait);
        }
    }

    /// Heading of the page: the visitor's task.
    fn title(&self) -> &'static str {
        if self.needs_new_code() {
            "Request a new code"
        } else if self.refused_wait.is_some() {
            "Enter the code you already received"
        } else if self.code_until.is_some() {
            "Enter your code"
        } else if self.is_sent() {
            "Check your email"
        } else {
            "Sign in by email"
        }
    }

    /// Whether the form for another email is shown open, because it has an error or the last code can't be used.
    fn needs_another(&self) -> bool {
        self.field_error.field == "email_address"
            || self.refused_wait.is_some()
            || self.needs_new_code()
    }

    /// Whether the visitor entered a code, but can't enter it again.
    fn needs_new_code(&self) -> bool {
        self.field_error.field == "code" && !self.takes_code()
    }

    /// Value of the address field.
    fn address(&self) -> &str {
        let typed = self.sent_email.as_ref();
        typed.map_or("", |sent_email| &sent_email.email_address)
    }

    /// Whether the page has a field for a code.
    fn takes_code(&self) -> bool {
        self.code_until.is_some() || self.refused_wait.is_some()
    }

    /// Whether a link was sent.
    fn is_link_sent(&self) -> bool {
        let sent = self.sent_email.as_ref();
        sent.is_some_and(|it| it.link_sent_at.is_some())
    }

    /// Whether an email was sent.
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
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub due: Mfa,
    /// Seconds until another code can be sent by SMS.
    pub wait: i64,
    /// When the code that was sent by SMS expires.
    pub sms_until: Option<OffsetDateTime>,
    pub qr: Option<qr::Qr>,
    pub refusals: Refusals,
    pub field_error: FieldError,
    pub form_id: String,
}

/// Why the visitor may not enter a code, for each kind of code.
#[derive(Default)]
pub struct Refusals {
    pub sms: Option<NoAttempt>,
    pub totp: Option<NoAttempt>,
    pub recovery: Option<NoAttempt>,
}

impl MfaPage {
    /// Whether the visitor could enter a new code from an SMS now.
    pub(super) fn takes_new_sms(&self) -> bool {
        self.refusals
            .sms
            .is_none_or(|refusal| refusal.needs_new_code())
    }
}

impl Refusals {
    /// The refusal for a value of the form field `method`.
    fn of(&self, method: &str) -> Option<&NoAttempt> {
        match method {
            "sms" => self.sms.as_ref(),
            "totp" => self.totp.as_ref(),
            _ => self.recovery.as_ref(),
        }
    }
}
