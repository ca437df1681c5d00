//! Invitations by email. See `docs/stytch.md#links-and-codes-by-email`.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply};

impl Lab {
    pub async fn invite(&self, organization: &str, email: &str, mut more: Value) -> Reply {
        more["organization_id"] = json!(organization);
        more["email_address"] = json!(email);
        self.post("/v1/b2b/magic_links/email/invite", more).await
    }
}

#[tokio::test]
async fn an_invited_address_becomes_a_member_by_its_link() {
    let lab = Lab::start().await;
    let more = json!({
        "name": "Newcomer", "roles": ["stytch_admin"], "trusted_metadata": { "team": 1 }, "untrusted_metadata": { "theme": "x" },
        "invited_by_member_id": lab.member("acme", "ada@acme.example")["member_id"],
    });
    let sent = lab.invite("acme", "new@elsewhere.example", more).await.ok();
    let member = &sent["member"];
    assert_eq!(
        (&member["status"], &member["name"]),
        (&json!("invited"), &json!("Newcomer"))
    );
    assert_eq!(
        (&member["is_admin"], &member["trusted_metadata"]["team"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(lab.world.messages()[0].kind, "invite");
    let (url, token) = lab.follow("new@elsewhere.example").await;
    assert_eq!(
        url,
        "http://localhost:3000/authenticate?slug=acme&stytch_redirect_type=invite&stytch_token_type=multi_tenant_magic_links"
    );
    let answer = lab.spend_link(&token).await.ok();
    assert_eq!(answer["member"]["status"], "active");
    assert_eq!(answer["member"]["email_address_verified"], true);
}

#[tokio::test]
async fn pending_members_become_invited_and_active_ones_are_refused() {
    let lab = Lab::start().await;
    let answer = lab
        .invite("vandelay", "carol@initech.example", json!({}))
        .await;
    answer.is_error(403, "operation_restricted_by_organization_auth_methods");
    lab.world
        .patch_organization("vandelay", json!({ "auth_methods": "ALL_ALLOWED" }));
    let sent = lab
        .invite("vandelay", "carol@initech.example", json!({}))
        .await
        .ok();
    assert_eq!(sent["member"]["status"], "invited");
    assert_eq!(
        sent["member_id"],
        lab.member("vandelay", "carol@initech.example")["member_id"]
    );
    lab.invite("vandelay", "carol@initech.example", json!({}))
        .await
        .ok();
    lab.invite("acme", "ada@acme.example", json!({}))
        .await
        .is_error(400, "duplicate_member_email");
}

#[tokio::test]
async fn the_organization_decides_who_can_be_invited() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("acme", json!({ "email_invites": "RESTRICTED" }));
    lab.invite("acme", "a@evil.example", json!({}))
        .await
        .is_error(400, "invalid_email_for_invites");
    lab.invite("acme", "a@ACME.example", json!({})).await.ok();
    lab.world
        .patch_organization("acme", json!({ "email_invites": "NOT_ALLOWED" }));
    lab.invite("acme", "b@acme.example", json!({}))
        .await
        .is_error(400, "invalid_email_for_invites");
    lab.world.patch_organization(
        "hooli",
        json!({ "claimed_email_domains": ["hooli.example"] }),
    );
    lab.invite("oneil", "x@hooli.example", json!({}))
        .await
        .is_error(400, "action_not_allowed_email_domain_is_claimed");
    lab.invite("hooli", "x@hooli.example", json!({})).await.ok();
}

#[tokio::test]
async fn invalid_invitations_are_refused() {
    let lab = Lab::start().await;
    let refuse = async |more: Value, status, error: &str| {
        lab.invite("acme", "x@y.example", more)
            .await
            .is_error(status, error);
    };
    refuse(
        json!({ "invited_by_member_id": lab.member("globex", "bob@globex.example")["member_id"] }),
        404,
        "member_not_found",
    )
    .await;
    refuse(json!({ "roles": ["editor"] }), 400, "invalid_role").await;
    refuse(json!({ "locale": "it" }), 400, "invalid_locale").await;
    refuse(
        json!({ "invite_expiration_minutes": 1 }),
        400,
        "invalid_expiration",
    )
    .await;
    refuse(
        json!({ "invite_redirect_url": "http://localhost:3000/x" }),
        400,
        "no_match_for_provided_magic_link_url",
    )
    .await;
    assert!(lab.member("acme", "x@y.example").is_null() && lab.world.messages().is_empty());
    lab.world.patch_organization(
        "acme",
        json!({ "custom_roles": [{ "role_id": "editor", "description": "", "permissions": [] }] }),
    );
    lab.invite("acme", "x@y.example", json!({ "roles": ["editor"] }))
        .await
        .ok();
}

#[tokio::test]
async fn invitations_expire_after_a_week_and_have_their_own_url() {
    let lab = Lab::start().await;
    let urls = RedirectUrls {
        invite: vec!["http://localhost:3000/welcome".into()],
        ..RedirectUrls::default()
    };
    let lab = Lab {
        world: lab.sandbox.create_world(Seed::Default, urls),
        ..lab
    };
    lab.invite("acme", "x@y.example", json!({})).await.ok();
    let (url, token) = lab.follow("x@y.example").await;
    assert!(url.starts_with("http://localhost:3000/welcome?"), "{url}");
    lab.world.advance(Duration::from_hours(7 * 24));
    lab.spend_link(&token)
        .await
        .is_error(401, "unable_to_auth_magic_link");
    lab.invite("acme", "x@y.example", json!({})).await.ok();
    let (_, token) = lab.follow("x@y.example").await;
    lab.world.advance(Duration::from_secs(7 * 24 * 3600 - 5));
    lab.spend_link(&token).await.ok();

    let urls = RedirectUrls {
        invite: vec![],
        login: vec!["http://localhost:3000/in".into()],
        ..RedirectUrls::default()
    };
    let lab = Lab {
        world: lab.sandbox.create_world(Seed::Default, urls),
        ..lab
    };
    lab.invite("acme", "x@y.example", json!({})).await.ok();
    assert!(
        lab.follow("x@y.example")
            .await
            .0
            .starts_with("http://localhost:3000/in?"),
        "login's by default"
    );
}
