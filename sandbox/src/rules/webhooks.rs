//! The events of webhooks: changes of a world's organizations and members by a call, a login or a test.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};

use crate::model::{
    Change, Event, Member, Organization, State,
    clock::wire_with_microseconds,
    ids, lookup,
    webhooks::{Action, ObjectType},
};

/// A changed object, for an event.
struct Changed {
    event: Event,
    id: String,
    /// The vendor's object after the change; `None` if it was deleted.
    object: Option<Value>,
}

/// Starts to record changes, if there are webhooks. See [`announce`].
pub fn watch(state: &mut State) {
    if !state.webhooks.registered.is_empty() {
        state.organizations.record_changes();
        state.members.record_changes();
    }
}

/// Adds a delivery for each webhook and each object that was changed since [`watch`]. Several changes of one object are
/// one event.
pub fn announce(state: &mut State) {
    let organizations = state.organizations.take_changes();
    let members = state.members.take_changes();
    if organizations.is_empty() && members.is_empty() {
        return;
    }
    state.settle(); // one update of the index instead of one for each lookup below
    let organizations = changed_organizations(state, organizations);
    let is_end = |it: &Changed| it.event.action == Action::Delete;
    let (ends, mut all): (Vec<_>, Vec<_>) = organizations.into_iter().partition(is_end);
    // A new organization is announced before its members, and a deleted one after them.
    all.extend(changed_members(state, members));
    all.extend(ends);
    let now = state.now();
    for changed in all {
        let payload = payload(state, &changed);
        state
            .webhooks
            .announce(changed.event, &Arc::from(payload.to_string()), now);
    }
}

/// The body of a delivery.
fn payload(state: &State, changed: &Changed) -> Value {
    let object_type = changed.event.object.word();
    let mut payload = json!({
        "project_id": state.credentials.project_id,
        "event_id": ids::mint("webhook-event"),
        "action": changed.event.action.word(),
        "object_type": object_type,
        "source": "DIRECT",
        "id": changed.id,
        "timestamp": wire_with_microseconds(state.now()),
        "vertical": "B2B",
    });
    if let Some(object) = &changed.object {
        payload[object_type] = object.clone();
    }
    payload
}

fn changed_organizations(state: &State, changes: Vec<Change<Organization>>) -> Vec<Changed> {
    firsts(changes, Organization::id)
        .filter_map(|(id, before)| {
            let mut now = state.organizations.with_key(&lookup::reference(&id));
            let now = now.find(|it| it.id() == id);
            let action = match (&before, now) {
                (None, Some(_)) => Action::Create,
                (Some(before), Some(now)) if !now.shows_the_same_as(before) => Action::Update,
                (Some(_), None) => Action::Delete,
                _ => return None,
            };
            let object = ObjectType::Organization;
            let event = Event { object, action };
            let object = now.map(Organization::object);
            Some(Changed { event, id, object })
        })
        .collect()
}

/// The changed members. A deleted member stays in the world; its reactivation is an update.
fn changed_members(state: &State, changes: Vec<Change<Member>>) -> Vec<Changed> {
    let is_deleted = |member: &Member| member.status() == "deleted";
    firsts(changes, Member::id)
        .filter_map(|(id, before)| {
            let now = state.member(&id).filter(|it| !is_deleted(it));
            let action = match (&before, now) {
                (None, Some(_)) => Action::Create,
                (Some(before), Some(now)) if !now.shows_the_same_as(before) => Action::Update,
                (Some(before), None) if !is_deleted(before) => Action::Delete,
                _ => return None,
            };
            let object = ObjectType::Member;
            let event = Event { object, action };
            let object = now.map(Member::object);
            Some(Changed { event, id, object })
        })
        .collect()
}

/// The first change of each object: its id and previous value, or `None` if it is new.
fn firsts<T>(
    changes: Vec<Change<T>>,
    id: fn(&T) -> &str,
) -> impl Iterator<Item = (String, Option<T>)> {
    let mut seen = HashSet::new();
    changes.into_iter().filter_map(move |change| {
        let (id, before) = match change {
            Change::Added(now) => (id(&now).to_owned(), None),
            Change::Touched(before) | Change::Removed(before) => {
                (id(&before).to_owned(), Some(before))
            }
        };
        seen.insert(id.clone()).then_some((id, before))
    })
}
