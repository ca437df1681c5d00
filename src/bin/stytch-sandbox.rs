//! The sandbox alone: a local Stytch B2B for an app in any language.

use std::net::SocketAddr;
use std::process::ExitCode;

use stytch_b2b_axum::{sandbox::Sandbox, web::server::stop_signal};
use tokio::net::TcpListener;

const HELP: &str = "\
stytch-sandbox: a Stytch B2B on this machine, for trying an app and for tests.

Usage: stytch-sandbox [--help]

Environment (STYTCH_* variables and .env are not read: the sandbox never speaks for a real project):
  SANDBOX_BIND  where it listens, a loopback address   [127.0.0.1:3100]
  APP_URL       the app whose redirect URLs it accepts  [http://localhost:3000]
                ({APP_URL}/authenticate for login and signup, {APP_URL}/discovery)
  RUST_LOG      what it logs                            [warn]
";

#[tokio::main]
async fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("--help" | "-h") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some(other) => return refuse(&format!("{other} is no option of mine. Try --help.")),
    }
    tracing_subscriber::fmt()
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()))
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => refuse(&reason),
    }
}

async fn run() -> Result<(), String> {
    let bind = variable("SANDBOX_BIND", "127.0.0.1:3100");
    let app_url = variable("APP_URL", "http://localhost:3000");
    let address: SocketAddr = bind.parse().map_err(|_| {
        format!("SANDBOX_BIND={bind} is no address with a port, such as 127.0.0.1:3100.")
    })?;
    if !address.ip().is_loopback() {
        return Err(format!(
            "SANDBOX_BIND={bind} is no loopback address. The sandbox lets everybody in, so it stays on this machine."
        ));
    }
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("Port {} is in use. Stop what listens there, or set SANDBOX_BIND to another port.", address.port())
        }
        _ => format!("Cannot listen on {address}: {error}."),
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let sandbox = Sandbox::new(&app_url);
    let stop = stop_signal().map_err(|error| error.to_string())?;
    introduce(&sandbox, address, &app_url);
    sandbox
        .serve(listener, stop)
        .await
        .map_err(|error| error.to_string())
}

/// Prints what an app needs. The secret is published in this program's source and opens nothing but this sandbox.
fn introduce(sandbox: &Sandbox, address: SocketAddr, app_url: &str) {
    let world = sandbox.world();
    let credentials = world.credentials();
    let app_url = app_url.trim_end_matches('/');
    println!("stytch-sandbox listens on http://{address}");
    println!();
    println!("Point your app at it:");
    println!("  STYTCH_BASE_URL=http://{address}/");
    println!("  STYTCH_PROJECT_ID={}", credentials.project_id);
    println!("  STYTCH_SECRET={}", credentials.secret);
    println!("  STYTCH_PUBLIC_TOKEN={}", credentials.public_token);
    println!();
    println!(
        "Redirect URLs: {app_url}/authenticate (login, signup), {app_url}/discovery (discovery)"
    );
    println!(
        "Official SDKs: environment=\"http://{address}/\" in Python, env: \"http://{address}/\" in Node"
    );
}

fn variable(name: &str, default: &str) -> String {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .unwrap_or_else(|| default.to_owned())
}

/// One line that says what is wrong, and exit code 2.
fn refuse(reason: &str) -> ExitCode {
    eprintln!("stytch-sandbox: {reason}");
    ExitCode::from(2)
}
