//! `organizations.members.search`. The error types are from the vendor's Android SDK.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::{
    api::{
        paging::Page,
        search_query::{Operand, Query, contains},
    },
    http::ApiRequest,
    model::{
        ApiError, Member, Organization, Reply, State, fields::fields, ids, lookup, people::is_email,
    },
    rules::Rights,
};

/// `POST /v1/b2b/organizations/members/search`: takes at least one organization and a query, and returns a page of
/// members and their organizations. Deleted members are included only if `statuses` asks for them.
pub fn search(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let ids = request.texts("organization_ids")?.unwrap_or_default();
    if ids.is_empty() {
        return Err(ApiError::of("member_search_organization_ids_empty"));
    }
    let mut organizations: HashMap<&str, &Organization> = HashMap::new();
    for id in ids {
        let organization = state.need_organization(id)?;
        rights.in_organization(organization)?;
        organizations.insert(organization.id(), organization);
    }
    rights.need(state, "stytch.member", "search")?;
    let page = Page::read(request)?;
    let none = Map::new();
    let query = Query::read(request.object("query")?.unwrap_or(&none), Filter::read)?;

    let home = |member: &Member| organizations.get(member.organization_id()).copied();
    let found: Vec<(&Member, &Organization)> = candidates(&query, state, organizations.keys())
        .into_iter()
        .map(|place| &state.members[place])
        .filter_map(|member| Some((member, home(member)?)))
        .filter(|(member, organization)| fits(&query, organization, member))
        .collect();
    let (part, metadata) = page.cut(&found);
    let members: Vec<Value> = part.iter().map(|(member, _)| member.object()).collect();
    let homes: Map<String, Value> = part
        .iter()
        .map(|(_, organization)| (organization.id().to_owned(), organization.object()))
        .collect();
    Ok(fields(
        json!({ "members": members, "organizations": homes, "results_metadata": metadata }),
    ))
}

/// Positions of the members that may match, in the order of creation: those that a filter names by key if there is such
/// a filter, or else all members of the organizations.
fn candidates<'a>(
    query: &Query<Filter>,
    state: &State,
    organizations: impl Iterator<Item = &'a &'a str>,
) -> Vec<usize> {
    let keys = query.filters.iter().find_map(Filter::keys);
    let keys = keys.unwrap_or_else(|| organizations.map(|id| lookup::at(id)).collect());
    let places = keys.iter().flat_map(|key| state.members.places(key));
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn fits(query: &Query<Filter>, organization: &Organization, member: &Member) -> bool {
    let asks_for_deleted = query
        .filters
        .iter()
        .any(|filter| matches!(filter, Filter::Statuses(them) if them.contains("deleted")));
    (member.status() != "deleted" || asks_for_deleted)
        && query.fits(|filter| filter.fits(organization, member))
}

enum Filter {
    Ids(HashSet<String>),
    Emails(HashSet<String>),
    Statuses(HashSet<String>),
    Roles(HashSet<String>),
    Phones(HashSet<String>),
    Slugs(HashSet<String>),
    /// The member's value under the key contains this text.
    Fuzzy(&'static str, String),
    SlugFuzzy(String),
    Breakglass(bool),
    /// Whether the member has a value under the key.
    Has(&'static str, bool),
}

impl Filter {
    fn read(operand: &Value) -> Result<Self, ApiError> {
        let name = match operand.get("filter_name") {
            None | Some(Value::Null) => {
                return Err(ApiError::of("member_search_missing_filter_name"));
            }
            Some(name) => name
                .as_str()
                .ok_or_else(|| ApiError::of("member_search_filter_name_must_be_string"))?,
        };
        let value = |missing| Operand {
            what: "member",
            name,
            missing,
            missing_message: "A member search operand has no filter_value.".to_owned(),
            value: operand.get("filter_value").unwrap_or(&Value::Null),
        };
        match name {
            "member_ids" => {
                let them = value("member_ids").texts()?;
                let internal = them.iter().filter(|id| ids::is_id("member", id)).count();
                if internal != 0 && internal != them.len() {
                    return Err(ApiError::of(
                        "member_search_cannot_mix_internal_and_external_member_ids",
                    ));
                }
                Ok(Self::Ids(them))
            }
            "member_emails" => {
                let them = value("member_emails").names()?;
                if them.iter().any(|email| !is_email(email)) {
                    return Err(ApiError::of("invalid_email"));
                }
                Ok(Self::Emails(them))
            }
            "statuses" => {
                let them = value("statuses").texts()?;
                let known = ["pending", "invited", "active", "deleted"];
                if them.iter().any(|status| !known.contains(&status.as_str())) {
                    return Err(ApiError::of("search_invalid_status_filter"));
                }
                Ok(Self::Statuses(them))
            }
            "member_roles" => value("member_roles").texts().map(Filter::Roles),
            "member_mfa_phone_numbers" => value("mfa_member_phone_numbers")
                .texts()
                .map(Filter::Phones),
            "organization_slugs" => value("organization_slug").texts().map(Filter::Slugs),
            "member_email_fuzzy" => Ok(Self::Fuzzy(
                "email_address",
                value("member_email_fuzzy").fuzzy()?,
            )),
            "member_mfa_phone_number_fuzzy" => Ok(Self::Fuzzy(
                "mfa_phone_number",
                value("mfa_member_phone_number_fuzzy").fuzzy()?,
            )),
            "organization_slug_fuzzy" => value("organization_slug_fuzzy")
                .fuzzy()
                .map(Filter::SlugFuzzy),
            "member_is_breakglass" => value("is_breakglass").flag().map(Filter::Breakglass),
            "member_password_exists" => Ok(Self::Has(
                "member_password_id",
                value("password_exists").flag()?,
            )),
            "member_totp_exists" => Ok(Self::Has(
                "totp_registration_id",
                value("totp_exists").flag()?,
            )),
            _ => Err(ApiError::of("member_search_filter_name_not_recognized")),
        }
    }

    /// Index keys of the members that this filter names; `None` if it must look at each member.
    fn keys(&self) -> Option<Vec<String>> {
        match self {
            Self::Ids(them) => {
                let keys = them
                    .iter()
                    .flat_map(|it| [lookup::id(it), lookup::external(it)]);
                Some(keys.collect())
            }
            Self::Emails(them) => Some(them.iter().map(|it| lookup::email(it)).collect()),
            _ => None,
        }
    }

    fn fits(&self, organization: &Organization, member: &Member) -> bool {
        let has = |wanted: &HashSet<String>, text: &str| wanted.contains(text);
        match self {
            Self::Ids(them) => has(them, member.id()) || has(them, member.text("external_id")),
            Self::Emails(them) => has(them, &member.email().to_ascii_lowercase()),
            Self::Statuses(them) => has(them, member.status()),
            Self::Roles(them) => member.roles().iter().any(|role| has(them, role)),
            Self::Phones(them) => has(them, member.text("mfa_phone_number")),
            Self::Slugs(them) => has(them, organization.slug()),
            Self::Fuzzy(key, part) => contains(member.text(key), part),
            Self::SlugFuzzy(part) => contains(organization.slug(), part),
            Self::Breakglass(wanted) => member.is("is_breakglass") == *wanted,
            Self::Has(key, wanted) => member.text(key).is_empty() != *wanted,
        }
    }
}
