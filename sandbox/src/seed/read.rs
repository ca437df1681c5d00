//! A seed's values made into organizations, people and members.

use time::{Duration, OffsetDateTime};

use crate::{
    model::{
        Identity, Member, Organization, Person, Provider, RedirectUrls,
        people::{is_domain, is_email},
        project::is_redirect_url,
        settings::{METHODS, MFA_METHODS, SETTINGS},
    },
    rules::naming::{check_name, check_slug},
    seed::{
        cast::Cast,
        check::{Checker, Place},
        mistakes::SeedMistakes,
        node::Node,
    },
};

/// Fields of a member that are one of a few words (fact sheet §6.2).
const MEMBER_WORDS: &[(&str, &[&str])] = &[
    ("status", &["active", "invited", "pending", "deleted"]),
    ("default_mfa_method", &["", "sms_otp", "totp"]),
];

/// What is in the seed, or everything that is wrong with it.
pub fn read(root: &Node) -> Result<Cast, SeedMistakes> {
    let at = Place {
        node: root,
        path: "",
    };
    let mut check = Checker::default();
    check.only(at, &["organizations", "people", "members", "redirect_urls"]);
    let mut cast = Cast::default();
    let mut when =
        OffsetDateTime::from_unix_timestamp(1_767_225_600).expect("2026-01-01 is a date");
    for (number, (path, node)) in (1..).zip(check.tables(at, "organizations")) {
        when += Duration::minutes(1);
        organization(
            &mut check,
            &mut cast,
            Place { node, path: &path },
            number,
            when,
        );
    }
    for (number, (path, node)) in (1..).zip(check.tables(at, "people")) {
        person(&mut check, &mut cast, Place { node, path: &path }, number);
    }
    for (path, node) in check.tables(at, "members") {
        when += Duration::minutes(1);
        member(&mut check, &mut cast, Place { node, path: &path }, when);
    }
    if let Some(node) = root.get("redirect_urls") {
        let path = "redirect_urls";
        cast.redirect_urls = Some(redirect_urls(&mut check, Place { node, path }));
    }
    match SeedMistakes::of(check.mistakes) {
        None => Ok(cast),
        Some(mistakes) => Err(mistakes),
    }
}

fn organization(
    check: &mut Checker,
    cast: &mut Cast,
    at: Place<'_>,
    number: u32,
    when: OffsetDateTime,
) {
    let name = check.need_text(at, "name", "a name of 1 to 128 characters", |name| {
        check_name(name).is_ok()
    });
    let expected = "a slug of its own: 2 to 128 of A-Z a-z 0-9 - . _ ~";
    let slug = check.need_text(at, "slug", expected, |slug| {
        check_slug(slug, &cast.organizations).is_ok()
    });
    let otherwise = format!("organization-test-{number:08}-0000-4000-8000-000000000000");
    let id = check.id(at, "organization", otherwise);
    if let Some(node) = at.node.get("id")
        && cast.organizations.iter().any(|other| other.id() == id)
    {
        check.wrong(node, &format!("{}.id", at.path), "an id of its own");
    }
    let mut made = Organization::new(
        &id,
        name.unwrap_or_default(),
        slug.unwrap_or_default(),
        when,
    );
    let mut model = made.object();
    #[rustfmt::skip]
    let given_otherwise = [
        "organization_id", "organization_name", "organization_slug", "created_at", "updated_at",
    ];
    forget(&mut model, &given_otherwise);
    let mut words: Vec<(&str, &[&str])> = vec![
        ("allowed_auth_methods", &METHODS),
        ("allowed_mfa_methods", &MFA_METHODS),
    ];
    words.extend(SETTINGS.iter().map(|(name, words, _)| (*name, *words)));
    let fields = check.vendor_fields(at, &["name", "slug", "id"], &model, &words);
    check.texts(
        at,
        "email_allowed_domains",
        "a domain such as acme.example",
        is_domain,
    );
    made.merge(fields);
    cast.organizations.push(made);
}

fn person(check: &mut Checker, cast: &mut Cast, at: Place<'_>, number: u32) {
    check.only(at, &["name", "email", "accounts", "id"]);
    let name = check.need_text(at, "name", "a name of 1 to 100 characters", |name| {
        !name.trim().is_empty() && name.chars().count() <= 100
    });
    let email = check.need_text(
        at,
        "email",
        "an address that no other person here has",
        |email| {
            is_email(email)
                && !cast
                    .people
                    .iter()
                    .any(|other| other.email.eq_ignore_ascii_case(email))
        },
    );
    let id = check.text(at, "id", "an id that no other person here has", |id| {
        !id.is_empty() && !id.contains("-live-") && !cast.people.iter().any(|other| other.id == id)
    });
    let id = id.map_or_else(|| format!("person-{number}"), str::to_owned);
    let mut identities: Vec<Identity> = Vec::new();
    for (path, node) in check.tables(at, "accounts") {
        if let Some(identity) = account(check, Place { node, path: &path }, number) {
            if identities
                .iter()
                .any(|other| other.provider == identity.provider)
            {
                check.wrong(
                    node,
                    &path,
                    "at a provider where the person has no account yet",
                );
            }
            identities.push(identity);
        }
    }
    cast.people.push(Person {
        id,
        name: name.unwrap_or_default().to_owned(),
        email: email.unwrap_or_default().to_lowercase(),
        identities,
    });
}

