//! Runs the requests of a browser session one at a time. A few requests wait in a queue; further ones are refused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::{Instant, timeout_at},
};

use crate::error::AppError;

/// Maximum number of waiting requests per session. A person with a few tabs never reaches it.
const MOST_WAITING: usize = 8;

/// The turns in this process. Cheap to clone. It keeps only sessions with a request that runs or waits.
#[derive(Clone)]
pub struct Turns {
    longest_wait: Duration,
    lines: Arc<Mutex<HashMap<String, Line>>>,
}

/// The requests of one session.
#[derive(Default)]
struct Line {
    turn: Arc<AsyncMutex<()>>,
    /// Deadline of each request, in the order of arrival. The first request is the one that runs.
    until: Vec<Instant>,
}

/// The turn of a request, until it is dropped.
pub struct Turn {
    // Dropped first, so that the line exists as long as its lock is in use.
    _guard: OwnedMutexGuard<()>,
    _place: Place,
}

/// A request in line. Dropping it leaves the line.
struct Place {
    turns: Turns,
    session: String,
    until: Instant,
}

impl Turns {
    /// Creates turns with a maximum wait for each request.
    pub fn new(longest_wait: Duration) -> Self {
        Self {
            longest_wait,
            lines: Arc::default(),
        }
    }

    /// Waits until no other request of this session is running.
    ///
    /// # Errors
    /// "Try later", and when, if eight requests are already waiting, or if this one has waited too long.
    pub async fn take(&self, session: &str) -> Result<Turn, AppError> {
        let (place, turn) = self.join(session)?;
        match timeout_at(place.until, turn.lock_owned()).await {
            Ok(guard) => Ok(Turn {
                _guard: guard,
                _place: place,
            }),
            // This request leaves the line, so there is room at once.
            Err(_) => Err(AppError::busy(Duration::ZERO)),
        }
    }

    fn join(&self, session: &str) -> Result<(Place, Arc<AsyncMutex<()>>), AppError> {
        let now = Instant::now();
        let mut lines = self.lines();
        let line = lines.entry(session.to_owned()).or_default();
        if line.until.len() > MOST_WAITING {
            // There is room at the latest when the first waiting request gives up.
            return Err(AppError::busy(line.until[1].duration_since(now)));
        }
        let until = now + self.longest_wait;
        line.until.push(until);
        let place = Place {
            turns: self.clone(),
            session: session.to_owned(),
            until,
        };
        Ok((place, Arc::clone(&line.turn)))
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<String, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = self.turns.lines();
        if let Some(line) = lines.get_mut(&self.session) {
            if let Some(at) = line.until.iter().position(|it| *it == self.until) {
                line.until.remove(at);
            }
            if line.until.is_empty() {
                lines.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outage;

    fn wait(refused: Result<Turn, AppError>) -> u64 {
        match refused.err() {
            Some(AppError::TryLater(later)) => match later.outage {
                Outage::Busy(after) => after.as_secs(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// S22: eight wait, in their order; the ninth is told when there is room; other sessions don't wait.
    #[tokio::test(start_paused = true)]
    async fn eight_wait() {
        let turns = Turns::new(Duration::from_secs(10));
        let running = turns.take("a").await.unwrap();
        let mut waiting = Vec::new();
        for n in 0..8 {
            let turns = turns.clone();
            waiting.push(tokio::spawn(
                async move { turns.take("a").await.map(|_| n) },
            ));
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(wait(turns.take("a").await), 9, "8.2 seconds, rounded up");
        turns.take("b").await.unwrap();
        drop(running);
        for (n, waiting) in waiting.into_iter().enumerate() {
            assert_eq!(waiting.await.unwrap().unwrap(), n);
        }
        assert!(turns.lines().is_empty(), "nothing is kept");
    }

    /// S22: no request waits for longer than the limit, and one that gives up makes room.
    #[tokio::test(start_paused = true)]
    async fn ten_seconds_are_the_longest_wait() {
        let turns = Turns::new(Duration::from_secs(10));
        let running = turns.take("a").await.unwrap();
        let started_at = Instant::now();
        assert_eq!(wait(turns.take("a").await), 1);
        assert_eq!(started_at.elapsed().as_secs(), 10);
        let next = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take("a").await.map(drop) }
        });
        tokio::task::yield_now().await;
        drop(running);
        next.await.unwrap().unwrap();
        assert!(turns.lines().is_empty(), "nothing is kept");
    }
}
