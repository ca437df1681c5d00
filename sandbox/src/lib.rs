//! A local Stytch B2B: a stand-in for `https://test.stytch.com` that runs in this process or alone
//! (`stytch-sandbox`), for trying an app without an account and for tests without a network.
//!
//! It is honest where the vendor's behaviour is known, and stricter, never laxer, where it is not. It shares no
//! type with the app: what it reads and writes is the vendor's JSON, so a misspelt field fails.
//!
//! In reading order:
//!
//! - `server/routes.rs`: every URL
//! - `public/`: what a browser opens: OAuth start, the consent page, the way back to the app
//! - `api/`: the server API, one file per resource
//! - `rules/`: who may go where
//! - `state.rs`, `organization.rs`, `member.rs`, `session.rs`, `people.rs`: what a world contains
//! - `seed.rs`: what a world begins with; `seed/default.toml` is the built-in cast
//! - `world.rs`, `rewind.rs`, `faults.rs`, `hold.rs`, `calls.rs`: what a test in this process can do
//! - `control/`: the same over HTTP; `console/`: what a person needs of it, as pages
//!
//! Each project is a world of its own: organizations, members, people, sessions, clock, faults and call log.

mod api;
mod calls;
mod claims;
mod clock;
mod console;
mod control;
mod error;
mod factors;
mod faults;
mod grants;
mod hold;
mod ids;
mod indexed;
mod keys;
mod local_only;
mod lookup;
mod means;
mod member;
mod metadata;
mod naming;
mod organization;
mod people;
mod pkce;
mod policy;
mod provider;
mod public;
mod rbac;
mod rewind;
mod rules;
mod seed;
mod server;
mod session;
mod state;
pub mod support;
mod world;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use world::Address;

pub use calls::Call;
pub use factors::inbox::{Channel, Message};
pub use faults::{Fault, FaultKind};
pub use hold::Hold;
pub use local_only::{Refusal, Refused, may_start};
pub use public::approve::{Approval, Approved, Flow};
pub use seed::{Cast, Mistake, Seed, SeedMistakes};
pub use server::hosts::host_name;
pub use world::{Credentials, RedirectUrls, World};

/// A Stytch on this machine. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    worlds: Arc<Mutex<Vec<World>>>,
    address: Address,
    options: Arc<Options>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sandbox").field(&self.worlds()).finish()
    }
}

/// How a sandbox is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The app whose redirect URLs the first world has, unless its seed names others: `{app_url}/authenticate` (login,
    /// signup, invitations) and `{app_url}/discovery`.
    pub app_url: String,
    /// What the first world begins with.
    pub seed: Seed,
    /// Names of hosts, besides those of this machine, under which it answers: see [`host_name`].
    pub allow_hosts: Vec<String>,
    /// Whether the app is this repository's, whose pages the console can link to.
    pub is_reference_app: bool,
}

impl Sandbox {
    /// A sandbox for the app at this URL, with one world: pinned credentials and the built-in cast.
    pub fn new(app_url: &str) -> Sandbox {
        Sandbox::with(Options {
            app_url: app_url.to_owned(),
            is_reference_app: true,
            ..Options::default()
        })
    }

    /// A sandbox set up like this, with one world that has the pinned credentials.
    pub fn with(options: Options) -> Sandbox {
        let urls = options.seed.redirect_urls();
        let world = World::new(
            Credentials::embedded(),
            options.seed.clone(),
            urls.unwrap_or_else(|| RedirectUrls::of_app(&options.app_url)),
        );
        let address = Address::default();
        Sandbox {
            worlds: Arc::new(Mutex::new(vec![world.at(&address)])),
            address,
            options: Arc::new(options),
        }
    }

    /// The world that was there from the beginning.
    pub fn world(&self) -> World {
        self.worlds().swap_remove(0)
    }

    /// Makes another world with credentials of its own. Worlds never see each other.
    pub fn create_world(&self, seed: Seed, redirect_urls: RedirectUrls) -> World {
        let world = World::new(Credentials::fresh(), seed, redirect_urls).at(&self.address);
        self.worlds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(world.clone());
        world
    }

    /// The world of this project; `None` when there is none.
    pub fn project(&self, project_id: &str) -> Option<World> {
        self.worlds()
            .into_iter()
            .find(|world| world.credentials().project_id == project_id)
    }

    /// Serves on this listener until `shutdown` resolves. Open connections are dropped then: nothing in a sandbox
    /// is worth waiting for.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        self.address.set(listener.local_addr()?);
        server::connections::serve(self.clone(), listener, shutdown).await;
        Ok(())
    }

    fn worlds(&self) -> Vec<World> {
        self.worlds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
