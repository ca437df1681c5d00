//! Reads a seed's organizations, people and members.

use crate::{
    model::{
        Identity, Locks, Organization, PasswordSettings, Person, Provider, RedirectUrls,
        people::{is_domain, is_email},
        project::{REDIRECT_URL, SMS_PREFIX, is_redirect_url, is_sms_prefix},
        settings::{METHODS, MFA_METHODS, SETTINGS},
    },
    rules::{
        naming::{check_name, is_slug},
        policy,
    },
    seed::{
        cast::Cast,
        check::{Checker, Place, forget},
        connections,
        defaults::created_at,
        member,
        mistakes::SeedMistakes,
        node::Node,
        secrets,
        taken::Taken,
    },
};

/// The contents of the seed, or all of its mistakes.
pub fn read(root: &Node) -> Result<Cast, SeedMistakes> {
    let at = Place {
        node: root,
        path: "",
    };
    let mut check = Checker::default();
    #[rustfmt::skip]
    let known = [
        "organizations", "people", "members", "redirect_urls", "locks", "passwords", "rbac_policy",
        "sms_prefixes", "rate_limits", "sso_connections", "idp_accounts", "member_passwords",
    ];
    check.only(at, &known);
    let mut cast = Cast::default();
    let mut taken = Taken::default();
    if let Some(node) = root.get("rbac_policy") {
        match policy::read(&node.value()) {
            Ok(policy) => cast.policy = Some(policy),
            Err(mistake) => {
                let field = format!("rbac_policy.{}", mistake.field);
                check.wrong(node, field.trim_end_matches('.'), mistake.expected);
            }
        }
    }
    for (number, (path, node)) in (1..).zip(check.tables(at, "organizations")) {
        organization(
            &mut check,
            &mut cast,
            &mut taken,
            Place { node, path: &path },
            number,
        );
    }
    for (number, (path, node)) in (1..).zip(check.tables(at, "people")) {
        let at = Place { node, path: &path };
        person(&mut check, &mut cast, &mut taken, at, number);
    }
    let model = member::model();
    for (path, node) in check.tables(at, "members") {
        let at = Place { node, path: &path };
        member::read(&mut check, &mut cast, &mut taken, at, &model);
    }
    if let Some(node) = root.get("redirect_urls") {
        let path = "redirect_urls";
        cast.redirect_urls = Some(redirect_urls(&mut check, Place { node, path }));
    }
    if let Some(node) = root.get("locks") {
        let path = "locks";
        cast.locks = Some(locks(&mut check, Place { node, path }));
    }
    if let Some(node) = root.get("passwords") {
        cast.password_settings = passwords(&mut check, node);
    }
    cast.sms_prefixes = check.texts(at, "sms_prefixes", SMS_PREFIX, is_sms_prefix);
    cast.rate_limits = check.flag(at, "rate_limits");
    secrets::passwords(&mut check, &mut cast, &taken, at);
    connections::connections(&mut check, &mut cast, &taken, at);
    connections::accounts(&mut check, &mut cast, at);
    match SeedMistakes::of(check.mistakes) {
        None => Ok(cast),
        Some(mistakes) => Err(mistakes),
    }
}

/// Fields of an organization that are read separately from those of the vendor's object.
const OUR_FIELDS: [&str; 5] = ["name", "slug", "id", "created_at", "updated_at"];

