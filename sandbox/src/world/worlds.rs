//! The worlds of a sandbox by project id and public token.

use std::collections::{BTreeMap, HashMap};

use crate::world::World;

/// The first world and the newest others, in the order of creation.
pub struct Worlds {
    most: usize,
    /// Keys only grow, so the first entry is the first world.
    in_order: BTreeMap<u64, World>,
    /// Keys by project id and by public token, whose formats differ.
    by_name: HashMap<String, u64>,
    created: u64,
    dropped: u64,
}

/// The error for a project id or public token that another world has.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{field} is taken by another project of this sandbox")]
pub struct Taken {
    /// `project_id` or `public_token`.
    pub field: &'static str,
}

impl Worlds {
    /// Starts with the first world, which is never removed, and keeps at most this number in total.
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

    /// Adds a world, unless another one has its project id or public token. If there are too many, drops the oldest one
    /// except the first, and returns it.
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

    /// The first world.
    pub fn first(&self) -> World {
        self.in_order[&0].clone()
    }

    pub fn all(&self) -> Vec<World> {
        self.in_order.values().cloned().collect()
    }

    /// Number of worlds that were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
