//! Entry into an organization: the one place where people join and sessions begin. See
//! `docs/stytch.md#entering-an-organization`.

use serde_json::{Map, Value, json};
use time::Duration;

use crate::{
    model::{
        ApiError, Factor, Intermediate, Login, Member, Organization, Reply, Session, State, claims,
        clock::{TEN_MINUTES, wire},
        fields::{fields, object},
        token_fates::Fate,
    },
    rules::{
        Asking, Membership, addresses, codes,
        due::{Due, due},
        grants, oidc_tokens, roles, sso, sso_roles,
        texts::ENGLISH,
    },
};

/// A person who wants to enter an organization.
pub struct Entry {
    pub organization_id: String,
    pub way: Way,
    pub email: String,
    pub logins: Vec<Login>,
    /// The intermediate session of the logins, which is used up only if a session begins.
    pub intermediate_session_token: Option<String>,
    /// Id of the session to which the logins are added.
    pub session_id: Option<String>,
    pub requested: RequestedSession,
}

/// How the person enters.
#[derive(Debug)]
pub enum Way {
    Member(String),
    Join,
    /// The person has just created the organization.
    Found,
}

impl From<Membership> for Way {
    fn from(membership: Membership) -> Self {
        match membership {
            Membership::Member(id) => Self::Member(id),
            Membership::Tenant { .. } | Membership::Domain { .. } => Self::Join,
        }
    }
}

/// The session that the request asks for.
#[derive(Clone, Debug, Default)]
pub struct RequestedSession {
    pub minutes: Option<i64>,
    /// The language of a code by SMS, if one is due.
    pub locale: Option<&'static str>,
    pub claims: Map<String, Value>,
}

/// Lifetime of a session without a requested duration.
pub const DEFAULT_MINUTES: i64 = 60;

/// Lets a person enter as far as the logins allow, and returns the vendor's common authentication response. An error
/// changes nothing.
pub fn enter(state: &mut State, mut entry: Entry) -> Reply {
    // Logins that do not count here, such as SSO and second factors of other organizations, do not become factors of
    // the session. The intermediate session keeps them.
    let all = entry.logins.clone();
    let here = entry.logins.into_iter();
    entry.logins = here
        .filter(|login| login.counts_in(&entry.organization_id) && sso::is_good(state, login))
        .map(|login| login.brought_to(&entry.organization_id))
        .collect();
    let existing = match &entry.way {
        Way::Member(id) => state.member(id),
        Way::Join | Way::Found => None,
    };
    if existing.is_some_and(|member| member.is("is_locked")) {
        return Err(ApiError::of("user_lock_limit_reached"));
    }
    let claims = claims::merged(&claims_before(state, &entry), &entry.requested.claims)?;
    let locale = entry.requested.locale.unwrap_or(ENGLISH);

    let asking = match (&entry.way, &entry.session_id) {
        (Way::Found, _) => Asking::Create,
        (_, Some(_)) => Asking::Session,
        (_, None) => Asking::SignIn,
    };
    let organization = state.need_organization(&entry.organization_id)?;
    let due = due(organization, existing, &entry.logins, asking);

    let member_id = match &entry.way {
        Way::Member(id) => id.clone(),
        Way::Join | Way::Found => join(state, &entry),
    };
    if due.primary.is_none() {
        addresses::follow(state, &member_id, &entry.email, &entry.logins);
    }
    if due.nothing() {
        let session_id = begin_session(state, entry, &member_id, claims);
        Ok(answer(state, &member_id, &Outcome::Session(&session_id)))
    } else {
        entry.logins = all;
        let token = keep_waiting(state, entry);
        if due.texts() {
            codes::send_by_sms(state, &member_id, locale);
        }
        Ok(answer(state, &member_id, &Outcome::Waiting(&token, &due)))
    }
}

fn claims_before(state: &State, entry: &Entry) -> Map<String, Value> {
    let session = entry.session_id.as_ref().and_then(|id| state.session(id));
    session
        .map(|session| session.custom_claims.clone())
        .unwrap_or_default()
}

/// Adds a new member, who is pending until a session begins.
fn join(state: &mut State, entry: &Entry) -> String {
    let name = entry
        .logins
        .iter()
        .map(|login| login.full_name.as_str())
        .find(|name| !name.is_empty());
    let mut member = Member::minted(
        &entry.organization_id,
        &entry.email,
        name.unwrap_or_default(),
        state.now(),
    );
    if matches!(entry.way, Way::Found) {
        member.merge(fields(
            json!({ "roles": ["stytch_member", "stytch_admin"] }),
        ));
    }
    roles::add_member(state, member)
}

/// Keeps the logins for the missing step, in their intermediate session or a new one.
fn keep_waiting(state: &mut State, entry: Entry) -> String {
    if let Some(token) = entry.intermediate_session_token {
        if let Some(intermediate) = state.intermediates.get_mut(&token) {
            intermediate.logins = entry.logins;
        }
        return token;
    }
    let token = state.mint_token();
    let expires_at = state.now() + TEN_MINUTES;
    let intermediate = Intermediate {
        email: entry.email,
        logins: entry.logins,
        organization_id: Some(entry.organization_id),
        expires_at,
    };
    state.intermediates.insert(token.clone(), intermediate);
    token
}

