//! `kill -9` of the app, as processes of their own.

use stytch_b2b_axum::sandbox::{Fault, FaultKind, Hold, World};

use crate::support::{
    Browser, Page, Redis,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, start_sandbox},
    child::Instance,
    logs,
    proxy::{ITS_OWN, Proxy},
};

struct Processes {
    proxy: Proxy,
    world: World,
    instances: Vec<Instance>,
}

impl Processes {
    async fn start(stores: &[&str]) -> Self {
        logs::keep();
        let proxy = Proxy::start().await;
        let (world, stytch_url) = start_sandbox(&proxy.url).await;
        let mut instances = Vec::new();
        for store in stores {
            let instance = Instance::start(&world, &stytch_url, &proxy.url, store, vec![]);
            proxy.add(instance.address.clone());
            instances.push(instance);
        }
        Self {
            proxy,
            world,
            instances,
        }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.proxy.url)
    }

    /// Signs in to Acme, from wherever the browser stands.
    async fn sign_in(&self, browser: &mut Browser) {
        let mut page = browser.get("/org/acme").await;
        if !page.text().contains("You are signed in") {
            browser.go("Continue with Google").await;
            page = browser.go("ada@acme.example").await;
        }
        assert!(page.text().contains("You are signed in"), "{}", page.text());
    }

    /// A browser that stands right before a step, and what to press in it; nothing: a callback.
    async fn reach(&self, path: &str) -> (Browser, Option<&'static str>) {
        let mut browser = self.browser();
        let first = if path == AUTHENTICATE {
            "/org/acme"
        } else {
            "/"
        };
        let who = if path == CREATE {
            "frank@startup.example"
        } else {
            "ada@acme.example"
        };
        browser.get(first).await;
        browser.go("Continue with Google").await;
        browser.click(who).await;
        if path == DISCOVERY || path == AUTHENTICATE {
            return (browser, None);
        }
        browser.arrive().await;
        if path == EXCHANGE {
            return (browser, Some("Sign in to Acme Corp"));
        }
        browser.go("Create an organization").await;
        (browser, Some("Create organization"))
    }

    /// Kills an instance while Stytch's answer to this call is on its way.
    async fn kill_in(&mut self, which: usize, path: &str, done: bool) -> Browser {
        let (browser, press) = self.reach(path).await;
        let hold = Hold::new();
        self.world.fault(Fault {
            method: "POST".into(),
            path: path.into(),
            times: 1,
            kind: if done {
                FaultKind::HoldAfter(hold.clone())
            } else {
                FaultKind::Hold(hold.clone())
            },
        });
        self.proxy.only(Some(which));
        let cut = tokio::spawn(step(browser.clone(), press));
        hold.reached().await;
        self.instances[which].kill();
        let cut = cut.await.unwrap();
        assert!(cut.headers.contains_key(ITS_OWN), "{}", cut.text());
        hold.release();
        self.world.clear_faults();
        browser
    }
}

async fn step(mut browser: Browser, press: Option<&str>) -> Page {
    match press {
        Some(words) => browser.click(words).await,
        None => browser.follow().await,
    }
}

/// P4: killed between Stytch's success and our save. The next start is clean, and a created organization is offered.
async fn killed_before_the_save(store: &str) {
    let mut it = Processes::start(&[store]).await;
    let mut frank = it.kill_in(0, CREATE, true).await;
    it.instances[0].start_again();
    let kept = store != "memory";
    // Still choosing, or nobody: never half of something.
    let page = frank.get("/member").await;
    assert_eq!(page.status, 401);
    assert_eq!(frank.cookie().is_some(), kept);
    frank.get("/").await;
    frank.go("Continue with Google").await;
    let list = frank.go("frank@startup.example").await;
    assert_eq!(list.path(), "/organizations");
    let inside = frank.go("Sign in to Startup").await;
    assert!(
        inside.text().contains("You are signed in"),
        "{}",
        inside.text()
    );
    assert_eq!(
        it.world
            .calls()
            .iter()
            .filter(|call| call.path == CREATE)
            .count(),
        1
    );
}

#[tokio::test]
async fn killed_before_the_save_in_memory() {
    killed_before_the_save("memory").await;
}

#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn killed_before_the_save_in_redis() {
    killed_before_the_save(&Redis::start().url()).await;
}

/// P4: either of two processes is killed in the middle of any step. The other goes on: nobody who was signed in is
/// signed out, and whoever was in the step can begin again.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn either_instance_may_be_killed_in_any_step() {
    let redis = Redis::start();
    let mut it = Processes::start(&[&redis.url(), &redis.url()]).await;
    let mut finished = it.browser();
    it.sign_in(&mut finished).await;
    for which in [0, 1] {
        for path in [DISCOVERY, EXCHANGE, AUTHENTICATE, CREATE] {
            for done in [false, true] {
                let what = format!("{which} in {path}, done: {done}");
                // Begun at the one that will be killed.
                it.proxy.only(Some(which));
                let mut begun = it.browser();
                begun.get("/").await;
                begun.click("Continue with Google").await;
                let mut cut = it.kill_in(which, path, done).await;
                it.proxy.only(Some(1 - which));
                assert_eq!(finished.get("/member").await.status, 200, "{what}");
                begun.arrive().await;
                let list = begun.go("ada@acme.example").await;
                assert_eq!(list.path(), "/organizations", "{what}");
                // The same step again, at the other.
                let press = match path {
                    EXCHANGE => Some("Sign in to Acme Corp"),
                    CREATE => Some("Create organization"),
                    _ => None,
                };
                let again = step(cut.clone(), press).await;
                assert!(again.status.as_u16() < 500, "{what}: {}", again.text());
                it.sign_in(&mut cut).await;
                it.instances[which].start_again();
                it.proxy.only(None);
                it.sign_in(&mut finished).await;
            }
        }
    }
}
