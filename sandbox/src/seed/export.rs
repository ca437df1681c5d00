//! A world as a seed, which makes the same world again: the same ids, settings, second factors and passwords. What is under
//! way is not in it: sessions, tokens, links and codes that were sent, messages, calls, faults, and the clock.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::{
    model::{
        Factors, Identity, Member, Organization, Person, SsoConnection, State, Totp,
        totp::RecoveryCode,
    },
    rules::rbac::default_policy,
};

/// The world as a JSON value that [`Seed::from_value`](crate::Seed::from_value) takes.
pub fn export(state: &State) -> Value {
    // Every field by name, so that a new one can't be forgotten here.
    let State {
        redirect_urls,
        locks,
        policy,
        passwords,
        organizations,
        members,
        people,
        factors,
        sms_prefixes,
        rates,
        // Of the project, and not of its contents.
        limits: _,
        credentials: _,
        keys: _,
        auto_approve: _,
        webhooks: _,
        // Under way, or over.
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
    } = state;
    let Factors {
        totps,
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
    let slugs: HashMap<&str, &str> = organizations
        .iter()
        .map(|it| (it.id(), it.slug()))
        .collect();
    let members = members.iter().filter_map(|it| {
        let slug = slugs.get(it.organization_id())?;
        Some(member(it, slug, totps.get(it.id())))
    });
    let mut seed = json!({
        "organizations": organizations.iter().map(organization).collect::<Vec<_>>(),
        "people": people.iter().map(person).collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
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

fn organization(organization: &Organization) -> Value {
    let new = Organization::new("", "", "", OffsetDateTime::UNIX_EPOCH);
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

fn member(member: &Member, slug: &str, totp: Option<&Totp>) -> Value {
    let new = Member::new("", "", "", "", OffsetDateTime::UNIX_EPOCH);
    let object = member.object();
    let mut seed = differences(&object, &new.object());
    for name in ["organization_id", "is_admin"] {
        seed.remove(name);
    }
    // A seed's members are active and have a proven address, the accounts and the name of the person with their address,
    // unless it says otherwise.
    let otherwise = [
        "status",
        "email_address_verified",
        "oauth_registrations",
        "name",
    ];
    for name in otherwise {
        seed.insert(name.to_owned(), object[name].clone());
    }
    for (name, vendors_name) in [("id", "member_id"), ("email", "email_address")] {
        seed.remove(vendors_name);
        seed.insert(name.to_owned(), object[vendors_name].clone());
    }
    seed.insert("organization".to_owned(), slug.into());
    seed.insert("email_id".to_owned(), member.email_id.clone().into());
    seed.insert("phone_id".to_owned(), member.phone_id.clone().into());
    seed.insert("roles".to_owned(), member.seed_roles());
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

/// The fields that differ from those of a new object. Fields that no new object has are left out, because a seed may not have
/// them.
fn differences(object: &Value, new: &Value) -> Map<String, Value> {
    let new = new.as_object().into_iter().flatten();
    new.filter(|(name, value)| object[name.as_str()] != **value)
        .map(|(name, _)| (name.clone(), object[name.as_str()].clone()))
        .collect()
}
