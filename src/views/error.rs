//! The words of every error page: what happened, without blame, and the next step.

use axum::http::StatusCode;

use crate::{
    error::{AppError, Cause, NotAllowed, Reason, StartAgain, TryLater},
    session::Begun,
};

/// What an error page says.
pub struct Words {
    /// The heading.
    pub title: &'static str,
    /// One or two sentences.
    pub text: String,
    /// The main link: its words and where it leads.
    pub next: (String, String),
}

impl Words {
    fn new(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            title,
            text: text.into(),
            next: ("Back to sign-in".to_owned(), "/".to_owned()),
        }
    }

    fn leading(mut self, words: impl Into<String>, url: impl Into<String>) -> Self {
        self.next = (words.into(), url.into());
        self
    }

    /// For one of our own errors.
    pub fn of(error: &AppError) -> Self {
        match error {
            AppError::StartAgain(again) => start_again(again),
            AppError::TryLater(later) => try_later(*later),
            AppError::WrongOrganization { asked } => {
                let name = &asked.organization_name;
                let text = format!(
                    "You asked for {name}, but the sign-in came back for another organization. Nobody was signed in."
                );
                Self::new("That was another organization", text).leading(
                    format!("Sign in to {name}"),
                    format!("/org/{}", asked.organization_slug),
                )
            }
            AppError::NotAllowed { why, organization } => {
                not_allowed(*why, organization.as_deref())
            }
            AppError::NotFound => Self::new(
                "There is nothing here",
                "This page or organization does not exist. Check the address for a typing mistake.",
            ),
            AppError::SessionGone => Self::new("You were signed out", "Sign in again to go on."),
            AppError::Ours => Self::new(
                "Something went wrong on our side",
                "It is not your doing. Trying again may help; if it does not, tell us the number below.",
            ),
        }
    }

    /// A POST from another site.
    pub fn cross_site() -> Self {
        Self::new(
            "That came from another site",
            "A form was sent here from somewhere else, so nothing was done. If it was you, do it again from our own page.",
        )
    }

    /// A request under another name.
    pub fn other_host(app_url: &str) -> Self {
        let address = app_url.trim_end_matches('/');
        let text = format!(
            "Sign-in works under one address only, {address}: cookies and redirect URLs belong to it."
        );
        Self::new("This app has another address", text).leading(format!("Go to {address}"), app_url)
    }

    /// What axum or a layer refused.
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::of(&AppError::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                "That does not work here",
                "This address takes another kind of request. Nothing was done.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                "That was too much",
                "The form held more than we take. Go back and shorten it.",
            ),
            StatusCode::SERVICE_UNAVAILABLE => Self::new(
                "Not before you click",
                "A sign-in begins with a click, not with a preview of the page.",
            ),
            status if status.is_server_error() => Self::of(&AppError::Ours),
            _ => Self::new(
                "We could not read that",
                "The request was not in the form that this page sends. Go back and try again.",
            ),
        }
    }
}

fn start_again(again: &StartAgain) -> Words {
    let (title, text) = match again.reason {
        Reason::TookTooLong => (
            "Your sign-in took too long",
            "A sign-in must be finished within ten minutes. Nothing is lost but the time.",
        ),
        Reason::NotBegun => (
            "No sign-in is under way",
            "This page belongs to a sign-in, and none is begun in this browser, or it is finished already.",
        ),
        Reason::SignedOut => ("You are not signed in", "This page is for members."),
        Reason::SessionEnded => (
            "You were signed out",
            "Your session has ended: its time was up, or it was ended from elsewhere.",
        ),
        Reason::Cancelled => (
            "Sign-in was cancelled",
            "You or the provider stopped before the end. Nobody was signed in.",
        ),
        Reason::TokenSpent => (
            "This sign-in was used already",
            "Its link works once and for a short time.",
        ),
        Reason::BegunElsewhere => (
            "This sign-in belongs to another browser",
            "It was begun somewhere else, so it can't be finished here. Nobody was signed in.",
        ),
        Reason::BadCallback => (
            "This is not a sign-in we know",
            "The link that led here is incomplete or meant for another page. Nobody was signed in.",
        ),
    };
    let words = Words::new(title, text);
    match &again.begun {
        Some(begun) => words.leading(again_words(begun), begun.again()),
        None => words,
    }
}

fn again_words(begun: &Begun) -> String {
    if let Some(connection) = &begun.connection {
        return format!("Start again with {}", connection.display_name);
    }
    match begun.provider {
        Some(provider) => format!("Start again with {provider}"),
        None => "Start again".to_owned(),
    }
}

fn try_later(later: TryLater) -> Words {
    let (title, text) = match later.cause {
        Cause::Slow => (
            "Stytch is slow to answer",
            "We waited and got no answer.".to_owned(),
        ),
        Cause::Down => (
            "Stytch does not answer",
            "The service that checks sign-ins can't be reached, or its answer makes no sense."
                .to_owned(),
        ),
        Cause::Busy(after) => (
            "Too many tries at once",
            format!(
                "Nothing was done. Try again in {} seconds.",
                after.as_secs()
            ),
        ),
    };
    let known = if later.may_have_happened {
        " What you asked for may have been done all the same: sign in again to see."
    } else {
        ""
    };
    Words::new(title, text + known)
}

fn not_allowed(why: NotAllowed, organization: Option<&str>) -> Words {
    let (title, text) = match why {
        NotAllowed::Method => (
            "Not this way",
            "This organization does not let its members sign in with that provider. Choose another one on its page, or ask its administrator.",
        ),
        NotAllowed::NotAMember => (
            "You are not a member there",
            "The organization does not admit your address by itself. Ask somebody there to invite you.",
        ),
        NotAllowed::DomainClaimed => (
            "Your e-mail domain belongs to another organization",
            "People with your address join that one. Ask its administrator.",
        ),
        NotAllowed::Locked => (
            "Locked for now",
            "There were too many failed tries with this account. Wait a while, or ask an administrator.",
        ),
        NotAllowed::Suspended => (
            "This organization is suspended",
            "Nobody can sign in to it at the moment. Ask its administrator.",
        ),
    };
    let words = Words::new(title, text);
    match organization {
        Some(slug) => words.leading("Other ways to sign in", format!("/org/{slug}")),
        None => words,
    }
}
