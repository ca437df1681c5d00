//! A browser without a screen: a cookie jar that knows SameSite, correct `Sec-Fetch-*` and `Origin` headers, and checks
//! that hold for *every* response of the app.

use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use url::Url;

use super::{Page, logs, proxy};

/// One person's browser. Only [`Browser::go`] and [`Browser::arrive`] follow redirects.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    app: Url,
    cookies: Vec<Cookie>,
    /// Every session id that the browser has received.
    pub seen_cookies: Vec<String>,
    /// What the inspector showed on each page.
    pub inspected: Vec<String>,
    /// The page that is shown.
    pub page: Option<Page>,
    /// The worst `Sec-Fetch-Site` in the chain of redirects so far.
    site: &'static str,
    /// The page whose link or button was clicked.
    referer: Option<Url>,
    /// Whether all responses of the app must have its own headers.
    is_checked: bool,
    /// The name of the session cookie at the app's own address.
    session_cookie: String,
    stores_cookies: bool,
    /// Header that a proxy in front of the app adds: name and value.
    client_ip: Option<(&'static str, String)>,
}

/// Name of the session cookie with https. With http, the port follows.
const NAME: &str = "stytch_b2b_axum";

#[derive(Clone, Debug, PartialEq)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
    strict: bool,
}

impl Browser {
    pub fn new(app: &str) -> Self {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        let app = Url::parse(app).unwrap();
        let port = app.port_or_known_default().unwrap();
        Self {
            client,
            app,
            cookies: Vec::new(),
            seen_cookies: Vec::new(),
            inspected: Vec::new(),
            page: None,
            site: "none",
            referer: None,
            is_checked: true,
            session_cookie: format!("{NAME}_{port}"),
            stores_cookies: true,
            client_ip: None,
        }
    }

    /// A browser at this address, which the proxy in front of the app sends in this header.
    pub fn with_client_ip(self, header: &'static str, address: &str) -> Self {
        Self {
            client_ip: Some((header, address.to_owned())),
            ..self
        }
    }

    /// A browser at another application, whose responses have headers of their own.
    pub fn for_another_app(app: &str) -> Self {
        Self {
            is_checked: false,
            ..Self::new(app)
        }
    }

    /// A browser that stores no cookies.
    pub fn without_cookies(self) -> Self {
        Self {
            stores_cookies: false,
            ..self
        }
    }

    /// Sets the name of another application's session cookie.
    pub fn with_session_cookie(self, name: &'static str) -> Self {
        Self {
            session_cookie: name.to_owned(),
            ..self
        }
    }

    pub fn page(&self) -> &Page {
        self.page.as_ref().expect("a page is shown")
    }

    /// Enters a URL.
    pub async fn get(&mut self, url: &str) -> Page {
        let url = self.app.join(url).unwrap();
        self.site = "none";
        self.referer = None;
        self.send(Method::GET, url, None).await
    }

    /// Clicks a link or button by its words. The caller follows a redirect.
    pub async fn click(&mut self, words: &str) -> Page {
        self.fill(words, &[]).await
    }

    /// Fills in the form of a button and clicks it.
    pub async fn fill(&mut self, words: &str, values: &[(&str, &str)]) -> Page {
        let action = self.page().action(words, values);
        self.site = site(&self.page().url, &action.url);
        let may_tell = self.page().header("referrer-policy") != "no-referrer";
        let referer = (may_tell && self.site == "same-origin").then(|| self.page().url.clone());
        self.referer = referer;
        let method = Method::from_bytes(action.method.as_bytes()).unwrap();
        let form = (action.method == "POST").then_some(action.fields);
        self.send(method, action.url, form).await
    }

