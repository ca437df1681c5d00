//! Magic links: sending, following and using them. See `docs/stytch.md#links-and-codes-by-email` and
//! `docs/stytch.md#the-redirect-back`.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::Channel;

use super::lab::{Lab, Reply, listed, pairs, text};

const SEND: &str = "/v1/b2b/magic_links/email/login_or_signup";
const SEND_DISCOVERY: &str = "/v1/b2b/magic_links/email/discovery/send";
const AUTHENTICATE: &str = "/v1/b2b/magic_links/authenticate";
const AUTHENTICATE_DISCOVERY: &str = "/v1/b2b/magic_links/discovery/authenticate";
const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

impl Lab {
    /// Follows the link in the newest email to this address. Returns the app's URL without the token, and the token.
    pub async fn follow(&self, to: &str) -> (String, String) {
        let newest = self
            .world
            .messages_to(Some(to), Some(Channel::Email))
            .remove(0);
        let link = newest.link.expect("a link");
        let reply = Reply::send(self.http.get(&link)).await;
        assert_eq!(reply.status, 302, "{}", reply.text);
        let (url, token) = reply
            .header("location")
            .split_once("&token=")
            .expect("a token, last by the alphabet");
        (url.to_owned(), token.to_owned())
    }

    /// Sends a link to a member or a new person of the organization, and returns its token.
    pub async fn magic_token(&self, organization: &str, email: &str, mut more: Value) -> String {
        more["organization_id"] = json!(organization);
        more["email_address"] = json!(email);
        self.post(SEND, more).await.ok();
        self.follow(email).await.1
    }

    pub async fn spend_link(&self, token: &str) -> Reply {
        self.post(AUTHENTICATE, json!({ "magic_links_token": token }))
            .await
    }
}

#[tokio::test]
async fn a_member_signs_in_by_link() {
    let lab = Lab::start().await;
    let body = json!({ "organization_id": "acme", "email_address": "Ada@acme.example" });
    let sent = lab.post(SEND, body).await.ok();
    assert_eq!(sent["member_created"], false);
    assert_eq!(sent["member"]["member_id"], sent["member_id"]);
    assert_eq!(sent["organization"]["organization_slug"], "acme");

    let message = lab.world.messages().remove(0);
    assert_eq!(
        (message.channel, message.to.as_str(), message.kind),
        (Channel::Email, "ada@acme.example", "login")
    );
    assert_eq!(message.code, None);
    let (url, token) = lab.follow("ada@acme.example").await;
    assert_eq!(
        url,
        "http://localhost:3000/authenticate?slug=acme&stytch_redirect_type=login&stytch_token_type=multi_tenant_magic_links"
    );
    let answer = lab.spend_link(&token).await.ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(
        answer["organization_id"],
        answer["organization"]["organization_id"]
    );
    assert_eq!(answer["reset_sessions"], false);
    let factor = &answer["member_session"]["authentication_factors"][0];
    assert_eq!(
        (
            &factor["type"],
            &factor["delivery_method"],
            &factor["sequence_order"]
        ),
        (&json!("magic_link"), &json!("email"), &json!("PRIMARY"))
    );
    assert_eq!(
        factor["email_factor"],
        json!({ "email_id": answer["method_id"], "email_address": "ada@acme.example" })
    );
    lab.spend_link(&token)
        .await
        .is_error(401, "unable_to_auth_magic_link");
}

#[tokio::test]
async fn both_documented_paths_work() {
    let lab = Lab::start().await;
    let token = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let body = json!({ "magic_links_token": token });
    lab.post("/v1/b2b/magic_links/email/authenticate", body)
        .await
        .ok();
    lab.post(
        SEND_DISCOVERY,
        json!({ "email_address": "ada@acme.example" }),
    )
    .await
    .ok();
    let (_, token) = lab.follow("ada@acme.example").await;
    let body = json!({ "discovery_magic_links_token": token });
    lab.post("/v1/b2b/magic_links/email/discovery/authenticate", body)
        .await
        .ok();
}

