//! What the URL table cannot say of an endpoint: in what it differs from the vendor, and which test proves it.
//! In the order of the URL table; an endpoint that is there without a line here fails `sandbox::support`.

/// A line about an endpoint.
#[derive(Debug)]
pub struct Note {
    /// Method and path as in the URL table.
    pub endpoint: &'static str,
    /// Whether a part of the endpoint is missing; then `differs` says which.
    pub partly: bool,
    /// In what it differs from the vendor; what holds for all stands in `DIFFERENCES.md`.
    pub differs: &'static str,
    /// A module of `tests/it`.
    pub test: &'static str,
}

/// The lines.
#[rustfmt::skip] // a table: one endpoint a line
pub const NOTES: &[Note] = &[
    // What a browser opens.
    differs("GET /v1/b2b/public/oauth/{provider}/discovery/start", "sandbox::start", "leads to the sandbox's consent page; organization locators are ignored"),
    differs("GET /v1/b2b/public/oauth/{provider}/start", "sandbox::start", "leads to the sandbox's consent page"),
    differs("GET /v1/public/oauth/{provider}/discovery/start", "sandbox::start", "the spelling of a vendor guide; logs a warning"),
    differs("GET /v1/public/oauth/{provider}/start", "sandbox::start", "the spelling of a vendor guide; logs a warning"),
    // The server API.
    differs("POST /v1/b2b/oauth/discovery/authenticate", "sandbox::oauth", "a wrong PKCE verifier burns the token"),
    differs("POST /v1/b2b/oauth/authenticate", "sandbox::oauth", "a wrong PKCE verifier and a refused login burn the token"),
    done("POST /v1/b2b/discovery/intermediate_sessions/exchange", "sandbox::exchange"),
    done("POST /v1/b2b/discovery/organizations/create", "sandbox::create"),
    done("POST /v1/b2b/discovery/organizations", "sandbox::listing"),
    done("POST /v1/b2b/organizations/search", "sandbox::search"),
    done("GET /v1/b2b/organizations/{organization_id}", "sandbox::shapes"),
    differs("POST /v1/b2b/sessions/authenticate", "sandbox::sessions", "a locked member is answered 429"),
    done("POST /v1/b2b/sessions/revoke", "sandbox::revoke"),
    done("GET /v1/b2b/sessions/jwks/{project_id}", "sandbox::sessions"),
];

const fn done(endpoint: &'static str, test: &'static str) -> Note {
    differs(endpoint, test, "")
}

const fn differs(endpoint: &'static str, test: &'static str, differs: &'static str) -> Note {
    Note {
        endpoint,
        partly: false,
        differs,
        test,
    }
}

/// An endpoint of which a part is missing.
#[allow(dead_code, reason = "there may be times when no endpoint is half done")]
const fn partly(endpoint: &'static str, test: &'static str, differs: &'static str) -> Note {
    Note {
        endpoint,
        partly: true,
        differs,
        test,
    }
}
