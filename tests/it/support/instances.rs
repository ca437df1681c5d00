//! Two instances of the app, with one sandbox, one Redis, and one proxy in front of them.

use super::{Browser, Redis, TestApp, app::Setup, proxy::Proxy};

/// Both run in this process. Dropping it stops everything.
pub struct Instances {
    pub apps: [TestApp; 2],
    pub proxy: Proxy,
    _redis: Redis,
}

impl Instances {
    pub async fn start(redis: Redis) -> Self {
        let proxy = Proxy::start().await;
        let url: &'static str = proxy.url.clone().leak();
        let setup = |beside| Setup {
            public_url: Some(url),
            redis: Some(redis.url()),
            beside,
            ..Setup::default()
        };
        let mut one = TestApp::with(setup(None)).await;
        let beside = (one.world.clone(), one.stytch_url.clone());
        let mut two = TestApp::with(setup(Some(beside))).await;
        for app in [&mut one, &mut two] {
            proxy.add(std::mem::replace(&mut app.url, url.to_owned()));
        }
        Self {
            apps: [one, two],
            proxy,
            _redis: redis,
        }
    }

    /// A browser that has never visited the app.
    pub fn browser(&self) -> Browser {
        self.apps[0].browser()
    }

    /// Moves both apps' clocks, not the sandbox's.
    pub fn advance_apps(&self, seconds: u64) {
        for app in &self.apps {
            app.advance_app(seconds);
        }
    }
}
