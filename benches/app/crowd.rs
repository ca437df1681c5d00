//! Measures what a person's sign-in costs while strangers flood the app or the sandbox. Each flood alternates with the
//! same number of harmless requests at the same rate. The ratio of the two medians is what the flood costs that person
//! beyond the mere number of requests. The limit is 2.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet, time::sleep_until};

use crate::{
    lab::App,
    load::Browser,
    table::{Limit, Table},
    {median, ratio},
};

/// Requests per second, spread over all strangers.
const PER_SECOND: u32 = 400;
const STRANGERS: u32 = 8;

/// Connections that each stranger holds open. Together they are more than the app and the sandbox accept.
const HELD: usize = 250;

/// Turns of a flood and of its harmless counterpart, and sign-ins in each turn.
const TURNS: usize = 5;
const SIGN_INS: usize = 10;

/// Largest ratio that is allowed.
const MOST: f64 = 2.0;

/// Builds the request with this number. `cookie` belongs to a browser to which a code was sent.
type Requests = fn(number: u32, cookie: &str) -> String;

struct Flood {
    name: &'static str,
    requests: Requests,
    to: To,
}

#[derive(Clone, Copy, PartialEq)]
enum To {
    App,
    Sandbox,
    /// Sends half of each request on a connection that then stays open.
    AppHalf,
    SandboxHalf,
}

/// The floods of the attack tests. `docs/threats.md` says what the app does about each.
const FLOODS: [Flood; 12] = [
    Flood {
        name: "made-up organizations",
        requests: |number, _| get(&format!("/org/made-up-{number}"), ""),
        to: To::App,
    },
    Flood {
        name: "emails to other people",
        requests: |number, cookie| {
            let form = format!("way=code&email_address=victim-{number}%40acme.example");
            post("/email", cookie, &form)
        },
        to: To::App,
    },
    Flood {
        name: "guessed codes",
        requests: |number, cookie| {
            post(
                "/email/code",
                cookie,
                &format!("code={:06}", number % 1_000_000),
            )
        },
        to: To::App,
    },
    Flood {
        name: "blank codes",
        requests: |_, cookie| post("/email/code", cookie, "code=+"),
        to: To::App,
    },
    Flood {
        name: "sign-ins that are not finished",
        requests: |_, _| get("/start/google", ""),
        to: To::App,
    },
    Flood {
        name: "callbacks with made-up tokens",
        requests: |number, _| {
            let query = "stytch_token_type=oauth&slug=acme";
            get(&format!("/authenticate?{query}&token=made-up-{number}"), "")
        },
        to: To::App,
    },
    Flood {
        name: "25 kB of cookies and a long path",
        requests: |number, _| {
            let cookie = format!("stytch_b2b_axum={number}; {}", "a=b; ".repeat(5_000));
            get(&format!("/org/{}", "%C3%A4".repeat(500)), &cookie)
        },
        to: To::App,
    },
    Flood {
        name: "large forms",
        requests: |_, _| post("/logout", "", &"a=b&".repeat(16_000)),
        to: To::App,
    },
    Flood {
        name: "connections held with half of their headers",
        requests: |_, _| get("/", &"a".repeat(30_000)),
        to: To::AppHalf,
    },
    Flood {
        name: "the sandbox's consent pages, not answered",
        requests: |number, _| {
            let path = "/v1/b2b/public/oauth/google/discovery/start";
            get(
                &format!("{path}?public_token=PUBLIC_TOKEN&state={number}"),
                "",
            )
        },
        to: To::Sandbox,
    },
    Flood {
        name: "the sandbox's API with a wrong secret",
        requests: |_, _| post("/v1/b2b/sessions/authenticate", "", &"a".repeat(60_000)),
        to: To::Sandbox,
    },
    Flood {
        name: "connections to the sandbox held likewise",
        requests: |_, _| get("/", &"a".repeat(30_000)),
        to: To::SandboxHalf,
    },
];

fn get(path: &str, cookie: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nCookie: {cookie}\r\n\r\n")
}

fn post(path: &str, cookie: &str, form: &str) -> String {
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: HOST\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
}

