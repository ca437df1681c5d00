//! An intermediate session of a login to one organization is used for another one.

use serde_json::{Value, json};

use super::lab::{Lab, entry, text};

const ADA: &str = "ada@acme.example";

/// Ada's intermediate sessions at Initech, where she must complete MFA, one for each kind of login.
async fn waiting_at_initech(lab: &Lab) -> Vec<Value> {
    let oauth = lab.sign_in("google", ADA, "initech", json!({})).await.ok();
    let token = lab.magic_token("initech", ADA, json!({})).await;
    let link = lab.spend_link(&token).await.ok();
    lab.send_email_code("initech", ADA, json!({})).await.ok();
    let code = lab.world.messages_to(Some(ADA), None).remove(0).code;
    let code = lab
        .spend_email_code("initech", ADA, &code.expect("a code"))
        .await
        .ok();
    vec![oauth, link, code]
}

/// Each kind of login is tested.
#[tokio::test]
async fn it_can_be_exchanged_into_another_organization() {
    let lab = Lab::start().await;
    for waiting in waiting_at_initech(&lab).await {
        assert_eq!(waiting["member_authenticated"], false);
        let ist = text(&waiting["intermediate_session_token"]);
        let more = json!({ "intermediate_session_token": ist });
        let found = lab.post("/v1/b2b/discovery/organizations", more).await.ok();
        assert_eq!(found["organization_id_hint"], waiting["organization_id"]);
        for slug in ["acme", "oneil"] {
            assert_eq!(entry(&found, slug)["member_authenticated"], true, "{slug}");
        }
        assert_eq!(entry(&found, "initech")["member_authenticated"], false);
        let signed_in = lab.exchange(&ist, "acme").await.ok();
        assert_eq!(signed_in["member_authenticated"], true);
        lab.exchange(&ist, "oneil")
            .await
            .is_error(404, "intermediate_session_not_found");
    }
}

/// Each kind of login is tested.
#[tokio::test]
async fn it_can_create_an_organization() {
    let lab = Lab::start().await;
    for waiting in waiting_at_initech(&lab).await {
        let ist = &waiting["intermediate_session_token"];
        let created = lab
            .create(json!({ "intermediate_session_token": ist }))
            .await
            .ok();
        assert_eq!(created["member_authenticated"], true);
        assert_eq!(created["member"]["is_admin"], true);
    }
}

/// After an incomplete exchange, it can still complete MFA in its organization. A second factor of that organization
/// does not count elsewhere.
#[tokio::test]
async fn it_stays_usable_in_its_organization() {
    let lab = Lab::start().await;
    lab.world.patch_organization(
        "oneil",
        json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["microsoft_oauth"] }),
    );
    let ist = lab.ist_for_mfa(ADA, "initech").await;
    let elsewhere = lab.exchange(&ist, "oneil").await.ok();
    assert!(elsewhere["primary_required"].is_object());
    let code = json!({ "code": lab.code("+15555550100"), "intermediate_session_token": ist });
    let done = lab
        .second("otps/sms/authenticate", "initech", ADA, code)
        .await
        .ok();
    assert!(text(&done["session_token"]).len() > 20);
}

/// A login that does not prove the address still requires a step-up elsewhere.
#[tokio::test]
async fn it_proves_only_what_its_login_proves() {
    let lab = Lab::start().await;
    let waiting = lab
        .sign_in("github", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    let ist = json!({ "intermediate_session_token": waiting["intermediate_session_token"] });
    let created = lab.create(ist.clone()).await.ok();
    assert_eq!(created["member_authenticated"], false);
    assert!(created["primary_required"].is_object());
    // The step-up can be made in any organization that lets the person in.
    let slug = text(&created["organization"]["organization_slug"]);
    let done = lab
        .sign_in("google", "grace@acme.example", &slug, ist)
        .await;
    assert_eq!(done.ok()["member_authenticated"], true);
}

/// The SSO login stays in the intermediate session, although it does not count elsewhere.
#[tokio::test]
async fn an_exchange_elsewhere_keeps_the_sso_login() {
    use super::sso::{BOB, SAML};
    let lab = Lab::start().await;
    lab.world.add_member("acme", json!({ "email": BOB }));
    lab.world.patch_organization(
        "globex",
        json!({ "mfa_policy": "REQUIRED_FOR_ALL", "allowed_auth_methods": ["sso"] }),
    );
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let ist = lab.ist("google", BOB).await;
    let more = json!({ "intermediate_session_token": ist });
    let waiting = lab.spend_sso(&lab.sso_token(SAML, BOB), more).await.ok();
    assert!(waiting["mfa_required"].is_object() && waiting["primary_required"].is_null());
    lab.exchange(&ist, "acme").await.ok();
    let back = lab.exchange(&ist, "globex").await.ok();
    assert!(back["primary_required"].is_null(), "{back}");
}

/// The delivery methods of the session's factors, and the providers of the member's accounts.
fn factors_and_accounts(answer: &Value) -> (Vec<String>, Vec<String>) {
    let texts = |list: &Value, field: &str| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        list.map(|it| text(&it[field])).collect()
    };
    let session = &answer["member_session"];
    (
        texts(&session["authentication_factors"], "delivery_method"),
        texts(&answer["member"]["oauth_registrations"], "provider_type"),
    )
}

/// An OAuth login that proves no address counts as an exchange in other organizations, whose members get neither the
/// account nor the provider's tokens.
#[tokio::test]
async fn a_login_that_proves_no_address_counts_as_an_exchange_elsewhere() {
    let lab = Lab::start().await;
    let grace = "grace@acme.example";
    lab.world.add_member("hooli", json!({ "email": grace }));
    for (organization, github, accounts) in [
        ("acme", "oauth_github", &["Github", "Google"][..]),
        ("hooli", "oauth_exchange_github", &["Google"]),
        ("", "oauth_exchange_github", &["Google"]),
    ] {
        let waiting = lab.sign_in("github", grace, "acme", json!({})).await.ok();
        let own = json!({ "intermediate_session_token": waiting["intermediate_session_token"] });
        let ist = text(&own["intermediate_session_token"]);
        // In a new organization, or one of which she is a member.
        let answer = match organization {
            "" => lab.create(own.clone()).await.ok(),
            there => lab.exchange(&ist, there).await.ok(),
        };
        assert_eq!(answer["member_authenticated"], false);
        let slug = text(&answer["organization"]["organization_slug"]);
        let done = lab.sign_in("google", grace, &slug, own).await.ok();
        let (factors, had) = factors_and_accounts(&done);
        assert_eq!(factors, [github, "oauth_google"], "{slug}");
        assert_eq!(had, accounts, "{slug}");
        let id = text(&done["member_id"]);
        let path = format!("/v1/b2b/organizations/{slug}/members/{id}/oauth_providers/github");
        let tokens = lab.get(&path).await;
        assert_eq!(tokens.status == 200, organization == "acme", "{slug}");
    }
    // A login of Discovery belongs to no organization.
    let ist = lab.ist("slack", "dave@hooli.example").await;
    let answer = lab.exchange(&ist, "hooli").await.ok();
    let (factors, accounts) = factors_and_accounts(&answer);
    assert_eq!(
        (factors, accounts),
        (vec!["oauth_slack".to_owned()], vec!["Slack".to_owned()])
    );
    // A login that proves the address is a normal factor everywhere.
    let waiting = lab.sign_in("google", ADA, "initech", json!({})).await.ok();
    let ist = text(&waiting["intermediate_session_token"]);
    let (factors, _) = factors_and_accounts(&lab.exchange(&ist, "acme").await.ok());
    assert_eq!(factors, ["oauth_google"]);
}
