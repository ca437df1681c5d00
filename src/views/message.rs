//! The parts of an error page: heading, text and main link.

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
    /// Names in the text must be [`isolated`].
    pub text: String,
    /// Whether the text says what is wrong with the setup. The page adds how to check everything.
    pub is_about_setup: bool,
    /// Label and path of the main link.
    pub next: (String, String),
    /// Path of the page with the other ways to sign in, if the page links to it.
    pub other_ways: Option<String>,
    /// The slug that the visitor typed, for a page with the lookup form.
    pub typed: Option<String>,
}

/// Longest text that the lookup form shows again, in characters. This is the length of the longest slug.
const LONGEST_TYPED: usize = 128;

impl Words {
    pub(super) fn new(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            title,
            text: text.into(),
            is_about_setup: false,
            // For a member, it redirects to their organization.
            next: ("Go to the start page".to_owned(), "/".to_owned()),
            other_ways: None,
            typed: None,
        }
    }

    pub(super) fn leading(mut self, words: impl Into<String>, url: impl Into<String>) -> Self {
        self.next = (words.into(), url.into());
        self
    }

    /// Makes the main link lead to the ways to sign in, for a visitor who is not signed in.
    pub(super) fn back_to_sign_in(self) -> Self {
        self.leading("Back to sign-in", "/")
    }

    /// Replaces the text with what the operator must change.
    pub(super) fn explaining(mut self, advice: &str) -> Self {
        self.title = "This app is not set up correctly";
        let mut letters = advice.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        let advice: String = first.chain(letters).collect();
        self.text = format!("{advice}.");
        self.is_about_setup = true;
        self
    }

    /// Makes the main link switch to the organization that the page belongs to.
    pub(super) fn switching_to(self, slug: &Slug) -> Self {
        match Slug::parse(slug.as_str()) {
            Some(slug) => {
                let label = format!("Switch to {}", isolated(&slug));
                self.leading(label, format!("/organizations?q={slug}"))
            }
            None => self,
        }
    }

    /// Adds the lookup form, filled in with what the visitor typed.
    pub(super) fn asking_again(mut self, typed: &str) -> Self {
        let typed = typed.chars().filter(|c| !is_disruptive(*c));
        self.typed = Some(typed.take(LONGEST_TYPED).collect());
        self
    }

    /// URL of the main link.
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
