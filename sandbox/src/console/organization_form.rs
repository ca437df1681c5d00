//! The settings of an organization as a form, and the form as the body of `organizations.update`.

use serde_json::{Map, Value};

use crate::{
    console::{
        field::{Choice, Field, Input, lines},
        form::{FieldsOfErrors, Form, Group, Refusal},
        typed::Typed,
    },
    model::{
        Connection, Organization,
        settings::{METHODS, MFA_METHODS, SETTINGS},
        sso::connections_of,
    },
};

/// The form field for each error whose text does not name one.
pub const FIELDS_OF_ERRORS: FieldsOfErrors = &[
    (
        "allowed_auth_methods_required_for_restricted",
        "allowed_auth_methods",
    ),
    (
        "allowed_mfa_methods_required_for_restricted",
        "allowed_mfa_methods",
    ),
    (
        "organization_settings_disposable_domain",
        "email_allowed_domains",
    ),
    (
        "action_not_allowed_email_domain_is_claimed",
        "claimed_email_domains",
    ),
    (
        "invalid_restricted_oauth_tenants_setting",
        "oauth_tenant_jit_provisioning",
    ),
    ("rbac_invalid_domain", ROLES),
    ("rbac_domain_too_common", ROLES),
    ("invalid_rbac_role_assignment", ROLES),
    ("metadata_too_large", "trusted_metadata"),
    ("metadata_too_many_keys", "trusted_metadata"),
];

const ROLES: &str = "rbac_email_implicit_role_assignments";

/// The providers whose tenants an organization can list, with the field of each.
const TENANTS: [(&str, &str, &str); 3] = [
    ("github", "allowed_github_tenants", "GitHub tenants"),
    ("hubspot", "allowed_hubspot_tenants", "HubSpot tenants"),
    ("slack", "allowed_slack_tenants", "Slack tenants"),
];

/// The form with the current settings.
pub fn form(action: String, organization: &Organization) -> Form {
    let groups = vec![
        Group {
            legend: "General",
            fields: vec![
                text(organization, "organization_name", "Name"),
                text(organization, "organization_slug", "Slug"),
                text(organization, "organization_logo_url", "Logo URL"),
                text(organization, "organization_external_id", "External ID"),
            ],
        },
        Group {
            legend: "Authentication",
            fields: authentication(organization),
        },
        Group {
            legend: "Joining by email",
            fields: joining(organization),
        },
        Group {
            legend: "Joining by OAuth tenant",
            fields: tenants(organization),
        },
        Group {
            legend: "Single sign-on",
            fields: single_sign_on(organization),
        },
        Group {
            legend: "Roles and metadata",
            fields: vec![
                roles(organization),
                Field::json(
                    "trusted_metadata",
                    "Trusted metadata",
                    organization.value("trusted_metadata"),
                )
                .hint("A JSON object, at most 20 keys and 4 KB."),
            ],
        },
    ];
    Form::new(action, "Save settings", groups)
}

fn authentication(organization: &Organization) -> Vec<Field> {
    let many = |name, label, all: &[&str]| {
        let now = organization.list(name);
        Field::many(name, label, all, &now)
            .hint("Used only if “Only those selected below” is chosen.")
    };
    vec![
        word(organization, "auth_methods", "Sign-in methods"),
        many("allowed_auth_methods", "Allowed sign-in methods", &METHODS),
        word(organization, "mfa_policy", "Second factor"),
        word(organization, "mfa_methods", "Second-factor methods"),
        many(
            "allowed_mfa_methods",
            "Allowed second factors",
            &MFA_METHODS,
        ),
    ]
}

fn joining(organization: &Organization) -> Vec<Field> {
    let list = |name, label| Field::lines(name, label, &organization.list(name));
    vec![
        list("email_allowed_domains", "Allowed domains")
            .hint("One on each line, such as acme.example."),
        word(
            organization,
            "email_jit_provisioning",
            "Joining from an allowed domain",
        ),
        word(organization, "email_invites", "Invitations"),
        list("claimed_email_domains", "Claimed domains")
            .hint("One on each line. Addresses of these domains can't join other organizations."),
    ]
}

fn tenants(organization: &Organization) -> Vec<Field> {
    let allowed = organization.value("allowed_oauth_tenants");
    let list = |(provider, name, label): (&str, _, _)| {
        let ids = allowed[provider].as_array().into_iter().flatten();
        let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
        Field::lines(name, label, &ids).hint("One ID on each line.")
    };
    let policy = word(
        organization,
        "oauth_tenant_jit_provisioning",
        "Joining from an allowed tenant",
    );
    std::iter::once(policy).chain(TENANTS.map(list)).collect()
}

