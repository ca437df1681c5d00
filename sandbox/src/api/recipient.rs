//! Recipients of an organization's links and codes by email. See `docs/stytch.md#links-and-codes-by-email`.

use serde_json::{Map, Value, json};
use time::Duration;

use crate::{
    http::ApiRequest,
    model::{ApiError, Member, Proof, State, fields::fields, people::is_email},
    rules::{
        Membership, locks,
        membership::{JoinFlow, membership},
        roles,
        texts::EMAIL_LOCALES,
    },
};

/// The recipient of a link or code for an organization.
pub struct Recipient {
    pub organization_id: String,
    pub slug: String,
    pub organization_name: String,
    pub email: String,
    /// `None` for a person who can join by email domain.
    member_id: Option<String>,
    /// Whether the recipient is an active member. All others sign up.
    pub is_active: bool,
}

/// The recipient in the request, if the organization allows the method: a member, or a person who can join by email
/// domain.
pub fn recipient(
    state: &State,
    request: &ApiRequest,
    proof: &Proof,
) -> Result<Recipient, ApiError> {
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let email = address(request)?;
    let member_id = match membership(state, organization, &email, &[], JoinFlow::Organization)? {
        Membership::Member(id) => Some(id),
        Membership::Tenant { .. } | Membership::Domain { .. } => None,
    };
    let member = member_id.as_ref().and_then(|id| state.member(id));
    let breakglass = member.is_some_and(|member| member.is("is_breakglass"));
    let method = proof.method().unwrap_or_default();
    if !organization.allows(&method) && !breakglass {
        return Err(ApiError::of(
            "operation_restricted_by_organization_auth_methods",
        ));
    }
    if let Some(id) = &member_id {
        locks::check(state, id)?;
    }
    Ok(Recipient {
        organization_id: organization.id().to_owned(),
        slug: organization.slug().to_owned(),
        organization_name: organization.name().to_owned(),
        is_active: member.is_some_and(|member| member.status() == "active"),
        email,
        member_id,
    })
}

impl Recipient {
    /// The id of the member, and whether this call created the member, who is pending until the first sign-in.
    pub fn row(&self, state: &mut State) -> (String, bool) {
        if let Some(id) = &self.member_id {
            return (id.clone(), false);
        }
        let member = Member::minted(&self.organization_id, &self.email, "", state.now());
        (roles::add_member(state, member), true)
    }
}

/// The address in the request, in lowercase.
pub fn address(request: &ApiRequest) -> Result<String, ApiError> {
    let email = request.need_text("email_address")?;
    if is_email(email) {
        Ok(email.to_lowercase())
    } else {
        Err(ApiError::of("invalid_email"))
    }
}

/// The lifetime in the request, in minutes, within these bounds.
pub fn lifetime(
    request: &ApiRequest,
    field: &str,
    default: i64,
    bounds: std::ops::RangeInclusive<i64>,
    error: &'static str,
) -> Result<Duration, ApiError> {
    let minutes = request.integer(field)?.unwrap_or(default);
    if bounds.contains(&minutes) {
        Ok(Duration::minutes(minutes))
    } else {
        let (least, most) = (bounds.start(), bounds.end());
        let message = format!("{field} must be between {least} and {most} minutes.");
        Err(ApiError::new(400, error, message))
    }
}

/// The language in the request, one of the four languages of emails.
pub fn check_email_locale(request: &ApiRequest) -> Result<&'static str, ApiError> {
    request.locale(&EMAIL_LOCALES)
}

/// The fields `member_id`, `member` and `organization`, which every call about a member returns.
pub fn member_fields(state: &State, member_id: &str) -> Map<String, Value> {
    let member = state.member(member_id);
    let organization = member.and_then(|member| state.organization(member.organization_id()));
    fields(
        json!({ "member_id": member_id, "member": member.map(Member::object), "organization": organization.map(crate::model::organization::Organization::object) }),
    )
}
