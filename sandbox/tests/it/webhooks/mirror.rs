//! A copy of a world's organizations and members that is updated by webhooks only, like in an app.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{deliveries, register};
use crate::lab::{Lab, text};

/// Objects by type and id.
type Objects = BTreeMap<(String, String), Value>;

pub struct Mirror(Objects);

/// No program listens here, so deliveries fail once and then wait for the world's clock.
const UNUSED_ADDRESS: &str = "http://127.0.0.1:1/";

impl Mirror {
    /// Starts with the current contents.
    pub async fn start(lab: &Lab) -> Self {
        register(lab, UNUSED_ADDRESS).await;
        Self(objects(lab))
    }

    /// Applies all events. The error names an object that differs from the world's.
    pub async fn compare(mut self, lab: &Lab) -> Result<(), String> {
        let wanted = objects(lab);
        for delivery in deliveries(lab).await.iter().rev() {
            let event = &delivery["payload"];
            let kind = text(&event["object_type"]);
            let key = (kind.clone(), text(&event["id"]));
            let is_known = self.0.contains_key(&key);
            let is_in_order = match event["action"].as_str() {
                Some("CREATE") => !is_known,
                Some("DELETE") => is_known,
                _ => true, // also for a reactivated member
            };
            if !is_in_order {
                return Err(format!("not in order: {event}"));
            }
            match event.get(&kind) {
                Some(object) => self.0.insert(key, object.clone()),
                None => self.0.remove(&key),
            };
        }
        let differs = |key: &&(String, String)| wanted.get(*key) != self.0.get(*key);
        match wanted.keys().chain(self.0.keys()).find(differs) {
            None => Ok(()),
            Some(key) => Err(format!(
                "webhooks say {:?}, the world says {:?}",
                self.0.get(key),
                wanted.get(key)
            )),
        }
    }
}

/// The world's objects, without deleted members.
fn objects(lab: &Lab) -> Objects {
    let state = lab.world.state();
    let of = |kind: &str| {
        let list = state[format!("{kind}s")]
            .as_array()
            .expect("a list")
            .clone();
        let there = list.into_iter().filter(|it| it["status"] != "deleted");
        let id = format!("{kind}_id");
        let keyed = there.map(|it| ((kind.to_owned(), text(&it[&id])), it));
        keyed.collect::<Vec<_>>()
    };
    let all = of("organization").into_iter().chain(of("member"));
    all.collect()
}
