//! The part of a world that is saved in a file: contents, keys, sessions, and sign-ins in progress. The clock, the
//! faults and the log of calls are not saved.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::model::{
    Authorization, Clock, Credentials, Factors, FaultScript, Indexed, Intermediate, IssuedToken,
    KeyRing, Limits, Locks, Member, Newest, OauthToken, Organization, PasswordSettings, Person,
    Policy, Rates, RedirectUrls, Session, State, TokenFates, TokenOwners, WebhookSecret, Webhooks,
    lookup,
    state::MOST_MINTED,
    webhooks::{Event, Webhook},
};

/// A copy of a world's state for a file.
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
    sms_prefixes: Vec<String>,
    rate_limits: bool,
    auto_approve: Option<String>,
    webhooks: Vec<SavedWebhook>,
}

/// A registered webhook. Its deliveries are not saved.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedWebhook {
    webhook_id: String,
    url: String,
    events: Vec<String>,
    secret: String,
}

impl SavedWebhook {
    fn of(webhook: &Webhook) -> Self {
        Self {
            webhook_id: webhook.id.clone(),
            url: webhook.url.to_string(),
            events: webhook.events.iter().map(|event| event.name()).collect(),
            secret: webhook.secret.expose().to_owned(),
        }
    }

    /// `None` if the values are invalid, which a sandbox never writes.
    fn into_webhook(self) -> Option<Webhook> {
        let events = self.events.iter().map(|name| Event::from_name(name));
        Some(Webhook {
            id: self.webhook_id,
            url: self.url.parse().ok()?,
            events: events.collect::<Option<_>>()?,
            secret: WebhookSecret::read(&self.secret)?,
        })
    }
}

impl SavedState {
    pub fn of(state: &State) -> Self {
        // All fields are listed, so that the compiler reports a new one.
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
            sms_prefixes,
            rates,
            auto_approve,
            webhooks,
            limits: _,
            credentials: _, // saved with the world
            clock: _,
            call: _,
            calls: _,
            fates: _,
            owners: _,
            faults: _,
            minted: _,
            looked_for_expired: _,
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
            sms_prefixes: sms_prefixes.clone(),
            rate_limits: rates.is_some(),
            auto_approve: auto_approve.clone(),
            webhooks: webhooks.registered.iter().map(SavedWebhook::of).collect(),
        }
    }

    /// The state of a world with these credentials and the machine's time.
    pub fn into_state(self, credentials: Credentials, limits: Limits) -> State {
        let mut webhooks = Webhooks::new(limits.deliveries);
        let saved = self.webhooks.into_iter();
        webhooks.registered = saved.filter_map(SavedWebhook::into_webhook).collect();
        State {
            limits,
            owners: TokenOwners::default().of_project(&credentials.project_id),
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
            sms_prefixes: self.sms_prefixes,
            rates: self.rate_limits.then(Rates::default),
            auto_approve: self.auto_approve,
            webhooks,
            call: Arc::default(),
            fates: TokenFates::new(limits.calls),
            calls: Newest::new(limits.calls),
            faults: FaultScript::default(),
            minted: Newest::new(MOST_MINTED),
            looked_for_expired: None,
        }
    }
}
