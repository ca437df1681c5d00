//! Checks that `docs/flows.md` shows what a recorded run of each flow sent. One more call, or one redirect less, makes
//! the document stale.

mod record;

use std::fmt::Write;

use record::{Message, Party, Recording};

/// A diagram of `docs/flows.md`.
struct Diagram {
    /// Its name in the markers around it.
    name: &'static str,
    /// Name of the party behind [`Party::Provider`], if one takes part.
    provider: Option<&'static str>,
    messages: Vec<Message>,
}

async fn discovery() -> Diagram {
    let mut run = Recording::new().await;
    run.open("/").await;
    run.press("Continue with Google", &[]).await;
    run.press("ada@acme.example", &[]).await;
    run.press("Acme Corp", &[]).await;
    assert_eq!(run.path(), "/org/acme");
    Diagram {
        name: "discovery",
        provider: Some("Provider"),
        messages: run.finish(),
    }
}

async fn organization() -> Diagram {
    let mut run = Recording::new().await;
    run.open("/org/acme").await;
    run.press("Continue with Google", &[]).await;
    run.press("ada@acme.example", &[]).await;
    assert_eq!(run.path(), "/org/acme");
    Diagram {
        name: "organization",
        provider: Some("Provider"),
        messages: run.finish(),
    }
}

async fn sso() -> Diagram {
    let mut run = Recording::new().await;
    run.open("/org/globex").await;
    run.press("Continue with Globex Okta", &[]).await;
    run.press("bob@globex.example", &[]).await;
    assert_eq!(run.path(), "/org/globex");
    Diagram {
        name: "sso",
        provider: Some("Identity provider"),
        messages: run.finish(),
    }
}

/// Grace signs in by GitHub, which does not prove her address to Acme.
async fn step_up() -> Diagram {
    let mut run = Recording::new().await;
    run.open("/").await;
    run.press("Continue with GitHub", &[]).await;
    run.press("grace@acme.example", &[]).await;
    run.start_here();
    run.press("Acme Corp", &[]).await;
    assert_eq!(run.path(), "/step_up");
    run.press("me a code", &[]).await;
    let code = newest_code(&run);
    run.press("Sign in with the code", &[("code", &code)]).await;
    assert_eq!(run.path(), "/org/acme");
    Diagram {
        name: "step-up",
        provider: None,
        messages: run.finish(),
    }
}

/// Initech requires a second factor, and has the number of Ada's phone.
async fn mfa() -> Diagram {
    let mut run = Recording::new().await;
    run.open("/").await;
    run.press("Continue with Google", &[]).await;
    run.press("ada@acme.example", &[]).await;
    run.start_here();
    run.press("Initech", &[]).await;
    assert_eq!(run.path(), "/mfa");
    let code = newest_code(&run);
    run.press("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(run.path(), "/org/initech");
    Diagram {
        name: "mfa",
        provider: None,
        messages: run.finish(),
    }
}

fn newest_code(run: &Recording) -> String {
    run.app.world.messages()[0].code.clone().expect("a code")
}

#[tokio::test]
async fn the_diagrams_are_recorded_runs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/flows.md");
    let written = std::fs::read_to_string(path).unwrap();
    let mut made = written.clone();
    let diagrams = [
        discovery().await,
        organization().await,
        sso().await,
        step_up().await,
        mfa().await,
    ];
    for diagram in &diagrams {
        made = diagram.replace_in(&made);
    }
    if std::env::var("FLOWS").as_deref() == Ok("write") {
        std::fs::write(path, &made).unwrap();
        return;
    }
    let mut lines = written.lines().zip(made.lines());
    let first = lines.find(|(written, made)| written != made);
    assert!(
        written == made,
        "docs/flows.md is stale: FLOWS=write cargo test --test it flows. First difference: {first:?}"
    );
}

impl Diagram {
    /// The document with this diagram between its markers.
    fn replace_in(&self, document: &str) -> String {
        let (begin, end) = (
            format!("<!-- flow: {} -->\n", self.name),
            "<!-- /flow -->".to_owned(),
        );
        let (before, rest) = document
            .split_once(&begin)
            .unwrap_or_else(|| panic!("docs/flows.md has no {begin}"));
        let (_, after) = rest.split_once(&end).expect("the end of the diagram");
        format!("{before}{begin}\n{}\n{end}{after}", self.mermaid())
    }

    /// A sequence diagram as GitHub renders it.
    fn mermaid(&self) -> String {
        let mut text = "```mermaid\nsequenceDiagram\n    participant B as Browser\n    participant A as This app\n    participant S as Stytch\n".to_owned();
        if let Some(provider) = self.provider {
            writeln!(text, "    participant P as {provider}").unwrap();
        }
        for message in &self.messages {
            let arrow = if message.is_response { "-->>" } else { "->>" };
            writeln!(
                text,
                "    {}{arrow}{}: {}",
                letter(message.from),
                letter(message.to),
                message.text
            )
            .unwrap();
        }
        text + "```\n"
    }
}

fn letter(party: Party) -> char {
    match party {
        Party::Browser => 'B',
        Party::App => 'A',
        Party::Stytch => 'S',
        Party::Provider => 'P',
    }
}
