//! Checks that `CONTROL_API.md` and `README.md` document exactly the routes and fields of the control API.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::lab::{Lab, Reply};

const WORLD: &str = "/_sandbox/projects/{project_id}";

fn read(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(file).expect("it is there")
}

/// A row of the URL table.
struct Row {
    /// `POST /_sandbox/projects`
    route: String,
    is_control: bool,
}

/// The rows of `server/routes.rs`, whose table is not public.
fn rows() -> Vec<Row> {
    let source = read("src/server/routes.rs");
    let rows = source.lines().filter_map(|line| {
        let (method, rest) = line.trim().split_once("(\"/")?;
        let (path, handler) = rest.split_once("\", ")?;
        Some(Row {
            route: format!("{} /{path}", method.to_uppercase()),
            is_control: !handler.starts_with("Public("),
        })
    });
    rows.collect()
}

/// The sections of `CONTROL_API.md` by route: the text below headings such as ``### `POST …/approve` ``.
fn sections() -> BTreeMap<String, String> {
    let document = read("CONTROL_API.md");
    let mut sections = BTreeMap::new();
    for section in document.split("\n### ").skip(1) {
        let (heading, rest) = section.split_once('\n').expect("a heading");
        let route = heading.trim_matches('`').replace('…', WORLD);
        let text = rest.split("\n## ").next().unwrap_or_default();
        let before = sections.insert(route, text.to_owned());
        assert!(before.is_none(), "{heading} occurs twice");
    }
    sections
}

/// The first code spans of the rows in the table with this heading, without nested fields.
fn column(section: &str, heading: &str) -> BTreeSet<String> {
    let Some((_, table)) = section.split_once(&format!("| {heading} |")) else {
        return BTreeSet::new();
    };
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with("| `"));
    rows.map(|row| row.split('`').nth(1).expect("a name"))
        .map(|name| name.split('.').next().unwrap_or_default().to_owned())
        .collect()
}

