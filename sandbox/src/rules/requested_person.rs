//! The person whom a test signs in: a new person, or an existing one who may get a new account.

use crate::{
    model::{
        Account, Identity, Person, Provider, State, ids,
        people::{domain, is_disruptive, is_email, is_gmail},
    },
    rules::{
        refusal::{Refusal, refusal},
        sso,
    },
};

/// The fields that a test gives for the person. `None` keeps an existing person's value, or means the default for a new one.
#[derive(Clone, Debug, Default)]
pub struct RequestedPerson {
    /// Name of 1 to 100 characters, by default made from the part of the address before the `@`.
    pub name: Option<String>,
    /// Google account type, by default a Workspace of the address's domain.
    pub hosted_domain: Option<HostedDomain>,
    /// Whether the provider has verified the address; true by default.
    pub email_verified: Option<bool>,
    /// Id of the Slack workspace or `HubSpot` hub, or ids of the GitHub organizations; none by default.
    pub tenants: Option<Vec<String>>,
}

/// The type of a Google account.
#[derive(Clone, Debug)]
pub enum HostedDomain {
    /// A Workspace of this domain.
    Workspace(String),
    /// A personal account.
    Personal,
}

/// The person with this address and the requested account at the provider. Nothing is stored yet.
pub fn person(
    state: &State,
    provider: Provider,
    email: &str,
    requested: &RequestedPerson,
) -> Result<Person, Refusal> {
    let known = state
        .people
        .iter()
        .find(|person| person.email.eq_ignore_ascii_case(email));
    let mut person = match known {
        Some(known) => known.clone(),
        None => Person {
            id: format!("person-{}", uuid::Uuid::new_v4()),
            name: name_of(email),
            email: checked(email)?.to_lowercase(),
            identities: Vec::new(),
        },
    };
    if let Some(name) = &requested.name {
        person.name.clone_from(name);
    }
    let place = person
        .identities
        .iter()
        .position(|it| it.provider == provider);
    let place = place.unwrap_or_else(|| {
        let hd = (provider == Provider::Google).then(|| domain(email).to_lowercase());
        let account = Identity::new(provider, hd.filter(|it| !is_gmail(it)), Vec::new());
        person.identities.push(account);
        person.identities.len() - 1
    });
    let account = &mut person.identities[place];
    match &requested.hosted_domain {
        None => {}
        Some(HostedDomain::Personal) => account.hd = None,
        Some(HostedDomain::Workspace(domain)) if provider == Provider::Google => {
            account.hd = Some(domain.clone());
        }
        Some(HostedDomain::Workspace(_)) => {
            let expected = "left out: only Google accounts have one";
            return Err(refusal("person.hosted_domain", expected));
        }
    }
    if let Some(verified) = requested.email_verified {
        account.email_verified = verified;
    }
    if let Some(tenants) = &requested.tenants {
        if tenants.len() > provider.most_tenants() {
            let expected = "a list of one id for slack and hubspot, of any number for github, and left out elsewhere";
            return Err(refusal("person.tenants", expected));
        }
        account.tenants.clone_from(tenants);
    }
    Ok(person)
}

/// Stores the person in the world, and replaces an existing one with the same id.
pub fn keep(state: &mut State, person: Person) {
    match state.people.iter_mut().find(|it| it.id == person.id) {
        Some(known) => *known = person,
        None => state.people.push(person),
    }
}

/// The existing or a new account with this address at the IdP of an SSO connection. Nothing is stored yet. Identity
/// providers use addresses as ids.
pub fn account(
    state: &State,
    connection_id: &str,
    email: &str,
    requested: &RequestedPerson,
) -> Result<Account, Refusal> {
    for (field, is_given) in [
        ("person.hosted_domain", requested.hosted_domain.is_some()),
        ("person.email_verified", requested.email_verified.is_some()),
        ("person.tenants", requested.tenants.is_some()),
    ] {
        if is_given {
            let expected = "left out: people at an identity provider have only a name and groups";
            return Err(refusal(field, expected));
        }
    }
    let known = sso::accounts(state, connection_id)
        .into_iter()
        .find(|account| account.email.eq_ignore_ascii_case(email));
    let name = requested.name.clone();
    if let Some(known) = known {
        let name = name.unwrap_or_else(|| known.name.clone());
        return Ok(Account { name, ..known });
    }
    let email = checked(email)?.to_lowercase();
    Ok(Account {
        id: ids::mint("account"),
        connection_id: sso::idp(state, connection_id).map_or_else(String::new, |(id, _)| id),
        name: name.unwrap_or_else(|| name_of(&email)),
        external_id: email.clone(),
        email,
        groups: Vec::new(),
    })
}

fn checked(email: &str) -> Result<&str, Refusal> {
    if is_email(email) && !email.contains(is_disruptive) {
        Ok(email)
    } else {
        Err(refusal(
            "email",
            "an email address, such as sam@acme.example",
        ))
    }
}

/// A name made from the address: Sam O Neil from `sam.o_neil@acme.example`.
fn name_of(email: &str) -> String {
    let local = email.split('@').next().unwrap_or_default();
    let words = local
        .split(['.', '_', '-', '+'])
        .filter(|it| !it.is_empty());
    let capital = |word: &str| {
        let mut rest = word.chars();
        let first = rest.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(rest).collect::<String>()
    };
    let name: Vec<String> = words.map(capital).collect();
    name.join(" ")
}
