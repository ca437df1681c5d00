//! The steps that are missing before a session: a primary step-up, MFA. See
//! `docs/stytch.md#which-logins-prove-an-address` and `docs/stytch.md#entering-an-organization`.

use serde_json::{Value, json};

use crate::{
    model::{Login, Member, Organization, Proof},
    rules::second_factors::has_totp,
};

/// The situation in which the missing steps are determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Discovery lists organizations, which sends nothing.
    List,
    SignIn,
    /// The person creates the organization.
    Create,
    /// A login is added to a session, which has already completed MFA.
    Session,
}

/// The missing steps; nothing is missing if both are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The primary methods of which one must follow.
    pub primary: Option<Vec<String>>,
    /// The vendor's `mfa_required` object.
    pub mfa: Option<Value>,
}

impl Due {
    pub fn nothing(&self) -> bool {
        self.primary.is_none() && self.mfa.is_none()
    }

    /// Whether a code is sent by SMS now.
    pub fn texts(&self) -> bool {
        self.mfa_object()["secondary_auth_initiated"] == "sms_otp"
    }

    /// The vendor's `primary_required`.
    pub fn primary_object(&self) -> Value {
        self.primary.as_ref().map_or(
            Value::Null,
            |methods| json!({ "allowed_auth_methods": methods }),
        )
    }

    /// The vendor's `mfa_required`.
    pub fn mfa_object(&self) -> Value {
        self.mfa.clone().unwrap_or_default()
    }
}

/// The steps that are missing for the organization after these logins. `member` is `None` for a person who would join.
pub fn due(
    organization: &Organization,
    member: Option<&Member>,
    logins: &[Login],
    asking: Asking,
) -> Due {
    let primary = (!logins
        .iter()
        .any(|login| suffices(organization, member, login)))
    .then(|| step_up_methods(organization, member, logins, asking));
    let second = logins
        .iter()
        .any(|login| login.proof.is_second() && login.counts_in(organization.id()));
    let mfa = (!second)
        .then(|| mfa(organization, member, primary.is_none(), asking))
        .flatten();
    Due { primary, mfa }
}

/// Whether this member can use the primary method. A breakglass member can use any.
pub fn may_use(organization: &Organization, member: Option<&Member>, login: &Login) -> bool {
    login.proof.method().is_some_and(|method| {
        organization.allows(&method) || member.is_some_and(|member| member.is("is_breakglass"))
    })
}

/// Whether the login is allowed and is one of these: it proves the address, its tenant's people can join, it is the
/// organization's own SSO, or it is the password of a member whose address is verified. An account that does not prove
/// its address is not enough even for a member who used it before, because the address may now belong to another
/// person.
fn suffices(organization: &Organization, member: Option<&Member>, login: &Login) -> bool {
    may_use(organization, member, login)
        && login.counts_in(organization.id())
        && (login.proves_email
            || matches!(&login.proof, Proof::Sso { connection_id, .. } if organization.has_connection(connection_id))
            || login.proof == Proof::Password
                && member.is_some_and(|m| {
                    m.is("email_address_verified") && m.registration(login).is_some()
                })
            || organization.open_tenant(login).is_some())
}

/// The methods for the step-up: allowed ones that prove an address. After a login that is not allowed or does not count
/// here, all allowed methods are returned.
fn step_up_methods(
    organization: &Organization,
    member: Option<&Member>,
    logins: &[Login],
    asking: Asking,
) -> Vec<String> {
    if member.is_some()
        && organization.text("auth_methods") == "RESTRICTED"
        && !logins
            .iter()
            .any(|login| may_use(organization, member, login))
    {
        return organization
            .list("allowed_auth_methods")
            .into_iter()
            .map(str::to_owned)
            .collect();
    }
    let proving: &[&str] = if asking == Asking::Create {
        &[
            "sso",
            "magic_link",
            "password",
            "google_oauth",
            "microsoft_oauth",
            "email_otp",
        ]
    } else {
        &["google_oauth", "microsoft_oauth", "magic_link", "email_otp"]
    };
    proving
        .iter()
        .filter(|method| organization.allows(method))
        .map(|method| (*method).to_owned())
        .collect()
}

fn mfa(
    organization: &Organization,
    member: Option<&Member>,
    primary_met: bool,
    asking: Asking,
) -> Option<Value> {
    let enrolled = member.is_some_and(|member| member.is("mfa_enrolled"));
    let required = organization.text("mfa_policy") == "REQUIRED_FOR_ALL" || enrolled;
    if !required || asking == Asking::Session {
        return None;
    }
    let options = member
        .filter(|member| has_second_factor(member))
        .map(|member| {
            json!({
                "mfa_phone_number": member.text("mfa_phone_number"),
                "totp_registration_id": member.text("totp_registration_id"),
            })
        });
    let texts = primary_met
        && asking != Asking::List
        && member.is_some_and(|member| sends_text(organization, member));
    Some(
        json!({ "member_options": options, "secondary_auth_initiated": texts.then_some("sms_otp") }),
    )
}

/// Whether the member has a phone number or TOTP. Without either, the member has no options, like a person who is not a
/// member yet.
fn has_second_factor(member: &Member) -> bool {
    !member.text("mfa_phone_number").is_empty() || !member.text("totp_registration_id").is_empty()
}

/// Whether this member can use the second factor, `sms_otp` or `totp`.
pub fn may_use_second(organization: &Organization, member: &Member, method: &str) -> bool {
    organization.text("mfa_methods") != "RESTRICTED"
        || organization.list("allowed_mfa_methods").contains(&method)
        || member.is("is_breakglass")
}

/// Whether a code is sent by SMS immediately. It is not sent to an unverified number of a member with an authenticator
/// app, because that code would not complete the sign-in.
fn sends_text(organization: &Organization, member: &Member) -> bool {
    may_use_second(organization, member, "sms_otp")
        && !member.text("mfa_phone_number").is_empty()
        && member.text("default_mfa_method") != "totp"
        && (member.is("mfa_phone_number_verified") || !has_totp(member))
}