fn organization(
    check: &mut Checker,
    cast: &mut Cast,
    taken: &mut Taken,
    at: Place<'_>,
    number: u32,
) {
    let name = check.need_text(at, "name", "a name of 1 to 128 characters", |name| {
        check_name(name).is_ok()
    });
    let expected = "a unique slug of 2 to 128 characters: A-Z a-z 0-9 - . _ ~";
    let slug = check.need_text(at, "slug", expected, |slug| {
        let lower = slug.to_ascii_lowercase();
        is_slug(slug) && !taken.lower_slugs.contains(&lower) && !taken.references.contains(slug)
    });
    let otherwise = format!("organization-test-{number:08}-0000-4000-8000-000000000000");
    let id = check.id(at, "organization", otherwise);
    if let Some(node) = at.node.get("id")
        && taken.organization_ids.contains(&id)
    {
        check.wrong(node, &format!("{}.id", at.path), "a unique id");
    }
    let mut made = Organization::new(
        &id,
        name.unwrap_or_default(),
        slug.unwrap_or_default(),
        created_at(number as usize),
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
    let fields = check.vendor_fields(at, &OUR_FIELDS, &model, &words);
    check.texts(
        at,
        "email_allowed_domains",
        "a domain such as acme.example",
        is_domain,
    );
    made.merge(fields);
    made.merge(check.times(at));
    let external_id = made.text("organization_external_id").to_owned();
    taken.references.extend([id.clone(), external_id]);
    taken.organization_ids.insert(id);
    taken.lower_slugs.insert(made.slug().to_ascii_lowercase());
    let place = cast.organizations.len();
    taken.slugs.entry(made.slug().to_owned()).or_insert(place);
    cast.organizations.push(made);
}

fn person(check: &mut Checker, cast: &mut Cast, taken: &mut Taken, at: Place<'_>, number: u32) {
    check.only(at, &["name", "email", "accounts", "id"]);
    let name = check.need_text(at, "name", "a name of 1 to 100 characters", |name| {
        !name.trim().is_empty() && name.chars().count() <= 100
    });
    let email = check.need_text(
        at,
        "email",
        "an address that no other person in this seed has",
        |email| is_email(email) && !taken.people.contains_key(&email.to_ascii_lowercase()),
    );
    let id = check.text(
        at,
        "id",
        "an id that no other person in this seed has",
        |id| !id.is_empty() && !id.contains("-live-") && !taken.person_ids.contains(id),
    );
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
                    "an account at another provider than the person's other accounts",
                );
            }
            identities.push(identity);
        }
    }
    let person = Person {
        id,
        name: name.unwrap_or_default().to_owned(),
        email: email.unwrap_or_default().to_lowercase(),
        identities,
    };
    taken.person_ids.insert(person.id.clone());
    let email = person.email.to_ascii_lowercase();
    taken.people.entry(email).or_insert(cast.people.len());
    cast.people.push(person);
}

fn account(check: &mut Checker, at: Place<'_>, person: u32) -> Option<Identity> {
    check.only(
        at,
        &["provider", "subject", "hd", "tenants", "email_verified"],
    );
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
        && tenants.len() > provider.most_tenants()
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
        email_verified: check.flag(at, "email_verified").unwrap_or(true),
    })
}

/// Omitted settings have their default values.
fn locks(check: &mut Checker, at: Place<'_>) -> Locks {
    check.only(at, &Locks::FIELDS.map(|(name, _)| name));
    let [attempts, minutes] = Locks::FIELDS.map(|(name, range)| check.integer(at, name, range));
    let default = Locks::default();
    Locks {
        attempts: attempts.unwrap_or(default.attempts),
        minutes: minutes.unwrap_or(default.minutes),
    }
}

/// Omitted settings have their default values.
fn passwords(check: &mut Checker, node: &Node) -> Option<PasswordSettings> {
    let value = node.value();
    let Some(given) = value.as_object() else {
        check.wrong(node, "passwords", "a table");
        return None;
    };
    PasswordSettings::read(given)
        .map_err(|(field, expected)| {
            let at = node.get(&field).unwrap_or(node);
            check.wrong(at, &format!("passwords.{field}"), expected);
        })
        .ok()
}

/// Reads the redirect URLs. Omitted types have none.
fn redirect_urls(check: &mut Checker, at: Place<'_>) -> RedirectUrls {
    check.only(
        at,
        &["login", "signup", "discovery", "invite", "reset_password"],
    );
    let mut urls = |kind| {
        let urls = check.texts(at, kind, REDIRECT_URL, is_redirect_url);
        urls.unwrap_or_default()
    };
    RedirectUrls {
        login: urls("login"),
        signup: urls("signup"),
        discovery: urls("discovery"),
        invite: urls("invite"),
        reset_password: urls("reset_password"),
    }
}