fn single_sign_on(organization: &Organization) -> Vec<Field> {
    let connections = connections_of(organization);
    let default = organization.text("sso_default_connection_id");
    let allowed = organization.list("sso_jit_provisioning_allowed_connections");
    let label = |it: &Connection| format!("{} ({})", it.display_name, it.protocol());
    let none = default
        .is_empty()
        .then(|| Choice::labeled("", "None", true));
    let menu = connections.iter().map(|it| {
        let label = label(it);
        Choice::labeled(&it.id, label, it.id == default)
    });
    let boxes = connections.iter().map(|it| {
        let label = label(it);
        Choice::labeled(&it.id, label, allowed.contains(&it.id.as_str()))
    });
    vec![
        Field::new(
            "sso_default_connection_id",
            "Default connection",
            Input::Menu(none.into_iter().chain(menu).collect()),
        ),
        word(organization, "sso_jit_provisioning", "Joining by SSO"),
        Field::new(
            "sso_jit_provisioning_allowed_connections",
            "Connections through which people can join",
            Input::Many(boxes.collect()),
        )
        .hint("Used only if “Only those selected below” is chosen."),
    ]
}

fn roles(organization: &Organization) -> Field {
    let pairs = organization.value(ROLES).as_array();
    let line = |pair: &Value| {
        let part = |key: &str| pair[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}", part("domain"), part("role_id"))
    };
    let now: Vec<String> = pairs.into_iter().flatten().map(line).collect();
    let now: Vec<&str> = now.iter().map(String::as_str).collect();
    Field::lines(ROLES, "Roles by email domain", &now)
        .hint("A domain and a role on each line, such as: acme.example stytch_admin")
}

fn text(organization: &Organization, name: &'static str, label: &'static str) -> Field {
    Field::text(name, label, organization.text(name))
}

/// A menu of the values that the setting can have.
fn word(organization: &Organization, name: &'static str, label: &'static str) -> Field {
    let now = organization.text(name);
    let words = SETTINGS.iter().find(|(setting, ..)| *setting == name);
    let words = words.map_or(&[][..], |(_, words, _)| words);
    let choice = |word: &&str| {
        let label = match *word {
            "ALL_ALLOWED" => "All allowed",
            "RESTRICTED" => match name {
                "email_jit_provisioning" => "Only from allowed domains",
                "email_invites" => "Only to allowed domains",
                "oauth_tenant_jit_provisioning" => "Only from allowed tenants",
                "auth_methods" | "mfa_methods" | "sso_jit_provisioning" => {
                    "Only those selected below"
                }
                _ => "Restricted",
            },
            "NOT_ALLOWED" => "Not allowed",
            "OPTIONAL" => "Optional",
            "REQUIRED_FOR_ALL" => "Required for all",
            other => other,
        };
        Choice::labeled(word, label, *word == now)
    };
    Field::new(name, label, Input::One(words.iter().map(choice).collect()))
}

/// The changed settings, as the body of `organizations.update`.
pub fn changes(form: &Form, typed: &Typed) -> Result<Map<String, Value>, Refusal> {
    let mut body = form.changes(typed)?;
    let mut is_changed = false;
    for (_, field, _) in TENANTS {
        is_changed |= body.remove(field).is_some();
    }
    if is_changed {
        let tenants = TENANTS.map(|(provider, field, _)| {
            let ids = lines(typed.get(field).unwrap_or_default());
            (provider.to_owned(), Value::from(ids))
        });
        let tenants = tenants
            .into_iter()
            .filter(|(_, ids)| ids.as_array().is_some_and(|ids| !ids.is_empty()));
        body.insert(
            "allowed_oauth_tenants".to_owned(),
            Value::Object(tenants.collect()),
        );
    }
    if body.contains_key(ROLES) {
        let pairs = lines(typed.get(ROLES).unwrap_or_default());
        let pairs: Result<Vec<Value>, Refusal> = pairs.iter().map(|line| pair(line)).collect();
        body.insert(ROLES.to_owned(), pairs?.into());
    }
    Ok(body)
}

fn pair(line: &str) -> Result<Value, Refusal> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [domain, role] => Ok(serde_json::json!({ "domain": domain, "role_id": role })),
        _ => Err(Refusal::of_field(
            ROLES,
            format!("\"{line}\" must be a domain and a role, separated by a space."),
        )),
    }
}