fn account(check: &mut Checker, at: Place<'_>, person: u32) -> Option<Identity> {
    check.only(at, &["provider", "subject", "hd", "tenants"]);
    let words = Provider::ALL.map(Provider::word).join(", ");
    let expected = format!("one of {words}");
    let provider = check.need_text(at, "provider", &expected, |word| {
        Provider::from_word(word).is_some()
    });
    let provider = Provider::from_word(provider?)?;
    let expected = "Google's Workspace domain; other providers have none";
    let hd = check.text(at, "hd", expected, |hd| {
        provider == Provider::Google && is_domain(hd)
    });
    let tenants = check
        .texts(at, "tenants", "an id", |id| !id.is_empty())
        .unwrap_or_default();
    if let Some(node) = at.node.get("tenants")
        && tenants.len() > most_tenants(provider)
    {
        let expected = "a list of one id for slack and hubspot, of any number for github, and left out elsewhere";
        check.wrong(node, &format!("{}.tenants", at.path), expected);
    }
    let subject = check.text(at, "subject", "the account's id at the provider", |id| {
        !id.is_empty()
    });
    Some(Identity {
        provider,
        subject: subject.map_or_else(|| format!("{}-{person:08}", provider.word()), str::to_owned),
        hd: hd.map(str::to_owned),
        tenants,
    })
}

fn most_tenants(provider: Provider) -> usize {
    match provider {
        Provider::Github => usize::MAX,
        Provider::Slack | Provider::Hubspot => 1,
        Provider::Google | Provider::Microsoft => 0,
    }
}

fn member(check: &mut Checker, cast: &mut Cast, at: Place<'_>, when: OffsetDateTime) {
    let email = check.need_text(at, "email", "an address", is_email);
    let known: Vec<&str> = cast.organizations.iter().map(Organization::slug).collect();
    let expected = format!(
        "the slug of an organization of this seed: {}",
        known.join(", ")
    );
    let slug = check.need_text(at, "organization", &expected, |slug| known.contains(&slug));
    let ours = ["email", "organization", "id", "name", "roles"];
    let name = check.text(at, "name", "a text", |_| true);
    let mut model = Member::new("", "", "", "", when).object();
    #[rustfmt::skip]
    let given_otherwise = [
        "organization_id", "member_id", "email_address", "oauth_registrations", "is_admin",
        "roles", "created_at", "updated_at", "name",
    ];
    forget(&mut model, &given_otherwise);
    let mut fields = check.vendor_fields(at, &ours, &model, MEMBER_WORDS);
    let expected = "a phone number such as +15555550100";
    check.text(at, "mfa_phone_number", expected, |phone| {
        phone.strip_prefix('+').is_some_and(|rest| {
            (7..=15).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    if let Some(roles) = check.texts(at, "roles", "the name of a role", |role| !role.is_empty()) {
        fields.insert("roles".to_owned(), roles.into());
    }
    let (Some(email), Some(slug)) = (email, slug) else {
        return;
    };
    let position = cast.organizations.iter().position(|it| it.slug() == slug);
    let organization = position.unwrap_or_default();
    let organization_id = cast.organizations[organization].id().to_owned();
    let person = cast
        .people
        .iter()
        .position(|it| it.email.eq_ignore_ascii_case(email));
    // Who is no person of the seed has a number after theirs: the member's own.
    let number = person.unwrap_or(cast.people.len() + cast.members.len()) + 1;
    let tail = format!("test-{number:08}-{:04}-4000-8000", organization + 1);
    let id = check.id(at, "member", format!("member-{tail}-000000000000"));
    for other in &cast.members {
        if other.organization_id() == organization_id && other.email().eq_ignore_ascii_case(email) {
            check.wrong(
                at.node,
                at.path,
                "somebody who is no member of this organization yet",
            );
        } else if other.id() == id {
            check.wrong(at.node, &format!("{}.id", at.path), "an id of its own");
        }
    }
    let person = person.map(|index| &cast.people[index]);
    let name = name
        .or(person.map(|person| person.name.as_str()))
        .unwrap_or_default();
    let mut made = Member::new(&id, &organization_id, email, name, when);
    made.email_id = format!("email-{tail}-000000000000");
    made.phone_id = format!("phone-number-{tail}-000000000000");
    let status = fields
        .get("status")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("active");
    let is_active = status == "active";
    made.set("status", status);
    // Who has not been here yet has proved nothing here.
    made.set("email_address_verified", is_active);
    made.merge(fields);
    if let Some(person) = person.filter(|_| is_active) {
        for (number, identity) in (1..).zip(&person.identities) {
            if let Some(login) = person.login(identity.provider, &[], when) {
                made.register_as(&format!("oauth-user-{tail}-{number:012}"), &login);
            }
        }
    }
    cast.members.push(made);
}

/// Types that are not named have no URL.
fn redirect_urls(check: &mut Checker, at: Place<'_>) -> RedirectUrls {
    check.only(at, &["login", "signup", "discovery", "invite"]);
    let expected = "a URL that begins with http:// or https://";
    let mut urls = |kind| {
        let urls = check.texts(at, kind, expected, is_redirect_url);
        urls.unwrap_or_default()
    };
    RedirectUrls {
        login: urls("login"),
        signup: urls("signup"),
        discovery: urls("discovery"),
        invite: urls("invite"),
    }
}

fn forget(model: &mut serde_json::Value, keys: &[&str]) {
    if let Some(model) = model.as_object_mut() {
        model.retain(|key, _| !keys.contains(&key.as_str()));
    }
}
