//! Records a run of a flow: every request of the browser, where each response leads, and the calls to Stytch between
//! them.

use stytch_sandbox::support;
use url::Url;

use crate::support::{Browser, TestApp, app::Setup};

/// A party of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    Browser,
    App,
    Stytch,
    /// The OAuth provider, or the organization's identity provider.
    Provider,
}

/// A request or a response. Its text has templates of paths and names of fields, and no values.
#[derive(Debug)]
pub struct Message {
    pub from: Party,
    pub to: Party,
    pub text: String,
    pub is_response: bool,
}

/// Pages of the sandbox that replace those of a provider or identity provider.
const PROVIDER_PAGES: [&str; 2] = ["/_sandbox/oauth/{request}", "/_sandbox/sso/{request}"];

/// Starts a second line next to an arrow, because Mermaid makes a diagram as wide as its longest line.
const BREAK: &str = "<br/>";

/// An app, a browser, and what was sent since the recording began.
pub struct Recording {
    pub app: TestApp,
    browser: Browser,
    messages: Vec<Message>,
}

impl Recording {
    /// An app whose cache of organizations works as it does outside tests.
    pub async fn new() -> Self {
        let app = TestApp::with(Setup {
            lookups_fresh_for: std::time::Duration::from_mins(1),
            ..Setup::default()
        })
        .await;
        Self {
            browser: app.browser(),
            app,
            messages: Vec::new(),
        }
    }

    /// Opens a page of the app, and follows its redirects.
    pub async fn open(&mut self, path: &str) {
        let url = Url::parse(&self.app.url).unwrap().join(path).unwrap();
        let before = self.before("GET", &url, &[]);
        self.browser.get(path).await;
        self.after(before).await;
        self.follow().await;
    }

    /// Fills the form of a button, presses it, and follows the redirects.
    pub async fn press(&mut self, words: &str, values: &[(&str, &str)]) {
        let action = self.browser.page().action(words, values);
        let fields: Vec<String> = action.fields.into_iter().map(|(name, _)| name).collect();
        let before = self.before(action.method, &action.url, &fields);
        self.browser.fill(words, values).await;
        self.after(before).await;
        self.follow().await;
    }

    /// Discards the messages so far, which another diagram shows.
    pub fn start_here(&mut self) {
        self.messages.clear();
    }

    /// The path at which the flow has arrived.
    pub fn path(&self) -> &str {
        self.browser.page().path()
    }

    /// Returns the recorded messages. None of them may contain a secret.
    pub fn finish(self) -> Vec<Message> {
        for secret in self.app.secrets() {
            let shown = self.messages.iter().find(|it| it.text.contains(&secret));
            assert!(shown.is_none(), "a secret is in the diagram: {shown:?}");
        }
        self.messages
    }

    async fn follow(&mut self) {
        for _ in 0..10 {
            if !self.browser.page().status.is_redirection() {
                return;
            }
            let url = self.browser.page().location();
            let before = self.before("GET", &url, &[]);
            self.browser.follow().await;
            self.after(before).await;
        }
        panic!("redirects without end at {}", self.path());
    }

    fn before(&mut self, method: &str, url: &Url, fields: &[String]) -> Before {
        let to = self.party(url);
        let query: Vec<String> = url.query_pairs().map(|(name, _)| name.into()).collect();
        let query = if query.is_empty() {
            String::new()
        } else {
            format!("{BREAK}?{}", query.join("&"))
        };
        let path = self.template(url);
        self.messages.push(Message {
            from: Party::Browser,
            to,
            // How people sign in there is not part of the flow.
            text: match to {
                Party::Provider => format!("{method} {path}"),
                _ => format!("{method} {path}{query}{}", in_parentheses(fields)),
            },
            is_response: false,
        });
        Before {
            to,
            calls: self.app.world.calls().len(),
            cookie: self.browser.cookie(),
        }
    }

    /// Adds the calls that the app made for the request, and the response.
    async fn after(&mut self, before: Before) {
        self.app.settle().await;
        for call in self.app.world.calls().into_iter().skip(before.calls) {
            let fields: Vec<String> = call
                .body
                .as_object()
                .map(|body| body.keys().cloned().collect())
                .unwrap_or_default();
            let path = stytch_template(&call.path);
            let text = format!("{} {path}{}", call.method, in_parentheses(&fields));
            self.messages.push(Message {
                from: Party::App,
                to: Party::Stytch,
                text,
                is_response: false,
            });
            self.messages.push(Message {
                from: Party::Stytch,
                to: Party::App,
                text: call.status.to_string(),
                is_response: true,
            });
        }
        let page = self.browser.page();
        let leads = if page.status.is_redirection() {
            format!(" → {}", self.template(&page.location()))
        } else {
            String::new()
        };
        let cookie = match (&before.cookie, self.browser.cookie()) {
            (None, Some(_)) => ", first session id",
            (Some(old), Some(new)) if *old != new => ", new session id",
            (Some(_), None) => ", session id removed",
            _ => "",
        };
        self.messages.push(Message {
            from: before.to,
            to: Party::Browser,
            text: format!("{}{leads}{cookie}", page.status.as_u16()),
            is_response: true,
        });
    }

    fn party(&self, url: &Url) -> Party {
        if self.is_of_the_app(url) {
            Party::App
        } else if best_match(PROVIDER_PAGES, url.path()).is_some() {
            Party::Provider
        } else {
            Party::Stytch
        }
    }

    fn template(&self, url: &Url) -> String {
        match self.party(url) {
            Party::App => app_template(url.path()),
            // A real provider has another path than the sandbox's page.
            Party::Provider => "sign-in page".to_owned(),
            Party::Browser | Party::Stytch => stytch_template(url.path()),
        }
    }

    fn is_of_the_app(&self, url: &Url) -> bool {
        url.origin() == Url::parse(&self.app.url).unwrap().origin()
    }
}

/// The state before a request.
struct Before {
    to: Party,
    calls: usize,
    cookie: Option<String>,
}

/// The route of `src/app.rs` that serves a path.
fn app_template(path: &str) -> String {
    let source = include_str!("../../../src/app.rs");
    let routes = source.split('"').filter(|part| part.starts_with('/'));
    let found = best_match(routes, path);
    found.unwrap_or_else(|| panic!("no route of src/app.rs serves {path}"))
}

/// The vendor's endpoint to which a path belongs.
fn stytch_template(path: &str) -> String {
    let endpoints = support::table().into_iter().map(|it| it.path);
    let found = best_match(endpoints, path);
    found.unwrap_or_else(|| panic!("Stytch has no {path}"))
}

/// The template that fits a path with the fewest placeholders.
fn best_match<'a>(templates: impl IntoIterator<Item = &'a str>, path: &str) -> Option<String> {
    let fits = templates.into_iter().filter(|it| fits(it, path));
    let best = fits.min_by_key(|it| it.matches('{').count());
    best.map(str::to_owned)
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given => {}
            (Some(part), Some(given)) if part.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

/// Names of a body's fields, in a fixed order.
fn in_parentheses(fields: &[String]) -> String {
    let mut fields = fields.to_vec();
    fields.sort();
    fields.dedup();
    if fields.is_empty() {
        return String::new();
    }
    format!("{BREAK}({})", fields.join(", "))
}
