//! The session store in memory.

use std::{collections::HashMap, time::Duration};

use stytch_b2b_axum::{
    clock::Clock,
    session::store::{Backend, Found, MEMBER, RANK, Write, memory::MemoryStore, request::Refusal},
};
use tower_sessions::{
    cookie::time::Duration as CookieDuration,
    session::{Id, Record},
};

const ANY: Write = Write {
    expected: None,
    version: 2,
};

fn record(clock: &Clock, minutes: i64) -> Record {
    Record {
        id: Id::default(),
        data: HashMap::new(),
        expiry_date: clock.now() + CookieDuration::minutes(minutes),
    }
}

async fn exists(store: &MemoryStore, record: &Record) -> bool {
    let found = store.load(&record.id).await.unwrap();
    matches!(found, Found::Record(..))
}

/// S7
#[tokio::test]
async fn save_never_recreates() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 10);
    let kept = record(&clock, 10);
    store.create(&kept, 1).await.unwrap();
    store.save(&kept, ANY).await.unwrap().unwrap();
    store.delete(&kept.id).await.unwrap();
    let refused = store.save(&kept, ANY).await.unwrap();
    assert_eq!(refused, Err(Refusal::Gone));
    assert!(!exists(&store, &kept).await);
}

/// S7: of two writes over the same version, one is refused, whichever of them changes the id.
#[tokio::test]
async fn a_write_over_another_version_is_refused() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 10);
    let (old, new) = (record(&clock, 10), record(&clock, 10));
    store.create(&old, 1).await.unwrap();
    let write = |expected, version| Write {
        expected: Some(expected),
        version,
    };
    let done = store.save(&old, write(1, 2)).await.unwrap();
    assert_eq!(done, Ok(()));
    let late = store.save(&old, write(1, 3)).await.unwrap();
    assert_eq!(late, Err(Refusal::Changed));
    let late = store.replace(&old.id, &new, write(1, 3)).await.unwrap();
    assert_eq!(late, Err(Refusal::Changed));
    assert!(exists(&store, &old).await && !exists(&store, &new).await);
    let done = store.replace(&old.id, &new, write(2, 3)).await.unwrap();
    assert_eq!(done, Ok(()));
    let found = store.load(&old.id).await.unwrap();
    assert!(matches!(found, Found::Replaced));
}

/// S7
#[tokio::test]
async fn what_is_gone_is_not_replaced() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 10);
    let (old, new) = (record(&clock, 10), record(&clock, 10));
    store.create(&old, 1).await.unwrap();
    store.replace(&old.id, &new, ANY).await.unwrap().unwrap();
    assert!(!exists(&store, &old).await);
    assert!(exists(&store, &new).await);
    let another = record(&clock, 10);
    let refused = store.replace(&old.id, &another, ANY).await.unwrap();
    assert_eq!(refused, Err(Refusal::Gone));
    assert_eq!(store.count(), 1);
}

/// S17
#[tokio::test]
async fn half_begun_sign_ins_never_cost_a_member() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 100);
    let mut members = Vec::new();
    for minutes in [60, 5, 30] {
        let mut member = record(&clock, minutes);
        member.data.insert(RANK.to_owned(), MEMBER.into());
        store.create(&member, 1).await.unwrap();
        members.push(member);
    }
    for _ in 0..1000 {
        store.create(&record(&clock, 20), 1).await.unwrap();
    }
    assert_eq!(store.count(), 100);
    for member in &members {
        assert!(exists(&store, member).await);
    }
    clock.advance(Duration::from_mins(5));
    assert_eq!(store.count(), 99, "an expired member is dropped in time");
}

/// S17, O11: a large record takes the place of several, whether it is new or has grown.
#[tokio::test]
async fn large_records_take_more_places() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 10);
    let mut member = record(&clock, 5);
    member.data.insert(RANK.to_owned(), MEMBER.into());
    store.create(&member, 1).await.unwrap();
    let large = |minutes| {
        let mut large = record(&clock, minutes);
        let text = "x".repeat(4 * 3 * 1024);
        large.data.insert("browser".to_owned(), text.into());
        large
    };
    for minutes in [10, 11, 12] {
        store.create(&large(minutes), 1).await.unwrap();
        assert!(store.count() <= 2, "{}", store.count());
    }
    let others = [20, 21, 22, 23].map(|minutes| record(&clock, minutes));
    for other in &others {
        store.create(other, 1).await.unwrap();
    }
    assert_eq!(
        store.count(),
        6,
        "ten places: a member, five for one record, and four"
    );
    // The last one grows, by a change and then under a new id: the others give way, and the member never does.
    let mut grown = large(23);
    grown.id = others[3].id;
    store.save(&grown, ANY).await.unwrap().unwrap();
    assert!(exists(&store, &grown).await && exists(&store, &member).await);
    assert_eq!(store.count(), 5);
    let renamed = large(24);
    store
        .replace(&grown.id, &renamed, ANY)
        .await
        .unwrap()
        .unwrap();
    assert!(exists(&store, &renamed).await && exists(&store, &member).await);
    assert_eq!(store.count(), 5);
    store.delete(&renamed.id).await.unwrap();
    for _ in 0..20 {
        store.create(&record(&clock, 30), 1).await.unwrap();
    }
    assert_eq!(store.count(), 10, "its places are free again");
    // One that is larger than the store is kept alone.
    let mut huge = record(&clock, 40);
    huge.data
        .insert("browser".to_owned(), "x".repeat(99 * 1024).into());
    store.create(&huge, 1).await.unwrap();
    assert_eq!(store.count(), 1);
}

/// S17
#[tokio::test]
async fn what_has_run_out_is_dropped() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 200_000);
    for _ in 0..100_000 {
        store.create(&record(&clock, 10), 1).await.unwrap();
    }
    assert_eq!(store.count(), 100_000);
    clock.advance(Duration::from_secs(601));
    assert_eq!(store.count(), 0);
}