#[tokio::test]
async fn following_a_link_does_not_use_it_up_and_an_expired_one_redirects_too() {
    let lab = Lab::start().await;
    let token = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    assert_eq!(lab.follow("ada@acme.example").await.1, token);
    lab.spend_link(&token).await.ok();
    assert_eq!(
        lab.follow("ada@acme.example").await.1,
        token,
        "the app gets the error"
    );

    let public_token = lab.credentials().public_token;
    let unknown = format!("/v1/magic_links/redirect?public_token={public_token}&token=no");
    let request = lab.http.get(format!("{}{unknown}", lab.url));
    Reply::send(request)
        .await
        .is_error(404, "magic_link_not_found");
    let page = lab.open(&unknown).await;
    assert!(page.status == 404 && page.text.contains("magic_link_not_found"));
    let request = lab
        .http
        .get(format!("{}/v1/magic_links/redirect?token={token}", lab.url));
    Reply::send(request)
        .await
        .is_error(400, "public_token_required");
}

/// The redirect URL is chosen when the link is sent.
#[tokio::test]
async fn the_target_of_a_link_cannot_be_changed() {
    let lab = Lab::start().await;
    lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let link = lab.world.messages().remove(0).link.expect("a link");
    let evil = format!(
        "{link}&redirect_url=http%3A%2F%2Fevil.example&login_redirect_url=http%3A%2F%2Fevil.example"
    );
    let reply = Reply::send(lab.http.get(evil)).await;
    assert!(
        reply
            .header("location")
            .starts_with("http://localhost:3000/authenticate?")
    );
}

#[tokio::test]
async fn links_expire_after_an_hour_or_as_requested() {
    for (more, lives) in [
        (json!({}), 60),
        (json!({ "login_expiration_minutes": 5 }), 5),
    ] {
        let lab = Lab::start().await;
        let token = lab
            .magic_token("acme", "ada@acme.example", more.clone())
            .await;
        lab.world.advance(Duration::from_secs(lives * 60 - 5));
        lab.spend_link(&token).await.ok();
        let token = lab.magic_token("acme", "ada@acme.example", more).await;
        lab.world.advance(Duration::from_secs(lives * 60));
        lab.spend_link(&token)
            .await
            .is_error(401, "unable_to_auth_magic_link");
    }
    let lab = Lab::start().await;
    for minutes in [4, 10_081] {
        for field in ["login_expiration_minutes", "signup_expiration_minutes"] {
            let body = json!({ "organization_id": "acme", "email_address": "ada@acme.example", field: minutes });
            lab.post(SEND, body)
                .await
                .is_error(400, "invalid_expiration");
        }
    }
}

#[tokio::test]
async fn people_of_the_domain_become_pending_and_then_active_members() {
    let lab = Lab::start().await;
    let body = json!({ "organization_id": "acme", "email_address": "grace@acme.example" });
    let sent = lab.post(SEND, body.clone()).await.ok();
    assert_eq!(sent["member_created"], true);
    assert_eq!(
        (
            &sent["member"]["status"],
            &sent["member"]["email_address_verified"]
        ),
        (&json!("pending"), &json!(false))
    );
    assert_eq!(lab.world.messages()[0].kind, "signup");
    assert_eq!(
        lab.post(SEND, body).await.ok()["member_created"],
        false,
        "once"
    );
    let (url, token) = lab.follow("grace@acme.example").await;
    assert!(url.contains("stytch_redirect_type=signup"), "{url}");
    let answer = lab.spend_link(&token).await.ok();
    assert_eq!(
        (
            &answer["member"]["status"],
            &answer["member"]["email_address_verified"]
        ),
        (&json!("active"), &json!(true))
    );
}

#[tokio::test]
async fn no_link_is_sent_to_people_whom_the_organization_refuses() {
    let lab = Lab::start().await;
    let send = async |organization: &str, email: &str| {
        lab.post(
            SEND,
            json!({ "organization_id": organization, "email_address": email }),
        )
        .await
    };
    send("acme", "mallory@evil.example")
        .await
        .is_error(400, "invalid_email_for_jit_provisioning");
    send("oneil", "mallory@evil.example")
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    send("nowhere", "ada@acme.example")
        .await
        .is_error(404, "organization_not_found");
    send("acme", "ada").await.is_error(400, "invalid_email");
    send("globex", "bob@globex.example")
        .await
        .is_error(403, "operation_restricted_by_organization_auth_methods");
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "is_locked": true }));
    send("acme", "ada@acme.example")
        .await
        .is_error(429, "user_lock_limit_reached");
    assert!(
        lab.world.messages().is_empty() && lab.member("acme", "mallory@evil.example").is_null()
    );

    lab.world.patch_member(
        "globex",
        "bob@globex.example",
        json!({ "is_breakglass": true }),
    );
    send("globex", "bob@globex.example").await.ok();
}

