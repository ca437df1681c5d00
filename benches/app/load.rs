//! Browsers that send requests as fast as responses arrive, with as little work of their own as possible.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower_sessions::session::Id;

use crate::lab::Server;

const BROWSERS: usize = 16;

/// A page as browsers request it, each time with another one of these sessions.
pub struct Page<'a> {
    pub server: &'a Server,
    pub path: &'a str,
    pub sessions: &'a [Id],
}

impl Page<'_> {
    pub fn request(&self, session: usize) -> String {
        let port = self.server.port;
        let cookie = self.sessions.get(session % self.sessions.len().max(1));
        let cookie = cookie
            .map(|id| format!("Cookie: stytch_b2b_axum_{port}={id}\r\n"))
            .unwrap_or_default();
        let path = self.path;
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n{cookie}\r\n"
        )
    }

    /// Sends one request with each session, one after another, so that no two share a call to Stytch. Returns the same
    /// figure as [`Self::per_second`].
    pub async fn each_once(&self) -> f64 {
        let mut browser = Browser::open(self.server.port).await;
        let busy = self.server.processor_time();
        let mut asked = 0_u32;
        for session in 0..self.sessions.len() {
            let status = browser.ask(&self.request(session)).await;
            assert_eq!(status, 200, "{}", self.path);
            asked += 1;
        }
        f64::from(asked) / (self.server.processor_time() - busy)
    }

    /// Requests that the server handles per second of its thread's processor time: the rate on one core, whatever else
    /// this machine does meanwhile.
    pub async fn per_second(&self, for_so_long: Duration) -> f64 {
        // Steps through the sessions in a scattered order, as visitors come. A prime step reaches all of them.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let mut browsers = Vec::new();
        for _ in 0..BROWSERS {
            browsers.push(Browser::open(self.server.port).await);
        }
        let (busy, until) = (self.server.processor_time(), Instant::now() + for_so_long);
        let ask = async |browser: &mut Browser| {
            let mut asked = 0_u32;
            while Instant::now() < until {
                let next = NEXT.fetch_add(7919, Ordering::Relaxed);
                let status = browser.ask(&self.request(next)).await;
                assert_eq!(status, 200, "{}", self.path);
                asked += 1;
            }
            asked
        };
        let mut asking = Vec::new();
        for browser in &mut browsers {
            asking.push(Box::pin(ask(browser)));
        }
        let asked: u32 = all(asking).await.into_iter().sum();
        let busy = self.server.processor_time() - busy;
        f64::from(asked) / busy
    }
}

/// Runs all of them concurrently in this task.
pub async fn all<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = std::pin::Pin::new(future).poll(cx)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
    done.into_iter().flatten().collect()
}

/// A connection that stays open.
pub struct Browser {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Browser {
    pub async fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Sends a request and reads the complete response. Returns its status.
    pub async fn ask(&mut self, request: &str) -> u16 {
        self.try_ask(request).await.expect("a response")
    }

    /// Like [`Self::ask`], for a request that the server may refuse by closing the connection.
    pub async fn try_ask(&mut self, request: &str) -> io::Result<u16> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(length) = length(&self.buffer)
                && self.buffer.len() >= length
            {
                let status = std::str::from_utf8(&self.buffer[9..12]).ok();
                let status = status.and_then(|status| status.parse().ok());
                return Ok(status.expect("a status"));
            }
        }
    }

    /// The value of a header of the last response.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.buffer);
        let (head, _) = text.split_once("\r\n\r\n")?;
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    pub fn body(&self) -> String {
        let text = String::from_utf8_lossy(&self.buffer);
        text.split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default()
    }
}

/// Length of head and body, once the head is complete.
fn length(response: &[u8]) -> Option<usize> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&response[..end]).ok()?;
    let head = head.to_ascii_lowercase();
    let body = head.split("content-length: ").nth(1)?;
    Some(end + body.split('\r').next()?.parse::<usize>().ok()?)
}
