//! Chooses the factor that a page of a sign-in in progress shows first. The page folds the others away below it.

use super::unfinished::{FirstFactor, MfaPage, SecondFactor, StepUpPage};
use crate::{limits::code_limits::NoAttempt, stytch::AuthMethod};

impl MfaPage {
    /// The factor that the visitor is most likely to use: an SMS code that was sent, or else the app.
    pub(super) fn first(&self) -> SecondFactor {
        use SecondFactor as It;
        let app_works = self.refusals.totp.is_none() || !self.offers(It::Sms);
        if self.due.enrollment.is_some() {
            It::Enrollment
        } else if self.offers(It::Sms) && self.sms_until.is_some() {
            It::Sms
        } else if self.offers(It::App) && app_works {
            It::App
        } else {
            let order = [It::Sms, It::NewPhone, It::NewApp];
            let offered = order.into_iter().find(|it| self.offers(*it));
            offered.unwrap_or(It::None)
        }
    }

    fn offers(&self, factor: SecondFactor) -> bool {
        let due = &self.due;
        match factor {
            SecondFactor::Sms => due.has_sms(),
            SecondFactor::App => due.has_app(),
            SecondFactor::Enrollment => due.enrollment.is_some(),
            // A phone that was entered can be replaced once the wait is over.
            SecondFactor::NewPhone => {
                let can_be_sent = self.wait == 0 && self.takes_new_sms();
                due.may_add_phone() && (!due.has_sms() || can_be_sent)
            }
            SecondFactor::NewApp => due.may_add_app() && due.enrollment.is_none(),
            SecondFactor::None => false,
        }
    }

    /// Whether the page offers this factor, folded away.
    pub(super) fn is_other(&self, factor: SecondFactor) -> bool {
        self.offers(factor) && self.first() != factor
    }

    pub(super) fn has_others(&self) -> bool {
        use SecondFactor as It;
        // A member with an app also has recovery codes, which are never first.
        let others = [It::Sms, It::App, It::NewPhone, It::NewApp];
        self.due.has_app() || others.into_iter().any(|it| self.is_other(it))
    }

    /// Why the visitor can't use the first factor now.
    fn lock(&self) -> Option<NoAttempt> {
        match self.first() {
            SecondFactor::App => self.refusals.totp,
            SecondFactor::Sms => self.refusals.sms.filter(|it| !it.needs_new_code()),
            _ => None,
        }
    }

    /// Whether only one factor is folded away. Its field or button says which.
    pub(super) fn has_one_other(&self) -> bool {
        use SecondFactor as It;
        let others = [It::Sms, It::App, It::NewPhone, It::NewApp];
        let others = others.into_iter().filter(|it| self.is_other(*it)).count();
        others + usize::from(self.due.has_app()) == 1
    }

    /// Whether the part that is folded away is shown open: a field in it has an error, or the first factor is locked.
    pub(super) fn is_in_others(&self) -> bool {
        if self.lock().is_some() {
            return true;
        }
        match self.field_error.field {
            "sms" => self.is_other(SecondFactor::Sms),
            "totp" => self.is_other(SecondFactor::App),
            "phone" => self.is_other(SecondFactor::NewPhone),
            "recovery" => true,
            _ => false,
        }
    }

    /// Label of the part that is folded away.
    pub(super) fn others(&self) -> &'static str {
        match self.first() {
            SecondFactor::App if !self.due.has_sms() => "Lost the app?",
            SecondFactor::Sms if self.due.phone_is_new => "Use another phone or method",
            SecondFactor::NewPhone | SecondFactor::NewApp | SecondFactor::Enrollment => {
                "Set up another second factor"
            }
            _ => "Use another second factor",
        }
    }

    /// Heading of the page: the visitor's task.
    pub(super) fn title(&self) -> &'static str {
        match self.first() {
            _ if let Some(refusal) = self.lock() => match refusal.seconds() {
                Some(_) => "Wait before you try again",
                None => "Sign in another way",
            },
            SecondFactor::Sms if self.sms_until.is_none() => "Get a code by SMS",
            SecondFactor::Sms | SecondFactor::App => "Enter your code",
            SecondFactor::Enrollment => "Set up your authenticator app",
            SecondFactor::NewPhone | SecondFactor::NewApp => "Set up a second factor",
            SecondFactor::None => "You can't finish this sign-in",
        }
    }
}

impl StepUpPage {
    /// The factor that the visitor is most likely to use: an email that was sent, or else a code.
    pub(super) fn first(&self) -> FirstFactor {
        use FirstFactor as It;
        let only_link_sent = self.due.link_sent_at.is_some() && self.due.code_sent_at.is_none();
        let is_code_in_question = self.field_error.field == "code";
        if self.offers(It::Code) && is_code_in_question {
            It::Code
        } else if self.offers(It::Link) && (only_link_sent || !self.takes_new_code()) {
            It::Link
        } else if self.offers(It::Code) && self.takes_new_code() {
            It::Code
        } else {
            let order = [It::Link, It::SignIn, It::Code];
            let offered = order.into_iter().find(|it| self.offers(*it));
            offered.unwrap_or(It::None)
        }
    }

    fn offers(&self, factor: FirstFactor) -> bool {
        match factor {
            FirstFactor::Code => self.due.allows(&AuthMethod::EmailOtp),
            FirstFactor::Link => self.due.allows(&AuthMethod::MagicLink),
            FirstFactor::SignIn => !self.providers.is_empty() || !self.connections.is_empty(),
            FirstFactor::None => false,
        }
    }

    /// Whether the page offers this factor, folded away.
    pub(super) fn is_other(&self, factor: FirstFactor) -> bool {
        self.offers(factor) && self.first() != factor
    }

    pub(super) fn has_others(&self) -> bool {
        use FirstFactor as It;
        let others = [It::Code, It::Link, It::SignIn];
        others.into_iter().any(|it| self.is_other(it))
    }

    /// Whether the folded part is shown open, because a link was sent or the first factor did not work.
    pub(super) fn is_in_others(&self) -> bool {
        let is_link_sent = self.due.link_sent_at.is_some();
        self.due.again
            || !self.takes_new_code()
            || (is_link_sent && self.is_other(FirstFactor::Link))
    }

    /// Heading of the page: the visitor's task.
    pub(super) fn title(&self) -> &'static str {
        match self.first() {
            FirstFactor::Code if self.code_until.is_some() => "Enter your code",
            FirstFactor::Link if self.due.link_sent_at.is_some() => "Check your email",
            FirstFactor::None => "You can't finish this sign-in",
            _ => "Confirm that it's you",
        }
    }
}
