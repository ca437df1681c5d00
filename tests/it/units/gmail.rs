//! S24: addresses that Google itself provides.

use stytch_b2b_axum::sign_in::origin::is_at_gmail;

/// S24: a Google account proves these without a Workspace.
#[test]
fn google_provides_only_its_own_domains() {
    for (email, expected) in [
        ("ada@gmail.com", true),
        ("a.d.a+x@GoogleMail.com", true),
        ("ada@gmail.com.evil.example", false),
        ("ada@notgmail.com", false),
        ("\"ada@gmail.com\"@evil.example", false),
        ("gmail.com", false),
        ("", false),
    ] {
        assert_eq!(is_at_gmail(email), expected, "{email}");
    }
}
