//! `@stytch/vanilla-js` without a user interface: each flow from its start to the session and out of it.

use serde_json::{Value, json};

use super::{ADA, PHONE, Site};
use crate::chrome::Chrome;

const MINUTES: &str = "session_duration_minutes: 60";

/// Starts OAuth and returns as this person.
async fn over_google(browser: &Chrome, start: &str, email: &str) {
    // The page is left before the promise resolves.
    browser.run(&format!("{start}; return null")).await;
    browser.sees("Who is signing in?").await;
    assert_eq!(browser.url().await.host_str(), Some("127.0.0.1"));
    browser.press(email).await;
    browser.arrives("/authenticate").await;
}

/// What the page does on the callback URL.
async fn authenticate(browser: &Chrome) -> Value {
    let response = browser
        .good(&format!("stytch.authenticateByUrl({{ {MINUTES} }})"))
        .await;
    assert_eq!(response["handled"], true, "{response}");
    response["data"].clone()
}

async fn open(site: &Site) -> Chrome {
    let browser = Chrome::open().await;
    browser.visit(&site.url).await;
    browser.good("stytch").await;
    browser
}

/// Discovery, a look at the session, a switch to another organization, and sign-out. The session survives a reload.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn discovery_signs_in_switches_and_signs_out() {
    let site = Site::start("vanilla").await;
    let ada = open(&site).await;
    let start = format!(
        "stytch.oauth.google.discovery.start({{ discovery_redirect_url: '{}/authenticate' }})",
        site.url
    );
    over_google(&ada, &start, ADA).await;
    let found = authenticate(&ada).await;
    let slugs: Vec<&str> = found["discovered_organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["organization"]["organization_slug"].as_str().unwrap())
        .collect();
    assert!(
        slugs.contains(&"acme") && slugs.contains(&"initech"),
        "{slugs:?}"
    );

    let acme = site.organization("acme");
    let exchange = format!(
        "stytch.discovery.intermediateSessions.exchange({{ organization_id: '{acme}', {MINUTES} }})"
    );
    let signed_in = ada.good(&exchange).await;
    assert_eq!(signed_in["member_authenticated"], true);
    ada.visit(&site.url).await;
    assert_eq!(ada.good("stytch.self.get()").await["email_address"], ADA);
    let organization = ada.good("stytch.organization.get()").await;
    assert_eq!(organization["organization_name"], "Acme Corp");
    let rights = ada.good("stytch.rbac.allPermissions()").await;
    assert_eq!(rights["stytch.organization"]["update.info.name"], true);
    let renamed = ada
        .good("stytch.organization.update({ organization_name: 'Acme & Co' })")
        .await;
    assert_eq!(renamed["organization"]["organization_name"], "Acme & Co");
    let members = ada.good("stytch.organization.members.search({})").await;
    assert!(
        members["members"].as_array().unwrap().len() >= 2,
        "{members}"
    );

    let oneil = site.organization("oneil");
    ada.good(&format!(
        "stytch.session.exchange({{ organization_id: '{oneil}', {MINUTES} }})"
    ))
    .await;
    let refused = ada
        .sdk("stytch.organization.update({ organization_name: 'Mine' })")
        .await;
    assert_eq!(
        refused.unwrap_err()["error_type"],
        "session_authorization_error"
    );
    let renamed = ada.good("stytch.self.update({ name: 'Countess' })").await;
    assert_eq!(renamed["member"]["name"], "Countess");
    ada.good("stytch.session.revoke()").await;
    assert_eq!(ada.good("stytch.session.getSync()").await, Value::Null);
    let refused = ada.sdk("stytch.self.get()").await;
    assert_eq!(refused.unwrap_err()["error_type"], "user_unauthenticated");
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn discovery_creates_an_organization() {
    let site = Site::start("vanilla").await;
    let frank = open(&site).await;
    let start = "stytch.oauth.google.discovery.start({})";
    over_google(&frank, start, "frank@startup.example").await;
    authenticate(&frank).await;
    let created = frank
        .good(&format!(
            "stytch.discovery.organizations.create({{ {MINUTES} }})"
        ))
        .await;
    assert_eq!(created["organization"]["organization_slug"], "startup");
    assert_eq!(created["member"]["email_address"], "frank@startup.example");
    frank.close().await;
}

/// Finds an organization by its slug, signs in there by OAuth with PKCE, and completes MFA by SMS.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn the_organization_flow_completes_mfa_by_sms() {
    let site = Site::start("vanilla").await;
    let ada = open(&site).await;
    let found = ada
        .good("stytch.organization.getBySlug({ organization_slug: 'initech' })")
        .await;
    assert_eq!(found["organization"]["mfa_policy"], "REQUIRED_FOR_ALL");
    over_google(
        &ada,
        "stytch.oauth.google.start({ organization_slug: 'initech' })",
        ADA,
    )
    .await;
    assert_eq!(
        ada.url()
            .await
            .query_pairs()
            .find(|it| it.0 == "slug")
            .unwrap()
            .1,
        "initech"
    );
    let waiting = authenticate(&ada).await;
    assert_eq!(waiting["member_authenticated"], false);
    let who = format!(
        "organization_id: {}, member_id: {}",
        waiting["organization_id"], waiting["member_id"]
    );
    ada.good(&format!("stytch.otps.sms.send({{ {who} }})"))
        .await;
    let code = site.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = ada
        .sdk(&format!(
            "stytch.otps.sms.authenticate({{ {who}, code: '{wrong}', {MINUTES} }})"
        ))
        .await;
    assert_eq!(refused.unwrap_err()["error_type"], "otp_code_not_found");
    let signed_in = ada
        .good(&format!(
            "stytch.otps.sms.authenticate({{ {who}, code: '{code}', {MINUTES} }})"
        ))
        .await;
    assert_eq!(signed_in["organization"]["organization_slug"], "initech");
    assert_eq!(ada.good("stytch.self.get()").await["email_address"], ADA);
    ada.close().await;
}

