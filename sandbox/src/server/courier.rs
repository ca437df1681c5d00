//! Sends the deliveries of webhooks outside of the worlds' locks, so that no call waits for a receiver.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    server::post::post,
    world::{World, deliveries::Outgoing, off_thread, sandbox::Sandbox},
};

/// Maximum number of simultaneous attempts of all projects. Further attempts wait.
const MOST_AT_ONCE: usize = 64;

/// Sends the due deliveries of all worlds until it is dropped. Of two couriers of a sandbox, the second waits for the
/// first to end.
pub async fn run(sandbox: Sandbox) {
    let on_duty = sandbox.courier_on_duty.clone();
    let _on_duty = on_duty.lock().await;
    let all = sandbox.worlds();
    Courier {
        to_visit: all.iter().map(World::project_id).collect(),
        sandbox,
        later: BTreeMap::new(),
        busy: HashSet::new(),
        sending: JoinSet::new(),
    }
    .work()
    .await;
}

struct Courier {
    sandbox: Sandbox,
    /// Ids of projects that may have due deliveries.
    to_visit: BTreeSet<String>,
    /// Times at which projects will have due deliveries.
    later: BTreeMap<String, Instant>,
    /// Ids of webhooks with a running attempt.
    busy: HashSet<String>,
    sending: JoinSet<Attempted>,
}

/// A finished attempt.
struct Attempted {
    project_id: String,
    outgoing: Outgoing,
    outcome: Result<u16, String>,
}

impl Courier {
    async fn work(mut self) {
        let bell = self.sandbox.bell.clone();
        loop {
            while self.sending.len() < MOST_AT_ONCE
                && let Some(project_id) = self.to_visit.pop_first()
            {
                self.visit(project_id).await;
            }
            let next = self.later.values().min().copied();
            tokio::select! {
                Some(Ok(attempted)) = self.sending.join_next() => self.finish(attempted).await,
                rung = bell.rung() => self.to_visit.extend(rung),
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    let now = Instant::now();
                    let due = self.later.extract_if(.., |_, at| *at <= now);
                    self.to_visit.extend(due.map(|(project_id, _)| project_id));
                }
            }
        }
    }

    /// Sends the due deliveries of this world.
    async fn visit(&mut self, project_id: String) {
        self.later.remove(&project_id);
        let Some(world) = self.sandbox.project(&project_id) else {
            return; // the world was removed
        };
        let busy = self.busy.clone();
        let room = MOST_AT_ONCE - self.sending.len();
        let due = off_thread::run(move || world.due_deliveries(&busy, room)).await;
        for outgoing in due.outgoing {
            self.busy.insert(outgoing.webhook_id.clone());
            let within = self.sandbox.options.limits.delivery_within;
            self.sending
                .spawn(attempt(project_id.clone(), outgoing, within));
        }
        match due.next_in {
            Some(Duration::ZERO) => _ = self.to_visit.insert(project_id),
            Some(pause) => _ = self.later.insert(project_id, Instant::now() + pause),
            None => {}
        }
    }

    /// Records the outcome of an attempt. The next delivery of that webhook may then be due.
    async fn finish(&mut self, attempted: Attempted) {
        let Attempted {
            project_id,
            outgoing,
            outcome,
        } = attempted;
        self.busy.remove(&outgoing.webhook_id);
        if !matches!(outcome, Ok(200..=299)) {
            let Outgoing {
                webhook_id,
                message_id,
                url,
                ..
            } = &outgoing;
            let (status, error) = (outcome.as_ref().ok(), outcome.as_ref().err());
            tracing::warn!(project_id, webhook_id, message_id, %url, status, error, "sandbox: a webhook was not delivered");
        }
        if let Some(world) = self.sandbox.project(&project_id) {
            off_thread::run(move || world.attempted(&outgoing, outcome)).await;
            self.to_visit.insert(project_id);
        }
    }
}

async fn attempt(project_id: String, outgoing: Outgoing, within: Duration) -> Attempted {
    let outcome = post(&outgoing, within).await;
    Attempted {
        project_id,
        outgoing,
        outcome,
    }
}
