//! The organizations that discovery lists. See `docs/stytch.md#discovery`.

use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, entry, listed, pairs};

/// The whole cast.
#[tokio::test]
async fn discovery_lists_what_the_table_of_the_cast_says() {
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
async fn entries_contain_the_missing_steps() {
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
    assert_eq!(initech["mfa_required"], mfa, "listing sends no code");

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
    assert_eq!(hooli["member_authenticated"], true, "the tenant is allowed");

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

/// For each organization, the listed steps are those of the exchange.
#[tokio::test]
async fn the_list_agrees_with_the_exchange() {
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
