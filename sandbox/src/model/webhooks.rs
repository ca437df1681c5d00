//! The webhooks of a world and their deliveries (in Svix's terms: endpoints, messages and attempts).

use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::model::{
    Clock, Newest, WebhookSecret,
    clock::{wire, wire_with_microseconds},
    ids,
};

/// The pause after each failed attempt, by the world's clock. After the last one, the delivery has failed. This is
/// Svix's schedule.
const PAUSES: [Duration; 7] = [
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(10),
];

/// The webhooks of a world and their deliveries.
#[derive(Clone, Debug)]
pub struct Webhooks {
    pub registered: Vec<Webhook>,
    /// Oldest first.
    pub deliveries: Newest<Delivery>,
    /// The clock at the last search for due deliveries; `None` if there may be new ones.
    pub looked_by: Option<Clock>,
}

/// A URL that receives events.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub id: String,
    /// A plain http URL on this machine or an allowed host.
    pub url: Url,
    /// The events that it receives, at least one.
    pub events: Vec<Event>,
    pub secret: WebhookSecret,
}

/// An event in the vendor's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub object: ObjectType,
    pub action: Action,
}

/// The object of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectType {
    Organization,
    Member,
}

/// The change of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Delete,
}

/// The delivery of one event to one webhook.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The `svix-id`, which is the same for all webhooks that receive the event, and at each attempt.
    pub message_id: String,
    pub webhook_id: String,
    pub url: Url,
    pub event: Event,
    /// The body, exactly as it is signed.
    pub payload: Arc<str>,
    pub status: DeliveryStatus,
    pub attempts: Vec<Attempt>,
}

/// The status of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// The next attempt is at this time, by the world's clock.
    Pending(OffsetDateTime),
    /// The receiver responded with a 2xx status.
    Delivered,
    /// Every attempt of the schedule failed.
    Failed,
    /// The webhook was deleted before the delivery.
    Canceled,
}

/// One attempt to deliver, and its outcome.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// End of the attempt, by the world's clock.
    pub at: OffsetDateTime,
    /// Status of the response, or the reason why there is none.
    pub outcome: Result<u16, String>,
}

impl Event {
    /// All events.
    pub const ALL: [Self; 6] = {
        use self::{
            Action::{Create, Delete, Update},
            ObjectType::{Member, Organization},
        };
        #[rustfmt::skip]
        let all = [
            Self { object: Organization, action: Create },
            Self { object: Organization, action: Update },
            Self { object: Organization, action: Delete },
            Self { object: Member, action: Create },
            Self { object: Member, action: Update },
            Self { object: Member, action: Delete },
        ];
        all
    };

    /// The name, such as `direct.member.create`: source, object and action.
    pub fn name(self) -> String {
        let action = self.action.word().to_ascii_lowercase();
        format!("direct.{}.{action}", self.object.word())
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

impl ObjectType {
    pub fn word(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Member => "member",
        }
    }
}

impl Action {
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

impl Webhook {
    /// The object in the format of the control API.
    pub fn object(&self) -> Value {
        json!({
            "webhook_id": self.id,
            "url": self.url.as_str(),
            "events": self.events.iter().map(|event| event.name()).collect::<Vec<_>>(),
            "secret": self.secret.expose(),
        })
    }
}

impl Delivery {
    /// Records the outcome of an attempt, and schedules the next one. Does nothing if the delivery is no longer
    /// pending.
    pub fn attempted(&mut self, outcome: Result<u16, String>, now: OffsetDateTime) {
        let DeliveryStatus::Pending(_) = self.status else {
            return;
        };
        let is_good = matches!(outcome, Ok(200..=299));
        let pause = PAUSES.get(self.attempts.len());
        self.attempts.push(Attempt { at: now, outcome });
        self.status = match pause {
            _ if is_good => DeliveryStatus::Delivered,
            Some(pause) => DeliveryStatus::Pending(now + *pause),
            None => DeliveryStatus::Failed,
        };
    }

    /// The object in the format of the control API.
    pub fn object(&self) -> Value {
        let (status, next_attempt_at) = match self.status {
            DeliveryStatus::Pending(at) => ("pending", wire_with_microseconds(at)),
            DeliveryStatus::Delivered => ("delivered", Value::Null),
            DeliveryStatus::Failed => ("failed", Value::Null),
            DeliveryStatus::Canceled => ("canceled", Value::Null),
        };
        let attempt = |attempt: &Attempt| {
            json!({
                "at": wire(attempt.at),
                "status": attempt.outcome.as_ref().ok(),
                "error": attempt.outcome.as_ref().err(),
            })
        };
        json!({
            "message_id": self.message_id,
            "webhook_id": self.webhook_id,
            "url": self.url.as_str(),
            "event": self.event.name(),
            "payload": serde_json::from_str::<Value>(&self.payload).unwrap_or_default(),
            "status": status,
            "attempts": self.attempts.iter().map(attempt).collect::<Vec<_>>(),
            "next_attempt_at": next_attempt_at,
        })
    }
}

impl Webhooks {
    /// No webhooks, and an empty list that keeps this number of deliveries.
    pub fn new(most_deliveries: usize) -> Self {
        Self {
            registered: Vec::new(),
            deliveries: Newest::new(most_deliveries),
            looked_by: None,
        }
    }

    /// Adds a delivery of this event for each webhook that is registered for it.
    pub fn announce(&mut self, event: Event, payload: &Arc<str>, now: OffsetDateTime) {
        let message_id = ids::message();
        for webhook in self
            .registered
            .iter()
            .filter(|it| it.events.contains(&event))
        {
            self.deliveries.push(Delivery {
                message_id: message_id.clone(),
                webhook_id: webhook.id.clone(),
                url: webhook.url.clone(),
                event,
                payload: Arc::clone(payload),
                status: DeliveryStatus::Pending(now),
                attempts: Vec::new(),
            });
            self.looked_by = None;
        }
    }

    /// Deletes a webhook and cancels its pending deliveries. Returns whether the webhook existed.
    pub fn delete(&mut self, id: &str) -> bool {
        let before = self.registered.len();
        self.registered.retain(|webhook| webhook.id != id);
        for delivery in self.deliveries.iter_mut().filter(|it| it.webhook_id == id) {
            if matches!(delivery.status, DeliveryStatus::Pending(_)) {
                delivery.status = DeliveryStatus::Canceled;
            }
        }
        self.registered.len() < before
    }

    /// The pending deliveries, each with the time of its next attempt.
    pub fn pending(&self) -> impl Iterator<Item = (OffsetDateTime, &Delivery)> {
        self.deliveries
            .iter()
            .filter_map(|delivery| match delivery.status {
                DeliveryStatus::Pending(at) => Some((at, delivery)),
                _ => None,
            })
    }
}
