//! Rows and texts that several pages share: members, sessions, times, an organization's rules.

use time::OffsetDateTime;

use crate::model::{Member, Organization, Session, State, clock::wire, lookup};

/// A member in a list.
pub struct MemberRow {
    pub id: String,
    pub email: String,
    pub name: String,
    pub status: String,
    pub is_admin: bool,
}

/// A live session in a list.
pub struct SessionRow {
    pub id: String,
    pub member_id: String,
    pub email: String,
    pub organization: String,
    /// Types of the session's factors, separated by commas.
    pub factors: String,
    pub ends: String,
}

impl MemberRow {
    pub fn of(member: &Member) -> Self {
        Self {
            id: member.id().to_owned(),
            email: member.email().to_owned(),
            name: member.text("name").to_owned(),
            status: member.status().to_owned(),
            is_admin: member.is("is_admin"),
        }
    }
}

impl SessionRow {
    pub fn of(state: &State, session: &Session) -> Self {
        let member = state.member(&session.member_id);
        let organization = state.organization(&session.organization_id);
        let factors = session.logins();
        let factors: Vec<&str> = factors.iter().map(|login| login.proof.words().0).collect();
        Self {
            id: session.id.clone(),
            member_id: session.member_id.clone(),
            email: member.map_or("", Member::email).to_owned(),
            organization: organization.map_or("", Organization::name).to_owned(),
            factors: factors.join(", "),
            ends: time(session.expires_at),
        }
    }
}

/// A time in the format of the API.
pub fn time(at: OffsetDateTime) -> String {
    wire(at).as_str().unwrap_or_default().to_owned()
}

/// The members of an organization, including deleted ones.
pub fn members_of<'a>(
    state: &'a State,
    organization_id: &'a str,
) -> impl Iterator<Item = &'a Member> {
    let members = state.members.with_key(&lookup::at(organization_id));
    members.filter(move |member| member.organization_id() == organization_id)
}

/// The organization's rules that differ from the defaults: all methods allowed, joining off.
pub fn rules(organization: &Organization) -> Vec<String> {
    let mut rules = Vec::new();
    if organization.text("auth_methods") == "RESTRICTED" {
        let methods = organization.list("allowed_auth_methods").join(", ");
        rules.push(format!("only {methods}"));
    }
    if organization.text("mfa_policy") == "REQUIRED_FOR_ALL" {
        rules.push("second factor for all".to_owned());
    }
    if organization.text("email_jit_provisioning") == "RESTRICTED" {
        let domains = organization.list("email_allowed_domains").join(", ");
        rules.push(format!("join with an address at {domains}"));
    }
    if organization.text("oauth_tenant_jit_provisioning") == "RESTRICTED" {
        let tenants = organization.value("allowed_oauth_tenants").as_object();
        let names: Vec<&str> = tenants
            .into_iter()
            .flatten()
            .map(|(name, _)| &**name)
            .collect();
        rules.push(format!(
            "join through an allowed OAuth tenant at {}",
            names.join(", ")
        ));
    }
    rules
}
