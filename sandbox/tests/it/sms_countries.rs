//! The countries to which text messages are sent.

use serde_json::{Value, json};
use stytch_sandbox::Seed;

use super::lab::{Lab, Reply, text};

/// Creates a member of Acme who adds this phone number.
async fn send(lab: &Lab, name: &str, number: &str) -> Reply {
    let email = format!("{name}@elsewhere.example");
    let member = json!({ "email_address": email });
    let path = "/v1/b2b/organizations/acme/members";
    let id = text(&lab.post(path, member).await.ok()["member_id"]);
    let body = json!({ "organization_id": "acme", "member_id": id, "mfa_phone_number": number });
    let reply = lab.post("/v1/b2b/otps/sms/send", body).await;
    let kept = lab.member("acme", &email)["mfa_phone_number"].clone();
    assert_eq!(kept, if reply.status == 200 { number } else { "" });
    reply
}

#[tokio::test]
async fn by_default_only_the_united_states_and_canada_are_allowed() {
    let lab = Lab::start().await;
    for number in [
        "+4915123456789",
        "+390612345678",
        "+12425550100",
        "+18765550100",
    ] {
        let reply = send(&lab, &format!("m{number}").replace('+', ""), number).await;
        reply.is_error(400, "invalid_phone_number_country_code");
    }
    assert_eq!(lab.world.messages().len(), 0);
    send(&lab, "toronto", "+14165550100").await.ok();
    assert_eq!(lab.world.messages().len(), 1);
}

/// This applies to requested codes and to those of a login.
#[tokio::test]
async fn a_member_with_a_number_of_another_country_gets_no_code() {
    let lab = Lab::start().await;
    let member = lab.member("initech", "ada@acme.example");
    let (organization, id) = (text(&member["organization_id"]), text(&member["member_id"]));
    let members = format!("/v1/b2b/organizations/{organization}/members");
    lab.delete(&format!("{members}/mfa_phone_numbers/{id}"))
        .await
        .ok();
    let number = json!({ "mfa_phone_number": "+4915123456789" });
    lab.put(&format!("{members}/{id}"), number).await.ok();
    let login = lab
        .sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .ok();
    assert_eq!(login["member_authenticated"], false);
    let body = json!({ "organization_id": "initech", "member_id": login["member_id"] });
    let reply = lab.post("/v1/b2b/otps/sms/send", body).await;
    reply.is_error(400, "invalid_phone_number_country_code");
    assert_eq!(lab.world.messages().len(), 0);
}

#[tokio::test]
async fn a_project_or_a_seed_can_allow_other_countries() {
    let lab = Lab::start().await;
    let organizations = json!([{ "name": "Acme", "slug": "acme" }]);
    for body in [
        json!({ "sms_prefixes": ["+49", "+1242"] }),
        json!({ "seed": { "organizations": organizations, "sms_prefixes": ["+49", "+1242"] } }),
    ] {
        let lab = project(&lab, body).await;
        send(&lab, "berlin", "+4915123456789").await.ok();
        send(&lab, "nassau", "+12425550100").await.ok();
        let reply = send(&lab, "toronto", "+14165550100").await;
        reply.is_error(400, "invalid_phone_number_country_code");
    }
}

#[tokio::test]
async fn invalid_prefixes_are_refused() {
    let lab = Lab::start().await;
    for wrong in [
        json!("+49"),
        json!(["49"]),
        json!(["+"]),
        json!(["+0"]),
        json!([49]),
    ] {
        let url = format!("{}/_sandbox/projects", lab.url);
        let body = json!({ "sms_prefixes": wrong });
        let reply = Reply::send(lab.http.post(&url).json(&body)).await;
        assert_eq!(reply.status, 400, "{wrong}");
        assert!(reply.text.contains("sms_prefixes"), "{}", reply.text);
        let seed = json!({ "sms_prefixes": wrong });
        assert!(Seed::from_value(&seed).is_err(), "{wrong}");
    }
}

async fn project(lab: &Lab, body: Value) -> Lab {
    let url = format!("{}/_sandbox/projects", lab.url);
    let made = Reply::send(lab.http.post(url).json(&body)).await.json();
    let world = lab
        .sandbox
        .project(&text(&made["project_id"]))
        .expect("a project");
    Lab {
        world,
        sandbox: lab.sandbox.clone(),
        url: lab.url.clone(),
        http: lab.http.clone(),
    }
}
