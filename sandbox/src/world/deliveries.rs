//! The due deliveries of a world's webhooks, for the courier.

use std::{collections::HashSet, sync::Arc, time::Duration};

use url::Url;

use crate::{
    model::{WebhookSecret, clock::machine},
    world::World,
};

/// Deliveries to send now, and the time of the next ones.
pub struct DueDeliveries {
    /// At most one delivery for each webhook, so that a receiver gets events in order.
    pub outgoing: Vec<Outgoing>,
    /// Time until the next delivery is due; `None` if the passing of time makes none due.
    pub next_in: Option<Duration>,
}

/// One attempt to deliver an event.
#[derive(Clone)]
pub struct Outgoing {
    pub webhook_id: String,
    pub message_id: String,
    pub url: Url,
    pub payload: Arc<str>,
    secret: WebhookSecret,
}

impl Outgoing {
    /// The headers `svix-id`, `svix-timestamp` and `svix-signature`. The time is this machine's, because receivers
    /// refuse times that are more than five minutes off, and a world's clock may be years off.
    pub fn headers(&self) -> [(&'static str, String); 3] {
        let seconds = machine().unix_timestamp();
        let signature = self
            .secret
            .signature(&self.message_id, seconds, &self.payload);
        [
            ("svix-id", self.message_id.clone()),
            ("svix-timestamp", seconds.to_string()),
            ("svix-signature", signature),
        ]
    }
}

impl World {
    /// The deliveries to send now: at most `most`, and none to busy webhooks.
    pub(crate) fn due_deliveries(&self, busy: &HashSet<String>, most: usize) -> DueDeliveries {
        let state = self.lock();
        let now = state.now();
        let mut due = DueDeliveries {
            outgoing: Vec::new(),
            next_in: None,
        };
        let idle = state.webhooks.registered.iter();
        for webhook in idle.filter(|webhook| !busy.contains(&webhook.id)) {
            let pending = state.webhooks.pending();
            let pending = pending.filter(|(_, it)| it.webhook_id == webhook.id);
            let Some((at, delivery)) = pending.min_by_key(|(at, _)| *at) else {
                continue;
            };
            if at > now {
                let pause = (at - now).unsigned_abs();
                let next_in = due.next_in.map_or(pause, |other| other.min(pause));
                due.next_in = (!state.clock.is_frozen()).then_some(next_in);
            } else if due.outgoing.len() < most {
                due.outgoing.push(Outgoing {
                    webhook_id: webhook.id.clone(),
                    message_id: delivery.message_id.clone(),
                    url: delivery.url.clone(),
                    payload: Arc::clone(&delivery.payload),
                    secret: webhook.secret.clone(),
                });
            } else {
                due.next_in = Some(Duration::ZERO);
                break;
            }
        }
        due
    }

    /// Records the outcome of an attempt: the status of the response, or the reason why there is none. Does nothing if
    /// the world was reset meanwhile.
    pub(crate) fn attempted(&self, outgoing: &Outgoing, outcome: Result<u16, String>) {
        let mut state = self.lock();
        let now = state.now();
        let mut deliveries = state.webhooks.deliveries.iter_mut();
        let delivery = deliveries.find(|it| {
            it.message_id == outgoing.message_id && it.webhook_id == outgoing.webhook_id
        });
        if let Some(delivery) = delivery {
            delivery.attempted(outcome, now);
        }
    }
}
