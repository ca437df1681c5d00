//! The format of the state file.

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::{
    model::{Credentials, Limits, ProjectSettings, saved_state::SavedState},
    seed::Seed,
    world::World,
};

/// The version that writes the file. Other versions do not read it, because they may save other data.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The file's content after its beginning.
#[derive(Deserialize)]
struct SavedSandbox {
    worlds: Vec<SavedWorld>,
}

/// The beginning of the file, which is the same in every version.
#[derive(Deserialize)]
struct Beginning {
    stytch_sandbox: String,
    seed: String,
}

/// A world, with the data for resets.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedWorld {
    credentials: Credentials,
    /// `None` for the first world, which has the sandbox's seed.
    seed: Option<Seed>,
    settings: ProjectSettings,
    state: SavedState,
}

impl SavedWorld {
    pub fn of(world: &World, state: SavedState, is_first: bool) -> Self {
        Self {
            credentials: world.credentials().clone(),
            seed: (!is_first).then(|| world.seed.clone()),
            settings: (*world.settings).clone(),
            state,
        }
    }

    /// The first world, which started with this seed. If the sandbox was started with other redirect URLs than last
    /// time, those replace the saved ones.
    pub fn into_first(mut self, seed: Seed, settings: ProjectSettings, limits: Limits) -> World {
        if self.settings.redirect_urls != settings.redirect_urls {
            self.state.redirect_urls = settings.redirect_urls.clone();
        }
        self.settings = settings;
        self.seed = Some(seed);
        self.into_world(limits)
    }

    pub fn into_world(self, limits: Limits) -> World {
        let state = self.state.into_state(self.credentials.clone(), limits);
        let seed = self.seed.unwrap_or_default();
        World::with_state(self.credentials, seed, self.settings, limits, state)
    }
}

/// The texts before and after the worlds, which are separated by commas.
pub fn frame(seed: &str) -> (String, &'static str) {
    let beginning = format!(r#"{{"stytch_sandbox":"{VERSION}","seed":"{seed}","worlds":["#);
    (beginning, "]}\n")
}

/// The worlds in the file's content, the first one first, or the reason why they can't be used, as a clause that
/// follows "because".
pub fn read(content: &[u8], seed: &str) -> Result<Vec<SavedWorld>, String> {
    let damaged = |error: serde_json::Error| format!("it is damaged ({error})");
    let beginning: Beginning = serde_json::from_slice(content).map_err(damaged)?;
    if beginning.stytch_sandbox != VERSION {
        return Err(format!(
            "version {} of the sandbox wrote it, and this is {VERSION}",
            beginning.stytch_sandbox
        ));
    }
    if beginning.seed != seed {
        return Err("it began with another seed".to_owned());
    }
    let saved: SavedSandbox = serde_json::from_slice(content).map_err(damaged)?;
    if saved.worlds.is_empty() {
        return Err("it is damaged (it has no project)".to_owned());
    }
    Ok(saved.worlds)
}

/// The SHA-256 of the seed's contents in hexadecimal.
pub fn fingerprint(seed: &Seed) -> String {
    struct Hash(Context);
    impl std::io::Write for Hash {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut hash = std::io::BufWriter::new(Hash(Context::new(&SHA256)));
    serde_json::to_writer(&mut hash, &seed.clone().cast()).expect("a seed can be written");
    let hash = hash
        .into_inner()
        .unwrap_or_else(|_| panic!("a hash takes all bytes"));
    HEXLOWER.encode(hash.0.finish().as_ref())
}
