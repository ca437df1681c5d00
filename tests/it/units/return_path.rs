//! Return paths of this host and of others.

use stytch_b2b_axum::{sign_in::origin::ReturnPath, stytch::Slug};

/// W8: paths of this host are accepted, and everything else is refused.
#[test]
fn a_return_path_stays_on_this_host() {
    for path in ["/dashboard", "/org/acme/provider/google", "/a.b/c-d_e~f"] {
        assert_eq!(ReturnPath::parse(path).unwrap().as_str(), path);
    }
    for path in [
        "",
        "dashboard",
        "//evil.example",
        "/\\evil.example",
        "/x//evil.example",
        "https://evil.example/",
        "/a\nb",
        "/a b",
        "/päge",
        "/a?next=b",
        "/a#b",
        &format!("/{}", "x".repeat(512)),
    ] {
        assert!(ReturnPath::parse(path).is_none(), "{path}");
    }
}

/// W8: a sign-in to one organization does not end on a page of another one.
#[test]
fn a_return_path_of_another_organization_is_not_used() {
    let fits = |path: &str| ReturnPath::parse(path).unwrap().fits(&Slug::new("acme"));
    assert!(fits("/dashboard") && fits("/org/acme/jit") && fits("/auth/org/acme"));
    assert!(!fits("/org/globex") && !fits("/auth/org/globex/jit") && !fits("/org/"));
}
