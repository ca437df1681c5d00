//! The other forms: redirect URLs, faults, webhooks, the clock, automatic approval; and a reader for forms.

use serde_json::json;

use super::{accepted, page, press, refused};
use crate::lab::Lab;

/// The fields that a browser sends if the form is submitted without changes.
pub fn filled_in(page: &str) -> Vec<(String, String)> {
    let (_, form) = page.split_once("class=\"fields\"").expect("the form");
    let (form, _) = form.split_once("</form>").expect("its end");
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split('"').next().map(text)
    };
    let mut typed = Vec::new();
    let mut select = String::new();
    for part in form.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').expect("a tag");
        let (kind, _) = tag.split_once(' ').unwrap_or((tag, ""));
        let name = attribute(tag, "name").unwrap_or_default();
        let value = attribute(tag, "value").unwrap_or_default();
        let is_box = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
        match kind {
            "input" if !is_box || tag.contains(" checked") => typed.push((name, value)),
            "textarea" => typed.push((name, text(rest.strip_prefix('\n').unwrap_or(rest)))),
            "select" => select = name,
            "option" if tag.contains(" selected") => typed.push((select.clone(), value)),
            _ => {}
        }
    }
    typed
}

fn text(html: &str) -> String {
    let html = html.replace("&#34;", "\"").replace("&#39;", "'");
    let html = html.replace("&#60;", "<").replace("&#62;", ">");
    html.replace("&#38;", "&")
}

#[tokio::test]
async fn redirect_urls_are_replaced() {
    let lab = Lab::start().await;
    let form = [
        (
            "login",
            "http://localhost:4000/a\r\nhttp://localhost:4000/b\r\n",
        ),
        ("discovery", "http://localhost:4000/d"),
    ];
    let saved = accepted(&lab, "redirect_urls", &form).await;
    assert_eq!(saved, "?done=saved");
    let urls = lab.world.redirect_urls();
    assert_eq!(
        urls.login,
        ["http://localhost:4000/a", "http://localhost:4000/b"]
    );
    assert!(urls.signup.is_empty() && urls.discovery.len() == 1);
    let wrong = [
        ("login", "http://localhost:4000/a"),
        ("signup", "javascript:alert(1)"),
    ];
    refused(&lab, "redirect_urls", &wrong, "signup", "a URL with a host").await;
    assert_eq!(lab.world.redirect_urls().login, urls.login);
}

#[tokio::test]
async fn a_fault_is_added() {
    let lab = Lab::start().await;
    let search = "/v1/b2b/organizations/search";
    let form = [
        ("method", "POST"),
        ("path", search),
        ("kind", "error"),
        ("times", "1"),
        ("status", "503"),
        ("error_type", "server_unavailable"),
        ("ms", ""),
        ("headers", ""),
    ];
    assert_eq!(accepted(&lab, "faults", &form).await, "/faults?done=added");
    assert!(
        page(&lab, "/faults")
            .await
            .contains("error for the next call to POST")
    );
    lab.post(search, json!({}))
        .await
        .is_error(503, "server_unavailable");
    for (form, field, words) in [
        (
            &[("kind", "latency"), ("method", "*"), ("path", search)][..],
            "ms",
            "milliseconds",
        ),
        (
            &[
                ("kind", "latency"),
                ("method", "*"),
                ("path", search),
                ("ms", "soon"),
            ],
            "ms",
            "milliseconds",
        ),
        (
            &[("kind", "garbage"), ("method", "*"), ("path", "/x")],
            "path",
            "path of an API call",
        ),
        (
            &[
                ("kind", "garbage"),
                ("method", "*"),
                ("path", search),
                ("ms", "7"),
            ],
            "ms",
            "one of the known fields",
        ),
    ] {
        refused(&lab, "faults", form, field, words).await;
    }
    assert!(page(&lab, "/faults").await.contains("No faults"));
}

#[tokio::test]
async fn webhooks_are_registered_and_deleted() {
    let lab = Lab::start().await;
    let form = [
        ("url", "http://127.0.0.1:9/hooks"),
        ("shown", "events"),
        ("events", "direct.member.create"),
    ];
    assert_eq!(
        accepted(&lab, "webhooks", &form).await,
        "/webhooks?done=created"
    );
    let text = page(&lab, "/webhooks").await;
    assert!(text.contains("whsec_") && text.contains("http://127.0.0.1:9/hooks"));
    let (_, id) = text
        .split_once("name=\"webhook\" value=\"")
        .expect("the button");
    let (id, _) = id.split_once('"').expect("its end");
    for (form, field, words) in [
        (
            &[("url", "https://evil.example/hooks")][..],
            "url",
            "http URL of this machine",
        ),
        (
            &[("url", "http://localhost:9"), ("shown", "events")],
            "events",
            "at least one",
        ),
        (
            &[("url", "http://localhost:9"), ("secret", "short")],
            "secret",
            "whsec_",
        ),
    ] {
        refused(&lab, "webhooks", form, field, words).await;
    }
    accepted(&lab, "webhooks/delete", &[("webhook", id)]).await;
    assert!(!page(&lab, "/webhooks").await.contains("whsec_M"));
    assert_eq!(
        press(&lab, "webhooks/delete", &format!("webhook={id}"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn automatic_approval_is_turned_on_and_off() {
    let lab = Lab::start().await;
    let on = [("email", "ada@acme.example")];
    assert_eq!(
        accepted(&lab, "people/auto_approve", &on).await,
        "/people?done=saved"
    );
    assert!(
        page(&lab, "/people")
            .await
            .contains("signs in <bdi>ada@acme.example")
    );
    refused(
        &lab,
        "people/auto_approve",
        &[("email", "nobody")],
        "email",
        "email address",
    )
    .await;
    accepted(&lab, "people/auto_approve", &[("email", "")]).await;
    assert!(page(&lab, "/people").await.contains("Off."));
}

#[tokio::test]
async fn an_invalid_time_is_reported_at_its_field() {
    let lab = Lab::start().await;
    refused(&lab, "freeze", &[("at", "tomorrow")], "at", "RFC 3339").await;
}
