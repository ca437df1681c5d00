//! The list "What just happened", which `inspector.html` adds to each page, and the texts of its steps and calls.

use askama::{Template, filters::Safe};

use super::{Shell, names};
use crate::{
    stytch::{
        recorder::RecordedCall,
        reference::{SdkMethod, sdk_method},
    },
    web::inspector::{routes::ROUTES, steps::Step},
};

/// The list is a separate template, because Askama would compile an included one into each page.
#[derive(Template)]
#[template(path = "inspector.html")]
struct WhatHappened {
    steps: Vec<Step>,
    is_cut: bool,
}

impl Shell {
    /// The list for the end of the page, as HTML; empty if the inspector is off.
    pub(super) fn inspector(&self) -> Safe<String> {
        let list = self.inspection.as_ref().map(|inspection| WhatHappened {
            steps: inspection.steps(),
            is_cut: inspection.is_cut(),
        });
        // Without the list, the page is still complete.
        let html = list.and_then(|list| list.render().ok());
        Safe(html.unwrap_or_default())
    }
}

// Methods that the template calls.

impl Step {
    /// Method and URL of the request.
    fn request_line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }

    /// Status of the response. If it is a redirect, its location follows.
    fn outcome(&self) -> String {
        match self.status {
            None => "(this page)".to_owned(),
            Some(status) if self.location.is_empty() => status.to_string(),
            Some(status) => format!("{status} to"),
        }
    }

    /// Source file of the handler; empty for a request without one.
    fn file(&self) -> &'static str {
        let mut routes = ROUTES.iter();
        let route = routes.find(|it| it.path == self.route && it.method == self.method);
        route.map_or("", |route| route.file)
    }

    /// What happened to the session id; empty for a request without one.
    fn session_words(&self) -> String {
        match (self.session.as_str(), self.new_session.as_str()) {
            ("", "") => String::new(),
            ("", new) => format!("session id {new} is new"),
            (old, new) if new.is_empty() || new == old => format!("session id {old}"),
            (old, new) => format!("session id {new} replaces {old}"),
        }
    }
}

impl RecordedCall {
    /// Name of the method in Stytch's SDKs, or the path of a call that they do not have.
    fn name(&self) -> &str {
        self.sdk_method().map_or(&self.path, |method| method.name)
    }

    /// URL of the call's page in Stytch's API reference.
    fn page(&self) -> Option<&'static str> {
        self.sdk_method()?.page
    }

    /// Status and duration.
    fn outcome(&self) -> String {
        let status = self
            .status
            .map_or("no response".to_owned(), |it| it.to_string());
        format!("{status}, {} ms", self.milliseconds)
    }

    fn sdk_method(&self) -> Option<&'static SdkMethod> {
        sdk_method(&self.method, &self.path)
    }
}
