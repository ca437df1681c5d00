//! What a provider gave out at a login, and what is left of it (fact sheet §5.7, §6.4). The tokens open nothing, but
//! they live and die as a provider's do.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::clock::wire;
use super::factors::codes::Recipient;
use super::ids;
use super::people::Login;
use super::provider::Provider;
use super::state::State;
use super::world::World;

/// An access token lives an hour, where it ends at all.
const LIVES: Duration = Duration::hours(1);

/// The tokens of one login.
#[derive(Clone)]
pub struct Grant {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub scopes: Vec<String>,
    /// Slack's and GitHub's tokens do not end.
    pub expires_at: Option<OffsetDateTime>,
}

/// A grant that a member has, by the account that it is of.
#[derive(Clone)]
pub struct Held {
    pub member_id: String,
    pub provider: Provider,
    pub subject: String,
    pub tenants: Vec<String>,
    pub grant: Grant,
}

/// Whoever prints a login prints no token.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Grant {
    /// What the provider gives out for these scopes.
    pub fn issue(state: &mut State, provider: Provider, scopes: &[String]) -> Grant {
        let ends = matches!(
            provider,
            Provider::Google | Provider::Microsoft | Provider::Hubspot
        );
        let identifies = matches!(provider, Provider::Google | Provider::Microsoft);
        Grant {
            access_token: token(state, provider, "access"),
            refresh_token: ends.then(|| token(state, provider, "refresh")),
            id_token: identifies.then(|| token(state, provider, "id")),
            scopes: scopes.to_vec(),
            expires_at: ends.then(|| state.now() + LIVES),
        }
    }

    /// The vendor's `provider_values`.
    pub fn object(&self) -> Value {
        json!({
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "id_token": self.id_token,
            "expires_at": self.expires_at.map(wire),
            "scopes": self.scopes,
        })
    }
}

impl State {
    /// Keeps what a login of this member brought, in place of what an earlier one with the account did.
    pub fn hold_grant(&mut self, member_id: &str, login: &mut Login) {
        let (Some(grant), Some(provider)) = (login.grant.take(), login.means.provider()) else {
            return;
        };
        self.grants.retain(|held| {
            held.member_id != member_id
                || held.provider != provider
                || held.subject != login.subject
        });
        self.grants.push(Held {
            member_id: member_id.to_owned(),
            provider,
            subject: login.subject.clone(),
            tenants: login.tenants.clone(),
            grant,
        });
    }

    /// Forgets what a member had on the way or from a provider: links, codes, tokens. An authenticator app stays with
    /// the row, for a member who comes back.
    pub fn forget_factors(&mut self, member_id: &str) {
        self.grants.retain(|held| held.member_id != member_id);
        let factors = &mut self.factors;
        factors
            .links
            .retain(|_, link| link.member_id.as_deref() != Some(member_id));
        factors.codes.retain(|recipient, _| match recipient {
            Recipient::Email(id) | Recipient::Sms(id) => id != member_id,
            Recipient::Discovery(_) => true,
        });
        factors.wrong_codes.remove(member_id);
    }

    /// Whether the account is still somebody's: a provider refreshes nothing for one that is gone.
    pub fn has_account(&self, provider: Provider, subject: &str) -> bool {
        self.people.iter().any(|person| {
            person
                .identity(provider)
                .is_some_and(|identity| identity.subject == subject)
        })
    }
}

impl World {
    /// Takes a person out of the world: no provider knows the account any more, so none refreshes its tokens. Members
    /// stay.
    pub fn remove_person(&self, email: &str) {
        self.lock()
            .people
            .retain(|person| !person.email.eq_ignore_ascii_case(email));
    }

    /// Lets the refresh tokens of every member with this address be gone: what a provider that gave out none would
    /// have led to.
    pub fn forget_refresh_tokens(&self, email: &str) {
        let mut state = self.lock();
        let State {
            members, grants, ..
        } = &mut *state;
        for held in grants {
            let theirs = members
                .iter()
                .any(|it| it.id() == held.member_id && it.email().eq_ignore_ascii_case(email));
            if theirs {
                held.grant.refresh_token = None;
            }
        }
    }
}

/// A new access token in place of one that has run out.
pub fn refresh(state: &mut State, index: usize) {
    let access_token = token(state, state.grants[index].provider, "access");
    let expires_at = state.now() + LIVES;
    let grant = &mut state.grants[index].grant;
    grant.access_token = access_token;
    grant.expires_at = Some(expires_at);
}

fn token(state: &mut State, provider: Provider, kind: &str) -> String {
    let token = format!("sandbox-{}-{kind}-{}", provider.word(), ids::token());
    state.minted.push(token.clone());
    token
}
