//! Facts about this app that pages and links need.

use std::sync::Arc;

use url::Url;

use crate::stytch::Provider;

/// The app's URLs, and the providers that it offers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Site(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    app_url: Arc<Url>,
    prefix: String,
    home: String,
    providers: Vec<Provider>,
    sandbox: Option<String>,
}

impl Site {
    /// `app_url` is an origin. `prefix` is the path below which the app is mounted, such as `/auth`; empty at the root.
    /// `home` is the path of the start page. `sandbox` is the URL of the sandbox, if Stytch is one.
    pub fn new(
        app_url: Url,
        prefix: impl Into<String>,
        home: impl Into<String>,
        providers: Vec<Provider>,
        sandbox: Option<String>,
    ) -> Self {
        Self(Arc::new(Parts {
            app_url: Arc::new(app_url),
            prefix: prefix.into(),
            home: home.into(),
            providers,
            sandbox,
        }))
    }

    /// Origin at which browsers reach the app.
    pub fn app_url(&self) -> &Arc<Url> {
        &self.0.app_url
    }

    /// Path below which the app is mounted; empty at the root.
    pub fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// Path of the start page, prefix included.
    pub fn home(&self) -> &str {
        &self.0.home
    }

    /// OAuth providers that the app offers, in the order of the page.
    pub fn providers(&self) -> &[Provider] {
        &self.0.providers
    }

    /// URL of the sandbox; `None` with a real account. Every page shows a banner for a sandbox.
    pub fn sandbox(&self) -> Option<&str> {
        self.0.sandbox.as_deref()
    }

    /// The offered provider with this name, `None` for any other text.
    pub fn provider(&self, name: &str) -> Option<Provider> {
        let known: Option<Provider> = name.parse().ok();
        known.filter(|provider| self.providers().contains(provider))
    }

    /// Path of one of this app's pages, for a link: `/` is the start page. Full URLs stay as they are.
    pub fn link(&self, path: &str) -> String {
        match path {
            "/" => self.0.home.clone(),
            _ if path.starts_with("/?") => format!("{}{}", self.0.home, &path[1..]),
            _ if path.starts_with('/') => format!("{}{path}", self.0.prefix),
            _ => path.to_owned(),
        }
    }

    /// Full URL of one of this app's pages, as Stytch and browsers know it. `path` begins with a slash.
    pub fn url(&self, path: &str) -> Url {
        let mut url = Url::clone(&self.0.app_url);
        url.set_path(&format!("{}{path}", self.0.prefix));
        url
    }
}
