//! What discovery lists, and who may join (fact sheet §7.1, §7.3 step 3, §7.4).

use serde_json::{Value, json};
use stytch_b2b_axum::sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, entry, listed};

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(slug, kind)| ((*slug).to_owned(), (*kind).to_owned()))
        .collect()
}

/// The whole cast, as issue 2's table has it.
#[tokio::test]
async fn the_cast_stands_where_its_table_says() {
    let lab = Lab::start().await;
    let (member, invited, pending) = ("active_member", "invited_member", "pending_member");
    let (domain, tenant) = (
        "eligible_to_join_by_email_domain",
        "eligible_to_join_by_oauth_tenant",
    );
    for (provider, email, expected) in [
        (
            "google",
            "ada@acme.example",
            &[("acme", member), ("initech", member), ("oneil", member)][..],
        ),
        (
            "microsoft",
            "ada@acme.example",
            &[("acme", member), ("initech", member), ("oneil", member)],
        ),
        ("google", "grace@acme.example", &[("acme", domain)]),
        ("github", "grace@acme.example", &[("acme", domain)]),
        ("google", "bob@globex.example", &[("globex", member)]),
        (
            "google",
            "carol@initech.example",
            &[
                ("acme", invited),
                ("initech", member),
                ("vandelay", pending),
            ],
        ),
        ("google", "hal@hooli.example", &[("hooli", member)]),
        ("github", "dave@hooli.example", &[("hooli", tenant)]),
        ("slack", "dave@hooli.example", &[("hooli", tenant)]),
        ("hubspot", "dave@hooli.example", &[("hooli", tenant)]),
        ("google", "erin@freemail.example", &[]),
        ("google", "frank@startup.example", &[]),
        ("google", "mallory@evil.example", &[]),
    ] {
        assert_eq!(
            listed(&lab.discover(provider, email).await),
            pairs(expected),
            "{provider} {email}"
        );
    }
}

#[tokio::test]
async fn entries_say_what_is_still_missing() {
    let lab = Lab::start().await;
    let ada = lab.discover("google", "ada@acme.example").await;
    let acme = entry(&ada, "acme");
    assert_eq!(acme["member_authenticated"], true);
    assert_eq!(acme["membership"]["details"], Value::Null);
    assert_eq!(
        acme["membership"]["member"]["email_address"],
        "ada@acme.example"
    );
    assert_eq!(
        (&acme["primary_required"], &acme["mfa_required"]),
        (&Value::Null, &Value::Null)
    );
    let initech = entry(&ada, "initech");
    assert_eq!(initech["member_authenticated"], false);
    let options = json!({ "mfa_phone_number": "+15555550100", "totp_registration_id": "" });
    let mfa = json!({ "member_options": options, "secondary_auth_initiated": null });
    assert_eq!(initech["mfa_required"], mfa, "a list sends nothing");

    let grace = lab.discover("google", "grace@acme.example").await;
    let acme = entry(&grace, "acme");
    assert_eq!(
        acme["membership"],
        json!({ "type": "eligible_to_join_by_email_domain", "details": { "domain": "acme.example" }, "member": null })
    );
    assert_eq!(acme["member_authenticated"], true);
    let grace = lab.discover("github", "grace@acme.example").await;
    let acme = entry(&grace, "acme");
    assert_eq!(
        acme["member_authenticated"], false,
        "GitHub proves no address"
    );
    let methods = json!(["google_oauth", "microsoft_oauth", "magic_link", "email_otp"]);
    assert_eq!(acme["primary_required"]["allowed_auth_methods"], methods);

    let dave = lab.discover("slack", "dave@hooli.example").await;
    let hooli = entry(&dave, "hooli");
    assert_eq!(
        hooli["membership"]["details"],
        json!({ "provider": "slack", "tenant": "T-HOOLI" })
    );
    assert_eq!(hooli["member_authenticated"], true, "the tenant vouches");

    let carol = lab.discover("google", "carol@initech.example").await;
    assert_eq!(entry(&carol, "acme")["member_authenticated"], true);
    assert_eq!(
        entry(&carol, "initech")["mfa_required"]["member_options"]["mfa_phone_number"],
        ""
    );
    let vandelay = entry(&carol, "vandelay");
    assert_eq!(vandelay["member_authenticated"], false);
    assert_eq!(
        vandelay["primary_required"],
        json!({ "allowed_auth_methods": ["microsoft_oauth"] })
    );
}