#[tokio::test]
async fn redirect_urls_must_be_registered() {
    let lab = Lab::start().await;
    for field in ["login_redirect_url", "signup_redirect_url"] {
        let send = async |url: &str| {
            lab.post(SEND, json!({ "organization_id": "acme", "email_address": "ada@acme.example", field: url })).await
        };
        send("http://localhost:3000/else")
            .await
            .is_error(400, "no_match_for_provided_magic_link_url");
        send("localhost").await.is_error(
            400,
            if field.starts_with("login") {
                "invalid_login_redirect_url"
            } else {
                "invalid_signup_redirect_url"
            },
        );
        send("http://localhost:3000/authenticate").await.ok();
    }
    let body = json!({ "email_address": "ada@acme.example", "discovery_redirect_url": "http://localhost:3000/authenticate" });
    lab.post(SEND_DISCOVERY, body)
        .await
        .is_error(400, "no_match_for_provided_magic_link_url");
}

#[tokio::test]
async fn a_challenge_requires_its_verifier_and_a_wrong_one_invalidates_the_link() {
    let lab = Lab::start().await;
    let challenge = json!({ "pkce_code_challenge": CHALLENGE });
    let token = lab
        .magic_token("acme", "ada@acme.example", challenge.clone())
        .await;
    let spend = async |token: &str, verifier: &str| {
        lab.post(
            AUTHENTICATE,
            json!({ "magic_links_token": token, "pkce_code_verifier": verifier }),
        )
        .await
    };
    lab.spend_link(&token)
        .await
        .is_error(400, "pkce_expected_code_verifier");
    spend(&token, VERIFIER).await.ok();
    let token = lab.magic_token("acme", "ada@acme.example", challenge).await;
    spend(&token, "wrong").await.is_error(400, "pkce_mismatch");
    spend(&token, VERIFIER)
        .await
        .is_error(401, "unable_to_auth_magic_link");
    let token = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    spend(&token, VERIFIER)
        .await
        .is_error(400, "pkce_did_not_expect_code_verifier");
    let body = json!({ "organization_id": "acme", "email_address": "ada@acme.example", "pkce_code_challenge": "short" });
    lab.post(SEND, body)
        .await
        .is_error(400, "invalid_pkce_code_challenge");
}

#[tokio::test]
async fn a_link_signs_in_through_discovery() {
    let lab = Lab::start().await;
    let body =
        json!({ "email_address": "carol@initech.example", "pkce_code_challenge": CHALLENGE });
    let sent = lab.post(SEND_DISCOVERY, body).await.ok();
    assert!(sent.get("member_id").is_none());
    let (url, token) = lab.follow("carol@initech.example").await;
    assert_eq!(
        url,
        "http://localhost:3000/discovery?stytch_redirect_type=login&stytch_token_type=discovery"
    );
    lab.spend_link(&token)
        .await
        .is_error(404, "magic_link_not_found");
    let body = json!({ "discovery_magic_links_token": token, "pkce_code_verifier": VERIFIER });
    let answer = lab.post(AUTHENTICATE_DISCOVERY, body.clone()).await.ok();
    assert_eq!(answer["email_address"], "carol@initech.example");
    let expected = [
        ("acme", "invited_member"),
        ("initech", "active_member"),
        ("vandelay", "pending_member"),
    ];
    assert_eq!(listed(&answer), pairs(&expected));
    lab.post(AUTHENTICATE_DISCOVERY, body)
        .await
        .is_error(401, "unable_to_auth_magic_link");

    let ist = text(&answer["intermediate_session_token"]);
    let member = lab.exchange(&ist, "acme").await.ok();
    assert_eq!(member["member_authenticated"], true);
    assert_eq!(
        member["member_session"]["authentication_factors"][0]["type"],
        "magic_link"
    );

    let token = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let body = json!({ "discovery_magic_links_token": token });
    lab.post(AUTHENTICATE_DISCOVERY, body)
        .await
        .is_error(404, "magic_link_not_found");
    lab.spend_link(&token).await.ok();
}

