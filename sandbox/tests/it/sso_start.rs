//! SSO starts at the app and at the IdP, and the page of the simulated IdP. See `docs/stytch.md#start-urls`.

use std::time::Duration;

use serde_json::json;
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply, text};
use super::sso::{BOB, OIDC, SAML, VERIFIER};

#[tokio::test]
async fn the_start_url_finds_the_connection() {
    let lab = Lab::start().await;
    for good in [
        format!("connection_id={OIDC}"),
        "organization_id=globex".to_owned(),
        format!(
            "organization_id={}",
            text(&lab.organization("globex")["organization_id"])
        ),
    ] {
        let reply = lab.sso_start(&good).await;
        let page = format!("{}{}", lab.url, reply.header("location"));
        assert_eq!(reply.json()["redirect_url"], page);
        let expected = if good.starts_with("connection") {
            "Globex Entra"
        } else {
            "Globex Okta"
        };
        assert!(
            lab.page_of(&reply).page().await.text.contains(expected),
            "{good}"
        );
    }
    for (parameters, status, error) in [
        ("", 400, "missing_sso_connection_locator"),
        (
            "connection_id=x&organization_id=globex",
            400,
            "too_many_sso_connection_locators",
        ),
        (
            "connection_id=saml-connection-test-x",
            404,
            "sso_connection_not_found",
        ),
        ("organization_id=nowhere", 404, "organization_not_found"),
        (
            "organization_id=acme",
            400,
            "no_sso_connection_exists_for_organization",
        ),
        (
            "organization_id=globex&pkce_code_challenge=short",
            400,
            "invalid_pkce_code_challenge",
        ),
        (
            "organization_id=globex&pkce_code_challenge=",
            400,
            "invalid_pkce_code_challenge",
        ),
        (
            "organization_id=globex&login_redirect_url=http://localhost:3000/x",
            400,
            "no_match_for_provided_sso_url",
        ),
        (
            "organization_id=globex&signup_redirect_url=http://localhost:3001/authenticate",
            400,
            "no_match_for_provided_sso_url",
        ),
        (
            "organization_id=globex&login_redirect_url=x",
            400,
            "invalid_login_redirect_url",
        ),
    ] {
        lab.sso_start(parameters).await.is_error(status, error);
    }
    lab.world
        .patch_organization("globex", json!({ "sso_default_connection_id": null }));
    lab.sso_start("organization_id=globex")
        .await
        .is_error(400, "indeterminate_sso_connection_for_organization");
    let one = lab.organization("globex")["sso_active_connections"][1].clone();
    lab.world
        .patch_organization("globex", json!({ "sso_active_connections": [one] }));
    assert_eq!(lab.sso_start("organization_id=globex").await.status, 302);

    let urls = RedirectUrls {
        login: vec![],
        ..RedirectUrls::default()
    };
    let lab = Lab {
        world: lab.sandbox.create_world(Seed::Default, urls),
        ..lab
    };
    lab.sso_start("organization_id=globex")
        .await
        .is_error(400, "no_login_redirect_urls_set");
}

#[tokio::test]
async fn the_start_url_requires_a_public_token() {
    let lab = Lab::start().await;
    for (token, status, error) in [
        ("", 400, "public_token_required"),
        ("x", 400, "invalid_public_token_id"),
        (
            "public-token-test-00000000-0000-4000-8000-000000000000",
            404,
            "public_token_not_found",
        ),
    ] {
        let url = format!(
            "{}/v1/public/sso/start?public_token={token}&organization_id=globex",
            lab.url
        );
        Reply::send(lab.http.get(url)).await.is_error(status, error);
    }
}

#[tokio::test]
async fn a_mismatched_url_is_explained() {
    let lab = Lab::start().await;
    let token = lab.credentials().public_token;
    let page = lab.open(&format!("/v1/public/sso/start?public_token={token}&organization_id=globex&login_redirect_url=http://localhost:3000/auth")).await;
    assert!(
        page.status == 400
            && page.text.contains("no_match_for_provided_sso_url")
            && page.text.contains("/auth")
    );
}

