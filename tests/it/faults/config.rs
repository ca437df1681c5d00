use std::time::Duration;

use axum::http::HeaderName;
use stytch_b2b_axum::{
    config::{Account, Config, SandboxState, SessionStore, VARIABLES},
    state::Settings,
    stytch::{Credentials, ProjectSecret, Provider},
};
use url::Url;

fn config(values: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let values = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_values(&values.collect()).map_err(|mistakes| mistakes.0)
}

pub(super) const ACCOUNT: [(&str, &str); 3] = [
    (
        "STYTCH_PROJECT_ID",
        "project-test-11111111-1111-4111-8111-111111111111",
    ),
    ("STYTCH_SECRET", "secret-test-s3cr3ts3cr3ts3cr3t"),
    (
        "STYTCH_PUBLIC_TOKEN",
        "public-token-test-22222222-2222-4222-8222-222222222222",
    ),
];

const SESSION_KEY: (&str, &str) = (
    "SESSION_KEY",
    "aHVudGVyMmh1bnRlcjIsIGFuZCBpdCBvcGVucyBhbGw=",
);

/// V2: debug output contains neither the password nor the key of the store.
#[test]
fn sessions_can_be_stored_in_redis() {
    for url in ["redis://", "rediss://"] {
        let url = format!("{url}ada:hunter2@localhost:6379/1");
        let config = config(&[("SESSION_STORE", &url), SESSION_KEY]).unwrap();
        let printed = format!("{config:?}");
        assert!(
            matches!(config.session_store, SessionStore::Redis { .. }),
            "{printed}"
        );
        assert!(printed.contains("key: [redacted]"), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}

/// P15: the memory for sessions has a unit, a default and limits.
#[test]
fn session_memory_is_configurable() {
    let bytes = |value: &str| {
        let config = config(&[("SESSION_MEMORY_MB", value)])?;
        match config.session_store {
            SessionStore::Memory { bytes } => Ok::<_, Vec<String>>(bytes),
            SessionStore::Redis { .. } => panic!("Redis"),
        }
    };
    for (value, expected) in [
        ("", 512_000_000),
        ("16", 16_000_000),
        ("65536", 65_536_000_000),
    ] {
        assert_eq!(bytes(value), Ok(expected), "{value}");
    }
    for value in [
        "0",
        "15",
        "65537",
        "-16",
        "16.5",
        "16MB",
        "99999999999999999999",
    ] {
        let mistakes = bytes(value).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{value}: {mistakes:?}");
        assert!(mistakes[0].contains("from 16 to 65536"), "{mistakes:?}");
    }
}

#[test]
fn without_credentials_the_sandbox_starts() {
    let config = config(&[]).unwrap();
    assert!(
        matches!(config.stytch, Account::Sandbox { bind, seed: None, public_url: None, state: SandboxState::Default } if bind.to_string() == "127.0.0.1:3100")
    );
    assert_eq!(config.app_url.as_str(), "http://localhost:3000/");
    let seeded = self::config(&[("SANDBOX_SEED", "people.toml")]).unwrap();
    assert!(
        matches!(seeded.stytch, Account::Sandbox { seed: Some(file), .. } if file.as_os_str() == "people.toml")
    );
    let state = |value| match self::config(&[("SANDBOX_STATE", value)]).unwrap().stytch {
        Account::Sandbox { state, .. } => state.file(Some("/src".into())),
        Account::Real { .. } => panic!("an account"),
    };
    assert_eq!(state("off"), None);
    assert_eq!(state("my state.json"), Some(("my state.json".into(), true)));
    let default = Some(("/src/target/sandbox-state.json".into(), false));
    assert_eq!(state(""), default, "with cargo run");
    assert_eq!(SandboxState::Default.file(None), None);
    assert_eq!(
        (
            config.bind.to_string().as_str(),
            config.session_minutes,
            config.providers.len()
        ),
        ("127.0.0.1:3000", 60, 5)
    );
}

#[test]
fn three_credentials_select_a_real_account() {
    let base = |values: &[(&str, &str)]| match config(values).unwrap().stytch {
        Account::Real { base_url, .. } => base_url.to_string(),
        Account::Sandbox { .. } => panic!("the sandbox"),
    };
    assert_eq!(base(&ACCOUNT), "https://test.stytch.com/");
    let live = ACCOUNT.map(|(name, value)| (name, value.replace("-test-", "-live-")));
    let live: Vec<_> = live
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(base(&live), "https://api.stytch.com/");
    let mut own = ACCOUNT.to_vec();
    own.push(("STYTCH_BASE_URL", "https://login.acme.example"));
    assert_eq!(base(&own), "https://login.acme.example/");
    assert_eq!(
        config(&ACCOUNT).unwrap().providers.len(),
        2,
        "google and microsoft"
    );
}

/// P7, P8: each mistake is reported, without the value of a secret.
#[test]
fn mistakes_are_reported() {
    let [id, secret, token] = ACCOUNT;
    for (values, said) in [
        (
            vec![id],
            vec!["STYTCH_SECRET is missing", "STYTCH_PUBLIC_TOKEN is missing"],
        ),
        (vec![id, secret], vec!["STYTCH_PUBLIC_TOKEN is missing"]),
        (
            vec![id, token, ("STYTCH_SECRET", "secret-test-...")],
            vec!["STYTCH_SECRET does not look like"],
        ),
        (
            vec![id, token, ("STYTCH_SECRET", "hunter2hunter2")],
            vec!["STYTCH_SECRET does not look like"],
        ),
        (
            vec![id, token, ("STYTCH_SECRET", "secret-test-s3cr3ts3cr3t\r")],
            vec!["STYTCH_SECRET begins or ends with a space, or contains a control character"],
        ),
        (
            vec![id, token, ("STYTCH_SECRET", "secret-live-s3cr3ts3cr3t")],
            vec!["mix the test and the live"],
        ),
        (
            vec![("BIND", "0.0.0.0:3000")],
            vec!["BIND must be a loopback address"],
        ),
        (
            vec![("APP_URL", "https://app.example")],
            vec!["APP_URL must be on localhost"],
        ),
        (
            vec![("BIND", "0.0.0.0:80"), ("APP_URL", "https://app.example")],
            vec!["BIND must be", "APP_URL must be"],
        ),
        (
            vec![("SANDBOX_BIND", "0.0.0.0:3100")],
            vec!["SANDBOX_BIND must be a loopback"],
        ),
        (
            vec![("STYTCH_BASE_URL", "https://test.stytch.com")],
            vec!["STYTCH_BASE_URL is set, but"],
        ),
        (
            vec![id, secret, token, ("APP_URL", "http://app.example")],
            vec!["APP_URL is http on a public host"],
        ),
        (
            vec![("APP_URL", "http://localhost:3000/app")],
            vec!["APP_URL must end after the host"],
        ),
        (
            vec![("APP_URL", "localhost:3000")],
            vec!["APP_URL must begin with https://"],
        ),
        (vec![("APP_URL", "nonsense")], vec!["APP_URL is not a URL"]),
        (
            vec![("BIND", "3000")],
            vec!["BIND is not an address with a port"],
        ),
        (
            vec![("CLIENT_IP_HEADER", "X-Forwarded-For:")],
            vec!["CLIENT_IP_HEADER must be the name of one header"],
        ),
        (
            vec![("CLIENT_IP_HEADER", "X-Real-IP, X-Forwarded-For")],
            vec!["CLIENT_IP_HEADER must be the name of one header"],
        ),
        (
            vec![("CLIENT_IP_HEADER", "forwarded")],
            vec!["CLIENT_IP_HEADER can't be Forwarded"],
        ),
        (
            vec![
                ("SESSION_MINUTES", "4"),
                ("OAUTH_PROVIDERS", "google,gogle,google"),
            ],
            vec![
                "SESSION_MINUTES",
                "unknown provider \"gogle\"",
                "google twice",
            ],
        ),
    ] {
        says(&values, &said);
    }
    let all = config(&[
        ("BIND", "x"),
        ("APP_URL", "x"),
        ("SANDBOX_BIND", "x"),
        ("SESSION_MINUTES", "x"),
        ("OAUTH_PROVIDERS", "x"),
    ]);
    assert_eq!(all.unwrap_err().len(), 5, "all in one message");
}

/// P7: mistakes about the session store.
#[test]
fn mistakes_about_the_store_are_reported() {
    for (values, said) in [
        (
            vec![("SESSION_MEMORY_MB", "1GB")],
            vec!["SESSION_MEMORY_MB must be a whole number of megabytes from 16 to 65536"],
        ),
        (
            vec![("SESSION_STORE", "file:///tmp")],
            vec!["SESSION_STORE must be memory, or a URL"],
        ),
        (
            vec![("SESSION_STORE", "redis://"), ("SESSION_KEY", "x")],
            vec!["SESSION_STORE must be memory", "SESSION_KEY must be 32"],
        ),
        (
            vec![("SESSION_STORE", "redis://:hunter2@localhost/x")],
            vec!["SESSION_STORE must be memory", "openssl rand -base64 32"],
        ),
        (
            vec![
                ("SESSION_STORE", "rediss://:hunter2@localhost/#insecure"),
                SESSION_KEY,
            ],
            vec!["SESSION_STORE must be memory"],
        ),
        (
            vec![
                ("SESSION_STORE", "redis://localhost"),
                ("SESSION_KEY", "aHVudGVyMmh1bnRlcjI="),
            ],
            vec!["SESSION_KEY must be 32 random bytes"],
        ),
        (
            vec![
                ("SESSION_STORE", "redis://localhost"),
                (
                    "SESSION_KEY",
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                ),
            ],
            vec!["32 random bytes", "`openssl rand -base64 32`"],
        ),
    ] {
        says(&values, &said);
    }
}

fn says(values: &[(&str, &str)], said: &[&str]) {
    let mistakes = config(values).unwrap_err().join("\n");
    for said in said {
        assert!(mistakes.contains(said), "{said:?} not in {mistakes:?}");
    }
    for value in ["s3cr3t", "hunter2", "a:b@", "aHVudGVyMmh1bnRlcjI="] {
        assert!(!mistakes.contains(value), "{mistakes}");
    }
}

/// V10: the secret is sent only to Stytch and only by https, and belongs to the project. All mistakes are reported at
/// once.
#[test]
fn a_base_url_is_an_origin_of_the_same_environment() {
    let with = |base_url: &str| {
        let mut values = ACCOUNT.to_vec();
        values.push(("STYTCH_BASE_URL", base_url));
        config(&values).err().unwrap_or_default()
    };
    for (base_url, said) in [
        ("http://test.stytch.com", vec!["is http on a public host"]),
        ("http://10.0.0.1:3100", vec!["is http on a public host"]),
        (
            "http://localhost.evil.example",
            vec!["is http on a public host"],
        ),
        (
            "https://a:b@test.stytch.com",
            vec!["must not contain a user name"],
        ),
        (
            "https://test.stytch.com@evil.example",
            vec!["must not contain a user name"],
        ),
        (
            "https://test.stytch.com/v1",
            vec!["must end after the host"],
        ),
        (
            "https://test.stytch.com?a=b",
            vec!["must end after the host"],
        ),
        ("https://test.stytch.com#a", vec!["must end after the host"]),
        ("ftp://test.stytch.com", vec!["must begin with https://"]),
        ("test.stytch.com", vec!["is not a URL"]),
        (
            "https://api.stytch.com",
            vec!["belong to different environments"],
        ),
        (
            "http://a:b@api.stytch.com/v1",
            vec![
                "user name",
                "http on a public",
                "must end",
                "belong to different environments",
            ],
        ),
    ] {
        let mistakes = with(base_url);
        assert_eq!(mistakes.len(), said.len(), "{base_url}: {mistakes:?}");
        for (mistake, said) in mistakes.iter().zip(said) {
            assert!(
                mistake.starts_with("STYTCH_BASE_URL ") && mistake.contains(said),
                "{mistake}"
            );
            assert!(!mistake.contains("a:b"), "{mistake}");
        }
    }
    for fine in [
        "http://127.0.0.1:3100",
        "http://localhost:3100",
        "http://[::1]:3100",
        "http://sandbox:3100",
        "http://stytch-sandbox",
        "https://login.acme.example",
    ] {
        assert!(with(fine).is_empty(), "{fine}");
    }
}

fn with_account<'a>(more: &[(&'a str, &'a str)]) -> Result<Config, Vec<String>> {
    config(&[&ACCOUNT[..], more].concat())
}

const BASE: (&str, &str) = ("STYTCH_BASE_URL", "http://sandbox:3100");
const ALLOW: (&str, &str) = ("ALLOW_PUBLIC_SANDBOX", "1");
const PUBLIC_APP: (&str, &str) = ("APP_URL", "https://x-3000.app.github.dev");

/// P8, P11: an http base URL means a sandbox, however that was started.
#[test]
fn a_sandbox_is_known_by_its_url() {
    for (base_url, is_sandbox) in [
        ("http://127.0.0.1:3100", true),
        ("http://localhost", true),
        ("http://[::1]:3100", true),
        ("http://sandbox:3100", true),
        ("https://localhost:3100", false),
        ("https://sandbox", false),
        ("https://test.stytch.com", false),
    ] {
        let config = with_account(&[("STYTCH_BASE_URL", base_url)]).unwrap();
        assert_eq!(config.stytch.is_sandbox(), is_sandbox, "{base_url}");
        let providers = if is_sandbox { 5 } else { 2 };
        assert_eq!(config.providers.len(), providers, "{base_url}");
        // The credentials of the sandbox are published, so they open a public app to everyone.
        let public = with_account(&[("STYTCH_BASE_URL", base_url), PUBLIC_APP]);
        assert_eq!(public.is_err(), is_sandbox, "{base_url}");
        let live = ACCOUNT.map(|(name, value)| (name, value.replace("-test-", "-live-")));
        let live = live.each_ref().map(|(name, value)| (*name, value.as_str()));
        let live = config_of(&live, &[("STYTCH_BASE_URL", base_url)]);
        assert_eq!(
            live.iter()
                .any(|it| it.contains("STYTCH_PROJECT_ID belongs to the live environment")),
            is_sandbox,
            "{base_url} {live:?}"
        );
    }
    assert!(config(&[]).unwrap().stytch.is_sandbox());
}

fn config_of(account: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<String> {
    config(&[account, more].concat()).err().unwrap_or_default()
}

/// P8, P11: a setting that can't work, or would let everyone in, is refused with the variable and the fix.
#[test]
fn a_public_sandbox_must_be_allowed() {
    let public_url = ("STYTCH_PUBLIC_URL", "https://x-3100.app.github.dev");
    let embedded_url = ("SANDBOX_PUBLIC_URL", "https://x-3100.app.github.dev");
    let [project_id, secret, token] = ACCOUNT;
    let with =
        |more: &[(&'static str, &'static str)]| [&[project_id, secret, token, BASE], more].concat();
    for (values, said) in [
        (with(&[PUBLIC_APP]), &["APP_URL must be on localhost"][..]),
        (with(&[PUBLIC_APP, public_url]), &["ALLOW_PUBLIC_SANDBOX=1"]),
        (
            with(&[PUBLIC_APP, ALLOW]),
            &["STYTCH_PUBLIC_URL is missing"],
        ),
        (with(&[PUBLIC_APP, ALLOW, public_url]), &[]),
        (
            with(&[("ALLOW_PUBLIC_SANDBOX", "yes")]),
            &["must be 1 or unset"],
        ),
        (
            with(&[("ALLOW_PUBLIC_SANDBOX", "0")]),
            &["must be 1 or unset"],
        ),
        (with(&[("BIND", "0.0.0.0:3000")]), &[]),
        (with(&[("STYTCH_PUBLIC_URL", "http://127.0.0.1:8100")]), &[]),
        (
            with(&[("STYTCH_PUBLIC_URL", "http://sandbox.example")]),
            &["STYTCH_PUBLIC_URL is http on a public host"],
        ),
        (
            with(&[("STYTCH_PUBLIC_URL", "https://test.stytch.com")]),
            &["is a URL of the real Stytch"],
        ),
        (
            with(&[("STYTCH_PUBLIC_URL", "https://api.stytch.com")]),
            &[
                "belong to different environments",
                "is a URL of the real Stytch",
            ],
        ),
        (
            with(&[("STYTCH_PUBLIC_URL", "https://x.example/path")]),
            &["STYTCH_PUBLIC_URL must end after the host"],
        ),
        (
            vec![
                project_id,
                secret,
                token,
                ("STYTCH_PUBLIC_URL", "http://127.0.0.1:3100"),
            ],
            &["STYTCH_PUBLIC_URL is http"],
        ),
        (
            vec![
                project_id,
                secret,
                token,
                ("STYTCH_PUBLIC_URL", "https://login.acme.example"),
            ],
            &[],
        ),
        // The embedded sandbox.
        (vec![PUBLIC_APP], &["APP_URL must be on localhost"]),
        (vec![PUBLIC_APP, embedded_url], &["ALLOW_PUBLIC_SANDBOX=1"]),
        (vec![PUBLIC_APP, ALLOW], &["SANDBOX_PUBLIC_URL is missing"]),
        (vec![PUBLIC_APP, ALLOW, embedded_url], &[]),
        (
            vec![("BIND", "0.0.0.0:1"), ("SANDBOX_BIND", "0.0.0.0:2")],
            &["BIND must be", "SANDBOX_BIND must be"],
        ),
        (
            vec![("BIND", "0.0.0.0:1"), ("SANDBOX_BIND", "0.0.0.0:2"), ALLOW],
            &[],
        ),
        (vec![("SANDBOX_PUBLIC_URL", "http://127.0.0.1:8100")], &[]),
        (
            vec![("SANDBOX_PUBLIC_URL", "https://stytch.com")],
            &["is a URL of the real Stytch"],
        ),
        (
            vec![("SANDBOX_PUBLIC_URL", "http://x.example")],
            &["is http on a public host"],
        ),
        (
            vec![("STYTCH_PUBLIC_URL", "http://127.0.0.1:8100")],
            &["STYTCH_PUBLIC_URL is set, but"],
        ),
    ] {
        let mistakes = config(&values).err().unwrap_or_default();
        assert_eq!(mistakes.len(), said.len(), "{values:?} {mistakes:?}");
        for (mistake, said) in mistakes.iter().zip(said) {
            assert!(mistake.contains(said), "{said:?} not in {mistake:?}");
        }
    }
}

/// V10: credentials of two environments, and placeholders that were not filled in.
#[test]
fn credentials_are_real_and_belong_together() {
    let swap = |at: usize, value: &str| {
        let mut values = ACCOUNT.map(|(name, value)| (name, value.to_owned()));
        value.clone_into(&mut values[at].1);
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        config(&values).err().unwrap_or_default().join("\n")
    };
    for (at, (name, value)) in ACCOUNT.into_iter().enumerate() {
        assert!(swap(at, &value.replace("-test-", "-live-")).contains("mix the test and the live"));
        let prefix = value.split_inclusive("-test-").next().unwrap();
        for rest in [
            "",
            "...",
            "your-project-id",
            "YOUR_SECRET_HERE",
            "<from the dashboard>",
            "xxxxxxxxxxxxxxxxxxxx",
            "00000000-0000-0000-0000-000000000000",
            "changeme-changeme",
            "for-example-this",
        ] {
            let said = swap(at, &format!("{prefix}{rest}"));
            assert!(
                said.contains(&format!("{name} does not look like")),
                "{prefix}{rest}: {said}"
            );
        }
    }
    // A live project id beside test credentials, and the reverse.
    let live = ACCOUNT.map(|(name, value)| (name, value.replace("-test-", "-live-")));
    let mut live = live.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert!(config(&live).is_ok());
    live[1] = ACCOUNT[1];
    assert_eq!(config(&live).unwrap_err().len(), 1);
}

/// P7: `.env.example` has every variable with a paragraph, and no other.
#[test]
fn the_example_explains_every_variable() {
    let example = include_str!("../../../.env.example");
    for paragraph in example
        .split("\n\n")
        .filter(|paragraph| paragraph.contains('='))
    {
        assert!(
            paragraph
                .lines()
                .filter(|line| line.starts_with("# "))
                .count()
                >= 1,
            "{paragraph}"
        );
    }
    let mut found: Vec<&str> = example
        .lines()
        .filter_map(|line| {
            line.strip_prefix('#')
                .unwrap_or(line)
                .split_once('=')
                .map(|(name, _)| name)
        })
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    found.sort_unstable();
    let mut known = VARIABLES;
    known.sort_unstable();
    assert_eq!(found, known);
    assert!(!example.contains('\r'));
}

/// O10, O13, O14, W6: limits without a variable are those that the documents name.
#[test]
fn the_defaults_are_those_of_the_documents() {
    let credentials = || Credentials {
        project_id: ACCOUNT[0].1.to_owned(),
        secret: ProjectSecret::new(ACCOUNT[1].1),
        public_token: ACCOUNT[2].1.to_owned(),
    };
    let minutes = config(&[
        ("SESSION_MINUTES", "90"),
        ("OAUTH_PROVIDERS", "google"),
        ("CLIENT_IP_HEADER", "X-Real-IP"),
    ])
    .unwrap();
    for (base_url, cached_for) in [
        ("https://test.stytch.com", 30),
        ("http://localhost:3100", 1),
        ("http://sandbox:3100", 1),
    ] {
        let is_sandbox = cached_for == 1;
        let base_url = Url::parse(base_url).unwrap();
        let public_url = Url::parse("http://127.0.0.1:8100").unwrap();
        let settings =
            Settings::from_config(&minutes, credentials(), base_url, public_url).unwrap();
        assert_eq!(settings.cached_for, Duration::from_secs(cached_for));
        assert_eq!(settings.searches_per_minute, 60);
        assert_eq!(settings.searches_per_client, 20);
        assert_eq!(settings.emails_per_minute, 60);
        assert_eq!(settings.emails_per_client, 30);
        assert_eq!(
            settings.client_ip_header,
            Some(HeaderName::from_static("x-real-ip"))
        );
        assert_eq!(settings.body_timeout, Duration::from_secs(10));
        assert_eq!(settings.session_minutes, 90);
        assert_eq!(settings.providers, [Provider::Google]);
        let banner = settings.sandbox.as_deref();
        assert_eq!(banner, is_sandbox.then_some("http://127.0.0.1:8100"));
    }
}

/// P12: a filter that would silence the log because of a typing mistake is reported like every other mistake.
#[test]
fn a_misspelled_log_filter_is_reported() {
    for good in [
        "info",
        "WARN",
        "off",
        "warn,hyper=off",
        "info, stytch_b2b_axum=debug",
        "stytch_b2b_axum::routes",
        "my_app=trace,tower_sessions_core",
        "[request{method=GET}]=debug,info",
    ] {
        assert!(config(&[("RUST_LOG", good)]).is_ok(), "{good}");
    }
    for (bad, named) in [
        ("warning", "warning"),
        ("verbose", "verbose"),
        ("info,hyper=wran", "hyper=wran"),
        ("info;debug", "info;debug"),
        ("error,stytch", "stytch"),
        ("hyper=", "hyper="),
    ] {
        let mistakes = config(&[("RUST_LOG", bad), ("SESSION_MINUTES", "1")]).unwrap_err();
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
        let text = format!("RUST_LOG: {named:?} is neither a level nor a target");
        let found = mistakes.iter().any(|mistake| mistake.starts_with(&text));
        assert!(found, "{mistakes:?}");
    }
}

/// A password with characters that would end it in a URL: the error says what to do, and contains no value.
#[test]
fn special_characters_in_the_store_s_password_are_explained() {
    for password in ["pa#ss", "pa/ss", "pa?ss", "pa@/ss", "#"] {
        let url = format!("redis://app:{password}@localhost:6379/0");
        let mistakes = config(&[("SESSION_STORE", &url), SESSION_KEY]).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].contains("percent-encode"), "{mistakes:?}");
        assert!(!mistakes[0].contains(password) || password == "#");
    }
    for fine in ["redis://app:pa%23ss@localhost", "redis://localhost/1"] {
        assert!(config(&[("SESSION_STORE", fine), SESSION_KEY]).is_ok());
    }
    // This URL switches the check of certificates off.
    let mistakes = config(&[
        ("SESSION_STORE", "rediss://localhost#insecure"),
        SESSION_KEY,
    ]);
    assert!(!mistakes.unwrap_err()[0].contains("percent-encode"));
}

