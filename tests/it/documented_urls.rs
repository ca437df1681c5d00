//! `docs/urls.md` lists exactly the URLs, form fields and labels that people's tests use.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::TestApp;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The rows of the table below a heading, without its first two lines.
fn rows(heading: &str) -> Vec<String> {
    let document = read("docs/urls.md");
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.skip(2).map(str::to_owned).collect()
}

/// The values in backticks in the first column.
fn first_column(heading: &str) -> BTreeSet<String> {
    let rows = rows(heading);
    let columns = rows.iter().map(|row| row.split('|').nth(1).unwrap());
    let quoted = columns.flat_map(|column| column.split('`').skip(1).step_by(2));
    quoted.map(str::to_owned).collect()
}

#[test]
fn documented_urls_are_those_of_the_router() {
    let source = read("src/app.rs");
    let routes: BTreeSet<String> = source
        .split(".route(\"")
        .skip(1)
        .map(|rest| {
            let (path, handler) = rest.split_once("\", ").unwrap();
            let method = handler.split('(').next().unwrap();
            format!("{} {path}", method.to_uppercase())
        })
        .collect();
    assert!(routes.len() > 30, "{routes:?}");
    assert_eq!(first_column("URLs"), routes);
}

#[test]
fn documented_fields_are_those_of_the_templates() {
    let mut fields = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")).unwrap() {
        let template = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (at, _) in template.match_indices(" name=\"") {
            let is_meta = template[..at].ends_with("<meta");
            let name = template[at + 7..].split('"').next().unwrap();
            if !is_meta {
                fields.insert(name.to_owned());
            }
        }
    }
    assert!(fields.len() > 10, "{fields:?}");
    assert_eq!(first_column("Form fields"), fields);
    let urls = first_column("URLs");
    for row in rows("Form fields") {
        let places = row.split('|').nth(3).unwrap();
        for place in places.split('`').skip(1).step_by(2) {
            let has_url = urls.iter().any(|url| url.ends_with(&format!(" {place}")));
            assert!(has_url, "no URL {place}: {row}");
        }
    }
}

/// Looks for each row of the table of labels on its pages.
#[tokio::test]
async fn documented_labels_are_on_their_pages() {
    const PROVIDERS: [&str; 5] = ["Google", "Microsoft", "GitHub", "Slack", "HubSpot"];
    let labels: Vec<String> = rows("Labels")
        .iter()
        .map(|row| row.split('|').nth(1).unwrap().trim().replace('`', ""))
        .collect();
    let expected = [
        "Continue with {Provider}",
        "Continue with email",
        "Continue with {connection}",
        "Sign out",
        "Switch organization",
        "the person's email address",
    ];
    assert_eq!(labels, expected);
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let mut bob = app.browser();
    let globex = bob.get("/org/globex").await.controls();
    let has = |page: &[String], label: &str| page.iter().any(|it| it.contains(label));
    assert!(has(&globex, "Continue with Globex Okta"), "{globex:?}");
    for path in ["/", "/org/acme"] {
        let page = ada.get(path).await.controls();
        for provider in PROVIDERS {
            let label = format!("Continue with {provider}");
            assert!(has(&page, &label), "{path} {label}: {page:?}");
        }
        assert!(has(&page, "Continue with email"), "{path}: {page:?}");
    }
    ada.get("/").await;
    ada.click("Continue with Google").await;
    let consent = ada.arrive().await;
    assert!(has(&consent.controls(), "ada@acme.example"));
    let mut member = app.signed_in("acme", "ada@acme.example").await;
    let page = member.get("/org/acme").await.controls();
    assert!(has(&page, "Sign out") && has(&page, "Switch organization"));
}
