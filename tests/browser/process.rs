//! A browser that listens for commands. It has a profile of its own and ends with the test.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use crate::profile::Profile;

/// How long a browser may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// Fields are dropped in this order: process, profile.
pub struct Process {
    child: Child,
    /// The `ws://` URL that accepts commands.
    pub url: String,
    _profile: Profile,
}

impl Process {
    /// Starts a program and waits for its line `{words}ws://…` on stderr.
    pub fn start(program: &str, words: &str, arguments: impl Fn(&Path) -> Vec<String>) -> Self {
        let profile = Profile::new(program);
        let mut child = Command::new(program)
            .args(arguments(profile.path()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; tests/run installs it"));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (found, url) = mpsc::channel();
        let words = words.to_owned();
        // Keep reading, or its pipe fills up.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, url)) = line.split_once(&words) {
                    let _ = found.send(url.trim().to_owned());
                }
            }
        });
        let url = url.recv_timeout(PATIENCE);
        let mut process = Self {
            child,
            url: String::new(),
            _profile: profile,
        };
        process.url = url.unwrap_or_else(|_| panic!("{program} does not print where it listens"));
        process
    }

    /// Kills the process, as a crash would.
    pub fn crash(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.crash();
    }
}