/// P7: ids must be UUIDs, and a secret must not contain characters that were copied along with it.
#[test]
fn malformed_credentials_are_reported() {
    let with = |at: usize, value: &str| {
        let mut values = ACCOUNT;
        values[at].1 = value;
        config(&values)
    };
    for (at, value) in [
        (0, "project-test-11111111-1111-4111-8111"),
        (0, "project-test-11111111-1111-4111-8111-111111111111;"),
        (2, "public-token-test-s3cr3ts3cr3ts3cr3t"),
        (
            2,
            "public-token-test-project-test-22222222-2222-4222-8222-222222222222",
        ),
    ] {
        let mistakes = with(at, value).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        let name = ACCOUNT[at].0;
        assert!(mistakes[0].starts_with(&format!("{name} does not look like")));
        assert!(mistakes[0].contains("<UUID>"), "{mistakes:?}");
    }
    for end in [";", ",", "\"", "'", "."] {
        let mistakes = with(1, &format!("secret-test-s3cr3ts3cr3t{end}")).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].starts_with("STYTCH_SECRET ends with a character"));
        assert!(!mistakes[0].contains("s3cr3t"));
    }
    for end in ["=", "-", "_", "w"] {
        assert!(with(1, &format!("secret-test-s3cr3ts3cr3t{end}")).is_ok());
    }
}