/// A code by email, an authenticator app that is added to the session, and a recovery code at the next sign-in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn an_email_code_and_an_authenticator_app_sign_in() {
    let site = Site::start("vanilla").await;
    let ada = open(&site).await;
    let oneil = site.organization("oneil");
    let to = format!("organization_id: '{oneil}', email_address: '{ADA}'");
    let sign_in = async || {
        ada.good(&format!("stytch.otps.email.loginOrSignup({{ {to} }})"))
            .await;
        let code = site.code(ADA);
        let body = format!("{{ {to}, code: '{code}', {MINUTES} }}");
        ada.good(&format!("stytch.otps.email.authenticate({body})"))
            .await
    };
    let signed_in = sign_in().await;
    let who = format!(
        "organization_id: '{oneil}', member_id: {}",
        signed_in["member_id"]
    );
    let app = ada.good(&format!("stytch.totp.create({{ {who} }})")).await;
    let member_id = signed_in["member_id"].as_str().unwrap();
    let code = site.world.totp_code(member_id).unwrap();
    let body = format!("{{ {who}, code: '{code}', set_mfa_enrollment: 'enroll', {MINUTES} }}");
    ada.good(&format!("stytch.totp.authenticate({body})")).await;
    let codes = ada.good("stytch.recoveryCodes.get()").await;
    assert_eq!(codes["recovery_codes"], app["recovery_codes"]);
    ada.good("stytch.session.revoke()").await;

    let waiting = sign_in().await;
    assert_eq!(waiting["member_authenticated"], false);
    let recovery = &app["recovery_codes"][0];
    let body = format!("{{ {who}, recovery_code: {recovery}, {MINUTES} }}");
    let signed_in = ada
        .good(&format!("stytch.recoveryCodes.recover({body})"))
        .await;
    assert_eq!(signed_in["recovery_codes_remaining"], 9);
    ada.close().await;
}

