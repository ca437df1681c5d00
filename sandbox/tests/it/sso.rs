//! SSO: authentication and connections. See `docs/stytch.md#sso` and `docs/stytch.md#sso-connections`.

use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Consent, Lab, Reply, text};

pub const SAML: &str = "saml-connection-test-00000002-0000-4000-8000-000000000001";
pub const OIDC: &str = "oidc-connection-test-00000002-0000-4000-8000-000000000002";
pub const BOB: &str = "bob@globex.example";
pub const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

impl Lab {
    pub async fn sso_start(&self, parameters: &str) -> Reply {
        let token = self.credentials().public_token;
        let url = format!(
            "{}/v1/public/sso/start?public_token={token}&{parameters}",
            self.url
        );
        Reply::send(self.http.get(url)).await
    }

    /// The identity provider's page in a browser, for a sign-in that started at the app.
    pub async fn idp(&self, parameters: &str) -> Consent<'_> {
        let reply = self.sso_start(parameters).await;
        assert_eq!(reply.status, 302, "{}", reply.text);
        self.page_of(&reply)
    }

    pub fn page_of(&self, reply: &Reply) -> Consent<'_> {
        let path = reply.header("location");
        let cookie = reply
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default();
        Consent {
            lab: self,
            path: path.to_owned(),
            cookie: cookie.to_owned(),
        }
    }

    pub fn sso_token(&self, connection: &str, email: &str) -> String {
        self.world.approve_sso(connection, email, None).token
    }

    pub async fn spend_sso(&self, token: &str, mut more: Value) -> Reply {
        more["sso_token"] = json!(token);
        self.post("/v1/b2b/sso/authenticate", more).await
    }

    /// Adds a person on the page of this connection's IdP, and returns the token.
    pub async fn newcomer(&self, connection: &str, email: &str) -> String {
        let page = self.idp(&format!("connection_id={connection}")).await;
        let reply = page
            .press("/person", &format!("name=New+Comer&email={email}"))
            .await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        reply
            .header("location")
            .rsplit_once("token=")
            .expect("a token")
            .1
            .to_owned()
    }
}

#[tokio::test]
async fn both_kinds_of_connection_sign_in() {
    for (connection, word) in [(SAML, "saml"), (OIDC, "oidc")] {
        let lab = Lab::start().await;
        let page = lab
            .idp(&format!(
                "connection_id={connection}&pkce_code_challenge={CHALLENGE}"
            ))
            .await;
        let html = page.page().await;
        assert!(
            html.status == 200 && html.text.contains("Globex") && html.text.contains("Sandbox")
        );
        let reply = page.choose(BOB).await;
        let (url, token) = reply
            .header("location")
            .split_once("&token=")
            .expect("a token");
        assert_eq!(
            url,
            "http://localhost:3000/authenticate?slug=globex&stytch_token_type=sso"
        );
        let body = json!({ "pkce_code_verifier": VERIFIER, "session_duration_minutes": 480 });
        let answer = lab.spend_sso(token, body.clone()).await.ok();
        assert_eq!(
            (&answer["member_authenticated"], &answer["reset_session"]),
            (&json!(true), &json!(false))
        );
        assert!(answer.get("reset_sessions").is_none());
        assert_eq!(
            answer["organization_id"],
            answer["organization"]["organization_id"]
        );
        let factor = &answer["member_session"]["authentication_factors"][0];
        assert_eq!(
            (&factor["type"], &factor["delivery_method"]),
            (&json!("sso"), &json!(format!("sso_{word}")))
        );
        let details = &factor[format!("{word}_sso_factor")];
        assert_eq!(
            (&details["provider_id"], &details["external_id"]),
            (&json!(connection), &json!(BOB))
        );
        let registrations = answer["member"]["sso_registrations"]
            .as_array()
            .expect("registrations");
        assert!(
            registrations.len() == 2
                && registrations
                    .iter()
                    .any(|it| it["registration_id"] == details["id"])
        );
        lab.spend_sso(token, body)
            .await
            .is_error(400, "sso_token_not_found");
    }
}

#[tokio::test]
async fn tokens_expire_after_ten_minutes_and_a_wrong_verifier_invalidates_them() {
    let lab = Lab::start().await;
    let token = lab.sso_token(SAML, BOB);
    lab.world.advance(Duration::from_mins(10));
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "sso_token_not_found");
    let token = lab.world.approve_sso(SAML, BOB, Some(CHALLENGE)).token;
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    lab.spend_sso(&token, json!({ "pkce_code_verifier": "wrong" }))
        .await
        .is_error(400, "pkce_mismatch");
    lab.spend_sso(&token, json!({ "pkce_code_verifier": VERIFIER }))
        .await
        .is_error(400, "sso_token_not_found");
    let oauth = lab.oauth_token("google", BOB, "globex");
    lab.spend_sso(&oauth, json!({}))
        .await
        .is_error(400, "sso_token_not_found");
    lab.spend_sso(
        &lab.sso_token(SAML, BOB),
        json!({ "session_duration_minutes": 1 }),
    )
    .await
    .is_error(400, "invalid_session_duration_minutes");
}

