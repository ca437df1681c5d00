//! What of a world is kept in a file: its contents, its keys, and what is under way, such as sessions. Not the clock, the
//! faults, and the log of calls.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::model::{
    Authorization, Clock, Credentials, Factors, FaultScript, Indexed, Intermediate, IssuedToken,
    KeyRing, Limits, Locks, Member, Newest, OauthToken, Organization, PasswordSettings, Person,
    Policy, RedirectUrls, Session, State, lookup, state::MOST_MINTED,
};

/// A copy of a world's state, for a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedState {
    pub redirect_urls: RedirectUrls,
    locks: Locks,
    policy: Arc<Policy>,
    passwords: PasswordSettings,
    keys: KeyRing,
    organizations: Vec<Organization>,
    members: Vec<Member>,
    people: Vec<Person>,
    sessions: Vec<Session>,
    intermediates: HashMap<String, Intermediate>,
    oauth_tokens: HashMap<String, OauthToken>,
    authorizations: HashMap<String, Authorization>,
    factors: Factors,
    grants: Vec<IssuedToken>,
    google_consents: HashSet<String>,
}

impl SavedState {
    pub fn of(state: &State) -> Self {
        // Every field by name, so that a new one can't be forgotten here.
        let State {
            redirect_urls,
            locks,
            policy,
            passwords,
            keys,
            organizations,
            members,
            people,
            sessions,
            intermediates,
            oauth_tokens,
            authorizations,
            factors,
            grants,
            google_consents,
            limits: _,
            credentials: _, // kept with the world
            clock: _,
            calls: _,
            faults: _,
            minted: _,
        } = state;
        Self {
            redirect_urls: redirect_urls.clone(),
            locks: *locks,
            policy: Arc::clone(policy),
            passwords: passwords.clone(),
            keys: keys.clone(),
            organizations: organizations.to_vec(),
            members: members.to_vec(),
            people: people.clone(),
            sessions: sessions.clone(),
            intermediates: intermediates.clone(),
            oauth_tokens: oauth_tokens.clone(),
            authorizations: authorizations.clone(),
            factors: factors.clone(),
            grants: grants.clone(),
            google_consents: google_consents.clone(),
        }
    }

    /// The state of a world with these credentials, whose clock shows the machine's time.
    pub fn into_state(self, credentials: Credentials, limits: Limits) -> State {
        State {
            limits,
            credentials,
            redirect_urls: self.redirect_urls,
            locks: self.locks,
            policy: self.policy,
            passwords: self.passwords,
            clock: Clock::default(),
            keys: self.keys,
            organizations: Indexed::new(self.organizations, lookup::of_organization),
            members: Indexed::new(self.members, lookup::of_member),
            people: self.people,
            sessions: self.sessions,
            intermediates: self.intermediates,
            oauth_tokens: self.oauth_tokens,
            authorizations: self.authorizations,
            factors: self.factors,
            grants: self.grants,
            google_consents: self.google_consents,
            calls: Newest::new(limits.calls),
            faults: FaultScript::default(),
            minted: Newest::new(MOST_MINTED),
        }
    }
}
