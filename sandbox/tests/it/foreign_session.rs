//! `magic_links.authenticate` with a session of another member.

use serde_json::json;

use super::lab::{Lab, text};

const AUTHENTICATE: &str = "/v1/b2b/magic_links/authenticate";

/// Whether given by token or JWT, it is ignored: a session of the link's member begins, and the other session stays.
#[tokio::test]
async fn a_session_of_another_member_is_ignored() {
    let lab = Lab::start().await;
    let (ada, ada_jwt) = lab.adas_session().await;
    for argument in [
        json!({ "session_token": ada }),
        json!({ "session_jwt": ada_jwt }),
    ] {
        let token = lab
            .magic_token("hooli", "hal@hooli.example", json!({}))
            .await;
        let mut body = argument;
        body["magic_links_token"] = json!(token);
        let hal = lab.post(AUTHENTICATE, body).await.ok();
        assert_eq!(hal["member"]["email_address"], "hal@hooli.example");
        assert_ne!(text(&hal["session_token"]), ada);
        let factors = hal["member_session"]["authentication_factors"].as_array();
        assert_eq!(factors.map(Vec::len), Some(1));
        let still = json!({ "session_token": ada });
        let still = lab.post("/v1/b2b/sessions/authenticate", still).await.ok();
        assert_eq!(still["member"]["email_address"], "ada@acme.example");
    }
}

/// A session of the same person in another organization also belongs to another member.
#[tokio::test]
async fn an_ignored_session_does_not_complete_mfa() {
    let lab = Lab::start().await;
    let (acme, _) = lab.adas_session().await;
    let token = lab
        .magic_token("initech", "ada@acme.example", json!({}))
        .await;
    let body = json!({ "magic_links_token": token, "session_token": acme });
    let waiting = lab.post(AUTHENTICATE, body).await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    assert!(waiting["mfa_required"].is_object());
}

/// Invalid arguments do not use up the link.
#[tokio::test]
async fn the_members_own_session_is_used_and_invalid_arguments_are_refused() {
    let lab = Lab::start().await;
    let (ada, jwt) = lab.adas_session().await;
    let token = lab.magic_token("acme", "ada@acme.example", json!({})).await;
    let both = json!({ "magic_links_token": token, "session_token": ada, "session_jwt": jwt });
    lab.post(AUTHENTICATE, both)
        .await
        .is_error(400, "too_many_session_arguments");
    let unknown = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";
    let unknown = json!({ "magic_links_token": token, "session_token": unknown });
    lab.post(AUTHENTICATE, unknown)
        .await
        .is_error(404, "session_not_found");
    let own = json!({ "magic_links_token": token, "session_token": ada });
    let added = lab.post(AUTHENTICATE, own).await.ok();
    assert_eq!(added["session_token"], ada);
    // Other logins have no such exception.
    let more = json!({ "session_token": ada });
    lab.sign_in("google", "hal@hooli.example", "hooli", more)
        .await
        .is_error(400, "member_session_member_id_mismatch");
}
