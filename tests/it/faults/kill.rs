//! `kill -9` of the app, which runs as separate processes.

use stytch_sandbox::{Fault, FaultKind, HeldRequest, World};

use crate::support::{
    Browser, Page, Redis,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, REVOKE, SWITCH, start_sandbox},
    child::Instance,
    logs,
    proxy::{FROM_PROXY, Proxy},
};

const SMS: &str = "/v1/b2b/otps/sms/authenticate";

/// The button to press, and the code to enter before. `None` follows the redirect of the last response.
type Press = Option<(&'static str, Option<String>)>;

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

    /// Signs in to Acme, from any page.
    async fn sign_in(&self, browser: &mut Browser) {
        let mut page = browser.get("/org/acme").await;
        if page.status == 409 {
            browser.post("/logout", &[]).await;
            page = browser.get("/org/acme").await;
        }
        if !page.text().contains("You are signed in") {
            browser.go("Continue with Google").await;
            page = browser.go("ada@acme.example").await;
        }
        assert!(page.text().contains("You are signed in"), "{}", page.text());
    }

    /// A browser right before a step, and the step.
    async fn reach(&self, path: &str) -> (Browser, Press) {
        let mut browser = self.browser();
        if path == SWITCH || path == REVOKE {
            self.sign_in(&mut browser).await;
            if path == REVOKE {
                return (browser, Some(("Sign out", None)));
            }
            browser.go("Switch organization").await;
            return (browser, Some(("Switch to O'Neil", None)));
        }
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
            return (browser, Some(("Sign in to Acme Corp", None)));
        }
        if path == SMS {
            assert_eq!(browser.go("Sign in to Initech").await.path(), "/mfa");
            let code = self.world.messages()[0].code.clone();
            return (browser, Some(("Sign in with the SMS code", code)));
        }
        browser.go("Create an organization").await;
        (browser, Some(("Create organization", None)))
    }

    /// Kills an instance while Stytch's response to this call is on its way.
    async fn kill_in(&mut self, which: usize, path: &str, done: bool) -> (Browser, Press) {
        let (browser, press) = self.reach(path).await;
        let hold = HeldRequest::new();
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
        let cut = tokio::spawn(step(browser.clone(), press.clone()));
        hold.reached().await;
        self.instances[which].kill();
        let cut = cut.await.unwrap();
        assert!(cut.headers.contains_key(FROM_PROXY), "{}", cut.text());
        hold.release();
        self.world.clear_faults();
        (browser, press)
    }
}

async fn step(mut browser: Browser, press: Press) -> Page {
    match press {
        Some((words, None)) => browser.click(words).await,
        Some((words, Some(code))) => browser.fill(words, &[("code", &code)]).await,
        None => browser.follow().await,
    }
}

/// P4: the app is killed between Stytch's success and its own save. The next start is clean, and a created organization
/// is offered.
async fn killed_before_the_save(store: &str) {
    let mut it = Processes::start(&[store]).await;
    let (mut frank, _) = it.kill_in(0, CREATE, true).await;
    it.instances[0].start_again();
    let kept = store != "memory";
    // Still choosing, or anonymous, and nothing in between.
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
async fn a_kill_before_the_save_in_memory_leaves_a_clean_state() {
    killed_before_the_save("memory").await;
}

#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_kill_before_the_save_in_redis_leaves_a_clean_state() {
    killed_before_the_save(&Redis::start().url()).await;
}

/// P4: either of two processes is killed during any step. The other one goes on: members stay signed in, and the
/// visitor of the step can start again.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn either_instance_may_be_killed_in_any_step() {
    let redis = Redis::start();
    let mut it = Processes::start(&[&redis.url(), &redis.url()]).await;
    let mut finished = it.browser();
    it.sign_in(&mut finished).await;
    for which in [0, 1] {
        for path in [
            DISCOVERY,
            EXCHANGE,
            AUTHENTICATE,
            CREATE,
            SMS,
            SWITCH,
            REVOKE,
        ] {
            for done in [false, true] {
                let what = format!("{which} in {path}, done: {done}");
                // Started at the instance that will be killed.
                it.proxy.only(Some(which));
                let mut started = it.browser();
                started.get("/").await;
                started.click("Continue with Google").await;
                let (mut cut, press) = it.kill_in(which, path, done).await;
                it.proxy.only(Some(1 - which));
                assert_eq!(finished.get("/member").await.status, 200, "{what}");
                started.arrive().await;
                let list = started.go("ada@acme.example").await;
                assert_eq!(list.path(), "/organizations", "{what}");
                // The same step again, at the other instance.
                let again = step(cut.clone(), press).await;
                assert!(again.status.as_u16() < 500, "{what}: {}", again.text());
                if path == SWITCH {
                    // The earlier session is still valid.
                    assert_eq!(again.location().path(), "/org/oneil", "{what}");
                }
                it.sign_in(&mut cut).await;
                it.instances[which].start_again();
                it.proxy.only(None);
                it.sign_in(&mut finished).await;
            }
        }
    }
}
