//! The contents of one world. One lock guards them, so a call has all of its effects or none, and two calls never use
//! the same token.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::model::{
    ApiError, Authorization, Clock, Credentials, CurrentCall, Factors, FaultScript, Indexed,
    IssuedToken, KeyRing, Limits, Locks, LoggedCall, Login, Member, Newest, Organization,
    PasswordSettings, Person, Policy, Rates, RedirectUrls, Session, TokenFates, TokenOwners,
    Webhooks, ids, lookup,
};

/// The contents of one world. A copy is a snapshot.
#[derive(Clone)]
pub struct State {
    pub limits: Limits,
    pub credentials: Credentials,
    pub redirect_urls: RedirectUrls,
    pub locks: Locks,
    /// The project's roles, resources and scopes.
    pub policy: Arc<Policy>,
    pub passwords: PasswordSettings,
    pub clock: Clock,
    pub keys: KeyRing,
    /// Prefixes of the phone numbers that text messages are sent to.
    pub sms_prefixes: Vec<String>,
    /// Counts of the calls that the vendor limits; `None` in a project without rate limits.
    pub rates: Option<Rates>,
    pub organizations: Indexed<Organization>,
    pub members: Indexed<Member>,
    pub people: Vec<Person>,
    pub sessions: Vec<Session>,
    pub intermediates: HashMap<String, Intermediate>,
    pub oauth_tokens: HashMap<String, OauthToken>,
    pub authorizations: HashMap<String, Authorization>,
    /// The state of the factors besides OAuth.
    pub factors: Factors,
    /// Tokens that providers issued to members.
    pub grants: Vec<IssuedToken>,
    /// Subjects of the Google accounts that have seen Google's consent screen for this project.
    pub google_consents: HashSet<String>,
    pub calls: Newest<LoggedCall>,
    pub faults: FaultScript,
    /// The address of the person whom every start URL signs in without a page.
    pub auto_approve: Option<String>,
    /// The current call.
    pub call: Arc<CurrentCall>,
    /// What happened to tokens.
    pub fates: TokenFates,
    /// The projects that issued tokens.
    pub owners: TokenOwners,
    pub webhooks: Webhooks,
    /// The newest secrets that this world issued, for tests that search logs for them.
    pub minted: Newest<String>,
    /// Time of the last run of [`State::forget_expired`].
    pub looked_for_expired: Option<OffsetDateTime>,
}

/// Maximum number of issued secrets that a world remembers.
pub const MOST_MINTED: usize = 50_000;

/// An intermediate session: one or more logins without an organization.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intermediate {
    pub email: String,
    pub logins: Vec<Login>,
    /// The organization of the login or session exchange that created it, which `discovery/organizations` returns as a
    /// hint; `None` for discovery.
    pub organization_id: Option<String>,
    pub expires_at: OffsetDateTime,
}

impl Intermediate {
    /// Whether it can be used in this organization: it was created there, or one of its logins counts there.
    pub fn is_of_use_in(&self, organization_id: &str) -> bool {
        self.organization_id.as_deref() == Some(organization_id)
            || self
                .logins
                .iter()
                .any(|login| login.counts_in(organization_id))
    }

    /// Whether Discovery accepts it: at least one login counts in every organization, unlike SSO.
    pub fn is_transferable(&self) -> bool {
        self.logins.iter().any(|login| login.only_in.is_none())
    }
}

/// A one-time token from the consent page. It is removed when it is used.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthToken {
    pub login: Login,
    pub scopes: Vec<String>,
    /// Whether the app requested the consent screen even if the person has already seen it.
    pub prompts_consent: bool,
    /// The organization of an organization login; `None` for discovery.
    pub organization_id: Option<String>,
    pub pkce_code_challenge: Option<String>,
    pub expires_at: OffsetDateTime,
}

impl State {
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Updates the indexes after the last call, and removes keys that no longer verify.
    pub fn settle(&mut self) {
        self.organizations.settle();
        self.members.settle();
        self.keys.settle(self.clock.now());
    }

    /// Creates a token and records it among the issued secrets. Expired tokens are removed at the same time.
    pub fn mint_token(&mut self) -> String {
        self.forget_expired();
        let token = ids::token();
        self.gave_out(&token);
        token
    }

