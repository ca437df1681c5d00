//! Exports a world as a seed that creates the same world again, with the same ids, settings, second factors and
//! passwords. It does not contain sessions, tokens, sent links and codes, messages, calls, faults, and the clock.

use std::collections::HashMap;

use crate::{
    model::{
        Factors, Identity, Member, Organization, Person, SsoConnection, State, Totp,
        totp::RecoveryCode,
    },
    rules::rbac::default_policy,
    seed::defaults::{Defaults, by_address, created_at},
};
use serde_json::{Map, Value, json};

/// The world as a JSON value that [`Seed::from_value`](crate::Seed::from_value) accepts.
pub fn export(state: &State) -> Value {
    // All fields are listed, so that the compiler reports a new one.
    let State {
        redirect_urls,
        locks,
        policy,
        passwords,
        organizations,
        members: _, // in `members_of`
        people,
        factors,
        sms_prefixes,
        rates,
        // Properties of the project, not of its contents.
        limits: _,
        credentials: _,
        keys: _,
        auto_approve: _,
        webhooks: _,
        // Temporary state.
        clock: _,
        sessions: _,
        intermediates: _,
        oauth_tokens: _,
        authorizations: _,
        grants: _,
        google_consents: _,
        calls: _,
        faults: _,
        call: _,
        fates: _,
        owners: _,
        minted: _,
        looked_for_expired: _,
    } = state;
    let Factors {
        totps: _, // with the members
        passwords: member_passwords,
        accounts,
        connections,
        inbox: _,
        links: _,
        codes: _,
        email_updates: _,
        wrong_codes: _,
        locks: _, // as `lock_expires_at` of the members
        oidc_tokens: _,
        sso_requests: _,
        sso_tokens: _,
    } = factors;
    let seed_members = members_of(state);
    let mut seed = json!({
        "organizations": (1..).zip(organizations.iter()).map(organization).collect::<Vec<_>>(),
        "people": people.iter().map(person).collect::<Vec<_>>(),
        "members": seed_members,
        "sso_connections": connections.iter().map(SsoConnection::configuration).collect::<Vec<_>>(),
        "idp_accounts": accounts,
        "redirect_urls": redirect_urls,
        "locks": locks,
        "passwords": passwords.seed(),
        "sms_prefixes": sms_prefixes,
        "rate_limits": rates.is_some(),
    });
    let mut owners: Vec<&String> = member_passwords.keys().collect();
    owners.sort_unstable();
    seed["member_passwords"] = owners
        .into_iter()
        .map(|owner| json!({ "owner": owner, "password": member_passwords[owner] }))
        .collect();
    if policy.object() != default_policy().object() {
        seed["rbac_policy"] = policy.object();
    }
    seed
}

fn organization((place, organization): (usize, &Organization)) -> Value {
    let new = Organization::new("", "", "", created_at(place));
    let mut seed = differences(&organization.object(), &new.object());
    for name in ["id", "name", "slug"] {
        if let Some(value) = seed.remove(&format!("organization_{name}")) {
            seed.insert(name.to_owned(), value);
        }
    }
    Value::Object(seed)
}

fn person(person: &Person) -> Value {
    let Person {
        id,
        name,
        email,
        identities,
    } = person;
    let account = |identity: &Identity| {
        let Identity {
            provider,
            subject,
            hd,
            tenants,
            email_verified,
        } = identity;
        json!({
            "provider": provider.word(),
            "subject": subject,
            "hd": hd,
            "tenants": tenants,
            "email_verified": email_verified,
        })
    };
    let accounts: Vec<Value> = identities.iter().map(account).collect();
    json!({ "id": id, "name": name, "email": email, "accounts": accounts })
}

/// The members, without the default values that the reader of a seed adds.
fn members_of(state: &State) -> Vec<Value> {
    let organizations = state.organizations.iter().enumerate();
    let places: HashMap<&str, usize> = organizations.map(|(place, it)| (it.id(), place)).collect();
    let people = by_address(&state.people);
    let mut seed = Vec::new();
    for member in state.members.iter() {
        let Some(&organization) = places.get(member.organization_id()) else {
            continue;
        };
        let person = people.get(&member.email().to_ascii_lowercase()).copied();
        let (place, count) = (seed.len(), places.len());
        let defaults = Defaults::new(place, organization, count, &state.people, person);
        let organization = &state.organizations[organization];
        let totp = state.factors.totps.get(member.id());
        seed.push(self::member(member, organization, &defaults, totp));
    }
    seed
}

fn member(
    member: &Member,
    organization: &Organization,
    defaults: &Defaults<'_>,
    totp: Option<&Totp>,
) -> Value {
    let new = defaults.member("", organization, "", member.status());
    let mut seed = differences(&member.object(), &new.object());
    for name in ["member_id", "email_address", "is_admin", "roles", "status"] {
        seed.remove(name);
    }
    seed.insert("id".to_owned(), member.id().into());
    seed.insert("email".to_owned(), member.email().into());
    seed.insert("organization".to_owned(), organization.slug().into());
    if member.status() != "active" {
        seed.insert("status".to_owned(), member.status().into());
    }
    let ids = [
        ("email_id", &member.email_id, &new.email_id),
        ("phone_id", &member.phone_id, &new.phone_id),
    ];
    for (name, id, default) in ids {
        if id != default {
            seed.insert(name.to_owned(), id.as_str().into());
        }
    }
    if member.value("roles") != new.value("roles") {
        seed.insert("roles".to_owned(), member.seed_roles());
    }
    let is_active = |totp: &&Totp| {
        totp.expires_at.is_none() && totp.registration_id == member.text("totp_registration_id")
    };
    if let Some(totp) = totp.filter(is_active) {
        let code = |it: &RecoveryCode| json!({ "id": it.id, "code": it.code });
        let codes: Vec<Value> = totp.recovery_codes.iter().map(code).collect();
        let app = json!({ "secret": totp.secret(), "recovery_codes": codes });
        seed.insert("totp".to_owned(), app);
    }
    Value::Object(seed)
}

/// The fields that differ from those of a new object. Fields that a new object lacks are omitted, because a seed can't
/// have them.
fn differences(object: &Value, new: &Value) -> Map<String, Value> {
    let new = new.as_object().into_iter().flatten();
    new.filter(|(name, value)| object[name.as_str()] != **value)
        .map(|(name, _)| (name.clone(), object[name.as_str()].clone()))
        .collect()
}
