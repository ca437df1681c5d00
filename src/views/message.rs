//! What an error page says.

use super::names::isolated;
use crate::{
    sign_in::{Origin, StartMethod},
    web::site::Site,
};

/// Heading, text and main link of an error page.
pub struct Words {
    /// The heading.
    pub title: &'static str,
    /// One or two sentences. Names are [`isolated`].
    pub text: String,
    /// The main link: its words and where it leads.
    pub next: (String, String),
}

impl Words {
    pub(super) fn new(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            title,
            text: text.into(),
            next: ("Back to sign-in".to_owned(), "/".to_owned()),
        }
    }

    pub(super) fn leading(mut self, words: impl Into<String>, url: impl Into<String>) -> Self {
        self.next = (words.into(), url.into());
        self
    }

    /// Where the main link leads.
    pub fn href(&self, site: &Site) -> String {
        site.link(&self.next.1)
    }
}

/// Label of the link that starts the same sign-in again.
pub(super) fn again_words(origin: &Origin) -> String {
    match &origin.method {
        Some(StartMethod::Connection(connection)) => {
            format!("Start again with {}", isolated(&connection.display_name))
        }
        Some(StartMethod::Provider(provider)) => format!("Start again with {provider}"),
        Some(StartMethod::Email) => "Start again by e-mail".to_owned(),
        None => "Start again".to_owned(),
    }
}