/// Uses up the intermediate session, resets the count of wrong codes, activates the member, and begins a session or
/// adds to the given one.
fn begin_session(
    state: &mut State,
    mut entry: Entry,
    member_id: &str,
    claims: Map<String, Value>,
) -> String {
    let now = state.now();
    state.factors.wrong_codes.remove(member_id);
    if let Some(token) = &entry.intermediate_session_token {
        state.intermediates.remove(token);
        state.end_token(token, Fate::Used);
    }
    for login in &mut entry.logins {
        oidc_tokens::hold(state, member_id, login);
        grants::hold(state, member_id, login);
    }
    let mut factors = Vec::new();
    let organization = state.organization(&entry.organization_id).cloned();
    if let Some(member) = state.member_mut(member_id) {
        let proven = member.is("email_address_verified")
            || entry.logins.iter().any(|login| {
                login.proves_email && login.email.eq_ignore_ascii_case(member.email())
            });
        member.set("email_address_verified", proven);
        member.set("status", "active");
        member.set("updated_at", wire(now));
        if let Some(organization) = &organization {
            roles::assign(organization, member);
        }
        for login in entry.logins {
            if member.text("name").is_empty() {
                member.set("name", login.full_name.clone());
            }
            let registration_id = member.register(&login);
            factors.push(Factor {
                login,
                registration_id,
                created_at: now,
            });
        }
    }
    sso_roles::assign(state, member_id);
    let continued = entry.session_id.as_ref();
    if let Some(index) = continued.and_then(|id| state.live_session(|session| session.id == *id)) {
        let session = &mut state.sessions[index];
        session.last_accessed_at = now;
        add_factors(session, factors);
        if let Some(minutes) = entry.requested.minutes {
            session.expires_at = now + Duration::minutes(minutes);
        }
        session.custom_claims = claims;
        return session.id.clone();
    }
    let minutes = entry.requested.minutes.unwrap_or(DEFAULT_MINUTES);
    let member = state
        .member(member_id)
        .expect("the member was found or made above");
    let mut session = Session::new(member, factors, now, minutes);
    // An existing session accepts claims at any time, a new one only with a duration.
    if entry.requested.minutes.is_some() {
        session.custom_claims = claims;
    }
    state.gave_out(&session.token);
    let id = session.id.clone();
    state.sessions.push(session);
    id
}

/// Adds factors. A repeated login with the same account and method updates the time of its factor.
fn add_factors(session: &mut Session, factors: Vec<Factor>) {
    for mut factor in factors {
        if let Some(old) = session.factors.iter_mut().find(|old| {
            old.login.proof == factor.login.proof && old.registration_id == factor.registration_id
        }) {
            factor.created_at = old.created_at;
            *old = factor;
        } else {
            session.factors.push(factor);
        }
    }
}

enum Outcome<'a> {
    Session(&'a str),
    Waiting(&'a str, &'a Due),
}

/// The fields that every login returns, except `organization_id`, which only some calls return.
fn answer(state: &mut State, member_id: &str, outcome: &Outcome<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    put("member_id", json!(member_id));
    put("member_device", Value::Null);
    match outcome {
        Outcome::Session(id) => {
            let parts = session_parts(state, id);
            put("member_authenticated", json!(true));
            put("intermediate_session_token", json!(""));
            put("intermediate_session_token_expires_at", Value::Null);
            put("primary_required", Value::Null);
            put("mfa_required", Value::Null);
            fields.extend(parts);
        }
        Outcome::Waiting(token, due) => {
            let expires_at = state
                .intermediates
                .get(*token)
                .map_or(Value::Null, |it| wire(it.expires_at));
            let member = state.member(member_id);
            let organization =
                member.and_then(|member| state.organization(member.organization_id()));
            put("member_authenticated", json!(false));
            put("intermediate_session_token", json!(token));
            put("intermediate_session_token_expires_at", expires_at);
            put("primary_required", due.primary_object());
            put("mfa_required", due.mfa_object());
            put("session_token", json!(""));
            put("session_jwt", json!(""));
            put("member_session", Value::Null);
            put("member", member.map(Member::object).unwrap_or_default());
            let organization = organization.map(Organization::object);
            put("organization", organization.unwrap_or_default());
        }
    }
    fields
}

/// The fields of every response about a session: the session, its token, a new JWT, the member and the organization.
pub fn session_parts(state: &mut State, session_id: &str) -> Map<String, Value> {
    let session = state.session(session_id).expect("the caller found it");
    let member = state
        .member(&session.member_id)
        .expect("a live session has a member");
    let organization = state
        .organization(&session.organization_id)
        .expect("a member has an organization");
    let jwt = session.jwt(
        &state.credentials.project_id,
        state.clock,
        &state.keys,
        organization,
        member,
    );
    let parts = object([
        ("session_token", session.token.as_str().into()),
        ("session_jwt", jwt.as_str().into()),
        ("member_session", session.object(organization, member)),
        ("member", member.object()),
        ("organization", organization.object()),
    ]);
    state.minted.push(jwt);
    parts
}
