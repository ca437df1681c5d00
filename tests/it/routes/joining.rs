use serde_json::json;

use crate::support::{Page, TestApp};

/// Invited, pending, by email domain, by tenant: each way completes with every provider that the rules allow, in both
/// flows.
#[tokio::test]
async fn every_way_to_join_completes() {
    for (person, provider, slug, name) in [
        (
            "carol@initech.example",
            "Google",
            "acme",
            "Accept the invitation to Acme Corp",
        ),
        (
            "carol@initech.example",
            "Microsoft",
            "acme",
            "Accept the invitation to Acme Corp",
        ),
        (
            "carol@initech.example",
            "Microsoft",
            "vandelay",
            "Finish joining Vandelay Industries",
        ),
        ("grace@acme.example", "Google", "acme", "Join Acme Corp"),
        ("dave@hooli.example", "GitHub", "hooli", "Join Hooli"),
        ("dave@hooli.example", "Slack", "hooli", "Join Hooli"),
        ("dave@hooli.example", "HubSpot", "hooli", "Join Hooli"),
    ] {
        for discovery in [true, false] {
            let app = TestApp::start().await;
            let mut browser = app.browser();
            let page = if discovery {
                "/".to_owned()
            } else {
                format!("/org/{slug}")
            };
            browser.get(&page).await;
            browser.go(&format!("Continue with {provider}")).await;
            let mut page = browser.go(person).await;
            if discovery {
                page = browser.go(name).await;
            }
            inside(&page, slug);
            let members = app.world.state()["members"].as_array().unwrap().clone();
            let active = members.iter().any(|member| {
                member["email_address"] == person
                    && member["status"] == "active"
                    && page
                        .body
                        .contains(member["organization_id"].as_str().unwrap())
            });
            assert!(active, "{person} in {slug}");
        }
    }
}

/// The link of an invitation requires confirmation, because the sign-in was not started here. Then it signs in.
#[tokio::test]
async fn an_invitation_by_email_signs_in() {
    let app = TestApp::start().await;
    invite(&app, "nina@acme.example").await;
    let link = app.world.messages()[0].link.clone().unwrap();
    let mut nina = app.browser();
    nina.get(&link).await;
    assert_eq!(nina.arrive().await.path(), "/confirm");
    inside(&nina.go("Continue").await, "acme");
    // The link works once.
    let mut again = app.browser();
    again.get(&link).await;
    again.arrive().await;
    let page = again.go("Continue").await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert_eq!(
        page.action("Start again by email", &[]).url.path(),
        "/email"
    );
}

/// The page of a refused sign-in names the rule of the organization, and whom to ask.
#[tokio::test]
async fn refusals_name_the_rule_and_whom_to_ask() {
    for (person, provider, slug, rules, words) in [
        (
            "mallory@evil.example",
            "Google",
            "oneil",
            json!({}),
            "does not let people join by email domain",
        ),
        (
            "mallory@evil.example",
            "Google",
            "acme",
            json!({}),
            "does not let people with your email domain join without an invitation",
        ),
        (
            "grace@acme.example",
            "GitHub",
            "hooli",
            json!({"email_jit_provisioning": "NOT_ALLOWED"}),
            "does not let people join",
        ),
        (
            "dave@hooli.example",
            "Slack",
            "hooli",
            json!({"allowed_oauth_tenants": {"slack": ["T-OTHER"]}, "email_jit_provisioning": "NOT_ALLOWED"}),
            "certain workspaces at the provider",
        ),
        (
            "dave@hooli.example",
            "Slack",
            "oneil",
            json!({}),
            "through a workspace",
        ),
    ] {
        let app = TestApp::start().await;
        app.world.patch_organization(slug, rules);
        let mut browser = app.browser();
        let name = browser.get(&format!("/org/{slug}")).await;
        let name = name
            .text()
            .split("Sign in to ")
            .nth(1)
            .unwrap()
            .split(" Continue with")
            .next()
            .unwrap()
            .to_owned();
        browser.go(&format!("Continue with {provider}")).await;
        let page = browser.go(person).await;
        assert_eq!(page.status, 403, "{person} {slug}: {}", page.text());
        assert!(
            page.text().contains(words),
            "{person} {slug}: {}",
            page.text()
        );
        assert!(
            page.text()
                .contains(&format!("Ask an administrator of {name} to invite you")),
            "{}",
            page.text()
        );
        assert_eq!(browser.get("/member").await.status, 401);
    }
}

fn inside(page: &Page, slug: &str) {
    assert_eq!(page.path(), format!("/org/{slug}"), "{}", page.text());
    assert!(page.text().contains("You are signed in"), "{}", page.text());
}

pub async fn invite(app: &TestApp, email: &str) {
    app.invite(email).await;
}
