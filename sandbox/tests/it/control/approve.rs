//! Sign-ins without the page.

use serde_json::{Value, json};

use super::{good, look, refused, steer};
use crate::lab::{Lab, text};

/// The verifier in the vendor's test vector; see `docs/stytch.md#pkce`.
const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

#[tokio::test]
async fn discovery_requires_the_verifier_of_the_challenge() {
    let lab = Lab::start().await;
    let body = json!({ "flow": "discovery_oauth", "provider": "google", "email": "Ada@acme.example",
        "pkce_code_challenge": CHALLENGE });
    let approved = good(&steer(&lab, "approve", body).await);
    let token = text(&approved["token"]);
    assert_eq!(
        approved["redirect_url"],
        format!("http://localhost:3000/discovery?stytch_token_type=discovery_oauth&token={token}")
    );
    let spend = |body: Value| lab.post("/v1/b2b/oauth/discovery/authenticate", body);
    spend(json!({ "discovery_oauth_token": token }))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let answer =
        spend(json!({ "discovery_oauth_token": token, "pkce_code_verifier": VERIFIER })).await;
    assert_eq!(answer.ok()["email_address"], "ada@acme.example");
}

#[tokio::test]
async fn an_organization_is_named_by_slug_or_id() {
    let lab = Lab::start().await;
    let id = text(&lab.organization("acme")["organization_id"]);
    for organization in ["acme", &id] {
        let body = json!({ "flow": "oauth", "provider": "google", "email": "ada@acme.example",
            "organization": organization });
        let approved = good(&steer(&lab, "approve", body).await);
        let begins = "http://localhost:3000/authenticate?slug=acme&stytch_token_type=oauth&token=";
        assert!(text(&approved["redirect_url"]).starts_with(begins));
        let token = json!({ "oauth_token": approved["token"] });
        let answer = lab.post("/v1/b2b/oauth/authenticate", token).await.ok();
        assert_eq!(answer["member_authenticated"], true);
    }
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    let good_one = json!({ "flow": "oauth", "provider": "google", "email": "ada@acme.example", "organization": "acme" });
    for (field, value) in [
        ("flow", json!(null)),
        ("flow", json!("password")),
        ("provider", json!("apple")),
        ("provider", json!(["google"])),
        ("email", json!("nobody at acme")),
        ("email", json!("turned\u{202e}around@acme.example")),
        ("email", json!(null)),
        ("organization", json!(null)),
        ("organization", json!("nowhere")),
        (
            "organization",
            json!("organization-live-00000001-0000-4000-8000-000000000000"),
        ),
        ("pkce_code_challenge", json!("short")),
        ("connection_id", json!("saml-connection-test-1")),
    ] {
        let mut body = good_one.clone();
        body[field] = value;
        refused(&steer(&lab, "approve", body).await, 400, field);
    }
    let mut body = good_one;
    body["flow"] = json!("discovery_oauth");
    refused(&steer(&lab, "approve", body).await, 400, "organization");
}

fn oauth(provider: &str, email: &str) -> Value {
    json!({ "flow": "oauth", "provider": provider, "email": email, "organization": "acme" })
}

/// A member who was created through the API has no account at a provider. The account is created, and the sign-in is
/// complete.
#[tokio::test]
async fn an_unknown_person_is_created() {
    let lab = Lab::start().await;
    let email = "zoe.van-dyk@acme.example";
    let acme = text(&lab.organization("acme")["organization_id"]);
    let path = format!("/v1/b2b/organizations/{acme}/members");
    let made = json!({ "email_address": email, "create_member_as_pending": true });
    lab.post(&path, made).await.ok();
    for provider in ["google", "microsoft"] {
        let approved = good(&steer(&lab, "approve", oauth(provider, email)).await);
        let token = json!({ "oauth_token": approved["token"] });
        let answer = lab.post("/v1/b2b/oauth/authenticate", token).await.ok();
        assert_eq!(answer["member_authenticated"], true, "{answer}");
        assert_eq!(answer["member"]["name"], "Zoe Van Dyk");
    }
    let people = look(&lab, "state").await["people"].clone();
    let people = people.as_array().expect("people").iter();
    let found: Vec<&Value> = people.filter(|it| it["email"] == email).collect();
    assert_eq!(found.len(), 1, "one person, with two accounts");
    assert_eq!(found[0]["accounts"].as_array().map(Vec::len), Some(2));
    // The consent page knows the person too.
    let consent = lab.begin("google", "discovery/start", "").await;
    assert!(consent.page().await.text.contains(email));
}

