//! All worlds of one sandbox.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::Url;

use crate::{
    model::{Credentials, Limits, ProjectSettings, RedirectUrls, TokenOwners},
    seed::Seed,
    world::{
        World,
        address::Address,
        bell::Bell,
        saved::SavedWorld,
        worlds::{Taken, Worlds},
    },
};

/// A local Stytch. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    worlds: Arc<Mutex<Worlds>>,
    address: Address,
    owners: TokenOwners,
    pub(crate) options: Arc<Options>,
    /// Rings when a world has due deliveries.
    pub(crate) bell: Bell,
    /// Held by the courier that sends deliveries, so that each is sent once.
    pub(crate) courier_on_duty: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sandbox").field(&self.worlds()).finish()
    }
}

/// The settings of a sandbox.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// URL of the app whose redirect URLs the first world has, unless its seed names others: [`RedirectUrls::of_app`]
    /// for the reference app, [`RedirectUrls::of_new_project`] for other apps.
    pub app_url: String,
    /// Redirect URLs of every type in the first world, the first of which is the default. If empty, those of the seed
    /// or the app are used.
    pub redirect_urls: Vec<String>,
    /// The seed of the first world.
    pub seed: Seed,
    /// Additional host names for which it serves requests, besides those of this machine; see
    /// [`host_name`](crate::host_name).
    pub allow_hosts: Vec<String>,
    /// Additional origins of pages that may call the API of the browser SDK, besides those of this machine; see
    /// [`origin`](crate::origin).
    pub allow_origins: Vec<String>,
    /// Origin at which browsers reach it, if that differs from the address on which it listens, as with a forwarded
    /// port or a container. Requests for this host are served, and links use it; see [`public_url`](crate::public_url).
    pub public_url: Option<Url>,
    /// Whether the app is this repository's reference app, whose pages the console can link to.
    pub is_reference_app: bool,
    /// Limits for kept data, connections, and waits.
    pub limits: Limits,
}

impl Sandbox {
    /// A sandbox for the app at this URL, with one world that has the fixed credentials and the built-in organizations
    /// and people.
    pub fn new(app_url: &str) -> Self {
        Self::with(Options {
            app_url: app_url.to_owned(),
            is_reference_app: true,
            ..Options::default()
        })
    }

    /// A sandbox with these settings, with one world that has the fixed credentials.
    pub fn with(options: Options) -> Self {
        Self::beginning(options, None)
    }

    /// A sandbox with these saved worlds, if any, of which the first one comes first.
    pub(super) fn beginning(options: Options, saved: Option<Vec<SavedWorld>>) -> Self {
        let urls = first_redirect_urls(&options);
        let (seed, limits) = (options.seed.clone(), options.limits);
        let mut saved = saved.into_iter().flatten();
        let world = match saved.next() {
            Some(first) => first.into_first(seed, urls.into(), limits),
            None => World::new(Credentials::embedded(), seed, urls.into(), limits),
        };
        let address = Address::new(options.public_url.as_ref());
        let (bell, owners) = (Bell::default(), TokenOwners::default());
        let mut worlds = Worlds::new(world.at(&address, &bell, &owners), limits.projects);
        for world in saved {
            // In a file that a sandbox wrote, the names of worlds are unique.
            let _ = worlds.add(world.into_world(limits).at(&address, &bell, &owners));
        }
        Self {
            worlds: Arc::new(Mutex::new(worlds)),
            address,
            owners,
            options: Arc::new(options),
            bell,
            courier_on_duty: Arc::default(),
        }
    }

    /// The first world, which is never removed.
    pub fn world(&self) -> World {
        self.lock().first()
    }

    /// Creates another world with new credentials. The settings can be redirect URLs only. Worlds do not affect each
    /// other. If there are more than [`Limits`] allows, the oldest one is dropped, but never the first.
    pub fn create_world(&self, seed: Seed, settings: impl Into<ProjectSettings>) -> World {
        self.create_world_with(Credentials::fresh(), seed, settings)
            .expect("fresh credentials are nobody's")
    }

    /// Creates another world with these credentials, such as those in an app's code.
    ///
    /// # Errors
    /// If another world has the project id or the public token. No world is created then.
    pub fn create_world_with(
        &self,
        credentials: Credentials,
        seed: Seed,
        settings: impl Into<ProjectSettings>,
    ) -> Result<World, Taken> {
        let world = World::new(credentials, seed, settings.into(), self.options.limits);
        let world = world.at(&self.address, &self.bell, &self.owners);
        let dropped = self.lock().add(world.clone())?;
        if let Some(dropped) = dropped {
            let project_id = &dropped.credentials().project_id;
            tracing::warn!(
                project_id,
                "sandbox: dropped the oldest project; DELETE /_sandbox/projects/{project_id} removes one that is not needed"
            );
        }
        Ok(world)
    }

    /// Removes the world of this project, whose credentials stop working. Returns whether it was removed; the first
    /// world can't be.
    pub fn remove_world(&self, project_id: &str) -> bool {
        let removed = self.lock().remove(project_id);
        removed.is_some_and(|world| {
            world.lock().faults.release_held();
            true
        })
    }

    /// The world of this project; `None` if it does not exist.
    pub fn project(&self, project_id: &str) -> Option<World> {
        self.named(project_id)
            .filter(|world| world.credentials().project_id == project_id)
    }

    /// The world with this project id or public token.
    pub(crate) fn named(&self, name: &str) -> Option<World> {
        self.lock().find(name)
    }

    /// All worlds, in the order of creation.
    pub(crate) fn worlds(&self) -> Vec<World> {
        self.lock().all()
    }

    /// Number of worlds that were dropped for newer ones.
    pub(crate) fn dropped_worlds(&self) -> u64 {
        self.lock().dropped()
    }

    fn lock(&self) -> MutexGuard<'_, Worlds> {
        self.worlds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the address on which it listens, for links in messages. Serving does this too; before that, the program's
    /// default address is used.
    pub fn listens_on(&self, address: SocketAddr) {
        self.address.set(address);
    }
}

/// The redirect URLs of the first world.
fn first_redirect_urls(options: &Options) -> RedirectUrls {
    if !options.redirect_urls.is_empty() {
        return RedirectUrls::for_all(&options.redirect_urls);
    }
    options.seed.redirect_urls().unwrap_or_else(|| {
        if options.is_reference_app {
            RedirectUrls::of_app(&options.app_url)
        } else {
            RedirectUrls::of_new_project(&options.app_url)
        }
    })
}
