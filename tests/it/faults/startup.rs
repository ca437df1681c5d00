//! The addresses that the app names at its start, and those at which browsers find it.

use std::{
    collections::HashMap,
    io,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use stytch_b2b_axum::{config::Config, startup};
use url::Url;

use super::config::ACCOUNT;

fn config(bind: &str, app_url: &str) -> Config {
    let address = [("BIND", bind), ("APP_URL", app_url)];
    let values = ACCOUNT.iter().chain(&address);
    let values = values.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_values(&values.collect::<HashMap<_, _>>()).unwrap()
}

async fn warnings(config: &Config) -> Vec<String> {
    let stytch_url = Url::parse("https://test.stytch.com").unwrap();
    startup::warnings(config, &stytch_url).await
}

/// P10: without `APP_URL`, browsers use the address on which the app listens.
#[test]
fn the_url_follows_the_address() {
    for (bind, app_url) in [
        ("", "http://localhost:3000/"),
        ("127.0.0.1:8080", "http://localhost:8080/"),
        ("[::1]:8080", "http://localhost:8080/"),
        ("0.0.0.0:8080", "http://localhost:8080/"),
        ("[::]:8080", "http://localhost:8080/"),
        // `localhost` leads to neither of these.
        ("127.0.0.2:8080", "http://127.0.0.2:8080/"),
        ("127.0.0.1:80", "http://localhost/"),
    ] {
        assert_eq!(config(bind, "").app_url.as_str(), app_url, "{bind}");
    }
    for (app_url, followed) in [
        ("", "http://localhost:4321/"),
        ("http://localhost:3000", "http://localhost:3000/"),
        ("https://app.example", "https://app.example/"),
    ] {
        let mut config = config("127.0.0.1:0", app_url);
        config.bound_to("127.0.0.1:4321".parse().unwrap());
        assert_eq!(config.app_url.as_str(), followed);
        assert_eq!(config.bind.port(), 4321);
    }
}

/// P10: an address on this machine on which the app does not listen causes a warning, because only a proxy can make it
/// work.
#[tokio::test]
async fn a_url_that_leads_elsewhere_causes_a_warning() {
    for (bind, app_url, warned) in [
        ("127.0.0.1:2", "http://localhost:1", true),
        ("0.0.0.0:2", "http://localhost:1", true),
        ("127.0.0.1:2", "http://localhost", true),
        ("127.0.0.1:1", "http://[::1]:1", true),
        ("[::1]:1", "http://127.0.0.1:1", true),
        ("127.0.0.2:1", "http://localhost:1", true),
        ("192.0.2.7:1", "http://localhost:1", true),
        ("192.0.2.7:1", "", true),
        ("127.0.0.1:2", "http://app.localhost:1", true),
        ("127.0.0.1:1", "http://localhost:1", false),
        ("[::1]:1", "http://localhost:1", false),
        ("[::]:1", "http://localhost:1", false),
        ("[::]:1", "http://127.0.0.1:1", false),
        ("0.0.0.0:1", "http://127.0.0.1:1", false),
        ("127.0.0.1:80", "http://localhost", false),
        ("127.0.0.1:1", "", false),
        ("127.0.0.2:1", "", false),
        // There must be a proxy, because the app does not serve https.
        ("127.0.0.1:2", "https://localhost:1", false),
        ("127.0.0.1:2", "https://app.example", false),
        ("0.0.0.0:2", "https://app.example", false),
    ] {
        let config = config(bind, app_url);
        let warnings = warnings(&config).await;
        assert_eq!(
            warnings.len(),
            usize::from(warned),
            "{bind} {app_url} {warnings:?}"
        );
        let ports = [
            config.bind.port(),
            config.app_url.port_or_known_default().unwrap(),
        ];
        let fix = if ports[0] == ports[1] {
            "set BIND=127.0.0.1:"
        } else {
            "make the port in APP_URL and BIND the same"
        };
        assert!(warnings.iter().all(|it| it.contains(fix)), "{warnings:?}");
        for warning in warnings {
            for said in [app_url, bind, "APP_URL", "BIND", "proxy"] {
                assert!(warning.contains(said), "{said} {warning}");
            }
        }
    }
}

/// P10: another program on the other loopback address of `localhost` causes a warning.
#[tokio::test]
async fn another_program_on_the_other_family_causes_a_warning() {
    for (other, ours, host, warned) in [
        ("[::1]:0", "127.0.0.1", "localhost", true),
        ("127.0.0.1:0", "[::1]", "localhost", true),
        ("[::1]:0", "0.0.0.0", "localhost", true),
        ("[::1]:0", "127.0.0.1", "app.localhost", true),
        // Browsers try only one address.
        ("[::1]:0", "127.0.0.1", "127.0.0.1", false),
        ("127.0.0.1:0", "[::1]", "[::1]", false),
        // The app itself.
        ("127.0.0.1:0", "0.0.0.0", "localhost", false),
        ("127.0.0.1:0", "[::]", "localhost", false),
    ] {
        let program = TcpListener::bind(other).unwrap();
        let address = program.local_addr().unwrap();
        let bind = format!("{ours}:{}", address.port());
        let config = config(&bind, &format!("http://{host}:{}", address.port()));
        let warnings = warnings(&config).await;
        assert_eq!(
            warnings.len(),
            usize::from(warned),
            "{other} {ours} {warnings:?}"
        );
        for warning in warnings {
            for said in [&address.to_string(), &bind, "BIND", "APP_URL"] {
                assert!(warning.contains(said), "{said} {warning}");
            }
        }
        drop(program);
        assert_eq!(super::startup::warnings(&config).await, [""; 0]);
    }
}

/// What this function logs.
fn logged(act: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Log {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    tracing::subscriber::with_default(subscriber.with_ansi(false).finish(), act);
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

/// O13: without `CLIENT_IP_HEADER`, the log says that clients behind a proxy have no limits of their own. It is a
/// warning if strangers can be among them.
#[test]
fn missing_limits_per_client_are_logged() {
    for (app_url, header, level) in [
        ("", "", Some("INFO")),
        ("https://app.example", "", Some("WARN")),
        ("http://localhost:3000", "X-Real-IP", None),
        ("https://app.example", "X-Forwarded-For", None),
    ] {
        let more = [("APP_URL", app_url), ("CLIENT_IP_HEADER", header)];
        let values = ACCOUNT.iter().chain(&more);
        let values = values.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::from_values(&values.collect()).unwrap();
        let log = logged(|| startup::tell_client_limits(&config));
        let Some(level) = level else {
            assert_eq!(log, "");
            continue;
        };
        for said in [level, "CLIENT_IP_HEADER is not set", "no limit per client"] {
            assert!(log.contains(said), "{said} {log}");
        }
    }
}

/// The suggested port is not that of the other listener, which would fail next.
#[tokio::test]
async fn a_suggested_port_is_not_used_by_the_configuration() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let [next, after] = [1, 2].map(|steps| format!("127.0.0.1:{}", address.port() + steps));
    let config = |app: &str, sandbox: &str| {
        let values = [("BIND", app), ("SANDBOX_BIND", sandbox)];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Config::from_values(&values.into()).unwrap()
    };
    let mut busy = config(&address.to_string(), &next);
    let error = startup::listen_for_browsers(&mut busy).await.unwrap_err();
    assert!(error.ends_with(&format!("or set BIND={after}")), "{error}");
    let busy = config(&next, &address.to_string());
    let error = startup::listen_for_sandbox(&busy, address)
        .await
        .unwrap_err();
    assert!(
        error.ends_with(&format!("or set SANDBOX_BIND={after}")),
        "{error}"
    );
}
