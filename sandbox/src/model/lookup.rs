//! The index keys of organizations and members (see [`crate::model::indexed`]).

use crate::model::{Member, Organization, people::domain};

/// An organization's id, slug or external id.
pub fn reference(text: &str) -> String {
    format!("is {text}")
}

/// Organizations that list the domain for joining.
pub fn joinable_with(domain: &str) -> String {
    format!("joins {}", domain.to_lowercase())
}

/// Organizations that claim the domain.
pub fn claims(domain: &str) -> String {
    format!("claims {}", domain.to_lowercase())
}

/// Organizations that list the tenant for joining.
pub fn open_to_tenant(provider: &str, tenant: &str) -> String {
    format!("tenant {provider} {tenant}")
}

/// The organization that lists the SSO connection as active.
pub fn connection(id: &str) -> String {
    format!("connection {id}")
}

/// The member with this id.
pub fn id(id: &str) -> String {
    format!("id {id}")
}

/// Members with the address.
pub fn email(email: &str) -> String {
    format!("email {}", email.to_lowercase())
}

/// Members who once had the address.
pub fn retired(email: &str) -> String {
    format!("retired {}", email.to_lowercase())
}

/// Members who signed in with the account, named by its provider's type name and its id there.
pub fn account(provider_type: &str, subject: &str) -> String {
    format!("account {provider_type} {subject}")
}

/// Members of the organization.
pub fn at(organization_id: &str) -> String {
    format!("at {organization_id}")
}

/// Members of the organization with an address in the domain.
pub fn at_with(organization_id: &str, domain: &str) -> String {
    format!("at {organization_id} {}", domain.to_lowercase())
}

/// Members with the external id, in any organization.
pub fn external(external_id: &str) -> String {
    format!("external {external_id}")
}

/// Members with the password.
pub fn password(password_id: &str) -> String {
    format!("password {password_id}")
}

/// Members who signed in through the SSO connection as this subject.
pub fn came_as(connection_id: &str, subject: &str) -> String {
    format!("came {connection_id} {subject}")
}

/// Organizations with the slug, ignoring case.
pub fn slug(slug: &str) -> String {
    format!("slug {}", slug.to_ascii_lowercase())
}

/// All keys of an organization.
pub fn of_organization(organization: &Organization) -> Vec<String> {
    let mut keys = vec![
        reference(organization.id()),
        reference(organization.slug()),
        reference(organization.text("organization_external_id")),
        slug(organization.slug()),
    ];
    let domains = |list: &str, key: fn(&str) -> String| {
        let domains = organization.list(list).into_iter();
        domains.map(key).collect::<Vec<_>>()
    };
    keys.extend(domains("email_allowed_domains", joinable_with));
    keys.extend(domains("claimed_email_domains", claims));
    let connections = organization.value("sso_active_connections").as_array();
    let connections = connections.into_iter().flatten();
    keys.extend(connections.filter_map(|it| Some(connection(it["connection_id"].as_str()?))));
    let tenants = organization.value("allowed_oauth_tenants").as_object();
    for (provider, tenants) in tenants.into_iter().flatten() {
        let tenants = tenants.as_array().into_iter().flatten();
        let tenants = tenants.filter_map(|tenant| tenant.as_str());
        keys.extend(tenants.map(|tenant| open_to_tenant(provider, tenant)));
    }
    keys
}

/// All keys of a member.
pub fn of_member(member: &Member) -> Vec<String> {
    let mut keys = vec![
        id(member.id()),
        email(member.email()),
        at(member.organization_id()),
        at_with(member.organization_id(), domain(member.email())),
    ];
    let given = |field| Some(member.text(field)).filter(|text| !text.is_empty());
    keys.extend(given("external_id").map(external));
    keys.extend(given("member_password_id").map(password));
    keys.extend(member.sso_registrations().filter_map(|it| {
        let (connection, subject) = (&it["connection_id"], &it["external_id"]);
        Some(came_as(connection.as_str()?, subject.as_str()?))
    }));
    let addresses = member.value("retired_email_addresses").as_array();
    let addresses = addresses.into_iter().flatten();
    let addresses = addresses.filter_map(|it| it["email_address"].as_str());
    keys.extend(addresses.map(retired));
    let accounts = member.value("oauth_registrations").as_array();
    let accounts = accounts.into_iter().flatten();
    keys.extend(accounts.filter_map(|it| {
        let (kind, subject) = (&it["provider_type"], &it["provider_subject"]);
        Some(account(kind.as_str()?, subject.as_str()?))
    }));
    keys
}
