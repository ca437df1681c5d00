//! Members in the console: creation, fields, roles, sessions, factors.

use serde_json::json;

use super::{accepted, page, press, refused};
use crate::lab::Lab;

fn path(lab: &Lab, slug: &str, email: &str) -> String {
    let id = lab.member(slug, email)["member_id"].clone();
    format!("members/{}", id.as_str().expect("an id"))
}

fn new(lab: &Lab) -> String {
    let id = lab.organization("acme")["organization_id"].clone();
    format!("organizations/{}/members/new", id.as_str().expect("an id"))
}

#[tokio::test]
async fn a_member_is_created() {
    let lab = Lab::start().await;
    let form = [
        ("email_address", "new@acme.example"),
        ("name", "Nia"),
        ("shown", "roles"),
        ("roles", "stytch_admin"),
        ("shown", "create_member_as_pending"),
        ("create_member_as_pending", "true"),
    ];
    let created = accepted(&lab, &new(&lab), &form).await;
    let member = lab.member("acme", "new@acme.example");
    assert_eq!(
        (&member["name"], &member["status"]),
        (&json!("Nia"), &json!("pending"))
    );
    assert_eq!(member["is_admin"], json!(true));
    let id = member["member_id"].as_str().expect("an id");
    assert_eq!(created, format!("/members/{id}?done=created"));

    for (form, field, words) in [
        (&[("name", "Kept")][..], "email_address", "required"),
        (
            &[("email_address", "new@acme.example"), ("name", "Kept")],
            "email_address",
            "another",
        ),
        (&[("email_address", "nobody")], "email_address", "invalid"),
        (
            &[
                ("email_address", "b@acme.example"),
                ("shown", "roles"),
                ("roles", "nobody"),
            ],
            "roles",
            "no such role",
        ),
    ] {
        // A role that the form does not offer is refused.
        let kept: Vec<(&str, &str)> = form.to_vec();
        if field == "roles" {
            let reply = press(&lab, &new(&lab), &super::form(&kept)).await;
            assert!(reply.status == 400 && reply.text.contains(words));
        } else {
            refused(&lab, &new(&lab), &kept, field, words).await;
        }
    }
}

