//! Of several codes to one email address, only the newest is valid.

use serde_json::json;
use stytch_sandbox::Channel;

use super::lab::{Lab, Reply};

const ADA: &str = "ada@acme.example";
/// Organizations with Ada among their members, and discovery.
const SENDERS: [&str; 3] = ["acme", "oneil", ""];

impl Lab {
    /// Sends Ada a code of the organization, or of discovery, and returns it.
    async fn code_of(&self, sender: &str) -> String {
        let body = json!({ "organization_id": sender, "email_address": "ADA@acme.example" });
        let path = if sender.is_empty() {
            "/v1/b2b/otps/email/discovery/send"
        } else {
            "/v1/b2b/otps/email/login_or_signup"
        };
        self.post(path, body).await.ok();
        self.code(ADA)
    }

    async fn spend_code_of(&self, sender: &str, code: &str) -> Reply {
        let path = if sender.is_empty() {
            "/v1/b2b/otps/email/discovery/authenticate"
        } else {
            "/v1/b2b/otps/email/authenticate"
        };
        let body = json!({ "organization_id": sender, "email_address": ADA, "code": code });
        self.post(path, body).await
    }
}

/// This holds for all pairs of senders.
#[tokio::test]
async fn a_new_code_replaces_all_others_for_the_address() {
    let lab = Lab::start().await;
    for first in SENDERS {
        for second in SENDERS {
            let old = lab.code_of(first).await;
            let new = lab.code_of(second).await;
            if (first, &old) != (second, &new) {
                let reply = lab.spend_code_of(first, &old).await;
                reply.is_error(404, "otp_code_not_found");
            }
            lab.spend_code_of(second, &new).await.ok();
        }
    }
}

/// Codes to other addresses, links, and codes by SMS stay valid. Two members with the same phone number have a valid
/// code each.
#[tokio::test]
async fn a_new_code_replaces_nothing_else() {
    let lab = Lab::start().await;
    let link = lab.magic_token("acme", ADA, json!({})).await;
    let ist = lab.ist_for_mfa(ADA, "initech").await;
    let hal = "hal@hooli.example";
    lab.send_email_code("hooli", hal, json!({})).await.ok();
    lab.code_of("acme").await;
    lab.code_of("").await;
    lab.spend_link(&link).await.ok();
    let code = lab.code(hal);
    lab.spend_email_code("hooli", hal, &code).await.ok();
    let text_message = lab.world.messages_to(None, Some(Channel::Sms)).remove(0);
    let same_number = json!({ "mfa_phone_number": text_message.to });
    let sent = lab.second("otps/sms/send", "acme", ADA, same_number).await;
    sent.ok();
    let body = json!({ "code": text_message.code, "intermediate_session_token": ist });
    lab.second("otps/sms/authenticate", "initech", ADA, body)
        .await
        .ok();
}
