//! Sessions in a real Redis.

use redis::AsyncCommands;
use stytch_b2b_axum::{
    clock::Clock,
    session::store::{
        Backend, Found, Write,
        redis::{RedisStore, seal::SessionKey},
        request::Refusal,
    },
};
use stytch_sandbox::{FaultKind, HeldRequest};
use tower_sessions::session::{Id, Record};

use super::store::each_call_of_each_step;
use crate::support::{
    Browser, Redis, TestApp,
    app::{SESSION, SESSION_KEY, Setup, start_sandbox},
    child::Instance,
    logs,
};

async fn app_on(url: String) -> TestApp {
    let setup = Setup {
        redis: Some(url),
        ..Setup::default()
    };
    TestApp::with(setup).await
}

async fn is_member(browser: &mut Browser) -> bool {
    let status = browser.get("/member").await.status.as_u16();
    assert!([200, 401].contains(&status), "{status}");
    status == 200
}

/// V2: reading the store reveals neither who a visitor is nor a usable session id. S17: Redis removes what has expired.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn redis_holds_only_sealed_records_that_expire() {
    let redis = Redis::start();
    let app = app_on(redis.url()).await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let choosing = app.choosing("bob@globex.example").await;
    let started = {
        let mut browser = app.browser();
        browser.get("/start/google").await;
        browser
    };
    let records = redis.records().await;
    assert_eq!(records.len(), 3);
    let mut secrets = app.world.minted_secrets();
    assert!(secrets.len() > 3);
    for browser in [&ada, &choosing, &started] {
        secrets.extend(browser.seen_cookies.iter().cloned());
    }
    secrets.extend(["ada@", "bob@", "acme", "Member", "verifier"].map(str::to_owned));
    let mut connection = redis.connect().await;
    for (name, value) in &records {
        let hash = name.strip_prefix("stytch_b2b_axum:").unwrap();
        assert_eq!(hash.len(), 43, "{name}");
        for secret in &secrets {
            let shown = value
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!shown && !hash.contains(secret.as_str()), "{secret}");
        }
        let seconds: i64 = connection.ttl(name).await.unwrap();
        assert!((600..=4260).contains(&seconds), "{seconds}");
        // A pending sign-in is small, and expires before all others.
        let is_pending = value.len() < 500;
        assert_eq!(is_pending, seconds <= 660, "{} bytes", value.len());
        let usage: usize = redis::cmd("MEMORY")
            .arg(&["USAGE", name])
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(!is_pending || usage <= 600, "{usage} bytes of memory");
    }
    ada.go("Sign out").await;
    assert_eq!(redis.records().await.len(), 2, "a sign-out leaves nothing");
}

/// V2: a record can be opened only under its own id and with the app's key. A record that can't be opened is no session
/// and no error.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn records_can_be_neither_forged_nor_swapped() {
    let redis = Redis::start();
    let app = app_on(redis.url()).await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let [(adas, ada_sealed)] = redis.records().await.try_into().unwrap();
    let mut bob = app.signed_in("globex", "bob@globex.example").await;
    let records = redis.records().await.into_iter();
    let (bobs, bob_sealed) = records.into_iter().find(|(name, _)| *name != adas).unwrap();
    let mut connection = redis.connect().await;
    let mut put = async |name: &str, value: &[u8]| {
        let _: () = connection.set(name, value).await.unwrap();
    };
    put(&adas, &bob_sealed).await;
    put(&bobs, &ada_sealed).await;
    for browser in [&ada, &bob] {
        assert!(!is_member(&mut browser.clone()).await, "swapped");
    }
    let mut turned = ada_sealed.clone();
    *turned.last_mut().unwrap() ^= 1;
    for forged in [&turned[..], &ada_sealed[..20], b"", b"{}"] {
        put(&adas, forged).await;
        assert!(!is_member(&mut ada.clone()).await, "forged");
    }
    assert!(logs::text().contains("session record could not be decrypted"));
    for (name, sealed) in [(&adas, &ada_sealed), (&bobs, &bob_sealed)] {
        put(name, sealed).await;
    }
    assert!(is_member(&mut bob).await && is_member(&mut ada).await);
    // A forged record does not prevent a sign-in.
    put(&adas, b"forged").await;
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    ada.go("ada@acme.example").await;
    assert!(is_member(&mut ada).await);
}

