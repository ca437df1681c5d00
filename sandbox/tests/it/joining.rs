//! The organizations that discovery lists, and the rules for joining. See `docs/stytch.md#discovery` and
//! `docs/stytch.md#entering-an-organization`.

use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, entry, listed, pairs};

#[tokio::test]
async fn joining_by_domain_requires_a_verified_member_and_an_uncommon_domain() {
    let lab = Lab::start().await;
    let rules = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["evil.example", "gmail.example"] });
    lab.world.patch_organization("oneil", rules);
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        [],
        "no member has an address in evil.example"
    );
    let ist = lab.ist("google", "mallory@evil.example").await;
    lab.exchange(&ist, "oneil")
        .await
        .is_error(400, "invalid_email_for_jit_provisioning");

    lab.world.add_member(
        "oneil",
        json!({ "email_address": "boss@evil.example", "email_address_verified": false }),
    );
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        [],
        "that address is not verified"
    );
    lab.world.patch_member(
        "oneil",
        "boss@evil.example",
        json!({ "email_address_verified": true, "status": "deleted" }),
    );
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        [],
        "that member is deleted"
    );
    lab.world
        .patch_member("oneil", "boss@evil.example", json!({ "status": "active" }));
    let expected = pairs(&[("oneil", "eligible_to_join_by_email_domain")]);
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        expected
    );

    // gmail.example counts as common because of its first label, even if it has members.
    lab.world
        .add_member("oneil", json!({ "email_address": "boss@gmail.example" }));
    let consent = lab.begin("google", "discovery/start", "").await;
    let reply = consent
        .press("/person", "name=G&email=g%40gmail.example&workspace=yes")
        .await;
    let token = reply
        .header("location")
        .rsplit_once("token=")
        .expect("a token")
        .1;
    let answer = lab
        .post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await
        .ok();
    assert_eq!(listed(&answer), []);
}

#[tokio::test]
async fn joining_creates_one_active_member() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "grace@acme.example").await;
    let answer = lab.exchange(&ist, "acme").await.ok();
    assert_eq!(answer["member_authenticated"], true);
    let member = lab.member("acme", "grace@acme.example");
    assert_eq!(answer["member"], member);
    assert_eq!(
        (&member["status"], &member["email_address_verified"]),
        (&json!("active"), &json!(true))
    );
    assert_eq!(
        (&member["name"], &member["is_admin"]),
        (&json!("Grace Hopper"), &json!(false))
    );
    assert_eq!(member["oauth_registrations"][0]["provider_type"], "Google");
    let again = lab.ist("google", "grace@acme.example").await;
    assert_eq!(
        lab.exchange(&again, "acme").await.ok()["member_id"],
        member["member_id"],
        "no second member is created"
    );
}

#[tokio::test]
async fn people_of_an_allowed_tenant_can_join() {
    let lab = Lab::start().await;
    for provider in ["github", "slack", "hubspot"] {
        let world = lab
            .sandbox
            .create_world(Seed::Default, RedirectUrls::default());
        let lab = Lab {
            world,
            sandbox: lab.sandbox.clone(),
            url: lab.url.clone(),
            http: lab.http.clone(),
        };
        let ist = lab.ist(provider, "dave@hooli.example").await;
        assert_eq!(
            lab.exchange(&ist, "hooli").await.ok()["member_authenticated"],
            true,
            "{provider}"
        );
        let member = lab.member("hooli", "dave@hooli.example");
        assert_eq!(
            (&member["status"], &member["email_address_verified"]),
            (&json!("active"), &json!(false))
        );
        let again = lab.ist(provider, "dave@hooli.example").await;
        assert_eq!(
            lab.exchange(&again, "hooli").await.ok()["member_authenticated"],
            true,
            "and again"
        );
    }
}

#[tokio::test]
async fn a_person_who_cannot_join_gets_the_reason() {
    let lab = Lab::start().await;
    let tenant_only = json!({ "email_jit_provisioning": "NOT_ALLOWED", "allowed_oauth_tenants": { "slack": ["T-OTHER"] } });
    lab.world.patch_organization("hooli", tenant_only);
    for (provider, email, organization, error) in [
        (
            "google",
            "mallory@evil.example",
            "oneil",
            "email_jit_provisioning_not_allowed",
        ),
        (
            "google",
            "mallory@evil.example",
            "acme",
            "invalid_email_for_jit_provisioning",
        ),
        (
            "slack",
            "dave@hooli.example",
            "hooli",
            "invalid_oauth_tenant_for_jit_provisioning",
        ),
        (
            "slack",
            "dave@hooli.example",
            "oneil",
            "oauth_tenant_jit_provisioning_not_allowed",
        ),
    ] {
        let before = lab.world.state();
        let ist = lab.ist(provider, email).await;
        lab.exchange(&ist, organization).await.is_error(400, error);
        lab.sign_in(provider, email, organization, json!({}))
            .await
            .is_error(400, error);
        assert_eq!(lab.world.state(), before, "no one joined");
    }
}

