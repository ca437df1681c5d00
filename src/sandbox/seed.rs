//! The built-in cast: the organizations, people and memberships that every world of [`Seed::Default`] begins with.
//! Ids are pinned: organization 3 is `organization-test-00000003-…`, person 1's membership of it
//! `member-test-00000001-0003-…`.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::member::Member;
use super::organization::Organization;
use super::people::{Identity, Person};
use super::provider::Provider::{self, Github, Google, Hubspot, Microsoft, Slack};

/// What a world begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// The built-in cast.
    #[default]
    Default,
    /// Nothing and nobody.
    Empty,
}

/// A seed's contents.
#[derive(Debug, Default)]
pub struct Cast {
    pub organizations: Vec<Organization>,
    pub members: Vec<Member>,
    pub people: Vec<Person>,
}

/// Slug, name, and what differs from the vendor's defaults.
fn organizations() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "acme",
            "Acme Corp",
            json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.example"] }),
        ),
        (
            "globex",
            "Globex",
            json!({
                "auth_methods": "RESTRICTED",
                "allowed_auth_methods": ["google_oauth", "sso"],
                "sso_default_connection_id": SAML,
                "sso_active_connections": [
                    { "connection_id": SAML, "display_name": "Globex Okta", "identity_provider": "okta" },
                    { "connection_id": OIDC, "display_name": "Globex Entra", "identity_provider": "microsoft-entra" },
                ],
            }),
        ),
        (
            "initech",
            "Initech",
            json!({ "mfa_policy": "REQUIRED_FOR_ALL" }),
        ),
        (
            "hooli",
            "Hooli",
            json!({
                "oauth_tenant_jit_provisioning": "RESTRICTED",
                "allowed_oauth_tenants": { "github": ["9001"], "slack": ["T-HOOLI"], "hubspot": ["7007"] },
                "email_jit_provisioning": "RESTRICTED",
                "email_allowed_domains": ["hooli.example"],
            }),
        ),
        (
            "vandelay",
            "Vandelay Industries",
            json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["microsoft_oauth"] }),
        ),
        (
            "oneil",
            r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#,
            json!({}),
        ),
    ]
}

const SAML: &str = "saml-connection-test-00000002-0000-4000-8000-000000000001";
const OIDC: &str = "oidc-connection-test-00000002-0000-4000-8000-000000000002";

/// A provider with Google's `hd`, or with the tenant.
type Account = (Provider, &'static str);

/// Name, address, accounts.
fn people() -> Vec<(&'static str, &'static str, Vec<Account>)> {
    vec![
        (
            "Ada Lovelace",
            "ada@acme.example",
            vec![(Google, "acme.example"), (Microsoft, "")],
        ),
        (
            "Grace Hopper",
            "grace@acme.example",
            vec![(Google, "acme.example"), (Github, "")],
        ),
        (
            "Bob Slydell",
            "bob@globex.example",
            vec![(Google, "globex.example")],
        ),
        (
            "Carol Danvers",
            "carol@initech.example",
            vec![(Google, "initech.example"), (Microsoft, "")],
        ),
        (
            "Hal Hooli",
            "hal@hooli.example",
            vec![(Google, "hooli.example")],
        ),
        (
            "Dave Dunn",
            "dave@hooli.example",
            vec![(Github, "9001"), (Slack, "T-HOOLI"), (Hubspot, "7007")],
        ),
        ("Erin Free", "erin@freemail.example", vec![(Google, "")]),
        (
            "Frank Founder",
            "frank@startup.example",
            vec![(Google, "startup.example")],
        ),
        (
            "Mallory",
            "mallory@evil.example",
            vec![(Google, "evil.example")],
        ),
    ]
}

/// Address, organization, and what differs from an active member without MFA.
fn members() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "ada@acme.example",
            "acme",
            json!({ "roles": ["stytch_member", "stytch_admin"] }),
        ),
        ("ada@acme.example", "oneil", json!({})),
        (
            "ada@acme.example",
            "initech",
            json!({
                "mfa_enrolled": true,
                "mfa_phone_number": "+15555550100",
                "mfa_phone_number_verified": true,
                "default_mfa_method": "sms_otp",
            }),
        ),
        (
            "bob@globex.example",
            "globex",
            json!({ "sso_registrations": bobs_registrations() }),
        ),
        (
            "carol@initech.example",
            "initech",
            json!({
                "mfa_enrolled": true,
                "totp_registration_id": "member-totp-test-00000004-0003-4000-8000-000000000000",
                "default_mfa_method": "totp",
            }),
        ),
        (
            "carol@initech.example",
            "acme",
            json!({ "status": "invited" }),
        ),
        (
            "carol@initech.example",
            "vandelay",
            json!({ "status": "pending" }),
        ),
        ("hal@hooli.example", "hooli", json!({})),
    ]
}

