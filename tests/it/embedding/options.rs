//! Which layers an application's own routes get, and that each of them can be switched off alone.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, StatusCode},
    response::Response,
    routing::{get, post},
};
use stytch_b2b_axum::{
    app::{Layers, protect},
    session::CurrentMember,
};
use tower::ServiceExt;

use crate::support::TestApp;

/// The largest body that is accepted by default, in bytes.
const LARGEST: usize = 2 * 1024 * 1024;

/// An application's own routes with these layers.
struct Own<'a> {
    app: &'a TestApp,
    layers: Layers,
}

impl Own<'_> {
    async fn send(&self, request: Request<Body>) -> Response {
        let pages = Router::new()
            .route("/", get(|| async { "hello" }))
            .route(
                "/private",
                get(|CurrentMember(member): CurrentMember| async move { member.home() }),
            )
            .route("/ignore", post(|| async { "not read" }))
            .route(
                "/read",
                post(|body: Bytes| async move { body.len().to_string() }),
            );
        let state = &self.app.state.app;
        let router = protect(pages, state, self.layers);
        let router: Router = router.with_state(state.clone());
        router.oneshot(request).await.unwrap()
    }

    async fn status(&self, method: &str, path: &str, more: (&str, &str), bytes: usize) -> u16 {
        let host = self.app.url.trim_start_matches("http://");
        let mut request = Request::builder().method(method).uri(path);
        if more.0 != "host" {
            request = request.header("host", host);
        }
        if !more.0.is_empty() {
            request = request.header(more.0, more.1);
        }
        let request = request.body(Body::from(vec![b'x'; bytes])).unwrap();
        self.send(request).await.status().as_u16()
    }

    async fn get(&self, path: &str) -> Response {
        let host = self.app.url.trim_start_matches("http://");
        let request = Request::builder().uri(path).header("host", host);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Whether each layer is on, judged by its effect.
    async fn on(&self) -> [bool; 5] {
        let cross_site = ("sec-fetch-site", "cross-site");
        let elsewhere = ("host", "evil.example");
        let refused = self.get("/private").await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let headers = self.get("/").await;
        let headers = headers.headers();
        let protected = headers.contains_key("content-security-policy");
        assert_eq!(headers.contains_key("x-frame-options"), protected);
        [
            self.status("POST", "/ignore", cross_site, 0).await == 403,
            self.status("GET", "/", elsewhere, 0).await == 421,
            refused.headers().contains_key("content-type"),
            protected,
            self.status("POST", "/ignore", ("", ""), LARGEST + 1).await == 413,
        ]
    }
}

/// W1, W2, W5, W6, W7: every layer is on unless an application switches it off, and then only that one is off.
#[tokio::test]
async fn each_layer_can_be_switched_off_alone() {
    let app = TestApp::start().await;
    let all = Layers::default();
    let off = [
        Layers { csrf: false, ..all },
        Layers {
            host_check: false,
            ..all
        },
        Layers {
            error_pages: false,
            ..all
        },
        Layers {
            security_headers: false,
            ..all
        },
        Layers {
            body_limit: None,
            ..all
        },
    ];
    let app = &app;
    assert_eq!(Own { app, layers: all }.on().await, [true; 5]);
    for (switched_off, layers) in off.into_iter().enumerate() {
        let mut expected = [true; 5];
        expected[switched_off] = false;
        assert_eq!(Own { app, layers }.on().await, expected, "{layers:?}");
    }
}

/// W6: an upload may have two mebibytes unless an application sets another limit. Without the limit of this package,
/// the extractor's own applies.
#[tokio::test]
async fn a_body_has_a_limit_of_its_own() {
    let app = &TestApp::start().await;
    let layers = |body_limit| Layers {
        body_limit,
        ..Layers::default()
    };
    for (body_limit, bytes, status) in [
        (Layers::default().body_limit, LARGEST, 200),
        (Layers::default().body_limit, LARGEST + 1, 413),
        (Some(10), 10, 200),
        (Some(10), 11, 413),
        (Some(LARGEST + 1), LARGEST + 1, 200),
        (None, LARGEST, 200),
        (None, LARGEST + 1, 413),
    ] {
        let own = Own {
            app,
            layers: layers(body_limit),
        };
        let answered = own.status("POST", "/read", ("", ""), bytes).await;
        assert_eq!(answered, status, "{body_limit:?} {bytes}");
    }
}
