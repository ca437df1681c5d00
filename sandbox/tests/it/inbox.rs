//! The inbox page.

use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply};

#[tokio::test]
async fn the_inbox_page_shows_codes_and_links_that_work() {
    let lab = Lab::start().await;
    assert!(
        lab.open("/_sandbox/inbox")
            .await
            .text
            .contains("No messages yet")
    );
    lab.world.patch_organization(
        "acme",
        json!({ "organization_name": "O'Neil & \"Sons\" </script><img src=x>" }),
    );
    lab.magic_token("acme", "ada@acme.example", json!({})).await;
    lab.send_email_code("acme", "ada@acme.example", json!({}))
        .await
        .ok();
    let page = lab.open("/_sandbox/inbox").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(page.text.contains(&lab.code("ada@acme.example")) && !page.text.contains("<img"));
    for (url, label) in [
        (
            format!("/_sandbox/console/{}", lab.credentials().project_id),
            "Open the console",
        ),
        ("http://localhost:3000/".to_owned(), "Back to the app"),
    ] {
        let link = format!("<a href=\"{url}\">{label}</a>");
        assert!(page.text.contains(&link), "{label}: {}", page.text);
    }
    let href = page
        .text
        .split("href=\"http")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a link");
    let link = format!("http{}", href.replace("&#38;", "&").replace("&amp;", "&"));
    assert_eq!(Reply::send(lab.http.get(link)).await.status, 302);

    let other = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    let page = lab
        .open(&format!(
            "/_sandbox/inbox?project_id={}",
            other.credentials().project_id
        ))
        .await;
    assert!(
        page.text.contains("No messages yet"),
        "worlds do not see each other"
    );
    assert_eq!(
        lab.open("/_sandbox/inbox?project_id=project-test-x")
            .await
            .status,
        404
    );
}