fn bobs_registrations() -> Value {
    let registration = |kind: &str, connection: &str| {
        json!({
            "connection_id": connection,
            "external_id": "bob@globex.example",
            "registration_id": format!("{kind}-member-registration-test-00000003-0002-4000-8000-000000000000"),
            "sso_attributes": {},
        })
    };
    json!([registration("saml", SAML), registration("oidc", OIDC)])
}

impl Seed {
    /// `default` or `empty`.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Seed::Default => "default",
            Seed::Empty => "empty",
        }
    }

    /// What the world begins with.
    pub(super) fn cast(self) -> Cast {
        match self {
            Seed::Default => built_in(),
            Seed::Empty => Cast::default(),
        }
    }
}

fn built_in() -> Cast {
    let mut cast = Cast::default();
    let mut at = OffsetDateTime::from_unix_timestamp(1_767_225_600).expect("2026-01-01 is a date");
    for (number, (slug, name, policy)) in (1..).zip(organizations()) {
        at += Duration::minutes(1);
        let id = format!("organization-test-{number:08}-0000-4000-8000-000000000000");
        let mut organization = Organization::new(&id, name, slug, at);
        organization.merge(object(policy));
        cast.organizations.push(organization);
    }
    for (number, (name, email, accounts)) in (1..).zip(people()) {
        let identities = accounts
            .into_iter()
            .map(|(provider, detail)| account(number, provider, detail))
            .collect();
        cast.people.push(Person {
            id: format!("person-{number}"),
            name: name.into(),
            email: email.into(),
            identities,
        });
    }
    for (email, slug, differs) in members() {
        at += Duration::minutes(1);
        let member = member(&cast, email, slug, differs, at);
        cast.members.push(member);
    }
    cast
}

fn account(person: i32, provider: Provider, detail: &str) -> Identity {
    let some = (!detail.is_empty()).then(|| detail.to_owned());
    let (hd, tenant) = if provider.has_tenants() {
        (None, some)
    } else {
        (some, None)
    };
    Identity {
        provider,
        subject: format!("{}-{person:08}", provider.word()),
        hd,
        tenants: tenant.into_iter().collect(),
    }
}

fn member(cast: &Cast, email: &str, slug: &str, differs: Value, at: OffsetDateTime) -> Member {
    let number = |found: Option<usize>| found.expect("the cast names only what it has") + 1;
    let person_number = number(cast.people.iter().position(|person| person.email == email));
    let organization_number = number(
        cast.organizations
            .iter()
            .position(|organization| organization.slug() == slug),
    );
    let person = &cast.people[person_number - 1];
    let organization_id = cast.organizations[organization_number - 1].id();
    let tail = format!("test-{person_number:08}-{organization_number:04}-4000-8000");

    let mut member = Member::new(
        &format!("member-{tail}-000000000000"),
        organization_id,
        email,
        &person.name,
        at,
    );
    member.email_id = format!("email-{tail}-000000000000");
    member.phone_id = format!("phone-number-{tail}-000000000000");
    member.set("status", "active");
    member.set("email_address_verified", true);
    member.merge(object(differs));
    if member.status() == "active" {
        for (number, identity) in (1..).zip(&person.identities) {
            if let Some(login) = person.login(identity.provider, &[], at) {
                member.register_as(&format!("oauth-user-{tail}-{number:012}"), &login);
            }
        }
    } else {
        // Who has not been here yet has proved nothing here.
        member.set("email_address_verified", false);
    }
    member
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("the cast has {other} where an object belongs"),
    }
}
