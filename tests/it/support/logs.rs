//! Everything that the whole test process logs, at the finest level.

use std::{
    io,
    sync::{Mutex, OnceLock},
};

use tracing_subscriber::EnvFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to keep the logs. Later calls do nothing.
pub fn keep() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing_subscriber::fmt()
            // The tests' own browsers log every byte of every page, and every URL that is entered. The vendor's SDK
            // logs its complete responses, tokens included.
            .with_env_filter(EnvFilter::new(
                "trace,html5ever=off,selectors=off,thirtyfour=off,tungstenite=off,tokio_tungstenite=off,stytch=off,stytch_b2b_axum=trace",
            ))
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
}

/// Session cookies of all browsers, none of which may be logged.
static COOKIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Adds a cookie that must never be logged.
pub fn forbid(cookie: &str) {
    COOKIES.lock().unwrap().push(cookie.to_owned());
}

/// The latest of them.
pub fn cookies() -> Vec<String> {
    let cookies = COOKIES.lock().unwrap();
    cookies.iter().rev().take(50).cloned().collect()
}

/// The log so far.
pub fn text() -> String {
    since(0)
}

/// Current length of the log.
pub fn len() -> usize {
    LOG.lock().unwrap().len()
}

/// What was logged after the log had this length.
pub fn since(len: usize) -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()[len..]).into_owned()
}
