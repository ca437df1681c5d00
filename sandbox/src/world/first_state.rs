//! The initial state of a world.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    model::{
        Clock, Credentials, Factors, FaultScript, Indexed, KeyRing, Limits, Newest,
        ProjectSettings, Rates, State, TokenFates, TokenOwners, Webhooks, lookup,
        state::MOST_MINTED,
    },
    rules::{rbac::default_policy, roles},
    seed::Seed,
};

/// The state with the contents of the seed and these settings. Missing settings are those of the seed, or the defaults.
pub fn first_state(
    credentials: &Credentials,
    seed: &Seed,
    settings: &ProjectSettings,
    limits: Limits,
) -> State {
    let mut cast = seed.clone().cast();
    roles::assign_to_all(&cast.organizations, &mut cast.members);
    State {
        limits,
        credentials: credentials.clone(),
        redirect_urls: settings.redirect_urls.clone(),
        locks: settings.locks.or(cast.locks).unwrap_or_default(),
        policy: settings
            .rbac_policy
            .clone()
            .or(cast.policy)
            .unwrap_or_else(default_policy),
        passwords: settings
            .passwords
            .clone()
            .or(cast.password_settings)
            .unwrap_or_default(),
        sms_prefixes: settings
            .sms_prefixes
            .clone()
            .or(cast.sms_prefixes)
            .unwrap_or_else(|| vec!["+1".to_owned()]),
        rates: settings
            .rate_limits
            .or(cast.rate_limits)
            .unwrap_or(limits.rate_limits)
            .then(Rates::default),
        clock: Clock::default(),
        keys: KeyRing::default(),
        organizations: Indexed::new(cast.organizations, lookup::of_organization),
        members: Indexed::new(cast.members, lookup::of_member),
        people: cast.people,
        sessions: Vec::new(),
        intermediates: HashMap::new(),
        oauth_tokens: HashMap::new(),
        authorizations: HashMap::new(),
        factors: Factors {
            totps: cast.totps.into_iter().collect(),
            passwords: cast.passwords.into_iter().collect(),
            locks: cast.locks_end.into_iter().collect(),
            accounts: cast.accounts,
            connections: cast.connections,
            ..Factors::new(limits.messages)
        },
        grants: Vec::new(),
        google_consents: HashSet::new(),
        calls: Newest::new(limits.calls),
        faults: FaultScript::default(),
        auto_approve: None,
        call: Arc::default(),
        fates: TokenFates::new(limits.calls),
        owners: TokenOwners::default().of_project(&credentials.project_id),
        webhooks: Webhooks::new(limits.deliveries),
        minted: Newest::new(MOST_MINTED),
        looked_for_expired: None,
    }
}
