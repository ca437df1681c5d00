//! The addresses that a Google login proves, and changes of an account's address.

use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, entry, listed, pairs, text};

/// One Google account and one GitHub account, each under two addresses; a Workspace, and accounts without one.
const SEED: &str = r#"
[[organizations]]
slug = "acme"
name = "Acme"

[[organizations]]
slug = "initech"
name = "Initech"
mfa_policy = "REQUIRED_FOR_ALL"
sso_active_connections = [
  { connection_id = "saml-connection-test-00000002-0000-4000-8000-000000000001", display_name = "Okta", identity_provider = "okta" },
]

[[people]]
name = "Ann"
email = "ann@acme.example"
accounts = [
  { provider = "google", subject = "g-1", hd = "acme.example" },
  { provider = "github", subject = "h-1" },
]

[[people]]
name = "Ann"
email = "ann.married@acme.example"
accounts = [
  { provider = "google", subject = "g-1", hd = "acme.example" },
  { provider = "github", subject = "h-1" },
]

[[people]]
name = "Gil"
email = "gil@gmail.com"
accounts = [{ provider = "google" }]

[[people]]
name = "Gus"
email = "gus@googlemail.com"
accounts = [{ provider = "google" }, { provider = "github" }]

[[people]]
name = "Pat"
email = "pat@gmail.com.example"
accounts = [{ provider = "google" }]

[[members]]
email = "ann@acme.example"
organization = "acme"
roles = ["stytch_admin"]

[[members]]
email = "ann@acme.example"
organization = "initech"
mfa_phone_number = "+15555550100"
mfa_phone_number_verified = true
"#;

const ANN: &str = "ann@acme.example";
const MARRIED: &str = "ann.married@acme.example";

async fn lab() -> Lab {
    let lab = Lab::start().await;
    let seed = Seed::from_toml(SEED).expect("a valid seed");
    let urls = RedirectUrls {
        login: vec!["http://localhost:3000/login".to_owned()],
        signup: vec!["http://localhost:3000/signup".to_owned()],
        ..RedirectUrls::default()
    };
    let world = lab.sandbox.create_world(seed, urls);
    Lab { world, ..lab }
}

fn addresses(member: &Value) -> (String, Vec<String>) {
    let retired = member["retired_email_addresses"].as_array();
    let retired = retired.expect("a list").iter();
    (
        text(&member["email_address"]),
        retired.map(|it| text(&it["email_address"])).collect(),
    )
}

/// The member is the same, with the new address proved and the old one retired.
#[tokio::test]
async fn a_google_account_with_a_new_address_is_the_same_member() {
    let lab = lab().await;
    let before = lab.member("acme", ANN);
    let approved = lab.world.approve(stytch_sandbox::Approval {
        flow: stytch_sandbox::Flow::Oauth,
        provider: "google",
        email: MARRIED,
        organization: Some("acme"),
        pkce_code_challenge: None,
    });
    let back = &approved.redirect_url;
    assert!(back.starts_with("http://localhost:3000/login"), "{back}");
    let body = json!({ "oauth_token": approved.token });
    let signed_in = lab.post("/v1/b2b/oauth/authenticate", body).await.ok();
    let member = &signed_in["member"];
    assert_eq!(member["member_id"], before["member_id"]);
    assert_eq!(member["email_address_verified"], true);
    assert_eq!(
        addresses(member),
        (MARRIED.to_owned(), vec![ANN.to_owned()])
    );
    assert_eq!(member["is_admin"], true);
    // The retired address belongs to no member.
    let link = json!({ "organization_id": "acme", "email_address": ANN });
    lab.post("/v1/b2b/magic_links/email/login_or_signup", link)
        .await
        .is_error(400, "inactive_email");
    lab.sign_in("google", ANN, "acme", json!({}))
        .await
        .is_error(400, "inactive_email");
}

