//! Calls that an administrator's program makes to Stytch, with the project's secret.

use serde_json::{Value, json};

use super::TestApp;

impl TestApp {
    /// Invites an address to Acme.
    pub async fn invite(&self, email: &str) {
        let body = json!({"organization_id": "acme", "email_address": email}).to_string();
        let request = self.as_admin(reqwest::Method::POST, "/v1/b2b/magic_links/email/invite");
        let request = request
            .header("content-type", "application/json")
            .body(body);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }

    /// Carol's recovery codes, at Initech.
    pub async fn recovery_codes(&self) -> Vec<String> {
        let path = "/v1/b2b/recovery_codes/organization-test-00000003-0000-4000-8000-000000000000/member-test-00000004-0003-4000-8000-000000000000";
        let response = self
            .as_admin(reqwest::Method::GET, path)
            .send()
            .await
            .unwrap();
        let body: Value = response.json().await.unwrap();
        let codes = body["recovery_codes"].as_array().unwrap().iter();
        codes.map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    fn as_admin(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let pinned = self.world.credentials();
        let url = self.stytch_url.join(path).unwrap();
        let request = reqwest::Client::new().request(method, url);
        request.basic_auth(&pinned.project_id, Some(&pinned.secret))
    }
}
