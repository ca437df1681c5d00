//! A Redis server of this bench's own, if Debian's package is installed.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::lab::free_port;

pub struct Redis {
    pub url: String,
    child: Child,
}

impl Redis {
    /// Starts the server, which stores nothing on disk. `None` without `redis-server`.
    pub fn start() -> Option<Self> {
        let port = free_port().local_addr().ok()?.port().to_string();
        let child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", ""])
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let address = format!("127.0.0.1:{port}");
        let redis = Self {
            url: format!("redis://{address}/"),
            child,
        };
        for _ in 0..500 {
            if TcpStream::connect(&address).is_ok() {
                return Some(redis);
            }
            sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
