//! Time from the command to the first response.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    lab::free_port,
    median,
    table::{Limit, Table},
};

/// Measures how long the program with its sandbox, started as by `cargo run`, takes until it responds.
pub fn start(table: &mut Table) {
    let mut times = Vec::new();
    for _ in 0..20 {
        let [bind, sandbox] =
            [free_port(), free_port()].map(|port| port.local_addr().expect("an address"));
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_stytch-b2b-axum"))
            .env("BIND", bind.to_string())
            .env("SANDBOX_BIND", sandbox.to_string())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program");
        while !responds(bind) {}
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        child.kill().expect("stopped");
        child.wait().expect("its end");
    }
    let took = format!("{:.1} ms", median(&times));
    table.add(
        "from the start of the program, with its sandbox, to its first response",
        took,
        "",
        &Limit::None,
    );
}

fn responds(at: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(at) else {
        return false;
    };
    let asked =
        stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let mut response = String::new();
    asked.is_ok()
        && stream.read_to_string(&mut response).is_ok()
        && response.starts_with("HTTP/1.1 200")
}