/// The properties have the same effects as at the vendor: a personal account or an unverified address proves nothing,
/// and a tenant can allow joining.
#[tokio::test]
async fn the_test_chooses_the_properties_of_the_person() {
    let lab = Lab::start().await;
    for (person, is_proven) in [
        (json!({}), true),
        (json!({ "email_verified": false }), false),
        (json!({ "email_verified": true }), true),
        (json!({ "hosted_domain": null }), false),
        (
            json!({ "hosted_domain": "acme.example", "name": "Yi \"Y\" Li" }),
            true,
        ),
    ] {
        let mut body = oauth("google", "yi@acme.example");
        body["person"] = person.clone();
        let approved = good(&steer(&lab, "approve", body).await);
        let token = json!({ "oauth_token": approved["token"] });
        let answer = lab.post("/v1/b2b/oauth/authenticate", token).await.ok();
        assert_eq!(answer["member_authenticated"], is_proven, "{person}");
    }
    let known = look(&lab, "state").await["people"].clone();
    let known = known.as_array().expect("people").last().cloned();
    let known = known.expect("the person");
    assert_eq!(known["name"], "Yi \"Y\" Li");
    assert_eq!(known["accounts"][0]["hd"], "acme.example");
    let mut body =
        json!({ "flow": "discovery_oauth", "provider": "slack", "email": "new@slack.example" });
    body["person"] = json!({ "tenants": ["T-NEW"] });
    let approved = good(&steer(&lab, "approve", body).await);
    let token = json!({ "discovery_oauth_token": approved["token"] });
    let answer = lab
        .post("/v1/b2b/oauth/discovery/authenticate", token)
        .await;
    assert_eq!(answer.ok()["provider_tenant_id"], "T-NEW");
}

/// The person has the groups from the first login on.
#[tokio::test]
async fn the_person_is_added_to_the_identity_provider() {
    let lab = Lab::start().await;
    let body = json!({ "flow": "sso", "connection_id": crate::sso::SAML, "email": "Kim@globex.example",
        "person": { "name": "Kim Roe" }, "groups": ["staff"] });
    for _ in 0..2 {
        let approved = good(&steer(&lab, "approve", body.clone()).await);
        let answer = lab
            .spend_sso(&text(&approved["token"]), json!({}))
            .await
            .ok();
        assert_eq!(answer["member"]["email_address"], "kim@globex.example");
        assert_eq!(answer["member"]["name"], "Kim Roe");
    }
}

#[tokio::test]
async fn invalid_persons_change_nothing() {
    let lab = Lab::start().await;
    let before = look(&lab, "state").await["people"].clone();
    for (provider, person, field) in [
        ("google", json!("Ada"), "person"),
        ("google", json!({ "nam": "Ada" }), "person.nam"),
        ("google", json!({ "name": "" }), "person.name"),
        ("google", json!({ "name": "a\u{202e}b" }), "person.name"),
        (
            "google",
            json!({ "hosted_domain": "acme" }),
            "person.hosted_domain",
        ),
        (
            "github",
            json!({ "hosted_domain": "acme.example" }),
            "person.hosted_domain",
        ),
        (
            "google",
            json!({ "email_verified": "yes" }),
            "person.email_verified",
        ),
        ("google", json!({ "tenants": ["x"] }), "person.tenants"),
        ("slack", json!({ "tenants": ["x", "y"] }), "person.tenants"),
        ("github", json!({ "tenants": "x" }), "person.tenants"),
    ] {
        let mut body = oauth(provider, "new@acme.example");
        body["person"] = person;
        refused(&steer(&lab, "approve", body).await, 400, field);
    }
    let mut body = oauth("google", "new@acme.example");
    body["redirect_url"] = json!("http://localhost:3000/elsewhere");
    refused(&steer(&lab, "approve", body).await, 400, "redirect_url");
    let body = json!({ "flow": "sso", "connection_id": crate::sso::SAML, "email": "new@globex.example",
        "person": { "tenants": ["x"] } });
    refused(&steer(&lab, "approve", body).await, 400, "person.tenants");
    assert_eq!(look(&lab, "state").await["people"], before);
}

