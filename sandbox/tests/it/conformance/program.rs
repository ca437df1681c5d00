//! The built program, on a free port.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running `stytch-sandbox`, which is stopped when this is dropped.
pub struct Program {
    child: Child,
    /// Kept open, because the program continues to print.
    _output: Lines<BufReader<ChildStdout>>,
    pub url: String,
    pub project_id: String,
    pub secret: String,
}

/// The path of this folder.
pub fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/conformance")
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_stytch-sandbox"));
    let folder = program.ancestors().nth(2).expect("target/debug/program");
    folder.to_owned()
}

impl Program {
    /// Starts the program on a free port, and reads its address and credentials from the first lines.
    pub fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stytch-sandbox"))
            .env_clear()
            .env("SANDBOX_BIND", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = output.lines();
        let mut after = |mark: &str| {
            let line = lines
                .by_ref()
                .map_while(Result::ok)
                .find(|line| line.contains(mark))
                .unwrap_or_default();
            let Some((_, rest)) = line.rsplit_once(mark) else {
                panic!("the program does not print {mark}");
            };
            rest.to_owned()
        };
        let [url, project_id, secret] =
            ["listens on ", "STYTCH_PROJECT_ID=", "STYTCH_SECRET="].map(&mut after);
        Self {
            url,
            project_id,
            secret,
            child,
            _output: lines,
        }
    }

    /// The status of a call with the credentials and an empty body.
    pub fn status(&self, method: &str, path: &str) -> u16 {
        use base64::Engine as _;
        let credentials = base64::engine::general_purpose::STANDARD
            .encode(format!("{}:{}", self.project_id, self.secret));
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("it listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {credentials}\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it responds");
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        status.unwrap_or_else(|| panic!("{method} {path}: {answer}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