/// The list of Discovery agrees with the exchange, and MFA can be completed.
#[tokio::test]
async fn discovery_finds_the_member_of_an_account_with_a_new_address() {
    let lab = lab().await;
    let discovered = lab.discover("google", MARRIED).await;
    let expected = pairs(&[("acme", "active_member"), ("initech", "active_member")]);
    assert_eq!(listed(&discovered), expected);
    let acme = entry(&discovered, "acme");
    assert_eq!(acme["member_authenticated"], true);
    let ist = text(&discovered["intermediate_session_token"]);
    assert_eq!(lab.member("acme", ANN)["status"], "active", "not moved yet");
    let waiting = lab.exchange(&ist, "initech").await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    assert_eq!(waiting["member"]["email_address_verified"], true);
    let code = json!({ "code": lab.code("+15555550100"), "intermediate_session_token": ist });
    let done = lab
        .second("otps/sms/authenticate", "initech", MARRIED, code)
        .await
        .ok();
    assert_eq!(
        addresses(&done["member"]),
        (MARRIED.to_owned(), vec![ANN.to_owned()])
    );
    assert_eq!(done["member"]["email_address_verified"], true);
}

/// The address does not change if it is not proved, the method is not allowed, or another member has it.
#[tokio::test]
async fn only_a_proved_and_free_address_replaces_the_members() {
    let lab = lab().await;
    lab.sign_in("github", MARRIED, "acme", json!({}))
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    let methods = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["magic_link"] });
    lab.world.patch_organization("acme", methods);
    lab.sign_in("google", MARRIED, "acme", json!({}))
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    lab.world
        .patch_organization("acme", json!({ "auth_methods": "ALL_ALLOWED" }));
    // Another organization claims the new domain.
    let claims = |domains: Value| json!({ "claimed_email_domains": domains });
    lab.world
        .patch_organization("initech", claims(json!(["acme.example"])));
    lab.sign_in("google", MARRIED, "acme", json!({}))
        .await
        .is_error(400, "action_not_allowed_email_domain_is_claimed");
    lab.world.patch_organization("initech", claims(json!([])));
    // Another member has the address, so the login signs in that member.
    let other = lab.world.add_member("acme", json!({ "email": MARRIED }));
    let signed_in = lab.sign_in("google", MARRIED, "acme", json!({})).await.ok();
    assert_eq!(signed_in["member_id"], other);
    assert_eq!(addresses(&lab.member("acme", ANN)).0, ANN);
    // A deleted member is not reactivated by a login with the account.
    lab.world
        .patch_member("acme", MARRIED, json!({ "status": "deleted" }));
    lab.world
        .patch_member("acme", ANN, json!({ "status": "deleted" }));
    lab.sign_in("google", MARRIED, "acme", json!({}))
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
}

/// The organization's own identity provider determines the address.
#[tokio::test]
async fn an_sso_login_updates_the_members_address() {
    const SAML: &str = super::sso::SAML;
    let lab = lab().await;
    lab.world
        .patch_organization("initech", json!({ "mfa_policy": "OPTIONAL" }));
    let token = lab.newcomer(SAML, "zoe@initech.example").await;
    let zoe = lab.spend_sso(&token, json!({})).await.ok();
    let registrations = zoe["member"]["sso_registrations"].clone();
    // The same person at the identity provider, with a new address.
    lab.world.patch_member(
        "initech",
        "zoe@initech.example",
        json!({ "email_address": "zo@initech.example" }),
    );
    let token = lab.sso_token(SAML, "zo@initech.example");
    lab.world.patch_member(
        "initech",
        "zo@initech.example",
        json!({ "email_address": "zoe@initech.example", "email_address_verified": true }),
    );
    let moved = lab.spend_sso(&token, json!({})).await.ok();
    let member = &moved["member"];
    assert_eq!(member["member_id"], zoe["member_id"]);
    assert_eq!(
        addresses(member),
        (
            "zo@initech.example".to_owned(),
            vec!["zoe@initech.example".to_owned()]
        )
    );
    assert_eq!(member["email_address_verified"], false);
    assert_eq!(member["sso_registrations"], registrations);
}

/// A Gmail address counts as proved; other addresses without `hd` do not.
#[tokio::test]
async fn gmail_proves_its_own_addresses() {
    let lab = lab().await;
    for (provider, email, proved) in [
        ("google", "gil@gmail.com", true),
        ("google", "gus@googlemail.com", true),
        ("github", "gus@googlemail.com", false),
        ("google", "pat@gmail.com.example", false),
    ] {
        let ist = lab.ist(provider, email).await;
        let created = lab
            .create(json!({ "intermediate_session_token": ist }))
            .await
            .ok();
        assert_eq!(
            created["member_authenticated"], proved,
            "{provider} {email}"
        );
        assert_eq!(created["primary_required"].is_null(), proved);
        assert_eq!(created["member"]["email_address_verified"], proved);
    }
}
