//! A full Redis, and what its settings do then.

use redis::{aio::MultiplexedConnection, cmd};

use super::redis_rights::{COMMANDS, with_commands};
use crate::support::{
    Redis, TestApp,
    app::{SESSION, Setup},
    child::said_at_the_start,
};

async fn configure(connection: &mut MultiplexedConnection, settings: [(&str, &str); 2]) {
    for (name, value) in settings {
        let mut config = cmd("CONFIG");
        config.arg(&["SET", name, value]);
        config.query_async::<()>(connection).await.unwrap();
    }
}

/// Number of connections that this Redis has ever had.
async fn connections_so_far(connection: &mut MultiplexedConnection) -> String {
    let stats: String = cmd("INFO")
        .arg("stats")
        .query_async(connection)
        .await
        .unwrap();
    let mut lines = stats.lines();
    let line = lines.find(|line| line.starts_with("total_connections_received:"));
    line.unwrap().to_owned()
}

async fn app_on(redis: &Redis, session_minutes: &'static str) -> TestApp {
    let setup = Setup {
        redis: Some(redis.url()),
        session_minutes,
        ..Setup::default()
    };
    TestApp::with(setup).await
}

/// P16: the start reports which settings are wrong and how to change them. It reports nothing if they are right.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn wrong_settings_are_reported_at_the_start() {
    const LIMIT: &str = "CONFIG SET maxmemory 256mb";
    const POLICY: &str = "CONFIG SET maxmemory-policy volatile-ttl";
    let redis = Redis::start();
    let mut connection = redis.connect().await;
    for (limit, policy, told) in [
        (
            "0",
            "noeviction",
            vec![LIMIT, POLICY, "visitors can't sign in while Redis is full"],
        ),
        ("0", "volatile-ttl", vec![LIMIT]),
        (
            "100mb",
            "allkeys-lru",
            vec![POLICY, "a full Redis signs members out"],
        ),
        (
            "100mb",
            "volatile-lfu",
            vec![POLICY, "a full Redis signs members out"],
        ),
        ("100mb", "volatile-ttl", vec![]),
    ] {
        configure(
            &mut connection,
            [("maxmemory", limit), ("maxmemory-policy", policy)],
        )
        .await;
        let said = said_at_the_start(&[("SESSION_STORE", &redis.url())]);
        for line in [LIMIT, POLICY] {
            assert_eq!(
                said.contains(line),
                told.contains(&line),
                "{limit} {policy}: {said}"
            );
        }
        for line in told {
            assert!(said.contains(line), "{line}: {said}");
        }
        assert!(!said.contains("could not be read"), "{said}");
    }
    configure(
        &mut connection,
        [("maxmemory", "1"), ("maxmemory-policy", "noeviction")],
    )
    .await;
    let said = said_at_the_start(&[("SESSION_STORE", &redis.url())]);
    assert!(
        said.contains("the session store is full") && said.contains(POLICY),
        "{said}"
    );
}

/// P16: a user without permission for INFO, or a Redis without it, causes no warning, and the app starts.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn unreadable_settings_cause_no_warning() {
    let redis = Redis::start();
    let url = with_commands(&redis, &COMMANDS).await;
    let said = said_at_the_start(&[("SESSION_STORE", &url)]);
    let line = said.lines().find(|line| line.contains("could not be read"));
    assert!(
        line.is_some_and(|line| line.contains(" INFO ") && line.contains("volatile-ttl")),
        "{said}"
    );
    assert!(
        !said.contains("CONFIG SET") && said.contains("the sandbox:"),
        "{said}"
    );
    let all = [&COMMANDS[..], &["info"]].concat();
    let said = said_at_the_start(&[("SESSION_STORE", &with_commands(&redis, &all).await)]);
    assert!(
        !said.contains("could not be read") && said.contains("CONFIG SET"),
        "{said}"
    );
}

