//! The name and slug that are suggested for a new organization.

use stytch_b2b_axum::routes::create_org::suggest;

#[test]
fn a_name_and_a_slug_are_suggested() {
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
    for (email, name, slug) in [
        ("ada@mail.acme.com", "Acme", "acme"),
        ("ada@a.b.acme.co.uk", "Acme", "acme"),
        ("ada@acme.com.br", "Acme", "acme"),
        ("ada@mail.yahoo.co.jp", "Ada", "ada"),
        ("ada@co.uk", "Co", "co"),
        ("ada@com.acme.dev", "Acme", "acme"),
        ("ada@localhost", "Localhost", "localhost"),
        // The form would refuse these.
        ("a@q.example", "", ""),
        ("a@gmail.com", "", ""),
        ("ada@--.example", "", ""),
        ("ada@会社.example", "", ""),
        ("", "", ""),
    ] {
        assert_eq!(both(email), (name.into(), slug.into()), "{email}");
    }
}
