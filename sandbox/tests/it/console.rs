//! The console: what it shows, what its buttons do, whom it refuses.

use serde_json::json;
use stytch_sandbox::{Fault, FaultKind, RedirectUrls, Seed};

use super::lab::{Lab, Reply};

fn path(lab: &Lab) -> String {
    format!("/_sandbox/console/{}", lab.credentials().project_id)
}

/// A press of a button, as the browser sends it from the console.
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

#[tokio::test]
async fn it_shows_the_world() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    lab.exchange("x", "acme").await;
    let page = lab.open("/_sandbox/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let words = page.text.replace("<bdi>", "").replace("</bdi>", "");
    let words = words.replace("<b>", "").replace("</b>", "");
    for shown in [
        "Sandbox</strong>",
        &lab.credentials().project_id,
        "Ada Lovelace",
        "active in acme, active in oneil, active in initech",
        "member of nothing",
        "only google_oauth, sso",
        "second factor for all",
        "ada@acme.example in Acme Corp",
        "POST /v1/b2b/oauth/authenticate",
        "400 invalid_session_token",
        "administrator",
        "running",
    ] {
        assert!(words.contains(shown), "{shown} is missing");
    }
    assert!(page.text.contains("&lt;/script&gt;") || page.text.contains("&#60;/script&#62;"));
    assert!(
        !page.text.contains("<script")
            && !page.text.contains("<img")
            && !page.text.contains(" style=")
    );
    for secret in lab.world.minted_secrets() {
        assert!(!page.text.contains(&secret));
    }
    assert_eq!(
        lab.open("/_sandbox").await.text,
        lab.open(&path(&lab)).await.text
    );
}

#[tokio::test]
async fn it_has_the_headers_of_the_other_pages() {
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

#[tokio::test]
async fn the_buttons_do_what_they_say() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let before = lab.world.now();
    let reply = press(&lab, "advance", "seconds=3600").await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, path(&lab).as_str())
    );
    assert!(lab.world.now() - before >= time::Duration::hours(1));
    press(&lab, "freeze", "at=2031-01-31T12%3A00%3A00Z").await;
    let page = lab.open("/_sandbox/").await.text;
    assert!(page.contains("2031-01-31T12:00:00Z") && page.contains("stands still"));
    press(&lab, "resume", "").await;
    assert!(lab.world.now() - before < time::Duration::minutes(10));

    assert!(!lab.world.calls().is_empty());
    press(&lab, "calls", "").await;
    assert!(lab.world.calls().is_empty());

    let fault = |times| Fault {
        method: "*".into(),
        path: "/v1/*".into(),
        times,
        kind: FaultKind::Garbage,
    };
    lab.world.fault(fault(3));
    lab.world.fault(fault(5));
    let page = lab.open("/_sandbox/").await.text;
    assert!(page.contains("garbage for the next 3 of * /v1/*") && page.contains("next 5"));
    press(&lab, "faults", "fault=fault-1").await;
    let page = lab.open("/_sandbox/").await.text;
    assert!(!page.contains("next 3") && page.contains("next 5"));

    press(&lab, "reset", "").await;
    assert_eq!(lab.world.state()["sessions"], json!([]));
    assert!(
        lab.open("/_sandbox/")
            .await
            .text
            .contains("Nothing goes wrong")
    );
}

