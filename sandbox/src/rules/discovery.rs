//! The organizations that discovery lists. See `docs/stytch.md#discovery`.

use serde_json::{Value, json};

use crate::{
    model::{Login, Member, Organization, Session, State, fields::object, lookup, people::domain},
    rules::{
        Asking, Membership,
        carried::carried,
        due::due,
        membership::{JoinFlow, membership},
    },
};

/// The vendor's `discovered_organizations` for the logins of one address: memberships first, then organizations that
/// the person can join, both in the order of creation. The vendor's order is not documented.
pub fn discovered(state: &State, email: &str, logins: &[Login]) -> Vec<Value> {
    let mut member_of = Vec::new();
    let mut may_join = Vec::new();
    for organization in candidates(state, email, logins) {
        match membership(state, organization, email, logins, JoinFlow::Discovery) {
            Ok(membership @ Membership::Member(_)) => {
                member_of.push(entry(state, organization, &membership, logins));
            }
            Ok(membership) => may_join.push(entry(state, organization, &membership, logins)),
            Err(_) => {}
        }
    }
    member_of.append(&mut may_join);
    member_of
}

/// The memberships of a session's member, as `sessions.exchange` would treat them, without organizations that the
/// person could join.
pub fn memberships(state: &State, session: &Session, of: &Member) -> Vec<Value> {
    let email = of.email();
    candidates(state, email, &[])
        .into_iter()
        .filter_map(|organization| {
            let member = state.member_by_email(organization.id(), email)?;
            Some(entry(
                state,
                organization,
                &Membership::Member(member.id().to_owned()),
                &carried(session, of, organization.id()),
            ))
        })
        .collect()
}

/// The organizations that may have the address as a member or let it join, in the order of creation. All others do not.
fn candidates<'a>(state: &'a State, email: &str, logins: &[Login]) -> Vec<&'a Organization> {
    let mut places = state
        .organizations
        .places(&lookup::joinable_with(domain(email)));
    for member in state.members.with_key(&lookup::email(email)) {
        let reference = lookup::reference(member.organization_id());
        places.extend(state.organizations.places(&reference));
    }
    for login in logins {
        let Some(provider) = login.proof.provider() else {
            continue;
        };
        let account = lookup::account(provider.type_name(), &login.subject);
        for member in state.members.with_key(&account) {
            let reference = lookup::reference(member.organization_id());
            places.extend(state.organizations.places(&reference));
        }
        for tenant in &login.tenants {
            let key = lookup::open_to_tenant(provider.word(), tenant);
            places.extend(state.organizations.places(&key));
        }
    }
    places.sort_unstable();
    places.dedup();
    let organizations = &state.organizations;
    places.into_iter().map(|it| &organizations[it]).collect()
}

fn entry(
    state: &State,
    organization: &Organization,
    membership: &Membership,
    logins: &[Login],
) -> Value {
    let member = match membership {
        Membership::Member(id) => state.member(id),
        _ => None,
    };
    let (kind, details) = match membership {
        Membership::Member(_) => {
            let status = member.map_or("active", |member| member.status());
            (format!("{status}_member"), Value::Null)
        }
        Membership::Tenant { provider, tenant } => (
            "eligible_to_join_by_oauth_tenant".to_owned(),
            json!({ "provider": provider.word(), "tenant": tenant }),
        ),
        Membership::Domain { domain } => (
            "eligible_to_join_by_email_domain".to_owned(),
            json!({ "domain": domain }),
        ),
    };
    let due = due(organization, member, logins, Asking::List);
    let locked = member.is_some_and(|member| member.is("is_locked"));
    let shown = member.map(Member::object).unwrap_or_default();
    let membership = object([
        ("type", kind.into()),
        ("details", details),
        ("member", shown),
    ]);
    Value::Object(object([
        ("organization", organization.object()),
        ("membership", membership.into()),
        ("member_authenticated", (due.nothing() && !locked).into()),
        ("primary_required", due.primary_object()),
        ("mfa_required", due.mfa_object()),
    ]))
}