/// The names after "known fields:" in an error about an unknown field or parameter. Empty if the call has no fields.
fn known(reply: &Reply) -> BTreeSet<String> {
    assert_eq!(reply.status, 400, "{}", reply.text);
    let error: Value = serde_json::from_str(&reply.text).expect("JSON");
    assert_eq!(error["field"], "no_such_field", "{}", reply.text);
    let expected = error["expected"].as_str().expect("a text");
    let list = expected
        .split_once("known fields: ")
        .map_or("", |(_, list)| list);
    list.split(", ")
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn ask(lab: &Lab, route: &str, body: Option<Value>) -> Reply {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let project_id = lab.credentials().project_id;
    let url = format!("{}{}", lab.url, path.replace("{project_id}", &project_id));
    let request = lab
        .http
        .request(method.parse::<Method>().expect("a method"), url);
    Reply::send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[test]
fn the_documented_routes_are_those_of_the_control_api() {
    let routes: BTreeSet<String> = rows()
        .into_iter()
        .filter(|row| row.is_control)
        .map(|row| row.route)
        .collect();
    assert!(routes.len() > 25, "{routes:?}");
    let documented: BTreeSet<String> = sections().into_keys().collect();
    assert_eq!(documented, routes);
}

/// Other calls that these documents mention must exist too.
#[test]
fn every_documented_route_exists() {
    let routes: BTreeSet<String> = rows().into_iter().map(|row| row.route).collect();
    let mut found = 0;
    for name in ["README.md", "CONTROL_API.md"] {
        let document = read(name);
        for line in document.lines() {
            for span in line.split('`').skip(1).step_by(2) {
                let Some((method, path)) = span.split_once(' ') else {
                    continue;
                };
                let path = path.split([' ', '?']).next().unwrap_or_default();
                let is_own = path.starts_with('…') || path.starts_with("/_sandbox");
                if !is_own || !["GET", "POST", "PUT", "DELETE"].contains(&method) {
                    continue;
                }
                found += 1;
                let route = format!("{method} {}", path.replace('…', WORLD));
                assert!(routes.contains(&route), "{name} names {route}");
            }
        }
    }
    assert!(found > 40, "{found}");
}

/// The errors of the sandbox list the fields and parameters of a call.
#[tokio::test]
async fn every_field_and_parameter_is_documented() {
    let lab = Lab::start().await;
    let mut checked = 0;
    for (route, section) in sections() {
        let unknown = format!("{route}?no_such_field=1");
        let parameters = known(&ask(&lab, &unknown, None).await);
        assert_eq!(column(&section, "Parameter"), parameters, "{route}");
        let has_body = route.starts_with("POST") || route.starts_with("PUT");
        let is_of_faults = route.ends_with("/faults"); // the fields depend on the kind
        if has_body && !is_of_faults {
            let fields = known(&ask(&lab, &route, Some(json!({ "no_such_field": 1 }))).await);
            assert_eq!(column(&section, "Field"), fields, "{route}");
            checked += fields.len();
        }
    }
    assert!(checked > 30, "{checked}");
}

/// The documented kinds of faults and their fields are those of the sandbox.
#[tokio::test]
async fn every_kind_of_fault_is_documented() {
    let lab = Lab::start().await;
    let route = format!("POST {WORLD}/faults");
    let section = &sections()[&route];
    let of_all = column(section, "Field");
    let reply = ask(&lab, &route, Some(json!({ "kind": "no_such_kind" }))).await;
    let error: Value = serde_json::from_str(&reply.text).expect("JSON");
    let kinds = error["expected"]
        .as_str()
        .and_then(|it| it.strip_prefix("one of "));
    let kinds: BTreeSet<String> = kinds
        .expect("a list")
        .split(", ")
        .map(str::to_owned)
        .collect();
    assert_eq!(column(section, "Kind"), kinds);
    for kind in kinds {
        let body = json!({ "kind": kind, "no_such_field": 1 });
        let fields = known(&ask(&lab, &route, Some(body)).await);
        let row = section
            .lines()
            .find(|line| line.starts_with(&format!("| `{kind}` |")));
        let own = row
            .expect("the kind's row")
            .split('|')
            .nth(2)
            .expect("its fields");
        let own = own
            .split("; ")
            .filter_map(|field| field.trim().strip_prefix('`'));
        let own: BTreeSet<String> = own
            .filter_map(|field| field.split('`').next())
            .map(str::to_owned)
            .collect();
        let documented: BTreeSet<String> = of_all.union(&own).cloned().collect();
        assert_eq!(documented, fields, "{kind}");
    }
}

/// The tables with response fields must match the responses.
#[tokio::test]
async fn the_fields_of_responses_are_documented() {
    let lab = Lab::start().await;
    let sections = sections();
    let webhook = json!({ "url": "http://localhost:9/webhooks" });
    let registered = ask(&lab, &format!("POST {WORLD}/webhooks"), Some(webhook)).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let member = lab.world.state()["members"][0].clone();
    let colleague = json!({ "email_address": "colleague@acme.example" });
    let id = member["organization_id"].as_str().expect("an id");
    let path = format!("/v1/b2b/organizations/{id}/members");
    let created = lab.post(&path, colleague).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let email = json!({ "organization_id": member["organization_id"], "email_address": member["email_address"] });
    let sent = lab
        .post("/v1/b2b/magic_links/email/login_or_signup", email)
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    for (route, list) in [
        ("inbox", Some("messages")),
        ("calls", Some("calls")),
        ("webhooks/deliveries", Some("deliveries")),
        ("state", None),
    ] {
        let route = format!("GET {WORLD}/{route}");
        let reply = ask(&lab, &route, None).await;
        let body: Value = serde_json::from_str(&reply.text).expect("JSON");
        let object = list.map_or(&body, |list| &body[list][0]);
        let fields: BTreeSet<String> = object
            .as_object()
            .unwrap_or(&Map::new())
            .keys()
            .cloned()
            .collect();
        assert_eq!(
            all_names(&sections[&route], "Field in the response"),
            fields,
            "{route}"
        );
    }
}

/// All code spans in the first column of a table.
fn all_names(section: &str, heading: &str) -> BTreeSet<String> {
    let (_, table) = section
        .split_once(&format!("| {heading} |"))
        .expect("the table");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}