#[tokio::test]
async fn other_sites_can_open_it_but_press_nothing() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let request = lab.http.get(format!("{}/_sandbox/", lab.url));
    let opened = Reply::send(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(opened.status, 200, "a link leads here");
    for action in ["advance", "freeze", "resume", "reset", "faults", "calls"] {
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let request = lab
                .http
                .post(format!("{}{}/{action}", lab.url, path(&lab)))
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value);
            let form = "seconds=9999&at=2031-01-31T12%3A00%3A00Z&fault=fault-1";
            let reply = Reply::send(request.body(form)).await;
            assert_eq!(reply.status, 403, "{action}, {name}: {value}");
        }
        let request = lab.http.get(format!("{}{}/{action}", lab.url, path(&lab)));
        assert_eq!(
            Reply::send(request).await.status,
            405,
            "nothing changes by GET"
        );
    }
    assert_eq!(
        lab.world.state()["sessions"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(lab.world.calls().len(), 1);
    assert!(lab.world.now().year() < 2031);
}

#[tokio::test]
async fn mistakes_are_told_on_a_page() {
    let lab = Lab::start().await;
    for (action, form, words) in [
        ("advance", "seconds=soon", "whole number"),
        ("advance", "", "whole number"),
        ("advance", "seconds=99999999999", "2200"),
        ("freeze", "at=tomorrow", "RFC 3339"),
    ] {
        let reply = press(&lab, action, form).await;
        assert_eq!(reply.status, 400, "{action} {form}");
        assert!(
            reply.text.contains(words) && reply.text.contains("<h1>"),
            "{}",
            reply.text
        );
    }
    let nobody = lab.open("/_sandbox/console/project-test-nobody").await;
    assert_eq!(nobody.status, 404);
}

fn links(page: &str) -> Vec<String> {
    let hrefs = page.split("class=\"story\" href=\"").skip(1);
    hrefs
        .filter_map(|rest| rest.split('"').next())
        .map(|href| href.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

/// Every row of the cast begins its story: on this repository's app by its pages, for any other world at Stytch's
/// start URLs, which lead to the consent page with the person suggested.
#[tokio::test]
async fn every_row_starts_its_story() {
    let lab = Lab::start().await;
    let own = links(&lab.open("/_sandbox/").await.text);
    assert_eq!(
        own.len(),
        9 + 5 + 6,
        "one an account, one an organization: {own:?}"
    );
    assert_eq!(own[0], "http://localhost:3000/start/google");
    assert_eq!(own[14], "http://localhost:3000/org/acme");

    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::of_app("http://localhost:4000"));
    let lab = Lab { world, ..lab };
    let page = lab.open(&path(&lab)).await.text;
    let links = links(&page);
    let accounts = 14;
    assert_eq!(
        links.len(),
        accounts + 5 + 1 + 5 + 5 + 1 + 5,
        "one a method that is allowed"
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
async fn other_projects_are_a_click_away() {
    let lab = Lab::start().await;
    assert!(!lab.open("/_sandbox/").await.text.contains("Projects"));
    let other = lab
        .sandbox
        .create_world(Seed::Empty, RedirectUrls::default());
    let id = other.credentials().project_id.clone();
    let page = lab.open("/_sandbox/").await.text;
    assert!(page.contains(&format!("href=\"/_sandbox/console/{id}\"")));
    let lab = Lab {
        world: other,
        ..lab
    };
    let page = lab.open(&path(&lab)).await.text;
    assert!(page.contains("Nobody yet.") && page.contains("None yet.") && page.contains(&id));
}

#[tokio::test]
async fn a_full_world_stays_readable() {
    let lab = Lab::start().await;
    for number in 0..120 {
        lab.world.add_member(
            "acme",
            json!({ "email": format!("m{number}@acme.example") }),
        );
    }
    let page = lab.open("/_sandbox/").await.text;
    assert!(page.contains("m7@acme.example") && !page.contains("m8@acme.example"));
    assert!(
        page.contains("These are the first 10."),
        "Ada, Carol and 120 others, of whom 8 are shown"
    );
}

/// What somebody named themselves is text here too.
#[tokio::test]
async fn names_are_text() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let form = "name=%3Cscript%3Ealert(1)%3C%2Fscript%3E&email=x%40x.example&workspace=yes";
    assert_eq!(consent.press("/person", form).await.status, 303);
    let page = lab.open("/_sandbox/").await.text;
    assert!(page.contains("x@x.example") && !page.contains("<script"));
}

/// Who opens the printed address sees the console; for programs the vendor has nothing there.
#[tokio::test]
async fn the_bare_address_leads_to_it() {
    let lab = Lab::start().await;
    let reply = lab.open("/").await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (302, "/_sandbox/")
    );
    lab.get("/").await.is_error(404, "route_not_found");
}
