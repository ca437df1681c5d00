//! The name and slug that are suggested for a new organization.

use stytch_b2b_axum::routes::create_org::suggest;

#[test]
fn proposals() {
    let both = |email| {
        let draft = suggest(email);
        (draft.organization_name, draft.organization_slug)
    };
    assert_eq!(
        both("frank@startup.example"),
        ("Startup".into(), "startup".into())
    );
    assert_eq!(
        both("erin.free@gmail.com"),
        ("Erinfree".into(), "erinfree".into())
    );
    assert_eq!(
        both("x@münchen.example"),
        ("Mnchen".into(), "mnchen".into())
    );
    assert_eq!(both(""), (String::new(), String::new()));
}
