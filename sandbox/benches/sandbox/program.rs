//! The sandbox's program as a process of its own, the processor time that it takes, and calls of it.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

pub const PATH: &str = env!("CARGO_BIN_EXE_stytch-sandbox");

/// `/proc` counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

pub struct Program {
    process: Child,
    connection: BufReader<TcpStream>,
    /// The world that it starts with.
    pub first: World,
    /// From the start of the process to the first response.
    pub started_in: Duration,
}

/// Credentials of a project.
#[derive(Clone)]
pub struct World {
    project_id: String,
    authorization: String,
}

impl World {
    fn of(told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().expect("credentials").to_owned();
        let pair = format!("{}:{}", text("project_id"), text("secret"));
        Self {
            project_id: text("project_id"),
            authorization: format!("Basic {}", STANDARD.encode(pair)),
        }
    }
}

impl Program {
    pub fn start() -> Self {
        let begun = Instant::now();
        let mut process = Command::new(PATH)
            .args(["--bind", "127.0.0.1:0", "--json", "--no-rate-limits"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        let mut output = BufReader::new(output);
        output.read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).expect("a line of JSON");
        let url = told["url"].as_str().expect("a URL");
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let connection = TcpStream::connect(address).expect("it listens");
        connection.set_nodelay(true).expect("a TCP connection");
        let mut program = Self {
            process,
            connection: BufReader::new(connection),
            first: World::of(&told),
            started_in: Duration::ZERO,
        };
        program.send("GET", "/_sandbox/health", "", "");
        program.started_in = begun.elapsed();
        program
    }

    /// The processor time that the process has taken so far, in user mode and in the kernel.
    pub fn processor_time(&self) -> Duration {
        let file = format!("/proc/{}/stat", self.process.id());
        let text = std::fs::read_to_string(file).expect("Linux's /proc");
        let after_name = text.rsplit(')').next().expect("a name in parentheses");
        let mut fields = after_name.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u32>().ok();
        TICK * (ticks().expect("user time") + ticks().expect("system time"))
    }

    /// Creates a project with this seed.
    pub fn create(&mut self, seed: &Value) -> World {
        let body = json!({ "seed": seed }).to_string();
        World::of(&self.send("POST", "/_sandbox/projects", "", &body))
    }

    pub fn get(&mut self, world: &World, path: &str) -> Value {
        self.send("GET", path, &world.authorization, "")
    }

    pub fn post(&mut self, world: &World, path: &str, body: &Value) -> Value {
        self.send("POST", path, &world.authorization, &body.to_string())
    }

    pub fn put(&mut self, world: &World, path: &str, body: &Value) -> Value {
        self.send("PUT", path, &world.authorization, &body.to_string())
    }

    /// Ada's consent at Google, by the control API, and what the sandbox makes of the token.
    pub fn discover(&mut self, world: &World) -> Value {
        let consent =
            json!({ "flow": "discovery_oauth", "provider": "google", "email": "ada@acme.example" });
        let path = format!("/_sandbox/projects/{}/approve", world.project_id);
        let consent = self.post(world, &path, &consent);
        let token = json!({ "discovery_oauth_token": consent["token"] });
        self.post(world, "/v1/b2b/oauth/discovery/authenticate", &token)
    }

    /// A full login: consent, authenticate, exchange. Two signatures: Google's ID token and the session's JWT.
    pub fn login(&mut self, world: &World) {
        let found = self.discover(world);
        let exchange = json!({
            "intermediate_session_token": found["intermediate_session_token"],
            "organization_id": "acme",
        });
        let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let login = self.post(world, path, &exchange);
        assert_eq!(login["member_authenticated"], true, "{login}");
    }

    fn send(&mut self, method: &str, path: &str, authorization: &str, body: &str) -> Value {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if !authorization.is_empty() {
            let _ = write!(request, "Authorization: {authorization}\r\n");
        }
        if !body.is_empty() {
            let length = body.len();
            let _ = write!(
                request,
                "Content-Type: application/json\r\nContent-Length: {length}\r\n"
            );
        }
        request += "\r\n";
        request += body;
        let stream = self.connection.get_mut();
        stream.write_all(request.as_bytes()).expect("it reads");
        let (mut status, mut length) = (String::new(), 0);
        self.connection.read_line(&mut status).expect("it answers");
        loop {
            let mut line = String::new();
            self.connection.read_line(&mut line).expect("a header");
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).expect("a body");
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        assert!(
            status.contains(" 200 ") || status.contains(" 201 "),
            "{method} {path}: {status} {answer}"
        );
        answer
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