#[tokio::test]
async fn fields_and_roles_are_changed() {
    let lab = Lab::start().await;
    let carol = path(&lab, "initech", "carol@initech.example");
    let form = [
        ("name", "Carol 2"),
        ("external_id", "c-2"),
        ("shown", "roles"),
        ("roles", "stytch_admin"),
        ("shown", "mfa_enrolled"),
        ("mfa_enrolled", "true"),
        ("untrusted_metadata", r#"{"theme": "dark"}"#),
    ];
    let saved = accepted(&lab, &carol, &form).await;
    assert!(saved.ends_with("?done=saved"));
    let member = lab.member("initech", "carol@initech.example");
    for (field, expected) in [
        ("name", json!("Carol 2")),
        ("external_id", json!("c-2")),
        ("is_admin", json!(true)),
        ("mfa_enrolled", json!(true)),
        ("untrusted_metadata", json!({ "theme": "dark" })),
    ] {
        assert_eq!(member[field], expected, "{field}");
    }
    // Checkboxes that a form does not contain stay unchanged.
    accepted(&lab, &carol, &[("name", "Carol 3")]).await;
    let member = lab.member("initech", "carol@initech.example");
    assert_eq!(
        (&member["is_admin"], &member["mfa_enrolled"]),
        (&json!(true), &json!(true))
    );

    let form = [
        ("external_id", ""),
        ("shown", "roles"),
        ("shown", "mfa_enrolled"),
        ("email_address", "carol2@initech.example"),
    ];
    accepted(&lab, &carol, &form).await;
    let member = lab.member("initech", "carol2@initech.example");
    assert_eq!(member["external_id"], json!(null));
    assert_eq!(
        (&member["is_admin"], &member["mfa_enrolled"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(member["name"], json!("Carol 3"), "it was not in the form");

    for (form, field, words) in [
        (
            &[("email_address", "ada@acme.example")][..],
            "email_address",
            "another member",
        ),
        (&[("external_id", "a b")], "external_id", "alphanumerics"),
        (&[("mfa_phone_number", "12")], "mfa_phone_number", "E.164"),
        (
            &[("default_mfa_method", "x")],
            "default_mfa_method",
            "sms_otp or totp",
        ),
        (
            &[("trusted_metadata", "x"), ("name", "Kept")],
            "trusted_metadata",
            "JSON",
        ),
    ] {
        if field == "default_mfa_method" {
            let reply = press(&lab, &carol, &super::form(form)).await;
            assert!(reply.status == 400 && reply.text.contains(words));
        } else {
            refused(&lab, &carol, form, field, words).await;
        }
    }
}

#[tokio::test]
async fn an_unchanged_form_changes_nothing() {
    let lab = Lab::start().await;
    let state = lab.world.state();
    for member in state["members"].as_array().expect("members") {
        let id = member["member_id"].as_str().expect("an id");
        let text = page(&lab, &format!("/members/{id}")).await;
        if member["status"] == "deleted" {
            continue;
        }
        let typed = super::forms::filled_in(&text);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert!(typed.iter().any(|(name, _)| *name == "email_address"));
        let done = accepted(&lab, &format!("members/{id}"), &typed).await;
        assert!(done.ends_with("?done=unchanged"), "{typed:?}");
    }
    assert_eq!(lab.world.state(), state);
}

#[tokio::test]
async fn sessions_are_ended() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    lab.adas_session().await;
    let ada = path(&lab, "acme", "ada@acme.example");
    let first = lab.world.state()["sessions"][0]["member_session_id"].clone();
    let first = first.as_str().expect("an id").to_owned();
    let done = accepted(&lab, &format!("{ada}/sessions"), &[("session", &first)]).await;
    assert!(done.ends_with("?done=ended"));
    let check = lab.post(
        "/v1/b2b/sessions/authenticate",
        json!({ "session_token": token }),
    );
    check.await.is_error(404, "session_not_found");
    accepted(&lab, &format!("{ada}/sessions"), &[]).await;
    assert_eq!(lab.world.state()["sessions"], json!([]));

    lab.adas_session().await;
    let last = lab.world.state()["sessions"][0]["member_session_id"].clone();
    let last = last.as_str().expect("an id").to_owned();
    let done = accepted(&lab, "sessions", &[("session", &last)]).await;
    assert_eq!(done, "/sessions?done=ended");
    assert_eq!(lab.world.state()["sessions"], json!([]));
}

#[tokio::test]
async fn factors_are_removed() {
    let lab = Lab::start().await;
    let carols = path(&lab, "initech", "carol@initech.example");
    assert!(
        page(&lab, &format!("/{carols}"))
            .await
            .contains("which shows")
    );
    accepted(&lab, &format!("{carols}/remove_totp"), &[]).await;
    let member = lab.member("initech", "carol@initech.example");
    assert_eq!(member["totp_registration_id"], json!(""));
    let bob = path(&lab, "globex", "bob@globex.example");
    let phone = [("mfa_phone_number", "+15005550006")];
    accepted(&lab, &bob, &phone).await;
    assert!(
        page(&lab, &format!("/{bob}"))
            .await
            .contains("Remove the phone number")
    );
    accepted(&lab, &format!("{bob}/remove_phone"), &[]).await;
    let member = lab.member("globex", "bob@globex.example");
    assert_eq!(member["mfa_phone_number"], json!(""));
    for (button, words) in [
        ("remove_phone", "no phone number"),
        ("remove_totp", "no TOTP registration"),
        ("reactivate", "not deleted"),
    ] {
        let reply = press(&lab, &format!("{bob}/{button}"), "").await;
        assert!((400..500).contains(&reply.status), "{button}");
        assert!(reply.text.contains(words), "{button}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_member_is_deleted_and_reactivated() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let ada = path(&lab, "acme", "ada@acme.example");
    accepted(&lab, &format!("{ada}/delete"), &[]).await;
    assert_eq!(lab.world.state()["sessions"], json!([]));
    let text = page(&lab, &format!("/{ada}")).await;
    assert!(text.contains("This member is deleted") && !text.contains("Save member"));
    accepted(&lab, &format!("{ada}/reactivate"), &[]).await;
    assert_eq!(
        lab.member("acme", "ada@acme.example")["status"],
        json!("active")
    );
}