#[tokio::test]
async fn discovery_chooses_the_lifetime_of_its_links() {
    let lab = Lab::start().await;
    let body = json!({ "email_address": "ada@acme.example", "discovery_expiration_minutes": 10 });
    lab.post(SEND_DISCOVERY, body).await.ok();
    let (_, token) = lab.follow("ada@acme.example").await;
    lab.world.advance(Duration::from_mins(10));
    let body = json!({ "discovery_magic_links_token": token });
    lab.post(AUTHENTICATE_DISCOVERY, body)
        .await
        .is_error(401, "unable_to_auth_magic_link");
}

/// The session has both factors.
#[tokio::test]
async fn a_link_is_a_step_up_for_a_login_that_proves_no_address() {
    let lab = Lab::start().await;
    let ist = lab.ist("github", "grace@acme.example").await;
    let waiting = lab.exchange(&ist, "acme").await.ok();
    let methods = waiting["primary_required"]["allowed_auth_methods"]
        .as_array()
        .expect("methods")
        .clone();
    assert!(methods.contains(&json!("magic_link")) && methods.contains(&json!("email_otp")));
    let token = lab
        .magic_token("acme", "grace@acme.example", json!({}))
        .await;
    let other = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let body = json!({ "magic_links_token": other, "intermediate_session_token": ist });
    lab.post(AUTHENTICATE, body)
        .await
        .is_error(400, "member_session_member_id_mismatch");
    let body = json!({ "magic_links_token": token, "intermediate_session_token": ist });
    let answer = lab.post(AUTHENTICATE, body).await.ok();
    let factors = answer["member_session"]["authentication_factors"]
        .as_array()
        .expect("factors");
    let kinds: Vec<_> = factors
        .iter()
        .map(|it| text(&it["delivery_method"]))
        .collect();
    assert_eq!(kinds, ["oauth_github", "email"]);
    lab.exchange(&ist, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
}

#[tokio::test]
async fn a_link_of_a_deleted_member_does_not_work() {
    for patch in [
        json!({ "status": "deleted" }),
        json!({ "email_address": "other@acme.example" }),
    ] {
        let lab = Lab::start().await;
        let token = lab.magic_token("acme", "ada@acme.example", json!({})).await;
        lab.world.patch_member("acme", "ada@acme.example", patch);
        lab.spend_link(&token)
            .await
            .is_error(401, "unable_to_auth_magic_link");
    }
}

#[tokio::test]
async fn tests_can_wait_for_messages() {
    let lab = Lab::start().await;
    let long = Duration::from_mins(1);
    let waiting = lab
        .world
        .wait_for_messages(Some("ADA@acme.example"), Some(Channel::Email), long);
    let sending = async {
        lab.magic_token("acme", "carol@initech.example", json!({}))
            .await;
        lab.magic_token("acme", "ada@acme.example", json!({})).await;
    };
    let (found, ()) = tokio::join!(waiting, sending);
    assert_eq!((found.len(), found[0].to.as_str()), (1, "ada@acme.example"));
    assert_eq!(
        lab.world.messages()[0].to,
        "ada@acme.example",
        "newest first"
    );
    let none = lab
        .world
        .wait_for_messages(Some("nobody@acme.example"), None, Duration::ZERO)
        .await;
    assert!(none.is_empty());
    assert!(lab.world.messages_to(None, Some(Channel::Sms)).is_empty());
    let object = lab.world.messages().remove(0).object();
    for key in [
        "id", "channel", "to", "kind", "subject", "locale", "code", "link", "sent_at",
    ] {
        assert!(object.get(key).is_some(), "{key}");
    }
    assert!(
        !format!("{found:?}").contains("token"),
        "Debug does not show the link"
    );
}
