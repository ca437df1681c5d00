//! The relation of a login to an organization: member, allowed to join, or neither. See `docs/stytch.md#discovery` and
//! `docs/stytch.md#entering-an-organization`.

use crate::{
    model::{
        ApiError, Login, Member, Organization, Proof, Provider, State, lookup,
        people::{domain, is_common},
    },
    rules::{due::may_use, email_updates::is_kept_for_another},
};

/// How a person can enter.
#[derive(Clone, Debug)]
pub enum Membership {
    /// Id of the member, with any status except deleted.
    Member(String),
    /// The person can join by the login's tenant.
    Tenant {
        provider: Provider,
        tenant: String,
    },
    Domain {
        domain: String,
    },
}

/// How a person tries to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinFlow {
    /// From the list of organizations that the person could join. Joining by email domain requires a member with a
    /// verified address in the domain.
    Discovery,
    /// By signing in to that organization.
    Organization,
}

/// The relation of these logins, which have one address, to the organization, or the vendor's error if the person is
/// not a member and can't join.
///
/// If both ways to join are open, the tenant is used, because it needs no step-up. The vendor's choice is not
/// documented.
pub fn membership(
    state: &State,
    organization: &Organization,
    email: &str,
    logins: &[Login],
    flow: JoinFlow,
) -> Result<Membership, ApiError> {
    if let Some(member) = state.member_by_email(organization.id(), email) {
        return Ok(Membership::Member(member.id().to_owned()));
    }
    // A retired address can't join, not even for the member whose account has it again.
    if holds_retired(state, organization.id(), email, "") {
        return Err(ApiError::of("inactive_email"));
    }
    // Neither can an address that is reserved for another member.
    if is_kept_for_another(state, organization.id(), email, "") {
        return Err(ApiError::of("inactive_email"));
    }
    let domain = domain(email);
    if claimed_by_another(state, organization.id(), domain) {
        return Err(ApiError::of("action_not_allowed_email_domain_is_claimed"));
    }
    if let Some(member) = by_account(state, organization, logins) {
        return Ok(Membership::Member(member.id().to_owned()));
    }
    for login in logins {
        if let Some((provider, tenant)) = organization.open_tenant(login) {
            return Ok(Membership::Tenant {
                provider,
                tenant: tenant.to_owned(),
            });
        }
    }
    if joinable_by_domain(organization, domain)
        && (flow == JoinFlow::Organization || has_proven_member(state, organization, domain))
    {
        return Ok(Membership::Domain {
            domain: domain.to_lowercase(),
        });
    }
    Err(ApiError::of(refusal(organization, logins)))
}

/// Whether the address is a retired one of another member, so it can't be assigned.
pub fn holds_retired(state: &State, organization_id: &str, email: &str, own_id: &str) -> bool {
    let mut holders = state.members.with_key(&lookup::retired(email));
    holders.any(|member| {
        member.organization_id() == organization_id
            && member.id() != own_id
            && member.status() != "deleted"
            && member
                .value("retired_email_addresses")
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|retired| retired["email_address"].as_str())
                .any(|retired| retired.eq_ignore_ascii_case(email))
    })
}

/// Whether another organization claims the domain, so its addresses can't join or create other organizations.
pub fn claimed_by_another(state: &State, organization_id: &str, domain: &str) -> bool {
    let mut claiming = state.organizations.with_key(&lookup::claims(domain));
    claiming.any(|organization| {
        organization.id() != organization_id
            && organization.lists_domain("claimed_email_domains", domain)
    })
}

/// The member who signed in with one of these accounts before, even under another address. Logins that do not prove
/// their address are ignored, because at those providers anyone can enter another person's address into an account.
pub fn by_account<'a>(
    state: &'a State,
    organization: &Organization,
    logins: &[Login],
) -> Option<&'a Member> {
    logins
        .iter()
        .filter(|login| login.proves_email)
        .find_map(|login| {
            let Proof::Oauth(provider) = login.proof else {
                return None;
            };
            let key = lookup::account(provider.type_name(), &login.subject);
            state.members.with_key(&key).find(|member| {
                member.organization_id() == organization.id()
                    && member.status() != "deleted"
                    && member.registration(login).is_some()
                    && may_use(organization, Some(member), login)
            })
        })
}

/// Whether the organization allows the domain, and the domain is not one of a public email provider.
fn joinable_by_domain(organization: &Organization, wanted: &str) -> bool {
    organization.text("email_jit_provisioning") == "RESTRICTED"
        && organization.lists_domain("email_allowed_domains", wanted)
        && !is_common(wanted)
}

/// Whether a member of the organization has a verified address in the domain.
fn has_proven_member(state: &State, organization: &Organization, wanted: &str) -> bool {
    state
        .members
        .with_key(&lookup::at_with(organization.id(), wanted))
        .any(|member| {
            member.organization_id() == organization.id()
                && member.status() != "deleted"
                && member.is("email_address_verified")
                && domain(member.email()).eq_ignore_ascii_case(wanted)
        })
}

/// One of the four errors: the one about a way to join that the organization allows and the login could use. The
/// vendor's choice is not documented.
fn refusal(organization: &Organization, logins: &[Login]) -> &'static str {
    let brings_tenant = logins.iter().any(|login| !login.tenants.is_empty());
    if brings_tenant && organization.text("oauth_tenant_jit_provisioning") == "RESTRICTED" {
        "invalid_oauth_tenant_for_jit_provisioning"
    } else if organization.text("email_jit_provisioning") == "RESTRICTED" {
        "invalid_email_for_jit_provisioning"
    } else if brings_tenant {
        "oauth_tenant_jit_provisioning_not_allowed"
    } else {
        "email_jit_provisioning_not_allowed"
    }
}
