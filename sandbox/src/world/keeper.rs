//! Keeps the worlds of a sandbox in a file, which is read at the start, and written soon after each change and at the
//! end.

use std::{
    collections::HashMap,
    io::{self, Write as _},
    path::Path,
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::world::{
    World,
    sandbox::{Options, Sandbox},
    saved::{self, SavedWorld},
    state_file::StateFile,
};

/// Minimum and maximum time between two checks for changes. The time is ten times the duration of the last save, within
/// these bounds, so that a large world is not busy with saving.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(3)];

/// Saves the worlds of a sandbox until it is dropped, which saves them a last time.
pub struct StateKeeper {
    path: std::path::PathBuf,
    warning: Option<String>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl StateKeeper {
    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The reason why the sandbox did not use the content of the file, as a sentence for people.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

impl Drop for StateKeeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Sandbox {
    /// A sandbox that keeps its worlds in this file. If the file exists, the worlds continue from it; otherwise, the
    /// sandbox starts like [`Sandbox::with`]. A file that is damaged, or comes from another version or another seed, is
    /// renamed, and [`StateKeeper::warning`] says so.
    ///
    /// The file contains sessions, keys, tokens, messages and second factors, but not the clock, faults, calls and
    /// snapshots. Changes are saved within a few seconds, and when the keeper is dropped.
    ///
    /// # Errors
    /// If the file can't be read or written, or another sandbox uses it. The error is a sentence for people.
    pub fn with_state(options: Options, path: &Path) -> Result<(Self, StateKeeper), String> {
        let (file, content) = StateFile::open(path)?;
        let seed = saved::fingerprint(&options.seed);
        let mut warning = None;
        let worlds = if content.is_empty() {
            None
        } else {
            match saved::read(&content, &seed) {
                Ok(worlds) => Some(worlds),
                Err(reason) => {
                    warning = Some(set_aside(&file, &reason)?);
                    None
                }
            }
        };
        drop(content);
        let is_new = worlds.is_none();
        let sandbox = Self::beginning(options, worlds);
        let mut saver = Saver {
            sandbox: sandbox.clone(),
            file,
            seed,
            saved: HashMap::new(),
            is_unsaved: true,
        };
        if is_new {
            let path = path.display();
            saver
                .save()
                .map_err(|error| format!("the state file {path} cannot be written: {error}"))?;
        }
        let path = saver.file.path().to_owned();
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-state".to_owned())
            .spawn(move || saver.run(&stopped))
            .map_err(|error| error.to_string())?;
        let keeper = StateKeeper {
            path,
            warning,
            stop: Some(stop),
            thread: Some(thread),
        };
        Ok((sandbox, keeper))
    }
}

fn set_aside(file: &StateFile, reason: &str) -> Result<String, String> {
    let path = file.path().display();
    match file.set_aside() {
        Ok(name) => Ok(format!(
            "the state file {path} is not used, because {reason}. It is {} now, and the sandbox starts with new state.",
            name.display()
        )),
        Err(error) => Err(format!(
            "the state file {path} is of no use, because {reason}, and it cannot be renamed: {error}"
        )),
    }
}

/// A world as it was last saved.
struct Saved {
    changes: u64,
    json: Vec<u8>,
}

struct Saver {
    sandbox: Sandbox,
    file: StateFile,
    seed: String,
    /// The last saved worlds, by project id.
    saved: HashMap<String, Saved>,
    /// Whether `saved` has changes that are not in the file.
    is_unsaved: bool,
}

impl Saver {
    /// Saves changes until the sender is dropped, and then a last time.
    fn run(mut self, stopped: &mpsc::Receiver<()>) {
        let [shortest, longest] = PAUSES;
        let mut pause = shortest;
        let mut has_failed = false;
        loop {
            let goes_on = stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout);
            let begun = Instant::now();
            match self.save() {
                Ok(()) => has_failed = false,
                Err(error) => {
                    // Logged once instead of every few seconds, because a disk can stay full.
                    if !has_failed {
                        let path = self.file.path().display();
                        tracing::error!(%path, %error, "sandbox: the state file could not be written; changes since the last save would be lost");
                    }
                    has_failed = true;
                }
            }
            if !goes_on {
                return;
            }
            pause = (10 * begun.elapsed()).clamp(shortest, longest);
        }
    }

    /// Writes the file if anything has changed.
    fn save(&mut self) -> io::Result<()> {
        let worlds = self.sandbox.worlds();
        let mut before = std::mem::take(&mut self.saved);
        for (number, world) in worlds.iter().enumerate() {
            let id = world.credentials().project_id.clone();
            let known = before.remove(&id);
            let saved = match known {
                Some(known) if known.changes == world.changes() => known,
                known => {
                    let saved = Saved::of(world, number == 0)?;
                    self.is_unsaved |= known.is_none_or(|known| known.json != saved.json);
                    saved
                }
            };
            self.saved.insert(id, saved);
        }
        self.is_unsaved |= !before.is_empty();
        if self.is_unsaved {
            let (saved, seed) = (&self.saved, &self.seed);
            self.file.replace(|file| {
                let (beginning, end) = saved::frame(seed);
                file.write_all(beginning.as_bytes())?;
                for (number, world) in worlds.iter().enumerate() {
                    if number > 0 {
                        file.write_all(b",\n")?;
                    }
                    file.write_all(&saved[&world.credentials().project_id].json)?;
                }
                file.write_all(end.as_bytes())
            })?;
            self.is_unsaved = false;
        }
        Ok(())
    }
}

impl Saved {
    fn of(world: &World, is_first: bool) -> io::Result<Self> {
        let (changes, state) = world.saved_state();
        let saved = SavedWorld::of(world, state, is_first);
        let json = serde_json::to_vec(&saved)?;
        Ok(Self { changes, json })
    }
}
