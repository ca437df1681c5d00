//! Where a sign-in ends, according to the link that starts it.
//!
//! - Needs: [`Site`].

use axum::{
    extract::{FromRef, FromRequestParts, Query, rejection::QueryRejection},
    http::{HeaderMap, header::REFERER, request::Parts},
};
use serde::Deserialize;
use url::Url;

use crate::{sign_in::origin::ReturnPath, web::site::Site};

/// Path at which the sign-in ends. `None` if the link names none, or if it was on another site, because only our own
/// pages may choose the path.
pub struct ReturnTo(pub Option<ReturnPath>);

#[derive(Deserialize)]
struct ReturnQuery {
    /// `1` means the page that contains the clicked link. Any other value is a path, which the organization's sign-in
    /// page adds to its own links.
    #[serde(default, rename = "return")]
    return_: String,
}

impl<S: Sync> FromRequestParts<S> for ReturnTo
where
    Site: FromRef<S>,
{
    type Rejection = QueryRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, QueryRejection> {
        let Query(query) = Query::<ReturnQuery>::try_from_uri(&parts.uri)?;
        let (headers, site) = (&parts.headers, Site::from_ref(state));
        Ok(Self(query.return_to(headers, site.app_url())))
    }
}

impl ReturnQuery {
    /// Browsers don't let a page forge `Sec-Fetch-Site`.
    fn return_to(&self, headers: &HeaderMap, app_url: &Url) -> Option<ReturnPath> {
        let is_own = headers
            .get("sec-fetch-site")
            .is_some_and(|it| it == "same-origin");
        if self.return_.is_empty() || !is_own {
            return None;
        }
        let page = Url::parse(headers.get(REFERER)?.to_str().ok()?).ok()?;
        if page.origin() != app_url.origin() {
            return None;
        }
        ReturnPath::parse(match &*self.return_ {
            "1" => page.path(),
            passed_on => passed_on,
        })
    }
}
