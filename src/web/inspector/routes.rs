//! What the inspector knows about this package's own routes: the file of each handler, and its part in a sign-in.

use axum::http::Method;

/// A route's part in a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A sign-in begins here, and with it a new list of steps.
    Start,
    /// A step of a sign-in, which is kept.
    Step,
    /// A page. Its own request is shown on it and not kept, because a GET that changes nothing must not write.
    Page,
}

/// Where a route is handled.
#[derive(Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// HTTP method.
    pub method: &'static str,
    /// As in [`crate::app`].
    pub path: &'static str,
    /// The handler's file.
    pub file: &'static str,
    /// What the route does.
    pub role: Role,
}

macro_rules! routes {
    ($($role:ident $method:ident $path:literal $file:ident;)*) => {
        &[$(RouteInfo {
            method: stringify!($method),
            path: $path,
            file: concat!("src/routes/", stringify!($file), ".rs"),
            role: Role::$role,
        }),*]
    };
}

/// Every route that leads to a page.
pub static ROUTES: &[RouteInfo] = routes![
    Start GET "/start/{provider}" start;
    Start GET "/org/{slug}/start/{provider}" start;
    Start GET "/org/{slug}/sso/{connection_id}" sso;
    Step GET "/step_up/start/{provider}" step_up_start;
    Step GET "/step_up/sso/{connection_id}" step_up_sso;
    Step GET "/discovery" discovery;
    Step GET "/authenticate" authenticate;
    Page GET "/confirm" confirm;
    Step POST "/confirm" confirm;
    Page GET "/organizations" organizations;
    Page GET "/login/{organization_id}" login;
    Step POST "/login/{organization_id}" login;
    Page GET "/create_org" create_org;
    Step POST "/create_org" create_org;
    Page GET "/email" email;
    Start POST "/email" email;
    Step POST "/email/code" email;
    Page GET "/step_up" step_up;
    Step POST "/step_up" step_up;
    Step POST "/step_up/send" step_up;
    Page GET "/mfa" mfa;
    Step POST "/mfa" mfa;
    Step POST "/mfa/sms" mfa;
    Step POST "/mfa/totp" mfa;
    Page GET "/org" org;
    Page GET "/org/{slug}" org;
    Page GET "/org/{slug}/" org;
    Page GET "/org/{slug}/provider/{provider}" provider;
    Step POST "/org/{slug}/jit" jit;
    Page GET "/member" member;
    Step POST "/logout" logout;
    Page GET "/" home;
];

/// The route that handles a request; `path` is as in [`crate::app`]. `None` for one that has no handler.
pub(super) fn route(method: &Method, path: &str) -> Option<&'static RouteInfo> {
    let method = if *method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    ROUTES
        .iter()
        .find(|route| route.method == method && route.path == path)
}
