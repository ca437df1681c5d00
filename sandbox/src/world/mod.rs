//! A world, and its methods for tests in this process.

mod access;
mod accounts;
mod address;
mod bell;
mod contents;
pub mod deliveries;
mod first_state;
mod guard;
pub mod keeper;
pub mod local_only;
mod messages;
pub(crate) mod off_thread;
mod rewind;
pub mod sandbox;
mod saved;
mod state_file;
pub mod worlds;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    model::{
        Call, CallRoute, Credentials, Fault, Limits, LoggedCall, Newest, ProjectSettings,
        RedirectUrls, State, TokenOwners, saved_state::SavedState,
    },
    rules::{
        Approval, Approved,
        approve::approve,
        approve_sso::{SsoApproval, approve_sso},
        locks,
        requested_person::RequestedPerson,
    },
    seed::Seed,
    world::{address::Address, bell::Bell, first_state::first_state, guard::StateGuard},
};

/// Snapshots by id.
type Snapshots = Newest<(String, Arc<State>)>;

/// A project with everything in it. Clones share the world.
#[derive(Clone)]
pub struct World {
    credentials: Arc<Credentials>,
    state: Arc<Mutex<State>>,
    /// Number of times that the state was locked, and may have changed.
    changes: Arc<AtomicU64>,
    seed: Seed,
    settings: Arc<ProjectSettings>,
    limits: Limits,
    snapshots: Arc<Mutex<Snapshots>>,
    address: Address,
    bell: Bell,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("World").field(&self.credentials).finish()
    }
}

impl World {
    fn new(
        credentials: Credentials,
        seed: Seed,
        settings: ProjectSettings,
        limits: Limits,
    ) -> Self {
        let state = first_state(&credentials, &seed, &settings, limits);
        Self::with_state(credentials, seed, settings, limits, state)
    }

    /// A world in this state, with the seed and settings for resets.
    fn with_state(
        credentials: Credentials,
        seed: Seed,
        settings: ProjectSettings,
        limits: Limits,
        state: State,
    ) -> Self {
        Self {
            credentials: Arc::new(credentials),
            state: Arc::new(Mutex::new(state)),
            changes: Arc::default(),
            seed,
            settings: Arc::new(settings),
            snapshots: Arc::new(Mutex::new(Newest::new(limits.snapshots))),
            limits,
            address: Address::default(),
            bell: Bell::default(),
        }
    }

    /// The initial state, for resets.
    fn first_state(&self) -> State {
        let begun = first_state(&self.credentials, &self.seed, &self.settings, self.limits);
        let owners = self.lock().owners.clone();
        State { owners, ..begun }
    }

    /// The kind of its seed: `default`, `empty` or `custom`.
    pub(crate) fn seed(&self) -> &'static str {
        self.seed.word()
    }

    pub(crate) fn lock(&self) -> StateGuard<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::Relaxed);
        StateGuard::new(state, &self.bell)
    }

    /// Whether the world could be locked now without waiting.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.try_lock().is_ok()
    }

    /// A number that grows with each change, and sometimes without one.
    fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// A copy for the state file, with [`World::changes`] at that time.
    fn saved_state(&self) -> (u64, SavedState) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (self.changes(), SavedState::of(&state))
    }

    /// The world as a part of a sandbox, with its address, bell and token owners.
    fn at(self, address: &Address, bell: &Bell, owners: &TokenOwners) -> Self {
        let mut state = self.lock();
        state.owners = owners.of_project(&self.credentials.project_id);
        state.gave_out_all();
        drop(state);
        Self {
            address: address.clone(),
            bell: bell.clone(),
            ..self
        }
    }

    /// The URL for browsers and for links in messages: [`Options::public_url`](sandbox::Options::public_url), or the
    /// address on which the sandbox listens. Without a listener, it is `http://127.0.0.1:3100`.
    pub fn base_url(&self) -> String {
        self.address.url()
    }

    pub(crate) fn project_id(&self) -> String {
        self.credentials.project_id.clone()
    }

    /// The project's credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The registered redirect URLs.
    pub fn redirect_urls(&self) -> RedirectUrls {
        self.lock().redirect_urls.clone()
    }

    /// The world's time.
    pub fn now(&self) -> OffsetDateTime {
        self.lock().now()
    }

    /// Moves the world's clock ahead. All lifetimes follow, but `iat` and `nbf` of JWTs never exceed this machine's
    /// time.
    pub fn advance(&self, by: Duration) {
        self.lock().clock.advance(by);
    }

    /// Stops the world's clock at this time, in the past or in the future.
    pub fn freeze_at(&self, at: OffsetDateTime) {
        self.lock().clock.freeze(at);
    }

    /// Returns the world's clock to the machine's time, running.
    pub fn resume(&self) {
        self.lock().clock.resume();
    }

    /// The received calls of the server API, oldest first: the newest 10,000, or as many as [`Limits`] allows. A call
    /// without a response has the status 0.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.lock().calls.clone();
        let calls = calls.iter().filter(|it| it.route == CallRoute::Api);
        calls.map(LoggedCall::whole).collect()
    }

    /// Clears the log of calls.
    pub fn clear_calls(&self) {
        self.lock().calls.clear();
    }

    /// Adds a fault to the script.
    pub fn fault(&self, fault: Fault) {
        self.lock().faults.add(fault);
    }

    /// Removes all faults. Held requests stay held until they are released.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// `{"organizations", "members", "sessions"}`: the vendor's objects in the order of creation, with live sessions
    /// only. Two calls without a change in between return the same.
    pub fn state(&self) -> Value {
        let mut state = self.lock();
        locks::lift(&mut state);
        state.snapshot()
    }

    /// The newest 50,000 secrets that this world issued, for tests that search logs for them: its own secret, session
    /// tokens, JWTs, intermediate session tokens, OAuth tokens and provider tokens.
    pub fn minted_secrets(&self) -> Vec<String> {
        let minted = self.lock().minted.clone();
        let own = std::iter::once(&self.credentials.secret);
        own.chain(minted.iter()).cloned().collect()
    }

    /// Ends every session. Later calls with them return `session_not_found`.
    pub fn revoke_all_sessions(&self) {
        self.lock().end_sessions(|_| true);
    }

    /// Signs a person in without the page, as if their button had been pressed. A missing person is created, with a
    /// verified account.
    ///
    /// # Panics
    /// If the provider or the organization is unknown, or the address or the challenge is malformed, which is a mistake
    /// in the test.
    pub fn approve(&self, approval: Approval<'_>) -> Approved {
        let person = RequestedPerson::default();
        approve(&mut self.lock(), approval, &person, None)
            .unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    /// Signs a person in through an SSO connection without the page, as if their button had been pressed.
    ///
    /// # Panics
    /// If the connection is not active, or the address or the challenge is malformed, which is a mistake in the test.
    pub fn approve_sso(
        &self,
        connection_id: &str,
        email: &str,
        pkce_code_challenge: Option<&str>,
    ) -> Approved {
        let approval = SsoApproval {
            connection_id,
            email,
            groups: None,
            pkce_code_challenge,
        };
        let person = RequestedPerson::default();
        approve_sso(&mut self.lock(), approval, &person, None)
            .unwrap_or_else(|refusal| panic!("{refusal}"))
    }
}
