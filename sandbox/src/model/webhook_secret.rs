//! The key that signs a webhook's deliveries in Svix's format.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;

use crate::model::ids;

/// The key of the signatures: `whsec_` and base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSecret {
    text: String,
    key: Vec<u8>,
}

impl WebhookSecret {
    /// A new key of 24 bytes, like Svix's.
    pub fn fresh() -> Self {
        let key = ids::random::<24>().to_vec();
        let text = format!("whsec_{}", STANDARD.encode(&key));
        Self { text, key }
    }

    /// Parses `whsec_` and the base64 of 24 to 64 bytes, which are Svix's bounds.
    pub fn read(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
        let text = text.to_owned();
        (24..=64).contains(&key.len()).then_some(Self { text, key })
    }

    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The header `svix-signature` for this message at this time, in seconds since 1970.
    pub fn signature(&self, message_id: &str, seconds: i64, payload: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        let signed = hmac::sign(&key, format!("{message_id}.{seconds}.{payload}").as_bytes());
        format!("v1,{}", STANDARD.encode(signed))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::webhook_secret::WebhookSecret;

    /// The example in Svix's documentation.
    #[test]
    fn the_signature_is_that_of_the_documentation() {
        let secret = WebhookSecret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let body = r#"{"test": 2432232314}"#;
        let signature = secret.expect("a secret").signature(id, 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_has_svix_bounds() {
        let fresh = WebhookSecret::fresh();
        assert_eq!(WebhookSecret::read(fresh.expose()), Some(fresh));
        for wrong in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_*",
        ] {
            assert_eq!(WebhookSecret::read(wrong), None, "{wrong}");
        }
    }
}
