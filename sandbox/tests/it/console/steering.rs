//! The clock, the faults, the calls and the reset, and protection against other sites.

use serde_json::json;
use stytch_sandbox::{Fault, FaultKind};

use super::{page, path, press};
use crate::lab::{Lab, Reply};

#[tokio::test]
async fn the_buttons_of_the_clock_faults_calls_and_reset_work() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let before = lab.world.now();
    let reply = press(&lab, "advance", "seconds=3600").await;
    let back = format!("{}?done=clock", path(&lab));
    assert_eq!((reply.status, reply.header("location")), (303, &*back));
    assert!(
        page(&lab, "?done=clock")
            .await
            .contains("The clock was changed.")
    );
    assert!(lab.world.now() - before >= time::Duration::hours(1));
    press(&lab, "freeze", "at=2031-01-31T12%3A00%3A00Z").await;
    let text = page(&lab, "").await;
    assert!(text.contains("2031-01-31T12:00:00Z") && text.contains("frozen"));
    let reply = press(&lab, "resume", "").await;
    assert_eq!(reply.header("location"), back);
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
    let text = page(&lab, "/faults").await;
    assert!(
        text.contains("garbage for the next 3 calls to /v1/* (any method)")
            && text.contains("next 5")
    );
    press(&lab, "faults/remove", "fault=fault-1").await;
    let text = page(&lab, "/faults").await;
    assert!(!text.contains("next 3") && text.contains("next 5"));
    press(&lab, "faults/remove", "").await;
    assert!(page(&lab, "/faults").await.contains("No faults"));

    let reply = press(&lab, "reset", "").await;
    let back = format!("{}?done=reset", path(&lab));
    assert_eq!((reply.status, reply.header("location")), (303, &*back));
    assert!(
        page(&lab, "?done=reset")
            .await
            .contains("The project was reset.")
    );
    assert_eq!(lab.world.state()["sessions"], json!([]));
}

/// All URLs that change something, each with a form.
fn changes(lab: &Lab) -> Vec<(String, String)> {
    let ada = lab.member("acme", "ada@acme.example");
    let member = format!("members/{}", ada["member_id"].as_str().expect("an id"));
    let organization = ada["organization_id"].as_str().expect("an id");
    let organization = format!("organizations/{organization}");
    let globex = lab.organization("globex");
    let connection = format!(
        "organizations/{}/connections/{}",
        globex["organization_id"].as_str().expect("an id"),
        globex["sso_active_connections"][0]["connection_id"]
            .as_str()
            .expect("an id")
    );
    let session = lab.world.state()["sessions"][0]["member_session_id"].clone();
    let session = format!("session={}", session.as_str().expect("an id"));
    let forms = [
        ("advance".to_owned(), "seconds=9999".to_owned()),
        ("freeze".into(), "at=2031-01-31T12%3A00%3A00Z".into()),
        ("resume".into(), String::new()),
        ("reset".into(), String::new()),
        (
            "redirect_urls".into(),
            "login=http%3A%2F%2Fevil.example".into(),
        ),
        ("organizations/new".into(), "organization_name=Evil".into()),
        (organization.clone(), "organization_name=Evil".into()),
        (format!("{organization}/delete"), String::new()),
        (
            format!("{organization}/members/new"),
            "email_address=a%40evil.example".into(),
        ),
        (
            format!("{organization}/connections/new"),
            "kind=oidc".into(),
        ),
        (connection.clone(), "display_name=Evil".into()),
        (format!("{connection}/delete"), String::new()),
        (member.clone(), "name=Evil".into()),
        (format!("{member}/sessions"), String::new()),
        (format!("{member}/delete"), String::new()),
        (
            "people/auto_approve".into(),
            "email=a%40evil.example".into(),
        ),
        ("sessions".into(), session),
        ("calls".into(), String::new()),
        ("messages".into(), String::new()),
        (
            "faults".into(),
            "kind=garbage&method=*&path=%2Fv1%2Fb2b%2F*".into(),
        ),
        ("faults/remove".into(), String::new()),
        ("webhooks".into(), "url=http%3A%2F%2Flocalhost%3A9".into()),
        ("webhooks/delete".into(), "webhook=x".into()),
    ];
    forms.into()
}

#[tokio::test]
async fn other_sites_can_link_to_it_but_not_send_forms() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    lab.world.freeze_at(lab.world.now());
    let request = lab.http.get(format!("{}/_sandbox/", lab.url));
    let opened = Reply::send(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(opened.status, 200, "a link can open it");
    let everything = || async {
        let urls = page(&lab, "/redirect_urls").await;
        (
            lab.world.state(),
            lab.world.calls().len(),
            lab.world.now(),
            urls,
        )
    };
    let before = everything().await;
    for (action, form) in changes(&lab) {
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
            let reply = Reply::send(request.body(form.clone())).await;
            assert_eq!(reply.status, 403, "{action}, {name}: {value}");
        }
    }
    assert_eq!(everything().await, before);
    for text in ["/faults", "/webhooks"] {
        assert!(
            page(&lab, text)
                .await
                .contains("<span class=\"count\">0</span>")
        );
    }
}

#[tokio::test]
async fn unknown_things_have_an_error_page() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let own = lab.credentials().project_id;
    for (action, form) in changes(&lab) {
        let elsewhere = format!("{}/_sandbox/console/project-test-nobody/{action}", lab.url);
        let request = lab.http.post(elsewhere).body(form);
        assert_eq!(Reply::send(request).await.status, 404, "{action}");
    }
    for rest in [
        "organizations/acme",
        "organizations/x/members/new",
        "organizations/x/connections/new",
        "members/x",
        "calls/x",
    ] {
        let reply = lab.open(&format!("/_sandbox/console/{own}/{rest}")).await;
        assert_eq!(reply.status, 404, "{rest}");
        assert!(reply.text.contains("<h1>Not found</h1>"), "{rest}");
        let what = ["organization", "member", "call"];
        let what = what.into_iter().find(|it| rest.starts_with(it)).unwrap();
        let text = format!(
            "This project has no such {what}. It may have been deleted, or the project was reset."
        );
        assert!(reply.text.contains(&text), "{rest}: {}", reply.text);
        let link = r#"<a href="/_sandbox/">Go to the console</a>"#;
        assert!(reply.text.contains(link), "{rest}");
    }
    let unknown = lab.open("/_sandbox/console/project-test-nobody").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("This sandbox has no such project."));
    for action in [
        "organizations/x/delete",
        "members/x/delete",
        "webhooks/delete",
    ] {
        assert_eq!(press(&lab, action, "").await.status, 404, "{action}");
    }
    let ada = lab.member("acme", "ada@acme.example")["member_id"].clone();
    let dance = format!("members/{}/dance", ada.as_str().expect("an id"));
    assert_eq!(press(&lab, &dance, "").await.status, 404);
}

#[tokio::test]
async fn errors_are_shown_on_a_page() {
    let lab = Lab::start().await;
    for (action, form, words) in [
        ("advance", "seconds=soon", "whole number"),
        ("advance", "", "whole number"),
        ("advance", "seconds=99999999999", "2200"),
        ("freeze", "at=tomorrow", "RFC 3339"),
        ("sessions", "session=x", "Session could not be found"),
    ] {
        let reply = press(&lab, action, form).await;
        assert!((400..500).contains(&reply.status), "{action} {form}");
        assert!(
            reply.text.contains(words) && reply.text.contains("<h1>"),
            "{}",
            reply.text
        );
    }
}