/// Adds a row for each flood.
pub async fn run(http: &reqwest::Client, table: &mut Table) {
    for flood in &FLOODS {
        // Each flood gets a new app: what it leaves behind is also present in its harmless turns.
        let app = App::start("memory");
        let cookie = app.browser_with_code(http).await;
        // The app must know Acme: its first lookup would wait behind those of made-up organizations.
        app.organization_login(http).await;
        let harmless = Flood {
            name: "",
            requests: match flood.to {
                To::App | To::AppHalf => |_, _| get("/", ""),
                To::Sandbox | To::SandboxHalf => |_, _| get("/_sandbox/health", ""),
            },
            to: match flood.to {
                To::App | To::AppHalf => To::App,
                To::Sandbox | To::SandboxHalf => To::Sandbox,
            },
        };
        let (mut under_attack, mut beside_harmless) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            under_attack.push(sign_ins(&app, http, flood, &cookie).await);
            beside_harmless.push(sign_ins(&app, http, &harmless, &cookie).await);
        }
        let ratio = ratio(&under_attack, &beside_harmless);
        table.add(
            &format!("two sign-ins beside {PER_SECOND} a second: {}", flood.name),
            format!("{:.2} ms", median(&under_attack)),
            &format!("{ratio:.2} × beside as many harmless requests"),
            &Limit::at_most(ratio, MOST, "×"),
        );
        let (flood_cost, harmless_cost) = (
            cost(&app, flood, &cookie).await,
            cost(&app, &harmless, &cookie).await,
        );
        println!(
            "{}: {flood_cost:.0} µs of app time per request, harmless {harmless_cost:.0}",
            flood.name
        );
    }
}

/// Median time of two sign-ins during this flood, in milliseconds.
async fn sign_ins(app: &App, http: &reqwest::Client, flood: &Flood, cookie: &str) -> f64 {
    let mut strangers = JoinSet::new();
    for _ in 0..STRANGERS {
        strangers.spawn(Stranger::new(app, flood, cookie).flood());
    }
    // Let the flood reach its full rate.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut took = Vec::new();
    for _ in 0..SIGN_INS {
        let started = Instant::now();
        app.login(http).await;
        app.organization_login(http).await;
        took.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    strangers.shutdown().await;
    median(&took)
}

/// Processor time of the app per request of this flood, in microseconds. One stranger sends the requests one after
/// another.
async fn cost(app: &App, flood: &Flood, cookie: &str) -> f64 {
    const REQUESTS: u32 = 200;
    let mut stranger = Stranger::new(app, flood, cookie);
    let busy = app.server.processor_time();
    for _ in 0..REQUESTS {
        stranger.send().await;
    }
    (app.server.processor_time() - busy) * 1e6 / f64::from(REQUESTS)
}

struct Stranger {
    requests: Requests,
    port: u16,
    public_token: String,
    cookie: String,
    is_half: bool,
    browser: Option<Browser>,
    held: VecDeque<TcpStream>,
}

impl Stranger {
    fn new(app: &App, flood: &Flood, cookie: &str) -> Self {
        Self {
            requests: flood.requests,
            port: match flood.to {
                To::App | To::AppHalf => app.server.port,
                To::Sandbox | To::SandboxHalf => app.sandbox_port,
            },
            public_token: app.world.credentials().public_token.clone(),
            cookie: cookie.to_owned(),
            is_half: matches!(flood.to, To::AppHalf | To::SandboxHalf),
            browser: None,
            held: VecDeque::new(),
        }
    }

    /// Sends requests at its share of the rate until it is stopped.
    async fn flood(mut self) {
        let mut due = Instant::now();
        loop {
            due += Duration::from_secs(1) * STRANGERS / PER_SECOND;
            sleep_until(due.into()).await;
            self.send().await;
        }
    }

    async fn send(&mut self) {
        let request = self.next_request();
        if self.is_half {
            self.held.extend(half(self.port, &request).await);
            if self.held.len() > HELD {
                self.held.pop_front();
            }
            return;
        }
        let mut browser = match self.browser.take() {
            Some(browser) => browser,
            None => Browser::open(self.port).await,
        };
        // The server may refuse the request and close the connection.
        if browser.try_ask(&request).await.is_ok() {
            self.browser = Some(browser);
        }
    }

    fn next_request(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let host = format!("localhost:{}", self.port);
        let request = (self.requests)(number, &self.cookie);
        let request = request.replace("HOST", &host);
        let mut request = request.replace("PUBLIC_TOKEN", &self.public_token);
        if self.is_half {
            request.truncate(request.len() - 4);
        }
        request
    }
}

async fn half(port: u16, request: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    Some(stream)
}