#[tokio::test]
async fn the_buttons_of_the_idp_are_protected() {
    let lab = Lab::start().await;
    let page = lab.idp("organization_id=globex").await;
    let other = lab.idp("organization_id=globex").await;
    for more in ["", "/person", "/cancel"] {
        let form = "person=x&name=A&email=a%40b.example";
        Reply::send(page.request(more, form))
            .await
            .is_error(400, "oauth_state_mismatch");
        Reply::send(page.request(more, form).header("cookie", &other.cookie))
            .await
            .is_error(400, "oauth_state_mismatch");
        let foreign = page
            .request(more, form)
            .header("cookie", &page.cookie)
            .header("sec-fetch-site", "cross-site");
        Reply::send(foreign)
            .await
            .is_error(403, "unauthorized_action");
    }
    page.press("", "person=person-1")
        .await
        .is_error(400, "bad_request");
    assert_eq!(page.press("/person", "name=&email=x").await.status, 422);
    assert_eq!(
        page.press("/person", &format!("name=Bob&email={BOB}"))
            .await
            .status,
        422,
        "he is a member"
    );
    let reply = page.choose(BOB).await;
    assert!(reply.status == 303 && reply.header("set-cookie").contains("Max-Age=0"));
    for more in ["", "/person", "/cancel"] {
        page.press(more, "person=x&name=A&email=a%40b.example")
            .await
            .is_error(400, "oauth_state_used");
    }
    assert_eq!(page.page().await.status, 400);
    lab.world.advance(Duration::from_mins(10));
    other
        .press("/cancel", "")
        .await
        .is_error(400, "oauth_invalid_state");
    assert_eq!(other.page().await.status, 404);
}

#[tokio::test]
async fn cancel_returns_without_a_token() {
    let lab = Lab::start().await;
    let reply = lab
        .idp("organization_id=globex")
        .await
        .press("/cancel", "")
        .await;
    let location = reply.header("location");
    assert!(
        location.starts_with(
            "http://localhost:3000/authenticate?error=access_denied&error_description="
        ),
        "{location}"
    );
    assert!(!location.contains("token"));
}

/// Members return to the login URL and new ones to the signup URL of the start.
#[tokio::test]
async fn the_redirect_url_depends_on_membership() {
    let lab = Lab::start().await;
    let urls = RedirectUrls {
        signup: vec![
            "http://localhost:3000/new".into(),
            "http://localhost:3000/newer".into(),
        ],
        ..RedirectUrls::default()
    };
    let lab = Lab {
        world: lab.sandbox.create_world(Seed::Default, urls),
        ..lab
    };
    let page = lab
        .idp("organization_id=globex&signup_redirect_url=http://localhost:3000/newer")
        .await;
    let reply = page
        .press("/person", "name=N&email=n%40globex.example")
        .await;
    assert!(
        reply
            .header("location")
            .starts_with("http://localhost:3000/newer?slug=globex"),
        "{}",
        reply.header("location")
    );
    lab.world
        .patch_member("globex", BOB, json!({ "status": "pending" }));
    let approved = lab.world.approve_sso(SAML, BOB, None);
    assert!(
        approved
            .redirect_url
            .starts_with("http://localhost:3000/new?")
    );
}

#[tokio::test]
async fn a_sign_in_that_starts_at_the_idp_has_no_challenge() {
    let lab = Lab::start().await;
    let page = lab.open("/_sandbox/idp").await;
    assert!(page.text.contains("Globex Okta") && page.text.contains("Globex Entra"));
    let project_id = lab.credentials().project_id;
    let begin = |connection: &str| {
        lab.http
            .post(format!("{}/_sandbox/idp", lab.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "project_id={project_id}&connection_id={connection}"
            ))
    };
    let reply = Reply::send(begin(SAML)).await;
    assert_eq!(reply.status, 303);
    let page = lab.page_of(&reply);
    assert!(page.page().await.text.contains("the IdP"));
    let token = page
        .choose(BOB)
        .await
        .header("location")
        .rsplit_once("token=")
        .expect("a token")
        .1
        .to_owned();
    lab.spend_sso(&token, json!({ "pkce_code_verifier": VERIFIER }))
        .await
        .is_error(400, "pkce_did_not_expect_code_verifier");
    lab.spend_sso(&token, json!({})).await.ok();
    Reply::send(begin("saml-connection-test-x"))
        .await
        .is_error(404, "sso_connection_not_found");
    Reply::send(begin(SAML).header("sec-fetch-site", "cross-site"))
        .await
        .is_error(403, "unauthorized_action");
    assert_eq!(
        lab.open("/_sandbox/idp?project_id=project-test-x")
            .await
            .status,
        404
    );

    let empty = lab
        .sandbox
        .create_world(Seed::Empty, RedirectUrls::default());
    let page = lab
        .open(&format!(
            "/_sandbox/idp?project_id={}",
            empty.credentials().project_id
        ))
        .await;
    assert!(page.text.contains("no active SSO connection"));
}
