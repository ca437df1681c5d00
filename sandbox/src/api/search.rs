//! `organizations.search`. See `docs/stytch.md#organizations`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::{
    api::{
        paging::Page,
        search_query::{Operand, Query, contains},
    },
    http::ApiRequest,
    model::{ApiError, Organization, Reply, State, lookup, people::is_email},
};

/// `POST /v1/b2b/organizations/search`: takes a query and returns a page of organizations. Without a query, it returns
/// all organizations.
pub fn search(state: &mut State, request: &ApiRequest) -> Reply {
    let page = Page::read(request)?;
    let none = Map::new();
    let mut query = Query::read(request.object("query")?.unwrap_or(&none), Filter::read)?;
    for filter in &mut query.filters {
        filter.scan(state);
    }
    let found: Vec<&Organization> = candidates(&query, state)
        .into_iter()
        .map(|place| &state.organizations[place])
        .filter(|it| query.fits(|filter| filter.fits(state, it)))
        .collect();
    let (part, metadata) = page.cut(&found);
    let organizations: Vec<Value> = part
        .iter()
        .map(|organization| organization.object())
        .collect();
    let mut answer = Map::new();
    answer.insert("organizations".into(), json!(organizations));
    answer.insert("results_metadata".into(), metadata);
    Ok(answer)
}

enum Filter {
    Ids(HashSet<String>),
    Slugs(HashSet<String>),
    MemberEmails(HashSet<String>),
    /// The list under the key contains one of these domains.
    Domains(&'static str, HashSet<String>),
    /// The field contains this text.
    Fuzzy(&'static str, String),
    MemberEmailFuzzy(String),
    /// The ids of the organizations that a scan found.
    Found(HashSet<String>),
    AllowedDomainFuzzy(String),
    HasSso(bool),
    SsoConnection(String),
}

/// Positions of the organizations that may match, in the order of creation: those that a filter names if there is such
/// a filter, or else all.
fn candidates(query: &Query<Filter>, state: &State) -> Vec<usize> {
    let named = query.filters.iter().find_map(|it| it.named(state));
    match named {
        Some(mut places) => {
            places.sort_unstable();
            places.dedup();
            places
        }
        None => (0..state.organizations.len()).collect(),
    }
}

impl Filter {
    fn read(operand: &Value) -> Result<Self, ApiError> {
        let name = operand.get("filter_name").and_then(Value::as_str);
        let name = name.ok_or_else(|| ApiError::of("organization_search_missing_filter_name"))?;
        let value = Operand {
            what: "organization",
            name,
            missing: name,
            missing_message: format!("{name} has no filter_value."),
            value: operand.get("filter_value").unwrap_or(&Value::Null),
        };
        match name {
            "organization_ids" => value.texts().map(Filter::Ids),
            "organization_slugs" => value.texts().map(Filter::Slugs),
            "member_emails" => {
                let emails = value.names()?;
                if emails.iter().any(|email| !is_email(email)) {
                    return Err(ApiError::of("invalid_email"));
                }
                Ok(Self::MemberEmails(emails))
            }
            "allowed_domains" => Ok(Self::Domains("email_allowed_domains", value.names()?)),
            "claimed_email_domains" => Ok(Self::Domains("claimed_email_domains", value.names()?)),
            "organization_slug_fuzzy" => Ok(Self::Fuzzy("organization_slug", value.fuzzy()?)),
            "organization_name_fuzzy" => Ok(Self::Fuzzy("organization_name", value.fuzzy()?)),
            "member_email_fuzzy" => value.fuzzy().map(Filter::MemberEmailFuzzy),
            "allowed_domain_fuzzy" => value.fuzzy().map(Filter::AllowedDomainFuzzy),
            "has_active_sso_connection" => value.flag().map(Filter::HasSso),
            "sso_connection_id" => value
                .text()
                .map(|text| Self::SsoConnection(text.to_owned())),
            _ => Err(ApiError::of(
                "organization_search_filter_name_not_recognized",
            )),
        }
    }

    /// Searches all members for a part of an address once, instead of once for each organization.
    fn scan(&mut self, state: &State) {
        let Self::MemberEmailFuzzy(part) = self else {
            return;
        };
        let mut found: HashSet<&str> = HashSet::new();
        for member in state.members.iter() {
            if contains(member.email(), part) && member.status() != "deleted" {
                found.insert(member.organization_id());
            }
        }
        *self = Self::Found(found.into_iter().map(str::to_owned).collect());
    }

    /// Positions of the organizations that this filter names; `None` if it must look at each organization.
    fn named(&self, state: &State) -> Option<Vec<usize>> {
        let of = |references: &HashSet<String>| {
            let places = references
                .iter()
                .flat_map(|it| state.organizations.places(&lookup::reference(it)));
            places.collect()
        };
        match self {
            Self::Ids(references) | Self::Slugs(references) | Self::Found(references) => {
                Some(of(references))
            }
            Self::MemberEmails(emails) => {
                let members = emails
                    .iter()
                    .flat_map(|it| state.members.with_key(&lookup::email(it)));
                let references: HashSet<String> =
                    members.map(|it| it.organization_id().to_owned()).collect();
                Some(of(&references))
            }
            _ => None,
        }
    }

    fn fits(&self, state: &State, organization: &Organization) -> bool {
        let connections = organization
            .value("sso_active_connections")
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let any_member = |fits: &dyn Fn(&str) -> bool| {
            let members = state
                .members
                .with_key(&lookup::at(organization.id()))
                .filter(|it| it.organization_id() == organization.id());
            members
                .filter(|member| member.status() != "deleted")
                .any(|member| fits(member.email()))
        };
        match self {
            Self::Ids(ids) | Self::Found(ids) => ids.contains(organization.id()),
            Self::Slugs(slugs) => slugs.contains(organization.slug()),
            Self::MemberEmails(emails) => {
                any_member(&|email| emails.contains(&email.to_ascii_lowercase()))
            }
            Self::Domains(key, domains) => organization
                .list(key)
                .iter()
                .any(|listed| domains.contains(&listed.to_ascii_lowercase())),
            Self::Fuzzy(key, part) => contains(organization.text(key), part),
            Self::MemberEmailFuzzy(part) => any_member(&|email| contains(email, part)),
            Self::AllowedDomainFuzzy(part) => organization
                .list("email_allowed_domains")
                .iter()
                .any(|domain| contains(domain, part)),
            Self::HasSso(wanted) => *wanted != connections.is_empty(),
            Self::SsoConnection(id) => connections
                .iter()
                .any(|connection| connection["connection_id"] == **id),
        }
    }
}
