//! The console: its pages, its buttons, and requests that it refuses.

mod connections;
mod followed;
mod forms;
mod members;
mod organizations;
mod steering;

use stytch_sandbox::{RedirectUrls, Seed};
use url::form_urlencoded::Serializer;

use super::lab::{Lab, Reply};

fn path(lab: &Lab) -> String {
    format!("/_sandbox/console/{}", lab.credentials().project_id)
}

/// A page of the world's console, as text.
async fn page(lab: &Lab, rest: &str) -> String {
    let reply = lab.open(&format!("{}{rest}", path(lab))).await;
    assert_eq!(reply.status, 200, "{rest}: {}", reply.text);
    reply.text
}

/// Presses a button, as a browser does on a page of the console.
async fn press(lab: &Lab, action: &str, form: &str) -> Reply {
    let request = lab
        .http
        .post(format!("{}{}/{action}", lab.url, path(lab)))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .header("origin", &lab.url);
    Reply::send(request.body(form.to_owned())).await
}

/// An encoded form with these fields.
fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Sends a form that must be accepted. Returns the console page of the redirect.
async fn accepted(lab: &Lab, action: &str, fields: &[(&str, &str)]) -> String {
    let reply = press(lab, action, &form(fields)).await;
    assert_eq!(reply.status, 303, "{action}: {}", reply.text);
    let location = reply.header("location").to_owned();
    let rest = location.strip_prefix(&path(lab));
    rest.expect("a page of the console").to_owned()
}

/// Sends a form that must be refused. Its page must show the error next to this field, and keep the input.
async fn refused(lab: &Lab, action: &str, fields: &[(&str, &str)], field: &str, words: &str) {
    let before = lab.world.state();
    let reply = press(lab, action, &form(fields)).await;
    assert!(
        (400..500).contains(&reply.status),
        "{action}: {}",
        reply.status
    );
    let error = format!("<p class=\"error\" id=\"{field}-error\">");
    let (_, message) = reply
        .text
        .split_once(&error)
        .unwrap_or_else(|| panic!("{action}: no error at {field}: {}", reply.text));
    let (message, _) = message.split_once("</p>").expect("a paragraph");
    assert!(message.contains(words), "{field}: {message}");
    for (_, typed) in fields.iter().filter(|(name, _)| *name != "shown") {
        let typed = typed.replace('"', "&#34;");
        assert!(reply.text.contains(&typed), "{typed} is missing");
    }
    assert_eq!(lab.world.state(), before, "{action} changed something");
}

#[tokio::test]
async fn it_shows_the_world() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    lab.exchange("x", "acme").await;
    let ada = lab.member("acme", "ada@acme.example")["member_id"].clone();
    let ada = format!("/members/{}", ada.as_str().expect("an id"));
    let own = lab.credentials();
    for (rest, expected) in [
        (
            "",
            vec![&*own.project_id, &own.secret, &own.public_token, "running"],
        ),
        ("", vec!["\nSTYTCH_PUBLIC_TOKEN=public-token-test-"]),
        (
            "/people",
            vec![
                "Ada Lovelace",
                "active in acme",
                "not a member of any organization",
            ],
        ),
        (
            "/organizations",
            vec!["only google_oauth, sso", "second factor for all"],
        ),
        (
            &*ada,
            vec![
                "Acme Corp",
                "stytch_admin",
                "Linked accounts",
                "End all sessions",
            ],
        ),
        (
            "/sessions",
            vec!["ada@acme.example in Acme Corp", "oauth, until"],
        ),
        (
            "/calls",
            vec![
                "POST /v1/b2b/oauth/authenticate",
                "400 invalid_session_token",
            ],
        ),
        ("/messages", vec!["None yet."]),
        ("/faults", vec!["No faults."]),
        ("/webhooks", vec!["None yet.", "direct.member.create"]),
        ("/redirect_urls", vec!["http://localhost:3000/authenticate"]),
    ] {
        let text = page(&lab, rest).await;
        let words = text.replace("<bdi>", "").replace("</bdi>", "");
        let words = without_tags(&words);
        for shown in expected {
            assert!(words.contains(shown), "{shown} is missing on {rest}");
        }
        for unwanted in ["<script", "<img", " style="] {
            assert!(!text.contains(unwanted), "{unwanted} on {rest}");
        }
        for secret in lab.world.minted_secrets() {
            assert!(secret == own.secret || !text.contains(&secret), "{rest}");
        }
    }
    let organizations = page(&lab, "/organizations").await;
    assert!(
        organizations.contains("&#60;/script&#62;"),
        "names are text"
    );
    assert_eq!(
        lab.open("/_sandbox").await.text,
        lab.open(&path(&lab)).await.text
    );
}

