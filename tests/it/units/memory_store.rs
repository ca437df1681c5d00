//! The session store in memory.

use std::{collections::HashMap, time::Duration};

use stytch_b2b_axum::{
    clock::Clock,
    session::store::{
        Backend, Found, IN_PROGRESS, MEMBER, RANK, Write,
        memory::{MemoryStore, OVERHEAD},
        request::Refusal,
    },
};
use tower_sessions::{
    cookie::time::Duration as CookieDuration,
    session::{Id, Record},
};

/// Memory for hundreds of small records of each rank.
const ROOM: usize = 1_000_000;

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

/// S7: a session that has ended must stay ended.
#[tokio::test]
async fn a_save_never_recreates_a_record() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), ROOM);
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
    let store = MemoryStore::new(clock.clone(), ROOM);
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

/// S7: a new id must not restore a session that has ended.
#[tokio::test]
async fn a_missing_record_is_not_replaced() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), ROOM);
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

/// S25, C6: however many ids strangers replace, an id that a sign-in replaced is remembered for its minute.
#[tokio::test]
async fn ids_replaced_by_strangers_displace_no_other() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), ROOM);
    let mut replaced = Vec::new();
    for rank in [Some(MEMBER), Some(IN_PROGRESS)] {
        let (old, new) = (record(&clock, 10), ranked(&clock, rank, 10, 1));
        store.create(&old, 1).await.unwrap();
        store.replace(&old.id, &new, ANY).await.unwrap().unwrap();
        replaced.push(old);
    }
    let mut last = record(&clock, 10);
    store.create(&last, 1).await.unwrap();
    for _ in 0..5_000 {
        let new = record(&clock, 10);
        store.replace(&last.id, &new, ANY).await.unwrap().unwrap();
        replaced.truncate(2);
        replaced.push(std::mem::replace(&mut last, new));
    }
    for old in replaced {
        assert!(matches!(
            store.load(&old.id).await.unwrap(),
            Found::Replaced
        ));
    }
}

/// A record of this rank, which is `None` for a pending sign-in, with a text of this many bytes. The store decodes base64,
/// so the text contains none and has the same size in memory.
fn ranked(clock: &Clock, rank: Option<&str>, minutes: i64, bytes: usize) -> Record {
    let mut record = record(clock, minutes);
    if let Some(rank) = rank {
        record.data.insert(RANK.to_owned(), rank.into());
    }
    let text = " ".repeat(bytes);
    record.data.insert("browser".to_owned(), text.into());
    record
}

/// The ranks, and their shares of the memory in eighths.
const RANKS: [(Option<&str>, usize); 3] = [(None, 1), (Some(IN_PROGRESS), 1), (Some(MEMBER), 6)];

/// P15, P17: records displace only those of their own rank, first the ones that expire first, and never use more than
/// their share.
#[tokio::test]
async fn records_displace_only_their_own_rank() {
    for (flooded, part) in RANKS {
        let clock = Clock::default();
        let store = MemoryStore::new(clock.clone(), ROOM);
        let mut others = Vec::new();
        for (rank, _) in RANKS.into_iter().filter(|(rank, _)| *rank != flooded) {
            // They expire before all that come later.
            let other = ranked(&clock, rank, 1, 1_000);
            store.create(&other, 1).await.unwrap();
            others.push(other);
        }
        let before = store.used();
        let first = ranked(&clock, flooded, 5, 1_000);
        let last = ranked(&clock, flooded, 60, 1_000);
        store.create(&last, 1).await.unwrap();
        store.create(&first, 1).await.unwrap();
        for _ in 0..2_000 {
            let next = ranked(&clock, flooded, 30, 1_000);
            store.create(&next, 1).await.unwrap();
            assert!(store.used() - before <= ROOM / 8 * part, "{flooded:?}");
        }
        assert!(
            store.used() - before > ROOM / 8 * part - 2_000,
            "all of the memory is used"
        );
        assert!(!exists(&store, &first).await && exists(&store, &last).await);
        for other in &others {
            assert!(exists(&store, other).await, "{flooded:?}");
        }
        clock.advance(Duration::from_hours(1));
        assert_eq!((store.count(), store.used()), (0, 0));
    }
}

/// P15, O11: memory is counted in bytes, however many records there are, and whether a record is new, has grown, or has
/// a new id or rank.
#[tokio::test]
async fn memory_is_counted_in_bytes() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), ROOM);
    let small = [20, 21, 22, 23].map(|minutes| ranked(&clock, None, minutes, 100));
    for record in &small {
        store.create(record, 1).await.unwrap();
    }
    // Two bytes say that there are no phrases in the text.
    assert_eq!(store.used(), 4 * (OVERHEAD + 2 + 100));
    // The last one grows, and displaces others.
    let mut grown = ranked(&clock, None, 23, ROOM / 8 - 500);
    grown.id = small[3].id;
    store.save(&grown, ANY).await.unwrap().unwrap();
    assert!(exists(&store, &grown).await);
    assert_eq!(store.count(), 1);
    // A record that gets a new id counts once.
    let renamed = ranked(&clock, None, 24, ROOM / 8 - 400);
    let replaced = store.replace(&grown.id, &renamed, ANY).await.unwrap();
    assert_eq!((replaced, store.count()), (Ok(()), 1));
    let shorter = ranked(&clock, None, 9, 100);
    store.create(&shorter, 1).await.unwrap();
    assert!(!exists(&store, &renamed).await, "it makes room");
    // From now on, it counts for the share of another rank.
    let member = ranked(&clock, Some(MEMBER), 60, 100);
    let replaced = store.replace(&shorter.id, &member, ANY).await.unwrap();
    assert_eq!(replaced, Ok(()));
    for _ in 0..2_000 {
        let next = ranked(&clock, None, 90, 1_000);
        store.create(&next, 1).await.unwrap();
    }
    assert!(exists(&store, &member).await);
    store.delete(&member.id).await.unwrap();
    clock.advance(Duration::from_mins(90));
    assert_eq!((store.count(), store.used()), (0, 0));
}

/// P15, O15: a record that is larger than its share is refused, and no other record is lost.
#[tokio::test]
async fn a_record_that_does_not_fit_is_refused() {
    for (rank, part) in RANKS {
        let clock = Clock::default();
        let store = MemoryStore::new(clock.clone(), ROOM);
        let small = ranked(&clock, rank, 10, 100);
        store.create(&small, 1).await.unwrap();
        let mut large = ranked(&clock, rank, 10, ROOM / 8 * part);
        store.create(&large, 1).await.unwrap_err();
        store.replace(&small.id, &large, ANY).await.unwrap_err();
        large.id = small.id;
        store.save(&large, ANY).await.unwrap_err();
        let Found::Record(found, 1) = store.load(&small.id).await.unwrap() else {
            panic!("{rank:?}");
        };
        assert_eq!((found, store.count()), (small, 1));
    }
}

/// S17: the memory of expired records becomes free.
#[tokio::test]
async fn expired_records_are_dropped() {
    let clock = Clock::default();
    let store = MemoryStore::new(clock.clone(), 1_000 * ROOM);
    for _ in 0..100_000 {
        store.create(&record(&clock, 10), 1).await.unwrap();
    }
    assert_eq!(store.count(), 100_000);
    clock.advance(Duration::from_secs(601));
    assert_eq!(store.count(), 0);
}
