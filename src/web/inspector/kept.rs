//! Stores the steps of a sign-in in the session store, in a separate record next to that of the session.
//!
//! The record's id follows from the session's id and from nothing else, so only the browser with that session finds it,
//! and the session's own record is the same with and without it. It expires with the session at the latest. When the
//! session gets a new id, the record moves; when the session is gone, it is deleted.

use std::{collections::HashMap, sync::Arc};

use ring::digest;
use tower_sessions::{
    session::{Id, Record},
    session_store,
};

use super::steps::{Step, Steps};
use crate::session::store::{
    Backend, Found, Store, Write, new_version,
    request::{Refusal, Version},
};

/// Key of the steps in their record: one JSON text.
const STEPS: &str = "inspector";

/// Maximum number of attempts to add a step, if other requests add steps at the same time.
const ATTEMPTS: usize = 5;

/// The kept steps of all sessions. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct KeptSteps(Arc<dyn Backend>);

/// A step, and the session that it belongs to.
pub(super) struct NewStep {
    pub step: Step,
    /// Whether it begins a new list.
    pub is_start: bool,
    /// Id that the browser sent.
    pub old: Option<Id>,
    /// Id that the response sets.
    pub new: Option<Id>,
}

impl KeptSteps {
    pub fn new(store: &Store) -> Self {
        Self(store.backend())
    }

    /// The steps of this session.
    pub async fn load(&self, session: &Id) -> session_store::Result<Steps> {
        let found = self.find(session).await?;
        Ok(found.map(|(steps, _)| steps).unwrap_or_default())
    }

    /// Adds a step to the steps of its session. Without a session, nothing is kept.
    pub async fn add(&self, new: &NewStep) -> session_store::Result<()> {
        if let Some(session) = new.new.or(new.old) {
            self.add_to(&session, new).await?;
        }
        match new.old {
            Some(old) if new.new.is_some_and(|id| id != old) => self.0.delete(&id(&old)).await,
            _ => Ok(()),
        }
    }

    async fn add_to(&self, session: &Id, new: &NewStep) -> session_store::Result<()> {
        for _ in 0..ATTEMPTS {
            let Found::Record(Record { expiry_date, .. }, _) = self.0.load(session).await? else {
                break;
            };
            let (mut steps, version) = match (self.find(session).await?, &new.old) {
                (Some((steps, version)), _) => (steps, Some(version)),
                (None, Some(old)) => (self.load(old).await?, None),
                (None, None) => (Steps::default(), None),
            };
            if new.is_start {
                steps = Steps::default();
            }
            steps.push(new.step.clone());
            let record = Record {
                id: id(session),
                data: HashMap::from([(STEPS.to_owned(), text(&steps)?.into())]),
                expiry_date,
            };
            if self.write(&record, version).await?.is_ok() {
                break;
            }
        }
        // Read last: a sign-out at the same time deletes the session first, and then the steps.
        match self.0.load(session).await? {
            Found::Record(..) => Ok(()),
            Found::Replaced | Found::Nothing => self.0.delete(&id(session)).await,
        }
    }

    async fn find(&self, session: &Id) -> session_store::Result<Option<(Steps, Version)>> {
        let Found::Record(record, version) = self.0.load(&id(session)).await? else {
            return Ok(None);
        };
        let text = record.data.get(STEPS).and_then(|text| text.as_str());
        // Another version of this app may have written it.
        let steps = text.and_then(|text| serde_json::from_str(text).ok());
        Ok(Some((steps.unwrap_or_default(), version)))
    }

    async fn write(
        &self,
        record: &Record,
        expected: Option<Version>,
    ) -> session_store::Result<Result<(), Refusal>> {
        let version = new_version();
        match expected {
            None => self.0.create(record, version).await.map(Ok),
            expected => self.0.save(record, Write { expected, version }).await,
        }
    }
}

fn text(steps: &Steps) -> session_store::Result<String> {
    serde_json::to_string(steps).map_err(|error| session_store::Error::Encode(error.to_string()))
}

/// Id of the record with the steps of this session.
fn id(session: &Id) -> Id {
    let name = format!("inspector of {session}");
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    Id(i128::from_le_bytes(bytes))
}
