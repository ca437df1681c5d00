//! A seed's values made into a member.

use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    model::{Member, Organization, people::is_email},
    rules::rbac::{default_policy, has_role},
    seed::{
        cast::Cast,
        check::{Checker, Place, forget},
        node::Node,
        taken::Taken,
    },
};

/// Fields of a member that are one of a few words (fact sheet §6.2).
const MEMBER_WORDS: &[(&str, &[&str])] = &[
    ("status", &["active", "invited", "pending", "deleted"]),
    ("default_mfa_method", &["", "sms_otp", "totp"]),
];

/// A member with a value of the right type for each field that a seed may give.
pub fn model(when: OffsetDateTime) -> Value {
    let mut model = Member::new("", "", "", "", when).object();
    #[rustfmt::skip]
    let given_otherwise = [
        "organization_id", "member_id", "email_address", "oauth_registrations", "is_admin",
        "roles", "created_at", "updated_at", "name",
    ];
    forget(&mut model, &given_otherwise);
    model
}

/// Reads a member of one of the organizations before. `model` comes from [`model`].
pub fn read(
    check: &mut Checker,
    cast: &mut Cast,
    taken: &mut Taken,
    at: Place<'_>,
    model: &Value,
    when: OffsetDateTime,
) {
    let email = check.need_text(at, "email", "an address", is_email);
    let given = at.node.get("organization").and_then(Node::text);
    let organization = given.and_then(|slug| taken.slugs.get(slug).copied());
    if organization.is_none() {
        let expected = known_slugs(&cast.organizations);
        check.need_text(at, "organization", &expected, |_| false);
    }
    let ours = ["email", "organization", "id", "name", "roles"];
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
    let expected = "the name of a role of the rbac_policy or of the organization's custom_roles";
    if let Some(roles) = check.texts(at, "roles", expected, is_known) {
        fields.insert("roles".to_owned(), roles.into());
    }
    let (Some(email), Some(organization)) = (email, organization) else {
        return;
    };
    let lower_email = email.to_ascii_lowercase();
    let organization_id = cast.organizations[organization].id().to_owned();
    let person = taken.people.get(&lower_email).copied();
    // Who is no person of the seed has a number after theirs: the member's own.
    let number = person.unwrap_or(cast.people.len() + cast.members.len()) + 1;
    let tail = format!("test-{number:08}-{:04}-4000-8000", organization + 1);
    let id = check.id(at, "member", format!("member-{tail}-000000000000"));
    if !taken.members.insert((organization, lower_email)) {
        let expected = "somebody who is no member of this organization yet";
        check.wrong(at.node, at.path, expected);
    } else if !taken.member_ids.insert(id.clone()) {
        check.wrong(at.node, &format!("{}.id", at.path), "an id of its own");
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
        .and_then(Value::as_str)
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

/// The slugs that a member's organization may have: the first ones, because a seed may have thousands, and as many
/// mistakes.
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
