//! Forms for a new member and for the fields of an existing one.

use crate::{
    console::{
        field::{Choice, Field, Input},
        form::{FieldsOfErrors, Form, Group},
    },
    model::{Member, Organization, Policy},
    rules::rbac::EVERYONES_ROLE,
};

/// The form field for each error whose text does not name one.
#[rustfmt::skip] // a table: one error per line
pub const FIELDS_OF_ERRORS: FieldsOfErrors = &[
    ("invalid_email", "email_address"),
    ("duplicate_member_email", "email_address"),
    ("retired_member_email", "email_address"),
    ("action_not_allowed_email_domain_is_claimed", "email_address"),
    ("invalid_phone_number", "mfa_phone_number"),
    ("duplicate_member_phone_number", "mfa_phone_number"),
    ("action_available_only_for_active_members", "mfa_phone_number"),
    ("invalid_role", "roles"),
];

/// The form for a new member.
pub fn new(action: String, policy: &Policy, organization: &Organization) -> Form {
    let fields = vec![
        Field::text("email_address", "Email address", ""),
        Field::text("name", "Name", "").hint("Optional."),
        roles(policy, organization, &[]),
        Field::new(
            "create_member_as_pending",
            "Pending: the member becomes active at the first sign-in",
            Input::Check(false),
        ),
    ];
    Form::of_fields(action, "Add member", fields)
}

/// The form with the fields of this member.
pub fn edit(action: String, policy: &Policy, organization: &Organization, member: &Member) -> Form {
    let mut factors = vec![
        Field::new(
            "mfa_enrolled",
            "Must use a second factor at each sign-in",
            Input::Check(member.is("mfa_enrolled")),
        ),
        default_method(member),
    ];
    // The API refuses a second number. The page has a button that removes the first one.
    if member.text("mfa_phone_number").is_empty() {
        let field = Field::text("mfa_phone_number", "Phone number", "");
        factors.push(field.hint("E.164, such as +15005550006."));
    }
    let metadata = |name, label| Field::json(name, label, member.value(name));
    let groups = vec![
        Group {
            legend: "Person",
            fields: vec![
                Field::text("name", "Name", member.text("name")),
                Field::text("email_address", "Email address", member.email()),
                Field::new(
                    "unlink_email",
                    "Unlink the former address, so others can use it",
                    Input::Check(false),
                ),
                Field::text("external_id", "External ID", member.text("external_id")),
            ],
        },
        Group {
            legend: "Access",
            fields: vec![
                roles(policy, organization, &direct_roles(member)),
                Field::new(
                    "is_breakglass",
                    "Can use any sign-in method in an emergency",
                    Input::Check(member.is("is_breakglass")),
                ),
            ],
        },
        Group {
            legend: "Second factor",
            fields: factors,
        },
        Group {
            legend: "Metadata",
            fields: vec![
                metadata("trusted_metadata", "Trusted metadata").hint("A JSON object."),
                metadata("untrusted_metadata", "Untrusted metadata").hint("A JSON object."),
            ],
        },
    ];
    Form::new(action, "Save member", groups)
}

/// The roles of the organization, without the one that every member has.
fn roles(policy: &Policy, organization: &Organization, now: &[&str]) -> Field {
    let custom = organization.value("custom_roles").as_array();
    let all = policy.roles.iter().chain(custom.into_iter().flatten());
    let all: Vec<&str> = all
        .filter_map(|role| role["role_id"].as_str())
        .filter(|role| *role != EVERYONES_ROLE)
        .collect();
    let hint = "Roles assigned directly. The member can have more by email domain or SSO.";
    Field::many("roles", "Roles", &all, now).hint(hint)
}

/// The roles that are assigned to the member directly.
fn direct_roles(member: &Member) -> Vec<&str> {
    let entries = member.value("roles").as_array().into_iter().flatten();
    let is_direct = |sources: &Vec<serde_json::Value>| {
        sources.iter().any(|it| it["type"] == "direct_assignment")
    };
    entries
        .filter(|entry| entry["sources"].as_array().is_some_and(is_direct))
        .filter_map(|entry| entry["role_id"].as_str())
        .filter(|role| *role != EVERYONES_ROLE)
        .collect()
}

fn default_method(member: &Member) -> Field {
    let now = member.text("default_mfa_method");
    let none = now.is_empty().then(|| Choice::labeled("", "None", true));
    let methods = [("sms_otp", "SMS"), ("totp", "Authenticator app")];
    let methods = methods.map(|(word, label)| Choice::labeled(word, label, word == now));
    let choices = none.into_iter().chain(methods).collect();
    Field::new(
        "default_mfa_method",
        "Default second factor",
        Input::Menu(choices),
    )
}
