//! Reads a member from a seed.

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::{
    model::{Member, Organization, Provider, people::is_email},
    rules::rbac::{default_policy, has_role},
    seed::{
        cast::Cast,
        check::{Checker, Place, forget},
        defaults::Defaults,
        node::Node,
        secrets,
        taken::Taken,
    },
};

/// Enum fields of a member.
const MEMBER_WORDS: &[(&str, &[&str])] = &[
    ("status", &["active", "invited", "pending", "deleted"]),
    ("default_mfa_method", &["", "sms_otp", "totp"]),
];

/// A member with a value of the right type for each field that a seed can have.
pub fn model() -> Value {
    let mut model = Member::new("", "", "", "", OffsetDateTime::UNIX_EPOCH).object();
    #[rustfmt::skip]
    let given_otherwise = [
        "organization_id", "member_id", "email_address", "oauth_registrations", "is_admin",
        "roles", "created_at", "updated_at", "name",
    ];
    forget(&mut model, &given_otherwise);
    model
}

/// Reads a member of an organization that was read before. `model` is the result of [`model`].
pub fn read(check: &mut Checker, cast: &mut Cast, taken: &mut Taken, at: Place<'_>, model: &Value) {
    let email = check.need_text(at, "email", "an address", is_email);
    let given = at.node.get("organization").and_then(Node::text);
    let organization = given.and_then(|slug| taken.slugs.get(slug).copied());
    if organization.is_none() {
        let expected = known_slugs(&cast.organizations);
        check.need_text(at, "organization", &expected, |_| false);
    }
    #[rustfmt::skip]
    let ours = [
        "email", "organization", "id", "name", "roles", "oauth_registrations", "email_id", "phone_id", "totp",
        "created_at", "updated_at",
    ];
    let name = check.text(at, "name", "a text", |_| true);
    let mut fields = check.vendor_fields(at, &ours, model, MEMBER_WORDS);
    let expected = "a phone number such as +15555550100";
    check.text(at, "mfa_phone_number", expected, |phone| {
        phone.strip_prefix('+').is_some_and(|rest| {
            (7..=15).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    let policy = cast.policy.clone().unwrap_or_else(default_policy);
    let is_known = |role: &str| {
        let organization = organization.map(|index| &cast.organizations[index]);
        organization.is_none_or(|it| has_role(&policy, it, role))
    };
    if let Some(roles) = roles(check, at, is_known) {
        fields.insert("roles".to_owned(), roles.into());
    }
    fields.extend(check.times(at));
    let registrations = registrations(check, at);
    let [email_id, phone_id] = ["email_id", "phone_id"].map(|name| {
        check.text(at, name, "an id", |id| {
            !id.is_empty() && !id.contains("-live-")
        })
    });
    let (Some(email), Some(organization)) = (email, organization) else {
        return;
    };
    let lower_email = email.to_ascii_lowercase();
    let person = taken.people.get(&lower_email).copied();
    let organizations = &cast.organizations;
    let place = cast.members.len();
    let defaults = Defaults::new(
        place,
        organization,
        organizations.len(),
        &cast.people,
        person,
    );
    let id = check.id(at, "member", defaults.id("member"));
    let status = fields
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or("active")
        .to_owned();
    // The address of a deleted member is free.
    if status != "deleted" && !taken.members.insert((organization, lower_email)) {
        let expected = "an address that no other member of this organization has";
        check.wrong(at.node, at.path, expected);
    } else if !taken.member_ids.insert(id.clone()) {
        check.wrong(at.node, &format!("{}.id", at.path), "a unique id");
    }
    let mut made = defaults.member(&id, &organizations[organization], email, &status);
    if let Some(name) = name {
        made.set("name", name);
    }
    if let Some(id) = email_id {
        id.clone_into(&mut made.email_id);
    }
    if let Some(id) = phone_id {
        id.clone_into(&mut made.phone_id);
    }
    made.merge(fields);
    if let Some(registrations) = registrations {
        made.set("oauth_registrations", registrations);
    }
    secrets_of(check, cast, at, &made);
    cast.members.push(made);
}

/// Reads the member's authenticator app, and the end of a lock.
fn secrets_of(check: &mut Checker, cast: &mut Cast, at: Place<'_>, member: &Member) {
    if let Some(node) = at.node.get("totp") {
        let path = format!("{}.totp", at.path);
        let at = Place { node, path: &path };
        if let Some(totp) = secrets::totp(check, at, member.text("totp_registration_id")) {
            cast.totps.insert(member.id().to_owned(), totp);
        }
    }
    let end = check.time(at, "lock_expires_at");
    if let Some(end) = end.filter(|_| member.is("is_locked")) {
        cast.locks_end.insert(member.id().to_owned(), end);
    }
}

/// Reads the roles: names of directly assigned ones, and objects with the sources of the others.
fn roles(
    check: &mut Checker,
    at: Place<'_>,
    is_known: impl Fn(&str) -> bool,
) -> Option<Vec<Value>> {
    let node = at.node.get("roles")?;
    let path = format!("{}.roles", at.path);
    let Some(items) = node.items() else {
        check.wrong(node, &path, "a list of roles");
        return None;
    };
    let expected = "the name of a role of the rbac_policy or of the organization's custom_roles";
    let mut roles = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if item.entries().is_some() {
            let at = Place {
                node: item,
                path: &path,
            };
            check.only(at, &["role_id", "sources"]);
            check.need_text(at, "role_id", expected, &is_known);
            check.tables(at, "sources");
            roles.push(item.value());
        } else if item.text().is_some_and(&is_known) {
            roles.push(item.value());
        } else {
            check.wrong(item, &path, expected);
        }
    }
    Some(roles)
}

/// Reads the accounts at providers with which the member has signed in, as the vendor's objects. `None` if they are
/// missing, which stands for the accounts of the person with the member's address.
fn registrations(check: &mut Checker, at: Place<'_>) -> Option<Vec<Value>> {
    const NAME: &str = "oauth_registrations";
    at.node.get(NAME)?;
    let mut read = Vec::new();
    for (path, node) in check.tables(at, NAME) {
        let at = Place { node, path: &path };
        #[rustfmt::skip]
        check.only(at, &[
            "member_oauth_registration_id", "provider_type", "provider_subject", "profile_picture_url", "locale",
            "provider_tenants",
        ]);
        let words = Provider::ALL.map(Provider::type_name);
        let expected = format!("one of {}", words.join(", "));
        check.need_text(at, "provider_type", &expected, |word| words.contains(&word));
        for name in ["member_oauth_registration_id", "provider_subject"] {
            check.need_text(at, name, "an id", |id| !id.is_empty());
        }
        let mut registration = Map::new();
        for name in ["profile_picture_url", "locale"] {
            registration.insert(name.to_owned(), Value::Null); // a seed may omit them
        }
        registration.insert("provider_tenants".to_owned(), Value::Array(Vec::new()));
        if let Value::Object(given) = node.value() {
            registration.extend(given);
        }
        read.push(registration.into());
    }
    Some(read)
}

/// The first slugs of the seed, for an error message. A seed may have thousands of slugs, and as many mistakes.
fn known_slugs(organizations: &[Organization]) -> String {
    const MOST: usize = 20;
    let known: Vec<&str> = organizations
        .iter()
        .take(MOST)
        .map(Organization::slug)
        .collect();
    let more = match organizations.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "the slug of an organization of this seed: {}{more}",
        known.join(", ")
    )
}