/// The text without its tags.
fn without_tags(html: &str) -> String {
    let parts = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |it| it.1));
    parts.collect()
}

#[tokio::test]
async fn it_has_the_security_headers_of_the_other_pages() {
    let lab = Lab::start().await;
    let page = lab.open("/_sandbox/").await;
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

fn links(page: &str) -> Vec<String> {
    let hrefs = page.split("class=\"story\" href=\"").skip(1);
    hrefs
        .filter_map(|rest| rest.split('"').next())
        .map(|href| href.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

/// The links lead to the pages of this repository's app or, in any other world, to Stytch's start URLs, which show the
/// consent page with the person suggested.
#[tokio::test]
async fn every_row_links_to_a_sign_in() {
    let lab = Lab::start().await;
    let mut own = links(&page(&lab, "/people").await);
    own.extend(links(&page(&lab, "/organizations").await));
    assert_eq!(
        own.len(),
        9 + 5 + 6,
        "one link for each account and each organization: {own:?}"
    );
    assert_eq!(own[0], "http://localhost:3000/start/google");
    assert_eq!(own[14], "http://localhost:3000/org/acme");

    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::of_app("http://localhost:4000"));
    let lab = Lab { world, ..lab };
    let mut links_of = links(&page(&lab, "/people").await);
    links_of.extend(links(&page(&lab, "/organizations").await));
    let links = links_of;
    let accounts = 14;
    assert_eq!(
        links.len(),
        accounts + 5 + 1 + 5 + 5 + 1 + 5,
        "one link for each allowed method"
    );
    for link in &links {
        let reply = lab.open(link).await;
        assert_eq!(reply.status, 302, "{link}: {}", reply.text);
    }
    let reply = lab.open(&links[0]).await;
    let consent = reply.header("location").to_owned();
    let consent = lab.open(&consent).await.text;
    assert!(consent.contains("suggested</span>"), "{consent}");
}

#[tokio::test]
async fn the_overview_links_to_other_projects() {
    let lab = Lab::start().await;
    assert!(!lab.open("/_sandbox/").await.text.contains("Projects <span"));
    let other = lab
        .sandbox
        .create_world(Seed::Empty, RedirectUrls::default());
    let id = other.credentials().project_id.clone();
    let first = lab.open("/_sandbox/").await.text;
    assert!(first.contains(&format!("href=\"/_sandbox/console/{id}\"")));
    let lab = Lab {
        world: other,
        ..lab
    };
    assert!(page(&lab, "").await.contains(&id));
    assert!(page(&lab, "/people").await.contains("No people yet."));
    assert!(page(&lab, "/organizations").await.contains("None yet."));
}

/// Names of people are escaped here too.
#[tokio::test]
async fn names_are_escaped() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let form = "name=%3Cscript%3Ealert(1)%3C%2Fscript%3E&email=x%40x.example&workspace=yes";
    assert_eq!(consent.press("/person", form).await.status, 303);
    let page = page(&lab, "/people").await;
    assert!(page.contains("x@x.example") && !page.contains("<script"));
}

/// A browser that opens the printed address sees the console. Programs get a 404, as at the vendor.
#[tokio::test]
async fn the_root_url_redirects_browsers_to_it() {
    let lab = Lab::start().await;
    let reply = lab.open("/").await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (302, "/_sandbox/")
    );
    lab.get("/").await.is_error(404, "route_not_found");
}
