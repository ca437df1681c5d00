//! A Redis of a test's own.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use redis::{AsyncCommands, aio::MultiplexedConnection};

/// Killed when it is dropped.
pub struct Redis {
    child: Option<Child>,
    port: u16,
    folder: PathBuf,
    keeps: bool,
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Redis {
    /// One that forgets everything when it is killed.
    pub fn start() -> Self {
        let mut redis = Self::stopped(false);
        redis.start_again();
        redis
    }

    /// One that keeps everything in a file.
    pub fn that_keeps() -> Self {
        let mut redis = Self::stopped(true);
        redis.start_again();
        redis
    }

    /// One that does not run yet.
    pub fn stopped(keeps: bool) -> Self {
        let port = free_port();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{port}"));
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            child: None,
            port,
            folder,
            keeps,
        }
    }

    /// Returns when it takes connections.
    pub fn start_again(&mut self) {
        let mut child = Command::new("redis-server")
            .current_dir(&self.folder)
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendfsync", "always"])
            .args(["--appendonly", if self.keeps { "yes" } else { "no" }])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server is installed: tests/run");
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while !said.contains("Ready to accept connections") {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {said}"));
            said += &line.unwrap();
        }
        // A program whose output nobody takes can't go on.
        std::thread::spawn(move || lines.for_each(drop));
        self.child = Some(child);
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Connections stay open, and nothing is answered until it goes on.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// For looking into it.
    pub async fn connect(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// All that is in it.
    pub async fn records(&self) -> Vec<(String, Vec<u8>)> {
        let mut connection = self.connect().await;
        let mut names: Vec<String> = connection.keys("*").await.unwrap();
        names.sort();
        let mut records = Vec::new();
        for name in names {
            let value = connection.get(&name).await.unwrap();
            records.push((name, value));
        }
        records
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
