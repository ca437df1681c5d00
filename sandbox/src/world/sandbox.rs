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

/// A Stytch on this machine. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    worlds: Arc<Mutex<Worlds>>,
    address: Address,
    owners: TokenOwners,
    pub(crate) options: Arc<Options>,
    /// Rings when a world has deliveries of webhooks.
    pub(crate) bell: Bell,
    /// Held by who sends these deliveries, so that each is sent once.
    pub(crate) courier_on_duty: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sandbox").field(&self.worlds()).finish()
    }
}

/// How a sandbox is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The app whose redirect URLs the first world has, unless its seed names others: [`RedirectUrls::of_app`] for the
    /// reference app, [`RedirectUrls::of_new_project`] for others.
    pub app_url: String,
    /// URLs that are registered for every type in the first world, in place of those of the app and of the seed. The first
    /// one is the default. None: those of the app or of the seed.
    pub redirect_urls: Vec<String>,
    /// What the first world begins with.
    pub seed: Seed,
    /// Names of hosts, besides those of this machine, under which it answers: see [`host_name`](crate::host_name).
    pub allow_hosts: Vec<String>,
    /// Origins of pages that may call the API of the browser SDK, besides those of this machine: see
    /// [`origin`](crate::origin).
    pub allow_origins: Vec<String>,
    /// Where browsers reach it, an origin, if not where it listens: behind a forwarded port, or outside of a container. It
    /// answers under this host too, and its links lead there. See [`public_url`](crate::public_url).
    pub public_url: Option<Url>,
    /// Whether the app is this repository's, whose pages the console can link to.
    pub is_reference_app: bool,
    /// How much it keeps, and how long it waits for clients.
    pub limits: Limits,
}

impl Sandbox {
    /// A sandbox for the app at this URL, with one world: pinned credentials and the built-in cast.
    pub fn new(app_url: &str) -> Self {
        Self::with(Options {
            app_url: app_url.to_owned(),
            is_reference_app: true,
            ..Options::default()
        })
    }

    /// A sandbox set up like this, with one world that has the pinned credentials.
    pub fn with(options: Options) -> Self {
        Self::beginning(options, None)
    }

    /// The same with these worlds, the first one first, if there are any.
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
            // In a file that a sandbox wrote, each world has names of its own.
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

    /// The world that was there from the beginning.
    pub fn world(&self) -> World {
        self.lock().first()
    }

    /// Makes another world with credentials of its own. Redirect URLs alone are settings too. Worlds never see each
    /// other. The oldest but the first one is dropped if there are more than [`Limits`] allows.
    pub fn create_world(&self, seed: Seed, settings: impl Into<ProjectSettings>) -> World {
        self.create_world_with(Credentials::fresh(), seed, settings)
            .expect("fresh credentials are nobody's")
    }

    /// The same with these credentials, such as those that an app has in its code.
    ///
    /// # Errors
    /// When another world has the project id or the public token. Nothing is made then.
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

    /// Removes the world of this project; its credentials are unknown from then on. Returns whether there was one: the
    /// first world can't be removed.
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

    /// All worlds, in the order of their creation.
    pub(crate) fn worlds(&self) -> Vec<World> {
        self.lock().all()
    }

    /// How many worlds were dropped for newer ones.
    pub(crate) fn dropped_worlds(&self) -> u64 {
        self.lock().dropped()
    }

    fn lock(&self) -> MutexGuard<'_, Worlds> {
        self.worlds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where it listens, for the links in messages. Serving does so too; before that, it is the program's default
    /// address.
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