/// A link by email works only in the browser that requested it (PKCE), and only with a registered URL.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn email_links_work_only_where_they_were_requested() {
    let site = Site::start("vanilla").await;
    let ada = open(&site).await;
    let acme = site.organization("acme");
    let send = |redirect: &str| {
        format!(
            "stytch.magicLinks.email.loginOrSignup({{ organization_id: '{acme}', email_address: '{ADA}', \
             login_redirect_url: '{}{redirect}' }})",
            site.url
        )
    };
    let refused = ada.sdk(&send("/elsewhere")).await;
    assert_eq!(
        refused.unwrap_err()["error_type"],
        "no_match_for_provided_magic_link_url"
    );
    ada.good(&send("/authenticate")).await;
    let mallory = Chrome::open().await;
    mallory.visit(&site.link(ADA)).await;
    mallory.arrives("/authenticate").await;
    let refused = mallory
        .sdk(&format!("stytch.authenticateByUrl({{ {MINUTES} }})"))
        .await;
    assert_eq!(
        refused.unwrap_err()["error_type"],
        "pkce_expected_code_verifier"
    );
    mallory.close().await;
    ada.visit(&site.link(ADA)).await;
    ada.arrives("/authenticate").await;
    let signed_in = authenticate(&ada).await;
    assert_eq!(signed_in["organization"]["organization_slug"], "acme");
    ada.good("stytch.session.revoke()").await;

    let body = format!("{{ email_address: '{ADA}' }}");
    ada.good(&format!("stytch.magicLinks.email.discovery.send({body})"))
        .await;
    ada.visit(&site.link(ADA)).await;
    let found = authenticate(&ada).await;
    assert_eq!(found["email_address"], ADA);
    ada.close().await;
}

/// SSO by the connection that is found by the email address.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn sso_signs_in() {
    let site = Site::start("vanilla").await;
    let bob = open(&site).await;
    let found = bob
        .good("stytch.sso.discoverConnections('bob@globex.example')")
        .await;
    let id = &found["connections"][0]["connection_id"];
    bob.run(&format!(
        "stytch.sso.start({{ connection_id: {id} }}); return null"
    ))
    .await;
    bob.press("bob@globex.example").await;
    bob.arrives("/authenticate").await;
    let signed_in = authenticate(&bob).await;
    assert_eq!(signed_in["organization"]["organization_slug"], "globex");
    let refused = bob.sdk("stytch.sso.getConnections()").await;
    assert_eq!(
        refused.unwrap_err()["error_type"],
        "session_authorization_error"
    );
    bob.close().await;
}

/// A session that was ended elsewhere is gone from the page after its next call.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn a_session_ended_elsewhere_is_gone_after_the_next_call() {
    let site = Site::start("vanilla").await;
    let ada = open(&site).await;
    over_google(
        &ada,
        "stytch.oauth.google.start({ organization_slug: 'acme' })",
        ADA,
    )
    .await;
    authenticate(&ada).await;
    site.world.revoke_all_sessions();
    let refused = ada.sdk("stytch.session.authenticate()").await;
    assert_eq!(refused.unwrap_err()["error_type"], "session_not_found");
    assert_eq!(ada.good("stytch.session.getSync()").await, Value::Null);
    assert_eq!(ada.good("stytch.session.getTokens()").await, Value::Null);
    ada.close().await;
}

/// A page of another site gets no response that it can read: the SDK can't even tell what is there.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn a_page_of_another_site_gets_nothing() {
    let site = Site::start("vanilla").await;
    let mallory = Chrome::open().await;
    let url = site.url.replace("localhost", "mallory.example");
    mallory.visit(&url).await;
    let refused = mallory
        .sdk("stytch.organization.getBySlug({ organization_slug: 'acme' })")
        .await;
    let message = refused.unwrap_err()["message"].clone();
    assert_eq!(message, json!("Unable to contact our servers."));
    assert!(site.world.calls().is_empty());
    mallory.driver.quit().await.unwrap();
}