#[tokio::test]
async fn new_people_join_by_the_organizations_sso_rules() {
    let lab = Lab::start().await;
    let token = lab.newcomer(SAML, "gina%40globex.example").await;
    let answer = lab.spend_sso(&token, json!({})).await.ok();
    let member = &answer["member"];
    assert_eq!(
        (&member["status"], &member["name"], &member["email_address"]),
        (
            &json!("active"),
            &json!("New Comer"),
            &json!("gina@globex.example")
        )
    );
    assert_eq!(
        member["email_address_verified"], false,
        "an IdP does not prove an address to other organizations"
    );
    assert_eq!(member["sso_registrations"][0]["connection_id"], SAML);

    lab.world.patch_organization("globex", json!({ "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [OIDC] }));
    let token = lab.newcomer(SAML, "ines%40globex.example").await;
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "invalid_connection_for_jit_provisioning");
    let token = lab.newcomer(OIDC, "ines%40globex.example").await;
    lab.spend_sso(&token, json!({})).await.ok();
    lab.world
        .patch_organization("globex", json!({ "sso_jit_provisioning": "NOT_ALLOWED" }));
    let token = lab.newcomer(OIDC, "jane%40globex.example").await;
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "invalid_connection_for_jit_provisioning");
    lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .ok();

    lab.world
        .patch_organization("globex", json!({ "sso_jit_provisioning": "ALL_ALLOWED" }));
    lab.world.patch_organization(
        "hooli",
        json!({ "claimed_email_domains": ["hooli.example"] }),
    );
    let token = lab.newcomer(SAML, "x%40hooli.example").await;
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(400, "action_not_allowed_email_domain_is_claimed");
}

#[tokio::test]
async fn the_registration_identifies_the_member_even_with_another_address() {
    let lab = Lab::start().await;
    let token = lab.sso_token(SAML, BOB);
    let path = format!(
        "/v1/b2b/organizations/globex/members/{}",
        lab.member_id("globex", BOB)
    );
    let robert = json!({ "email_address": "robert@globex.example" });
    lab.put(&path, robert).await.ok();
    let answer = lab.spend_sso(&token, json!({})).await.ok();
    assert_eq!(answer["member"]["email_address"], "robert@globex.example");
}

#[tokio::test]
async fn locked_members_and_methods_that_are_not_allowed_are_refused() {
    let lab = Lab::start().await;
    lab.world.patch_organization(
        "globex",
        json!({ "allowed_auth_methods": ["google_oauth"] }),
    );
    lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .is_error(403, "operation_restricted_by_organization_auth_methods");
    lab.world
        .patch_organization("globex", json!({ "auth_methods": "ALL_ALLOWED" }));
    lab.world
        .patch_member("globex", BOB, json!({ "is_locked": true }));
    lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
}

/// SSO proves nothing to other organizations.
#[tokio::test]
async fn an_sso_login_does_not_count_in_other_organizations() {
    let lab = Lab::start().await;
    lab.world.add_member("acme", json!({ "email": BOB }));
    lab.world
        .patch_organization("globex", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    // While it waits for MFA, the intermediate session has no login that counts elsewhere.
    let waiting = lab
        .spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .ok();
    assert!(waiting["mfa_required"].is_object() && waiting["primary_required"].is_null());
    let ist = text(&waiting["intermediate_session_token"]);
    let refused = "invalid_intermediate_session_token_for_organization";
    for slug in ["acme", "globex"] {
        lab.exchange(&ist, slug).await.is_error(400, refused);
    }
    let own = json!({ "intermediate_session_token": ist });
    lab.post("/v1/b2b/discovery/organizations", own.clone())
        .await
        .is_error(400, refused);
    lab.create(own.clone()).await.is_error(400, refused);
    // A second factor of its own organization does not make it usable in Discovery. It can still be used in its
    // organization.
    let enrolled = lab.new_totp("globex", BOB, own.clone()).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.text);
    let done = lab.use_totp("globex", BOB, own).await.ok();
    assert!(text(&done["session_token"]).len() > 20);

    // If it is added to a discovery login, it does not count in other organizations.
    let ist = lab.ist("google", BOB).await;
    let more = json!({ "intermediate_session_token": ist });
    lab.spend_sso(&lab.sso_token(SAML, BOB), more).await.ok();
    let answer = lab.exchange(&ist, "acme").await.ok();
    let factors = answer["member_session"]["authentication_factors"]
        .as_array()
        .expect("factors");
    assert!(
        factors.len() == 1 && factors[0]["type"] == "oauth",
        "{factors:?}"
    );
}

#[tokio::test]
async fn an_sso_login_can_be_a_step_up_or_added_to_a_session() {
    let lab = Lab::start().await;
    let session =
        lab.sign_in("google", BOB, "globex", json!({})).await.ok()["session_token"].clone();
    let answer = lab
        .spend_sso(
            &lab.sso_token(OIDC, BOB),
            json!({ "session_token": session }),
        )
        .await
        .ok();
    assert_eq!(answer["session_token"], session);
    assert_eq!(
        answer["member_session"]["authentication_factors"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let (adas, _) = lab.adas_session().await;
    lab.spend_sso(&lab.sso_token(OIDC, BOB), json!({ "session_token": adas }))
        .await
        .is_error(400, "member_session_member_id_mismatch");
    let ist = lab.ist("google", "ada@acme.example").await;
    lab.spend_sso(
        &lab.sso_token(OIDC, BOB),
        json!({ "intermediate_session_token": ist }),
    )
    .await
    .is_error(400, "member_session_member_id_mismatch");
}

#[tokio::test]
async fn connections_are_returned_as_whole_objects() {
    let lab = Lab::start().await;
    let answer = lab.get("/v1/b2b/sso/globex").await.ok();
    assert_eq!(answer["external_connections"], json!([]));
    let (saml, oidc) = (
        &answer["saml_connections"][0],
        &answer["oidc_connections"][0],
    );
    assert_eq!(
        (
            &saml["connection_id"],
            &saml["display_name"],
            &saml["status"]
        ),
        (&json!(SAML), &json!("Globex Okta"), &json!("active"))
    );
    assert_eq!(
        (&oidc["connection_id"], &oidc["identity_provider"]),
        (&json!(OIDC), &json!("microsoft-entra"))
    );
    for key in [
        "organization_id",
        "idp_entity_id",
        "idp_sso_url",
        "acs_url",
        "audience_uri",
        "signing_certificates",
        "verification_certificates",
        "encryption_private_keys",
        "saml_connection_implicit_role_assignments",
        "saml_group_implicit_role_assignments",
        "alternative_audience_uri",
        "identity_provider",
        "nameid_format",
        "alternative_acs_url",
        "idp_initiated_auth_disabled",
        "allow_gateway_callback",
    ] {
        assert!(saml.get(key).is_some_and(|it| !it.is_null()), "{key}");
    }
    for key in ["certificate_id", "certificate", "issuer"] {
        assert!(saml["signing_certificates"][0][key].is_string(), "{key}");
    }
    for key in [
        "organization_id",
        "status",
        "display_name",
        "redirect_url",
        "client_id",
        "client_secret",
        "issuer",
        "authorization_url",
        "token_url",
        "userinfo_url",
        "jwks_url",
        "custom_scopes",
    ] {
        assert!(oidc[key].is_string(), "{key}");
    }
    let none = lab.get("/v1/b2b/sso/acme").await.ok();
    assert_eq!(
        (&none["saml_connections"], &none["oidc_connections"]),
        (&json!([]), &json!([]))
    );
    lab.get("/v1/b2b/sso/nowhere")
        .await
        .is_error(404, "organization_not_found");
}

#[tokio::test]
async fn a_deleted_connection_cannot_be_used() {
    let lab = Lab::start().await;
    let token = lab.sso_token(SAML, BOB);
    let page = lab.idp(&format!("connection_id={SAML}")).await;
    let delete = async |organization: &str, id: &str| {
        lab.delete(&format!("/v1/b2b/sso/{organization}/connections/{id}"))
            .await
    };
    delete("acme", SAML)
        .await
        .is_error(404, "sso_connection_not_found");
    // If there are several, the default one can't be deleted.
    let refused = delete("globex", SAML).await;
    refused.is_error(400, "cannot_delete_default_sso_connection");
    let other = json!({ "sso_default_connection_id": OIDC });
    lab.put("/v1/b2b/organizations/globex", other).await.ok();
    assert_eq!(delete("globex", SAML).await.ok()["connection_id"], SAML);
    delete("globex", SAML)
        .await
        .is_error(404, "sso_connection_not_found");
    let globex = lab.organization("globex");
    assert_eq!(globex["sso_default_connection_id"], OIDC);
    assert_eq!(
        globex["sso_active_connections"].as_array().map(Vec::len),
        Some(1)
    );
    lab.spend_sso(&token, json!({}))
        .await
        .is_error(404, "sso_connection_not_found");
    page.press("", "person=x")
        .await
        .is_error(404, "sso_connection_not_found");
    lab.sso_start(&format!("connection_id={SAML}"))
        .await
        .is_error(404, "sso_connection_not_found");
    lab.spend_sso(&lab.sso_token(OIDC, BOB), json!({}))
        .await
        .ok();
    // The last one can be deleted even if it is the default.
    delete("globex", OIDC).await.ok();
    let globex = lab.organization("globex");
    assert_eq!(globex["sso_default_connection_id"], json!(null));
    assert_eq!(globex["sso_active_connections"], json!([]));
}

/// This includes registrations, sessions and settings. Those of other connections stay.
#[tokio::test]
async fn deleting_a_connection_removes_everything_that_depends_on_it() {
    let lab = Lab::start().await;
    let both = json!({ "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [SAML, OIDC] });
    lab.put("/v1/b2b/organizations/globex", both).await.ok();
    let sign_in = async |connection: &str| {
        let token = lab.sso_token(connection, BOB);
        let answer = lab.spend_sso(&token, json!({})).await.ok();
        text(&answer["session_token"])
    };
    let (by_saml, by_oidc) = (sign_in(SAML).await, sign_in(OIDC).await);
    lab.delete(&format!("/v1/b2b/sso/globex/connections/{OIDC}"))
        .await
        .ok();
    let use_session = async |token: &str| {
        let body = json!({ "session_token": token });
        lab.post("/v1/b2b/sessions/authenticate", body).await
    };
    use_session(&by_oidc)
        .await
        .is_error(404, "session_not_found");
    use_session(&by_saml).await.ok();
    let registrations = lab.member("globex", BOB)["sso_registrations"].clone();
    assert_eq!(registrations.as_array().map(Vec::len), Some(1));
    assert_eq!(registrations[0]["connection_id"], SAML);
    let globex = lab.organization("globex");
    let allowed = &globex["sso_jit_provisioning_allowed_connections"];
    assert_eq!(*allowed, json!([SAML]));
}

/// Such a login is not a factor of the session, and creates no registration.
#[tokio::test]
async fn a_pending_login_of_a_deleted_connection_does_not_count() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("globex", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let ist = lab.ist("google", BOB).await;
    let more = json!({ "intermediate_session_token": ist });
    let waiting = lab.spend_sso(&lab.sso_token(OIDC, BOB), more).await.ok();
    assert_eq!(waiting["intermediate_session_token"], ist);
    lab.delete(&format!("/v1/b2b/sso/globex/connections/{OIDC}"))
        .await
        .ok();
    lab.world
        .patch_organization("globex", json!({ "mfa_policy": "OPTIONAL" }));
    let answer = lab.exchange(&ist, "globex").await.ok();
    let factors = answer["member_session"]["authentication_factors"].as_array();
    let factors = factors.expect("factors");
    assert!(
        factors.len() == 1 && factors[0]["type"] == "oauth",
        "{factors:?}"
    );
    let registrations = answer["member"]["sso_registrations"].as_array();
    assert_eq!(registrations.map(Vec::len), Some(1));
    // It does not suffice alone, even with a correct code.
    lab.world
        .patch_organization("globex", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let phone = json!({ "mfa_phone_number": "+15555550122", "mfa_phone_number_verified": true });
    lab.world.patch_member("globex", BOB, phone);
    let token = lab.sso_token(SAML, BOB);
    let waiting = lab.spend_sso(&token, json!({})).await.ok();
    let body = json!({ "intermediate_session_token": waiting["intermediate_session_token"], "code": lab.code("+15555550122") });
    lab.delete(&format!("/v1/b2b/sso/globex/connections/{SAML}"))
        .await
        .ok();
    let path = "otps/sms/authenticate";
    let reply = lab.second(path, "globex", BOB, body).await;
    reply.is_error(
        400,
        "action_available_only_once_primary_authentication_is_met",
    );
}

/// Calls with a member's session in a header can do what the member's roles allow.
#[tokio::test]
async fn seeing_connections_requires_the_right() {
    let lab = Lab::start().await;
    let session = text(
        &lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
            .await
            .ok()["session_token"],
    );
    let get = async || {
        let credentials = lab.credentials();
        let request = lab.http.get(format!("{}/v1/b2b/sso/globex", lab.url));
        let request = request.basic_auth(credentials.project_id, Some(credentials.secret));
        Reply::send(request.header("X-Stytch-Member-Session", &session)).await
    };
    get().await.is_error(403, "session_authorization_error");
    lab.world
        .patch_member("globex", BOB, json!({ "roles": ["stytch_admin"] }));
    get().await.ok();
}
