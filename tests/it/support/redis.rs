//! A Redis server of a test's own.

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
    more: Vec<&'static str>,
}

/// A self-signed certificate for localhost.
const CERTIFICATE: &str = "\
[req]
distinguished_name = name
x509_extensions = more
[name]
[more]
subjectAltName = DNS:localhost
";

/// A port on which no program listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Redis {
    /// Starts one that loses everything when it is killed.
    pub fn start() -> Self {
        let mut redis = Self::stopped();
        redis.start_again();
        redis
    }

    /// Starts one that stores everything in a file.
    pub fn persistent() -> Self {
        let mut redis = Self::stopped();
        redis.more = vec!["--appendonly", "yes", "--appendfsync", "always"];
        redis.start_again();
        redis
    }

    /// Starts one that accepts only TLS, with [`Self::certificate`].
    pub fn with_tls() -> Self {
        let mut redis = Self::stopped();
        std::fs::write(redis.folder.join("request"), CERTIFICATE).unwrap();
        let made = Command::new("openssl")
            .current_dir(&redis.folder)
            .args([
                "req",
                "-x509",
                "-config",
                "request",
                "-subj",
                "/CN=localhost",
            ])
            .args(["-newkey", "rsa:2048", "-nodes", "-days", "2"])
            .args(["-keyout", "key.pem", "-out", "certificate.pem"])
            .stderr(Stdio::null())
            .status();
        assert!(made.expect("openssl is installed: tests/run").success());
        redis.more = vec!["--tls-cert-file", "certificate.pem"];
        redis.more.extend(["--tls-key-file", "key.pem"]);
        redis.more.extend(["--tls-ca-cert-file", "certificate.pem"]);
        redis.more.extend(["--tls-auth-clients", "no"]);
        redis.start_again();
        redis
    }

    /// One that is not running yet.
    pub fn stopped() -> Self {
        let port = free_port();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{port}"));
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            child: None,
            port,
            folder,
            more: Vec::new(),
        }
    }

    /// Returns when it accepts connections.
    pub fn start_again(&mut self) {
        let mut child = Command::new("redis-server")
            .current_dir(&self.folder)
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(if self.tls() {
                ["--port", "0"]
            } else {
                ["--tls-port", "0"]
            })
            .args([
                if self.tls() { "--tls-port" } else { "--port" },
                &self.port.to_string(),
            ])
            .args(&self.more)
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
        // A program blocks if its output is not read.
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

    /// Connections stay open, and get no response until it goes on.
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
        let scheme = if self.tls() { "rediss" } else { "redis" };
        format!("{scheme}://localhost:{}", self.port)
    }

    fn tls(&self) -> bool {
        self.more.contains(&"--tls-cert-file")
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    /// A connection to inspect it with.
    pub async fn connect(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// All sessions in it. An empty value marks an id that was just replaced.
    pub async fn records(&self) -> Vec<(String, Vec<u8>)> {
        let mut connection = self.connect().await;
        let mut names: Vec<String> = connection.keys("*").await.unwrap();
        names.sort();
        let mut records = Vec::new();
        for name in names {
            let value: Vec<u8> = connection.get(&name).await.unwrap();
            if !value.is_empty() {
                records.push((name, value));
            }
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