/// As when the person cancels or the provider fails, the app gets the error and no token.
#[tokio::test]
async fn a_refusal_by_the_provider_returns_its_error() {
    let lab = Lab::start().await;
    let app = "http://localhost:3000";
    for (body, error, begins) in [
        (
            json!({ "flow": "discovery_oauth", "provider": "google" }),
            "access_denied",
            format!("{app}/discovery?error=access_denied&error_description="),
        ),
        (
            oauth("github", "ada@acme.example"),
            "temporarily_unavailable",
            format!("{app}/authenticate?error=temporarily_unavailable&error_description="),
        ),
        (
            json!({ "flow": "sso", "connection_id": crate::sso::SAML }),
            "access_denied",
            format!("{app}/authenticate?error=access_denied&error_description="),
        ),
    ] {
        let mut body = body;
        body["error"] = json!(error);
        let denied = good(&steer(&lab, "approve", body.clone()).await);
        assert_eq!(denied["token"], Value::Null);
        let url = text(&denied["redirect_url"]);
        assert!(url.starts_with(&begins), "{url}");
        assert!(!url.contains("token="), "{url}");
        body["error"] = json!("access denied");
        refused(&steer(&lab, "approve", body.clone()).await, 400, "error");
        body["error"] = json!(error);
        body["person"] = json!({});
        refused(&steer(&lab, "approve", body).await, 400, "person");
    }
    let mut body = oauth("google", "ada@acme.example");
    body["error"] = json!("access_denied");
    body["organization"] = json!("nowhere");
    refused(&steer(&lab, "approve", body).await, 400, "organization");
}

/// It must be registered for the type that the login needs.
#[tokio::test]
async fn the_app_chooses_the_redirect_url() {
    let lab = Lab::start().await;
    let (login, signup, discovery) = (
        "http://localhost:4000/in",
        "myapp://new",
        "http://localhost:4000/d",
    );
    let path = format!("/projects/{}/redirect_urls", lab.credentials().project_id);
    let urls = json!({ "login": ["http://localhost:3000/a", login], "signup": ["http://localhost:3000/a", signup],
        "discovery": ["http://localhost:3000/a", discovery] });
    let put = super::control(&lab, reqwest::Method::PUT, &path, Some(urls));
    good(&put.await);
    let member = oauth("google", "ada@acme.example");
    let stranger = oauth("google", "stranger@acme.example");
    let someone =
        json!({ "flow": "discovery_oauth", "provider": "google", "email": "ada@acme.example" });
    let sso = json!({ "flow": "sso", "connection_id": crate::sso::SAML, "email": "stranger@globex.example" });
    for (body, good_one, bad_one) in [
        (member, login, signup),
        (stranger, signup, login),
        (someone, discovery, login),
        (sso, signup, login),
    ] {
        let mut body = body;
        body["redirect_url"] = json!(bad_one);
        refused(
            &steer(&lab, "approve", body.clone()).await,
            400,
            "redirect_url",
        );
        body["redirect_url"] = json!(good_one);
        let approved = good(&steer(&lab, "approve", body).await);
        assert!(
            text(&approved["redirect_url"]).starts_with(good_one),
            "{approved}"
        );
    }
}

/// This holds even if the person has signed in through the connection.
#[tokio::test]
async fn a_person_known_only_as_a_member_is_removed_with_the_member() {
    let lab = Lab::start().await;
    let bob = "bob@globex.example";
    let body = json!({ "flow": "sso", "connection_id": crate::sso::SAML, "email": bob });
    let lists_bob = async || {
        let reply = lab
            .sso_start(&format!("connection_id={}", crate::sso::SAML))
            .await;
        lab.page_of(&reply).page().await.text.contains(bob)
    };
    good(&steer(&lab, "approve", body).await);
    assert!(lists_bob().await);
    let id = text(&lab.member("globex", bob)["member_id"]);
    let member = format!("/v1/b2b/organizations/globex/members/{id}");
    lab.delete(&member).await.ok();
    assert!(!lists_bob().await);
}

/// Any page can start sign-ins that are approved automatically, so the oldest tokens are dropped.
#[tokio::test]
async fn the_number_of_tokens_is_limited() {
    let limits = stytch_sandbox::Limits {
        messages: 2,
        ..stytch_sandbox::Limits::default()
    };
    let lab = Lab::with(limits).await;
    let spend = async |token: &str| {
        let body = json!({ "discovery_oauth_token": token });
        lab.post("/v1/b2b/oauth/discovery/authenticate", body)
            .await
            .status
    };
    let [first, second, third] = [1, 2, 3].map(|second| {
        lab.world.advance(std::time::Duration::from_secs(second));
        let oauth = lab.discovery_token("google", "ada@acme.example");
        (oauth, lab.sso_token(crate::sso::SAML, "bob@globex.example"))
    });
    let statuses = [
        spend(&first.0).await,
        spend(&second.0).await,
        spend(&third.0).await,
    ];
    assert_eq!(statuses, [400, 200, 200]);
    lab.spend_sso(&first.1, json!({}))
        .await
        .is_error(400, "sso_token_not_found");
    lab.spend_sso(&third.1, json!({})).await.ok();
}