/// P16: a full Redis that evicts nothing takes no instance out of service. Members get their pages, even after a
/// renewal, and can sign out. A new sign-in gets a 503 page that says why.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_full_redis_serves_members() {
    let redis = Redis::start();
    let app = app_on(&redis, "").await;
    let mut connection = redis.connect().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let mut bob = app.signed_in("globex", "bob@globex.example").await;
    configure(
        &mut connection,
        [("maxmemory", "1"), ("maxmemory-policy", "noeviction")],
    )
    .await;
    let probe = app.browser().get("/health/ready").await;
    assert_eq!(probe.status, 200, "{}", probe.body);
    assert!(probe.body.contains("the session store is full"));
    let mut started = app.browser();
    let page = started.get("/start/google").await;
    assert_eq!((page.status.as_u16(), page.header("set-cookie")), (503, ""));
    assert!(
        page.text().contains("look up or save sign-ins"),
        "{}",
        page.text()
    );
    // A refusal is no reason to connect again. Under a flood, members would have to wait for that.
    let connections = connections_so_far(&mut connection).await;
    for _ in 0..20 {
        assert_eq!(app.browser().get("/start/google").await.status, 503);
        assert_eq!(ada.get("/member").await.status, 200);
    }
    assert_eq!(connections_so_far(&mut connection).await, connections);
    let cookie = ada.cookie();
    for (seconds, calls) in [(0, 0), (331, 2), (331, 2)] {
        app.advance(seconds);
        app.forget_calls().await;
        for path in ["/member", "/org/acme"] {
            let page = ada.get(path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            assert!(page.text().contains("ada@acme.example"), "{path}");
        }
        assert_eq!(app.calls(SESSION).len(), calls, "each page calls Stytch");
        assert_eq!(ada.cookie(), cookie);
    }
    bob.post("/logout", &[]).await;
    assert_eq!(bob.cookie(), None, "a sign-out needs no room");
    // The hour of the sign-in is over, and no renewal could be stored.
    app.advance(3_000);
    assert_eq!(ada.get("/member").await.status, 401);
    let settings = [("maxmemory", "0"), ("maxmemory-policy", "volatile-ttl")];
    configure(&mut connection, settings).await;
    let probe = app.browser().get("/health/ready").await;
    assert!(probe.body.contains(r#""ready""#), "{}", probe.body);
    app.signed_in("acme", "ada@acme.example").await;
}

/// P16: with `volatile-ttl`, a flood of started sign-ins evicts those and no member, even one whose session is short.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn strangers_evict_no_member() {
    let redis = Redis::start();
    let app = app_on(&redis, "5").await;
    let mut connection = redis.connect().await;
    let mut members = Vec::new();
    for _ in 0..5 {
        members.push(app.signed_in("acme", "ada@acme.example").await);
    }
    app.browser().get("/start/google").await;
    let records = redis.records().await;
    let (name, pending) = records.iter().min_by_key(|(_, value)| value.len()).unwrap();
    let lives: u64 = cmd("TTL")
        .arg(name)
        .query_async(&mut connection)
        .await
        .unwrap();
    let used: String = cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await
        .unwrap();
    let used = used
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"))
        .unwrap();
    let limit = (used.trim().parse::<usize>().unwrap() + 1_000_000).to_string();
    configure(
        &mut connection,
        [("maxmemory", &limit), ("maxmemory-policy", "volatile-ttl")],
    )
    .await;
    for n in 0..100 {
        let mut flood = redis::pipe();
        for m in 0..100 {
            let name = format!("stytch_b2b_axum:{:043}", n * 100 + m);
            flood
                .cmd("SET")
                .arg(name)
                .arg(pending)
                .arg("EX")
                .arg(lives)
                .ignore();
        }
        flood.query_async::<()>(&mut connection).await.unwrap();
    }
    let left: usize = cmd("DBSIZE").query_async(&mut connection).await.unwrap();
    assert!(
        (100..9_000).contains(&left),
        "{left} records: some were evicted"
    );
    for mut member in members {
        assert_eq!(member.get("/member").await.status, 200);
    }
}
