//! A server that receives webhooks.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// How long a test waits for a delivery before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the receiver responds to one request.
#[derive(Clone, Debug)]
pub enum Response {
    Status(u16),
    /// 302 to this URL.
    Redirect(String),
    /// No response.
    Never,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// `POST /path HTTP/1.1`
    pub first_line: String,
    /// Headers by lowercase name.
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// A server that records requests, and responds with 200 by default.
pub struct Receiver {
    pub url: String,
    received: UnboundedReceiver<Received>,
    responses: Arc<Mutex<VecDeque<Response>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!(
            "http://{}/hooks?a=b",
            listener.local_addr().expect("it listens")
        );
        let (sender, received) = unbounded_channel();
        let responses = Arc::new(Mutex::new(VecDeque::new()));
        let script = Arc::clone(&responses);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone(), Arc::clone(&script)));
            }
        });
        Self {
            url,
            received,
            responses,
        }
    }

    /// Sets the responses to the next requests, after which it responds with 200 again.
    pub fn respond(&self, responses: impl IntoIterator<Item = Response>) {
        self.responses.lock().expect("a lock").extend(responses);
    }

    /// The next request.
    pub async fn next(&mut self) -> Received {
        let next = timeout(PATIENCE, self.received.recv()).await;
        next.expect("a delivery within ten seconds")
            .expect("it runs")
    }

    /// The next request's event.
    pub async fn event(&mut self) -> Value {
        self.next().await.json()
    }

    /// Whether no further request has arrived.
    pub fn is_empty(&self) -> bool {
        self.received.is_empty()
    }
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

async fn serve(
    mut stream: TcpStream,
    received: UnboundedSender<Received>,
    script: Arc<Mutex<VecDeque<Response>>>,
) {
    let mut reader = BufReader::new(&mut stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.expect("a line");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: HashMap<String, String> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers["content-length"].parse().expect("a length");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.expect("a body");
    let response = script.lock().expect("a lock").pop_front();
    received
        .send(Received {
            first_line: lines[0].clone(),
            headers,
            body: String::from_utf8(body).expect("text"),
        })
        .ok();
    let head = match response.unwrap_or(Response::Status(200)) {
        Response::Status(status) => format!("HTTP/1.1 {status} Word\r\n"),
        Response::Redirect(to) => format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\n"),
        Response::Never => std::future::pending().await,
    };
    let whole = format!("{head}content-length: 2\r\nconnection: close\r\n\r\nok");
    stream.write_all(whole.as_bytes()).await.ok();
}