    /// Posts a form as the app's own page would.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let url = self.app.join(path).unwrap();
        self.site = "same-origin";
        self.referer = None;
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        self.send(Method::POST, url, Some(fields.collect())).await
    }

    /// Follows the redirect of the last response.
    pub async fn follow(&mut self) -> Page {
        let from = self.page().url.clone();
        let to = self.page().location();
        // Once cross-site, a chain of redirects stays cross-site until the next click.
        if self.site != "cross-site" && self.site != "none" {
            self.site = site(&from, &to);
        }
        self.referer = self.referer.take().filter(|_| self.site == "same-origin");
        self.send(Method::GET, to, None).await
    }

    /// Clicks, and follows all redirects.
    pub async fn go(&mut self, words: &str) -> Page {
        self.click(words).await;
        self.arrive().await
    }

    /// Follows all redirects.
    pub async fn arrive(&mut self) -> Page {
        for _ in 0..10 {
            if !self.page().status.is_redirection() {
                return self.page().clone();
            }
            self.follow().await;
        }
        panic!("redirects without end at {}", self.page().url);
    }

    /// The same browser, with the same cookies, at another app.
    pub fn at(&self, app: &str) -> Self {
        Self {
            cookies: self.cookies.clone(),
            ..Self::new(app)
        }
    }

    /// The name of the app's session cookie on http.
    pub fn cookie_name(&self) -> &str {
        &self.session_cookie
    }

    /// The app's session cookie.
    pub fn cookie(&self) -> Option<String> {
        let host = self.app.host_str().unwrap();
        let ours = |cookie: &&Cookie| cookie.host == host && self.is_session(&cookie.name);
        self.cookies
            .iter()
            .find(ours)
            .map(|cookie| cookie.value.clone())
    }

    /// Plants a session cookie.
    pub fn set_cookie(&mut self, value: &str) {
        let host = self.app.host_str().unwrap().to_owned();
        self.keep(
            &host,
            &format!("{}={value}; Path=/; SameSite=Lax", self.session_cookie),
        );
    }

    /// A request to the app with this browser's cookies, which the caller changes and sends.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = self.app.join(path).unwrap();
        let request = self
            .client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), url.clone());
        request.header("cookie", self.cookie_header(&url, "same-origin", method))
    }

    async fn send(
        &mut self,
        method: Method,
        url: Url,
        form: Option<Vec<(String, String)>>,
    ) -> Page {
        let mut request = self.client.request(method.clone(), url.clone());
        let cookies = self.cookie_header(&url, self.site, method.as_str());
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        request = request
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("sec-fetch-site", self.site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-user", "?1");
        if let Some((header, address)) = &self.client_ip {
            request = request.header(*header, address);
        }
        if let Some(referer) = &self.referer {
            request = request.header("referer", referer.as_str());
        }
        if method == Method::POST {
            let origin = self
                .page
                .as_ref()
                .map_or(&self.app, |page| &page.url)
                .origin();
            request = request.header("origin", origin.ascii_serialization());
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form.unwrap_or_default())
                .finish();
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            self.keep(url.host_str().unwrap(), cookie.to_str().unwrap());
        }
        let page = Page {
            url,
            status,
            headers,
            body: response.text().await.unwrap(),
        };
        let from_the_app = !page.headers.contains_key(proxy::FROM_PROXY);
        if self.is_checked && from_the_app && page.url.origin() == self.app.origin() {
            check(&page);
        }
        self.inspected.extend(page.inspected());
        self.page = Some(page.clone());
        page
    }

    fn keep(&mut self, host: &str, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let words: Vec<&str> = parts.collect();
        let path = words
            .iter()
            .find_map(|attribute| attribute.strip_prefix("Path="))
            .unwrap_or("/");
        let attributes: Vec<String> = words
            .iter()
            .map(|attribute| attribute.to_ascii_lowercase())
            .collect();
        let cookie = Cookie {
            host: host.into(),
            path: path.into(),
            name: name.into(),
            value: value.into(),
            strict: attributes
                .iter()
                .any(|attribute| attribute == "samesite=strict"),
        };
        self.cookies.retain(|old| {
            (&old.host, &old.path, &old.name) != (&cookie.host, &cookie.path, &cookie.name)
        });
        let stores_it = self.stores_cookies || self.app.host_str() != Some(host);
        if stores_it && !attributes.iter().any(|it| it == "max-age=0") {
            if self.is_session(&cookie.name) {
                self.seen_cookies.push(cookie.value.clone());
                logs::forbid(&cookie.value);
            }
            self.cookies.push(cookie);
        }
    }

    fn is_session(&self, name: &str) -> bool {
        name == self.session_cookie || name.strip_prefix("__Host-") == Some(NAME)
    }

    /// Cookies ignore ports. Lax cookies are sent with a top-level GET from another site, and strict ones are not.
    fn cookie_header(&self, url: &Url, site: &str, method: &str) -> String {
        let sent = self.cookies.iter().filter(|cookie| {
            let cross = site == "cross-site";
            let allowed = !cross || (!cookie.strict && method == "GET");
            cookie.host == url.host_str().unwrap()
                && url.path().starts_with(&cookie.path)
                && allowed
        });
        sent.map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

fn site(from: &Url, to: &Url) -> &'static str {
    if from.origin() == to.origin() {
        "same-origin"
    } else if from.host_str() == to.host_str() {
        "same-site"
    } else {
        "cross-site"
    }
}

