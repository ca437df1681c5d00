//! What an error page says.

use super::names::{is_disruptive, isolated};
use crate::{
    sign_in::{Origin, StartMethod},
    stytch::Slug,
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
    /// What the visitor typed, for a page with the lookup form.
    pub typed: Option<String>,
}

/// Longest text that the lookup form shows again, in characters: the longest slug.
const LONGEST_TYPED: usize = 128;

impl Words {
    pub(super) fn new(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            title,
            text: text.into(),
            next: ("Back to sign-in".to_owned(), "/".to_owned()),
            typed: None,
        }
    }

    pub(super) fn leading(mut self, words: impl Into<String>, url: impl Into<String>) -> Self {
        self.next = (words.into(), url.into());
        self
    }

    /// Says what the operator must change instead.
    pub(super) fn explaining(mut self, advice: &str) -> Self {
        self.title = "The setup needs a change";
        let mut letters = advice.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        let advice: String = first.chain(letters).collect();
        self.text = format!(
            "{advice}. To check the whole setup, run cargo run -- doctor. The page says this only on a loopback APP_URL."
        );
        self
    }

    /// Leads to the organization to which the page belongs.
    pub(super) fn switching_to(self, slug: &Slug) -> Self {
        match Slug::parse(slug.as_str()) {
            Some(slug) => {
                let label = format!("Switch to {}", isolated(&slug));
                self.leading(label, format!("/organizations?q={slug}"))
            }
            None => self,
        }
    }

    /// Adds the lookup form with what the visitor typed.
    pub(super) fn asking_again(mut self, typed: &str) -> Self {
        let typed = typed.chars().filter(|c| !is_disruptive(*c));
        self.typed = Some(typed.take(LONGEST_TYPED).collect());
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
        Some(StartMethod::Email) => "Start again by email".to_owned(),
        None => "Start again".to_owned(),
    }
}