#[tokio::test]
async fn joining_by_domain_needs_a_proven_member_and_an_uncommon_domain() {
    let lab = Lab::start().await;
    let rules = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["evil.example", "gmail.example"] });
    lab.world.patch_organization("oneil", rules);
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        [],
        "nobody there has an evil address"
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
        "that address is not proven"
    );
    lab.world.patch_member(
        "oneil",
        "boss@evil.example",
        json!({ "email_address_verified": true, "status": "deleted" }),
    );
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        [],
        "that member is gone"
    );
    lab.world
        .patch_member("oneil", "boss@evil.example", json!({ "status": "active" }));
    let expected = pairs(&[("oneil", "eligible_to_join_by_email_domain")]);
    assert_eq!(
        listed(&lab.discover("google", "mallory@evil.example").await),
        expected
    );

    // gmail.example is common by its first label, whoever is there.
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
async fn joining_makes_an_active_member_once() {
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
        "no second row"
    );
}

#[tokio::test]
async fn tenants_vouch_for_their_people() {
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
async fn who_may_not_join_is_told_why() {
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
        assert_eq!(lab.world.state(), before, "nobody joined");
    }
}

#[tokio::test]
async fn a_claimed_domain_keeps_its_people_from_joining_elsewhere() {
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
async fn the_deleted_are_nobody_and_the_locked_are_kept_out() {
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

/// What the list says of an organization is what exchanging for it then gives (fact sheet §7.1).
#[tokio::test]
async fn the_list_tells_what_the_exchange_will_say() {
    let lab = Lab::start().await;
    let restricted = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["slack_oauth", "magic_link"], "mfa_policy": "REQUIRED_FOR_ALL" });
    let people = [
        ("google", "ada@acme.example"),
        ("google", "grace@acme.example"),
        ("github", "grace@acme.example"),
        ("google", "bob@globex.example"),
        ("google", "carol@initech.example"),
        ("microsoft", "carol@initech.example"),
        ("google", "hal@hooli.example"),
        ("github", "dave@hooli.example"),
        ("slack", "dave@hooli.example"),
    ];
    let mut compared = 0;
    for (provider, email) in people {
        for patch in [json!({}), restricted.clone()] {
            let world = lab
                .sandbox
                .create_world(Seed::Default, RedirectUrls::default());
            for slug in ["acme", "hooli"] {
                world.patch_organization(slug, patch.clone());
            }
            let lab = Lab {
                world,
                sandbox: lab.sandbox.clone(),
                url: lab.url.clone(),
                http: lab.http.clone(),
            };
            let login = lab.discover(provider, email).await;
            for entry in login["discovered_organizations"]
                .as_array()
                .expect("a list")
            {
                let ist = lab.ist(provider, email).await;
                let slug = entry["organization"]["organization_slug"]
                    .as_str()
                    .expect("a slug");
                let answer = lab.exchange(&ist, slug).await.ok();
                for field in ["member_authenticated", "primary_required"] {
                    assert_eq!(
                        answer[field], entry[field],
                        "{field} of {email} by {provider} in {slug}"
                    );
                }
                let options = |it: &Value| it["mfa_required"]["member_options"].clone();
                assert_eq!(options(&answer), options(entry));
                assert_eq!(
                    answer["mfa_required"].is_null(),
                    entry["mfa_required"].is_null()
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared}");
}
