//! The worlds of a sandbox, found by project id or public token.

use std::collections::{BTreeMap, HashMap};

use crate::world::World;

/// The first world and the newest others, in the order of their creation.
pub struct Worlds {
    most: usize,
    /// Keys only grow, so the first entry is the world that was there from the beginning.
    in_order: BTreeMap<u64, World>,
    /// By project id and by public token, whose forms differ.
    by_name: HashMap<String, u64>,
    created: u64,
    dropped: u64,
}

/// A project id or public token that another world has.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{field} is taken by another project of this sandbox")]
pub struct Taken {
    /// `project_id` or `public_token`.
    pub field: &'static str,
}

impl Worlds {
    /// With the world that is never removed, and at most so many in all.
    pub fn new(first: World, most: usize) -> Self {
        let mut worlds = Self {
            most,
            in_order: BTreeMap::new(),
            by_name: HashMap::new(),
            created: 0,
            dropped: 0,
        };
        let first = worlds.add(first);
        debug_assert!(first.is_ok(), "nothing is taken yet");
        worlds
    }

    /// Adds a world, unless another one has its project id or public token. Drops the oldest but the first one if there are
    /// too many, and returns the one that was dropped.
    pub fn add(&mut self, world: World) -> Result<Option<World>, Taken> {
        let credentials = world.credentials();
        let names = [&credentials.project_id, &credentials.public_token];
        for (name, field) in names.into_iter().zip(["project_id", "public_token"]) {
            if self.by_name.contains_key(name) {
                return Err(Taken { field });
            }
        }
        let number = self.created;
        self.created += 1;
        self.by_name
            .extend(names.map(|name| (name.clone(), number)));
        self.in_order.insert(number, world);
        if self.in_order.len() <= self.most.max(2) {
            return Ok(None);
        }
        let oldest = self.in_order.values().nth(1);
        let id = oldest.map(|it| it.credentials().project_id.clone());
        self.dropped += 1;
        Ok(id.and_then(|id| self.remove(&id)))
    }

    /// Removes the world of this project, unless it is unknown or the first one.
    pub fn remove(&mut self, project_id: &str) -> Option<World> {
        let number = *self.by_name.get(project_id)?;
        if number == 0 {
            return None;
        }
        let world = self.in_order.remove(&number)?;
        let credentials = world.credentials();
        self.by_name.remove(&credentials.project_id);
        self.by_name.remove(&credentials.public_token);
        Some(world)
    }

    /// The world with this project id or public token.
    pub fn find(&self, name: &str) -> Option<World> {
        let number = self.by_name.get(name)?;
        self.in_order.get(number).cloned()
    }

    /// The world that was there from the beginning.
    pub fn first(&self) -> World {
        self.in_order[&0].clone()
    }

    pub fn all(&self) -> Vec<World> {
        self.in_order.values().cloned().collect()
    }

    /// How many worlds were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