/// W2, W3, C13, S15: checks that hold for every response.
pub fn check(page: &Page) {
    if page.status == StatusCode::TEMPORARY_REDIRECT {
        // The same request again, so that the browser sends its new cookie.
        assert_eq!(page.location(), page.url);
    } else if page.status.is_redirection() {
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.url);
        assert!(page.body.is_empty(), "a redirect without a body");
        let own = page.location().origin() == page.url.origin();
        assert!(
            !own || page
                .location()
                .query()
                .is_none_or(|query| !query.contains("token")),
            "{}",
            page.location()
        );
    }
    let expected = [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in expected {
        assert_eq!(page.header(name), value, "{name} of {}", page.url);
    }
    assert!(!page.header("permissions-policy").is_empty());
    assert_eq!(page.header("x-request-id").len(), 36);
    let is_static = page.path().starts_with("/static/") && page.status.is_success();
    let caching = if is_static {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    assert_eq!(page.header("cache-control"), caching, "{}", page.url);
    let flow = ["/start/", "/sso/", "/discovery", "/authenticate"]
        .iter()
        .any(|path| page.path().contains(path));
    let referrer = if flow { "no-referrer" } else { "same-origin" };
    // A refusal before the flow's own layers (another Host, a cross-site form) shows no token either.
    if page.status != StatusCode::FORBIDDEN && page.status != StatusCode::MISDIRECTED_REQUEST {
        assert_eq!(page.header("referrer-policy"), referrer, "{}", page.url);
    }
    for cookie in page.headers.get_all("set-cookie") {
        cookie_words(cookie.to_str().unwrap(), page.url.port());
        assert!(!is_static);
    }
}

/// Checks that there is one cookie, with exactly these attributes, and with an opaque id of 22 characters.
fn cookie_words(cookie: &str, port: Option<u16>) {
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let (name, id) = pair.split_once('=').unwrap();
    let (secure, expected) = if name.starts_with("__Host-") {
        ("Secure; ", format!("__Host-{NAME}"))
    } else {
        ("", format!("{NAME}_{}", port.unwrap()))
    };
    let is_probe = name == format!("{expected}_probe") && id == "1";
    assert!(is_probe || name == expected, "{cookie}");
    if id.is_empty() {
        assert_eq!(
            attributes,
            format!("Path=/; {secure}HttpOnly; SameSite=Lax; Max-Age=0")
        );
    } else {
        assert_eq!(
            attributes,
            format!("Path=/; {secure}HttpOnly; SameSite=Lax")
        );
        assert!(is_probe || id.len() == 22, "{cookie}");
    }
}