    /// Makes a token of any kind expire now. Returns whether it still worked.
    pub fn expire(&mut self, token: &str) -> bool {
        let now = self.now();
        let session = self.keys.read(token).map_or_else(
            || self.live_session(|session| session.token == token),
            |claims| {
                let id = &claims["https://stytch.com/session"]["id"];
                self.live_session(|session| *id == session.id)
            },
        );
        let sessions = &mut self.sessions;
        let session = session.map(|index| &mut sessions[index].expires_at);
        let intermediate = self.intermediates.get_mut(token);
        let oauth = self.oauth_tokens.get_mut(token);
        let sso = self.factors.sso_tokens.get_mut(token);
        let link = self.factors.links.get_mut(token).filter(|link| !link.used);
        let expires_at = session
            .or(intermediate.map(|it| &mut it.expires_at))
            .or(oauth.map(|it| &mut it.expires_at))
            .or(sso.map(|it| &mut it.expires_at))
            .or(link.map(|it| &mut it.expires_at));
        match expires_at {
            Some(expires_at) if now < *expires_at => {
                *expires_at = now;
                true
            }
            _ => false,
        }
    }

    /// The organization with this id, slug or external id.
    pub fn organization(&self, reference: &str) -> Option<&Organization> {
        self.organizations
            .with_key(&lookup::reference(reference))
            .find(|organization| organization.answers_to(reference))
    }

    /// The organization, or the vendor's 404.
    pub fn need_organization(&self, reference: &str) -> Result<&Organization, ApiError> {
        self.organization(reference)
            .ok_or_else(|| ApiError::of("organization_not_found"))
    }

    /// The member of this organization with this address, unless deleted.
    pub fn member_by_email(&self, organization_id: &str, email: &str) -> Option<&Member> {
        self.members.with_key(&lookup::email(email)).find(|member| {
            member.organization_id() == organization_id
                && member.email().eq_ignore_ascii_case(email)
                && member.status() != "deleted"
        })
    }

    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members
            .with_key(&lookup::id(id))
            .find(|member| member.id() == id)
    }

    /// The member with this id, or the vendor's 404.
    pub fn need_member(&self, id: &str) -> Result<&Member, ApiError> {
        self.member(id)
            .ok_or_else(|| ApiError::of("member_not_found"))
    }

    /// All members of the organization, including deleted ones, in the order of creation.
    pub fn members_of<'a>(
        &'a self,
        organization_id: &'a str,
    ) -> impl Iterator<Item = &'a Member> + use<'a> {
        let members = self.members.with_key(&lookup::at(organization_id));
        members.filter(move |it| it.organization_id() == organization_id)
    }

    /// Changes each member of the organization, including deleted ones.
    pub fn change_members_of(&mut self, organization_id: &str, change: impl FnMut(&mut Member)) {
        let is_there = |it: &Member| it.organization_id() == organization_id;
        self.members
            .change_each(&lookup::at(organization_id), is_there, change);
    }

    /// The organization with this id, for a change.
    pub fn organization_mut(&mut self, id: &str) -> Option<&mut Organization> {
        self.organizations
            .with_key_mut(&lookup::reference(id), |it| it.id() == id)
    }

    /// Adds a member and returns its id.
    pub fn add_member(&mut self, member: Member) -> String {
        let id = member.id().to_owned();
        self.members.push(member);
        id
    }

    /// The member with this id, for a change.
    pub fn member_mut(&mut self, id: &str) -> Option<&mut Member> {
        self.members
            .with_key_mut(&lookup::id(id), |member| member.id() == id)
    }

    pub fn session(&self, id: &str) -> Option<&Session> {
        let mut newest_first = self.sessions.iter().rev();
        newest_first.find(|session| session.id == id)
    }

    /// Position of the session if it is live: not expired, with an active member.
    pub fn live_session(&self, wanted: impl Fn(&Session) -> bool) -> Option<usize> {
        self.sessions
            .iter()
            .rposition(|session| wanted(session) && self.is_live(session))
    }

    /// The vendor's objects of organizations, members and live sessions, in the order of creation.
    pub fn snapshot(&self) -> Value {
        let sessions: Vec<Value> = self
            .sessions
            .iter()
            .filter(|session| self.is_live(session))
            .filter_map(|session| {
                let organization = self.organization(&session.organization_id)?;
                Some(session.object(organization, self.member(&session.member_id)?))
            })
            .collect();
        json!({
            "organizations": self.organizations.iter().map(Organization::object).collect::<Vec<_>>(),
            "members": self.members.iter().map(Member::object).collect::<Vec<_>>(),
            "sessions": sessions,
        })
    }

    /// Whether the session has not expired and its member is active.
    pub fn is_live(&self, session: &Session) -> bool {
        self.now() < session.expires_at
            && self
                .member(&session.member_id)
                .is_some_and(|member| member.status() == "active")
    }
}