/// S11: a session ends by the app's clock, whatever Redis still holds.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn sessions_in_redis_end_by_the_apps_clock() {
    let redis = Redis::start();
    let app = app_on(redis.url()).await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance(3000);
    assert!(is_member(&mut ada).await);
    // The renewal has restarted the hour, and the record outlives it by the ten minutes of a pending sign-in.
    app.advance(4300);
    assert_eq!(redis.records().await.len(), 1);
    assert!(!is_member(&mut ada).await);
    assert_eq!(ada.cookie(), None);
}

/// S7: neither a slow renewal nor a slow sign-in restores a session that has ended meanwhile.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_slow_request_does_not_undo_a_sign_out_in_redis() {
    let redis = Redis::start();
    let app = app_on(redis.url()).await;
    for renewal in [true, false] {
        let hold = HeldRequest::new();
        let mut ada = if renewal {
            let ada = app.signed_in("acme", "ada@acme.example").await;
            app.advance_app(331);
            app.fault(SESSION, FaultKind::HoldAfter(hold.clone()));
            ada
        } else {
            let ada = app.choosing("ada@acme.example").await;
            app.fault("*", FaultKind::HoldAfter(hold.clone()));
            ada
        };
        let mut tab = ada.clone();
        let slow = tokio::spawn(async move {
            if renewal {
                tab.get("/org/acme").await
            } else {
                tab.click("Sign in to Acme Corp").await
            }
        });
        hold.reached().await;
        ada.post("/logout", &[]).await;
        hold.release();
        let slow = slow.await.unwrap();
        assert_eq!((slow.status.as_u16(), slow.header("set-cookie")), (303, ""));
        assert_eq!(redis.records().await.len(), 0);
        app.settle().await;
        assert_eq!(app.world.state()["sessions"].as_array().unwrap().len(), 0);
    }
}

/// S7: a new id replaces an existing one, once, even if the command is sent twice.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_missing_record_is_not_replaced_in_redis() {
    let redis = Redis::start();
    let clock = Clock::default();
    let client = redis::Client::open(redis.url()).unwrap();
    let store = RedisStore::new(
        client,
        SessionKey::from_base64(SESSION_KEY).unwrap(),
        clock.clone(),
    );
    let record = || Record {
        id: Id::default(),
        data: [("key".to_owned(), "value".into())].into(),
        expiry_date: clock.now() + time::Duration::hours(1),
    };
    let write = |expected, version| Write {
        expected: Some(expected),
        version,
    };
    let (old, new, other) = (record(), record(), record());
    store.create(&old, 1).await.unwrap();
    // A write over another version is refused, and one that is sent twice has one effect.
    let changed = store.save(&old, write(7, 8)).await.unwrap();
    assert_eq!(changed, Err(Refusal::Changed));
    let changed = store.replace(&old.id, &new, write(7, 8)).await.unwrap();
    assert_eq!(changed, Err(Refusal::Changed));
    for _ in 0..2 {
        let done = store.save(&old, write(1, 2)).await.unwrap();
        assert_eq!(done, Ok(()));
    }
    for _ in 0..2 {
        let done = store.replace(&old.id, &new, write(2, 3)).await.unwrap();
        assert_eq!(done, Ok(()));
    }
    assert!(matches!(
        store.load(&old.id).await.unwrap(),
        Found::Replaced
    ));
    let found = store.load(&new.id).await.unwrap();
    assert!(matches!(found, Found::Record(record, 3) if record == new));
    let gone = store.replace(&old.id, &other, write(2, 4)).await.unwrap();
    assert_eq!(gone, Err(Refusal::Gone));
    let gone = store.save(&other, write(2, 4)).await.unwrap();
    assert_eq!(gone, Err(Refusal::Gone));
    // For a minute, the old id is marked as replaced, and nothing restores it.
    let gone = store.save(&old, write(2, 4)).await.unwrap();
    assert_eq!(gone, Err(Refusal::Gone));
    assert!(matches!(
        store.load(&old.id).await.unwrap(),
        Found::Replaced
    ));
    assert_eq!(redis.records().await.len(), 1);
    let mut connection = redis.connect().await;
    let names: Vec<String> = connection.keys("*").await.unwrap();
    assert_eq!(names.len(), 2);
    for name in names {
        let length: u64 = connection.strlen(&name).await.unwrap();
        let seconds: i64 = connection.ttl(&name).await.unwrap();
        assert_eq!(length == 0, seconds <= 60, "{length} bytes, {seconds} s");
    }
}

/// S10: an idle connection that has died meanwhile causes no error, and what Redis kept is still there.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn sessions_survive_a_restart_of_redis() {
    let mut redis = Redis::persistent();
    let app = app_on(redis.url()).await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    for _ in 0..3 {
        redis.kill();
        redis.start_again();
        assert!(is_member(&mut ada).await);
    }
}

