//! The inspector: shows a developer what happened between the browser, this app and Stytch. For development only; its
//! layer exists only where the settings turn it on.
//!
//! Steps of a sign-in (starts, callbacks, forms) are kept in the session store. A page also shows its own request with
//! its calls, which is not kept. Secrets are masked before anything is kept. If the inspector fails, only its list is
//! incomplete.

mod kept;
pub mod routes;
pub mod steps;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, OriginalUri, Request, State},
    http::{
        HeaderMap, Method, Uri,
        header::{LOCATION, SET_COOKIE},
    },
    middleware::Next,
    response::Response,
};
use tokio::time::timeout;
use tower_sessions::session::Id;

use self::{
    kept::{KeptSteps, NewStep},
    routes::{Role, RouteInfo},
    steps::{Step, Steps},
};
use super::{session_cookie::CookieName, site::Site};
use crate::{
    session::store::Store,
    stytch::{mask, tally::Tally},
};

/// Time limit for the store to read or write steps. If it takes longer, the page is shown without them.
const STORE_DEADLINE: Duration = Duration::from_millis(500);

/// What the layer needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Inspector {
    kept: KeptSteps,
    cookie: CookieName,
    site: Site,
}

/// What a page shows: the steps so far, and its own request. In the extensions of the request and of the response.
#[derive(Clone, Debug)]
pub struct Inspection(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    before: Steps,
    /// The request, without its response and calls.
    step: Step,
    route: Option<&'static RouteInfo>,
    session: Option<Id>,
    tally: Option<Arc<Tally>>,
}

/// Add this layer around the session layers, and inside `detached`, so that a step is kept even if the browser
/// disconnects. It must also be inside `replay` and `one_at_a_time`, so that a duplicate does not become a step.
pub async fn layer(
    State(inspector): State<Inspector>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let path = route.map(|route| inspector.own_path(route.as_str()));
    let route = path.and_then(|path| routes::route(request.method(), path));
    if path.is_some() && route.is_none() {
        // A style sheet, a health check, or a method that the route does not have.
        return next.run(request).await;
    }
    let original = request.extensions().get::<OriginalUri>();
    let uri = original.map_or(request.uri(), |original| &original.0);
    let step = step(request.method(), uri);
    let session = inspector.cookie.id(request.headers());
    let inspection = inspector.begin(step, route, session).await;
    request.extensions_mut().insert(inspection.clone());
    let mut response = next.run(request).await;
    if let Some(step) = inspector.finished(&inspection, &response) {
        inspector.keep(&step).await;
    }
    response.extensions_mut().insert(inspection);
    response
}

impl Inspector {
    /// Keeps the steps in this store.
    pub fn new(store: &Store, cookie: CookieName, site: Site) -> Self {
        Self {
            kept: KeptSteps::new(store),
            cookie,
            site,
        }
    }

    fn own_path<'a>(&self, route: &'a str) -> &'a str {
        let path = route.strip_prefix(self.site.prefix()).unwrap_or(route);
        if path.is_empty() { "/" } else { path }
    }

    async fn begin(
        &self,
        step: Step,
        route: Option<&'static RouteInfo>,
        session: Option<Id>,
    ) -> Inspection {
        let mut before = Steps::default();
        let is_start = route.is_some_and(|route| route.role == Role::Start);
        if let Some(session) = session.filter(|_| !is_start)
            && let Ok(Ok(kept)) = timeout(STORE_DEADLINE, self.kept.load(&session)).await
        {
            before = kept;
        }
        Inspection(Arc::new(Parts {
            before,
            step: Step {
                route: route.map_or("", |route| route.path).to_owned(),
                session: marker(session),
                ..step
            },
            route,
            session,
            tally: Tally::record(),
        }))
    }

    /// What to keep of a request. A page is a step only if it changes the session, such as one that finds it ended.
    fn finished(&self, inspection: &Inspection, response: &Response) -> Option<NewStep> {
        let parts = &*inspection.0;
        let headers = response.headers();
        let role = parts.route.map_or(Role::Page, |route| route.role);
        if role == Role::Page && !headers.contains_key(SET_COOKIE) {
            return None;
        }
        let set_cookie: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        let new = self.cookie.new_id(&set_cookie);
        Some(NewStep {
            step: Step {
                status: Some(response.status().as_u16()),
                location: self.location(headers),
                new_session: marker(new),
                ..inspection.current()
            },
            is_start: role == Role::Start,
            old: parts.session,
            new,
        })
    }

    async fn keep(&self, step: &NewStep) {
        match timeout(STORE_DEADLINE, self.kept.add(step)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the inspector could not keep a step"),
            Err(_) => tracing::debug!("the inspector could not keep a step in time"),
        }
    }

    fn location(&self, headers: &HeaderMap) -> String {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.map(|location| mask::url(&self.site.link(location)));
        location.unwrap_or_default()
    }
}

impl Inspection {
    /// For a page without steps, because the request was refused before its session was loaded.
    pub fn refused(method: &Method, uri: &Uri) -> Self {
        Self(Arc::new(Parts {
            before: Steps::default(),
            step: step(method, uri),
            route: None,
            session: None,
            tally: None,
        }))
    }

    /// The steps so far. The last one is the request of this page, with its calls so far.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = self.0.before.steps.clone();
        steps.push(self.current());
        steps
    }

    /// Whether older steps were dropped.
    pub fn is_cut(&self) -> bool {
        self.0.before.is_cut
    }

    fn current(&self) -> Step {
        Step {
            calls: self
                .0
                .tally
                .as_ref()
                .map(|tally| tally.recorded())
                .unwrap_or_default(),
            ..self.0.step.clone()
        }
    }
}

fn step(method: &Method, uri: &Uri) -> Step {
    let url = uri.path_and_query().map_or("/", |url| url.as_str());
    Step {
        method: mask::text(method.as_str()),
        url: mask::url(url),
        ..Step::default()
    }
}

fn marker(id: Option<Id>) -> String {
    id.map(|id| mask::marker(&id.to_string()))
        .unwrap_or_default()
}