#[tokio::test]
async fn people_of_a_claimed_domain_cannot_join_elsewhere() {
    let lab = Lab::start().await;
    lab.world.patch_organization(
        "globex",
        json!({ "claimed_email_domains": ["ACME.example", "startup.example"] }),
    );
    assert_eq!(
        listed(&lab.discover("google", "grace@acme.example").await),
        []
    );
    let ist = lab.ist("google", "grace@acme.example").await;
    lab.exchange(&ist, "acme")
        .await
        .is_error(400, "action_not_allowed_email_domain_is_claimed");
    let ist = lab.ist("google", "frank@startup.example").await;
    let reply = lab
        .create(json!({ "intermediate_session_token": ist }))
        .await;
    reply.is_error(400, "action_not_allowed_email_domain_is_claimed");
    // Members stay members.
    assert_eq!(
        listed(&lab.discover("google", "ada@acme.example").await).len(),
        3
    );
}

#[tokio::test]
async fn deleted_members_do_not_count_and_locked_ones_are_refused() {
    let lab = Lab::start().await;
    lab.world
        .patch_member("oneil", "ada@acme.example", json!({ "status": "deleted" }));
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "is_locked": true }));
    let ada = lab.discover("google", "ada@acme.example").await;
    assert_eq!(
        listed(&ada),
        pairs(&[("acme", "active_member"), ("initech", "active_member")])
    );
    assert_eq!(entry(&ada, "acme")["member_authenticated"], false);
    let ist = lab.ist("google", "ada@acme.example").await;
    lab.exchange(&ist, "oneil")
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    lab.exchange(&ist, "acme")
        .await
        .is_error(429, "user_lock_limit_reached");
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
}

/// This requires no member with a verified address in the domain. Discovery lists the organization only after that.
#[tokio::test]
async fn the_first_person_of_a_domain_can_join_by_signing_in_to_the_organization() {
    let lab = Lab::start().await;
    let rules = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["evil.example"] });
    let mallory = "mallory@evil.example";
    for way in ["oauth", "link", "code"] {
        lab.world.reset();
        lab.world.patch_organization("vandelay", rules.clone());
        lab.world
            .patch_organization("vandelay", json!({ "auth_methods": "ALL_ALLOWED" }));
        assert_eq!(listed(&lab.discover("google", mallory).await), []);
        let ist = lab.ist("google", mallory).await;
        lab.exchange(&ist, "vandelay")
            .await
            .is_error(400, "invalid_email_for_jit_provisioning");
        let signed_in = match way {
            "oauth" => lab.sign_in("google", mallory, "vandelay", json!({})).await,
            "link" => {
                let token = lab.magic_token("vandelay", mallory, json!({})).await;
                lab.spend_link(&token).await
            }
            _ => {
                lab.send_email_code("vandelay", mallory, json!({}))
                    .await
                    .ok();
                let code = lab.code(mallory);
                lab.spend_email_code("vandelay", mallory, &code).await
            }
        };
        let signed_in = signed_in.ok();
        assert_eq!(signed_in["member"]["status"], "active", "{way}");
        assert_eq!(signed_in["member"]["email_address_verified"], true);
        let expected = pairs(&[("vandelay", "active_member")]);
        assert_eq!(listed(&lab.discover("google", mallory).await), expected);
    }
    // The other rules apply: the domain must be allowed, not common, and not claimed by another organization.
    lab.world.reset();
    let code = async || lab.send_email_code("vandelay", mallory, json!({})).await;
    lab.world
        .patch_organization("vandelay", json!({ "auth_methods": "ALL_ALLOWED" }));
    code()
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    let other = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["other.example"] });
    lab.world.patch_organization("vandelay", other);
    code()
        .await
        .is_error(400, "invalid_email_for_jit_provisioning");
    lab.world.patch_organization("vandelay", rules);
    lab.world
        .patch_organization("acme", json!({ "claimed_email_domains": ["evil.example"] }));
    code()
        .await
        .is_error(400, "action_not_allowed_email_domain_is_claimed");
}
