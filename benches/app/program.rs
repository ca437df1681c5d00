//! A server in a process of its own, and the processor time that it and its children have used.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a program may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Program {
    pub name: &'static str,
    pub port: u16,
    child: Child,
}

impl Program {
    /// Starts the program and waits until it listens. Its output, the log, goes to a file.
    pub fn start(name: &'static str, port: u16, command: &mut Command) -> Self {
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log"));
        let file = fs::File::create(&log).expect("a file for the log");
        let errors = file.try_clone().expect("the same file");
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn();
        let child = child.unwrap_or_else(|error| panic!("{name}: {error}"));
        let program = Self { name, port, child };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = log.display();
            assert!(
                started.elapsed() < PATIENCE,
                "{name} does not listen: {log}"
            );
            sleep(Duration::from_millis(20));
        }
        program
    }

    /// Processor time in seconds, of all threads of the process and of its children.
    pub fn processor_time(&self) -> f64 {
        let mut nanoseconds = 0_f64;
        let mut processes = vec![self.child.id().to_string()];
        while let Some(process) = processes.pop() {
            for thread in fs::read_dir(format!("/proc/{process}/task")).expect("Linux") {
                let thread = thread.expect("a thread").path();
                // The thread may end meanwhile.
                let read = |file| fs::read_to_string(thread.join(file)).unwrap_or_default();
                let stat = read("schedstat");
                let time = stat.split(' ').next().and_then(|it| it.parse::<f64>().ok());
                nanoseconds += time.unwrap_or_default();
                processes.extend(read("children").split_whitespace().map(str::to_owned));
            }
        }
        nanoseconds / 1e9
    }
}

impl Drop for Program {
    /// Children end with their parent: gunicorn's worker notices that it is gone.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