/// S10: each call of the store in each step fails, with Redis as the store.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn an_outage_of_redis_at_any_call_is_a_page() {
    let redis = Redis::start();
    for done in [false, true] {
        each_call_of_each_step(&app_on(redis.url()).await, done).await;
    }
}

/// S10: the app starts while Redis is down, and serves as soon as it is up, without a restart. Sessions that Redis lost
/// are anonymous.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn redis_may_stop_and_return() {
    let mut redis = Redis::stopped();
    let app = app_on(redis.url()).await;
    let mut ada = app.browser();
    assert_eq!(ada.get("/health/ready").await.status, 503);
    assert_eq!(
        ada.get("/").await.status,
        200,
        "an anonymous page needs no session"
    );
    let page = ada.click("Continue with Google").await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("Sign-in is unavailable right now"));
    redis.start_again();
    assert_eq!(ada.get("/health/ready").await.status, 200);
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    // Running, but silent.
    redis.pause();
    let cookie = ada.cookie();
    assert_eq!(ada.get("/org/acme").await.status, 503);
    redis.go_on();
    assert!(is_member(&mut ada).await);
    redis.kill();
    assert_eq!(ada.get("/org/acme").await.status, 503);
    assert_eq!(ada.get("/member").await.status, 503);
    assert_eq!(ada.cookie(), cookie);
    redis.start_again();
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Sign in to Acme Corp"), "a clean page");
    assert_eq!(ada.cookie(), None);
    ada.go("Continue with Google").await;
    ada.go("ada@acme.example").await;
    assert!(is_member(&mut ada).await);
}

/// S10: a replica, as after a failover, responds to reads. It stores no session, so the instance is not ready. Another
/// instance may have found the new primary.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn an_instance_with_a_read_only_redis_is_not_ready() {
    let redis = Redis::start();
    let app = app_on(redis.url()).await;
    let mut connection = redis.connect().await;
    let mut probe = app.browser();
    for (arguments, status) in [(["127.0.0.1", "1"], 503), (["NO", "ONE"], 200)] {
        let mut command = redis::cmd("REPLICAOF");
        command.arg(&arguments);
        let _: () = command.query_async(&mut connection).await.unwrap();
        let page = probe.get("/health/ready").await;
        assert_eq!(page.status, status, "{arguments:?}: {}", page.body);
    }
    app.signed_in("acme", "ada@acme.example").await;
}

/// V2: `rediss://` requires a certificate that this machine trusts.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn redis_by_tls_requires_a_trusted_certificate() {
    let redis = Redis::with_tls();
    let (world, stytch_url) = start_sandbox("http://localhost:3000").await;
    let certificate = redis.certificate().to_str().unwrap().to_owned();
    for (env, ready) in [(vec![], 503), (vec![("SSL_CERT_FILE", certificate)], 200)] {
        let url = "http://localhost:3000";
        let app = Instance::start(&world, &stytch_url, url, &redis.url(), env);
        let response = reqwest::get(format!("{}/health/ready", app.address)).await;
        assert_eq!(response.unwrap().status().as_u16(), ready);
    }
}

/// S10: Redis is killed under load. Every response is a page, and members whose sessions Redis kept are still signed
/// in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: tests/run"]
async fn sessions_survive_a_kill_of_redis_under_load() {
    let mut redis = Redis::persistent();
    let app = app_on(redis.url()).await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let bob = app.signed_in("globex", "bob@globex.example").await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let (first, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let mut load = Vec::new();
    for n in 0..8 {
        let mut browser = [&ada, &bob][n % 2].clone();
        let path = ["/member", "/start/google", "/", "/health/ready"][n / 2];
        let (stopped, first) = (stopped.clone(), first.clone());
        load.push(tokio::spawn(async move {
            while !*stopped.borrow() {
                let status = browser.get(path).await.status.as_u16();
                assert!([200, 303, 503].contains(&status), "{path}: {status}");
                let _ = first.send(status);
            }
            browser
        }));
    }
    let mut until = async |wanted: u16| {
        let mut found = 0;
        for _ in 0..5_000 {
            found += usize::from(seen.recv().await.unwrap() == wanted);
            if found == 16 {
                return;
            }
        }
        panic!("no more {wanted}");
    };
    for _ in 0..3 {
        until(200).await;
        redis.kill();
        until(503).await;
        redis.start_again();
    }
    until(200).await;
    stop.send(true).unwrap();
    for browser in load {
        let mut browser = browser.await.unwrap();
        assert!(is_member(&mut browser).await);
    }
}
