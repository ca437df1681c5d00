//! The vendor's unchanged Rust SDK: every factor besides OAuth, each with a success and an error.

use stytch::Error;
use stytch::b2b::client::Client;
use stytch::b2b::magic_links::AuthenticateRequest as LinkRequest;
use stytch::b2b::magic_links_discovery::AuthenticateRequest as DiscoveryLinkRequest;
use stytch::b2b::magic_links_email::{InviteRequest, LoginOrSignupRequest as SendLinkRequest};
use stytch::b2b::magic_links_email_discovery::SendRequest as SendDiscoveryLinkRequest;
use stytch::b2b::otp_email::{
    AuthenticateRequest as EmailCodeRequest, LoginOrSignupRequest as SendEmailCodeRequest,
};
use stytch::b2b::otp_email_discovery::{
    AuthenticateRequest as DiscoveryCodeRequest, SendRequest as SendDiscoveryCodeRequest,
};
use stytch::b2b::otp_sms::{AuthenticateRequest as SmsRequest, SendRequest as SendSmsRequest};
use stytch::b2b::recovery_codes::{GetRequest, RecoverRequest, RotateRequest};
use stytch::b2b::sso::{
    AuthenticateRequest as SsoRequest, DeleteConnectionRequest, GetConnectionsRequest,
};
use stytch::b2b::totps::{AuthenticateRequest as TotpRequest, CreateRequest as CreateTotpRequest};
use stytch::client::Vertical;

use crate::lab::Lab;

const ADA: &str = "ada@acme.example";
const CAROL: &str = "carol@initech.example";
const OIDC: &str = "oidc-connection-test-00000002-0000-4000-8000-000000000002";
const SAML: &str = "saml-connection-test-00000002-0000-4000-8000-000000000001";

fn sdk(lab: &Lab) -> Client {
    let url = lab.url.parse().expect("a URL");
    let credentials = lab.credentials();
    let (id, secret) = (&credentials.project_id, &credentials.secret);
    let http = stytch::client::Client::new_with_base_url(id, secret, url, Vertical::B2B)
        .expect("a client");
    Client::new_with_http_client(http.clone(), http)
}

#[track_caller]
fn is_error<T: std::fmt::Debug>(result: stytch::Result<T>, status: u16, error_type: &str) {
    match result {
        Err(Error::Response(error)) => assert_eq!(
            (error.status_code.as_u16(), error.error_type.as_str()),
            (status, error_type)
        ),
        other => panic!("expected {error_type}, got {other:?}"),
    }
}

#[tokio::test]
async fn magic_link_endpoints_work() {
    let lab = Lab::start().await;
    let links = sdk(&lab).magic_links;
    let send = |email: &str| SendLinkRequest {
        organization_id: "acme".to_owned(),
        email_address: email.to_owned(),
        ..SendLinkRequest::default()
    };
    let answer = links
        .email
        .login_or_signup(send(ADA))
        .await
        .expect("a link");
    assert!(!answer.member_created && answer.member.email_address == ADA);
    let refused = links
        .email
        .login_or_signup(send("mallory@evil.example"))
        .await;
    is_error(refused, 400, "invalid_email_for_jit_provisioning");
    let request = LinkRequest {
        magic_links_token: lab.follow(ADA).await.1,
        ..LinkRequest::default()
    };
    let member = links
        .authenticate(request.clone())
        .await
        .expect("a session");
    assert!(member.member_authenticated && !member.method_id.is_empty());
    is_error(
        links.authenticate(request).await,
        401,
        "unable_to_auth_magic_link",
    );

    let invite = |email: &str| InviteRequest {
        organization_id: "acme".to_owned(),
        email_address: email.to_owned(),
        ..InviteRequest::default()
    };
    let invited = links
        .email
        .invite(invite("new@elsewhere.example"))
        .await
        .expect("an invitation");
    assert_eq!(invited.member.status, "invited");
    is_error(
        links.email.invite(invite(ADA)).await,
        400,
        "duplicate_member_email",
    );

    let send = |email: &str| SendDiscoveryLinkRequest {
        email_address: email.to_owned(),
        ..SendDiscoveryLinkRequest::default()
    };
    links.email.discovery.send(send(ADA)).await.expect("a link");
    is_error(
        links.email.discovery.send(send("ada")).await,
        400,
        "invalid_email",
    );
    let request = |token: &str| DiscoveryLinkRequest {
        discovery_magic_links_token: token.to_owned(),
        ..DiscoveryLinkRequest::default()
    };
    let (_, token) = lab.follow(ADA).await;
    let found = links
        .discovery
        .authenticate(request(&token))
        .await
        .expect("a login");
    assert_eq!(
        (
            found.email_address.as_str(),
            found.discovered_organizations.len()
        ),
        (ADA, 3)
    );
    is_error(
        links.discovery.authenticate(request("no")).await,
        404,
        "magic_link_not_found",
    );
}

#[tokio::test]
async fn email_code_endpoints_work() {
    let lab = Lab::start().await;
    let otps = sdk(&lab).otps;
    let send = |organization: &str| SendEmailCodeRequest {
        organization_id: organization.to_owned(),
        email_address: ADA.to_owned(),
        ..SendEmailCodeRequest::default()
    };
    otps.email
        .login_or_signup(send("acme"))
        .await
        .expect("a code");
    is_error(
        otps.email.login_or_signup(send("nowhere")).await,
        404,
        "organization_not_found",
    );
    let request = |code: String| EmailCodeRequest {
        organization_id: "acme".to_owned(),
        email_address: ADA.to_owned(),
        code,
        ..EmailCodeRequest::default()
    };
    is_error(
        otps.email.authenticate(request("x".to_owned())).await,
        400,
        "invalid_code",
    );
    let member = otps
        .email
        .authenticate(request(lab.code(ADA)))
        .await
        .expect("a session");
    assert!(member.member_authenticated && !member.session_jwt.is_empty());

    let send = |email: &str| SendDiscoveryCodeRequest {
        email_address: email.to_owned(),
        ..SendDiscoveryCodeRequest::default()
    };
    otps.email.discovery.send(send(ADA)).await.expect("a code");
    is_error(
        otps.email.discovery.send(send("ada")).await,
        400,
        "invalid_email",
    );
    let request = DiscoveryCodeRequest {
        email_address: ADA.to_owned(),
        code: lab.code(ADA),
    };
    let found = otps
        .email
        .discovery
        .authenticate(request.clone())
        .await
        .expect("a login");
    assert_eq!(found.discovered_organizations.len(), 3);
    is_error(
        otps.email.discovery.authenticate(request).await,
        401,
        "unable_to_auth_otp_code",
    );
}

#[tokio::test]
async fn sms_code_endpoints_work() {
    let lab = Lab::start().await;
    let sms = sdk(&lab).otps.sms;
    let ist = lab.ist_for_mfa(ADA, "initech").await;
    let send = |number: Option<&str>| SendSmsRequest {
        organization_id: "initech".to_owned(),
        member_id: lab.member_id("initech", ADA),
        mfa_phone_number: number.map(str::to_owned),
        intermediate_session_token: Some(ist.clone()),
        ..SendSmsRequest::default()
    };
    let answer = sms.send(send(None)).await.expect("a code");
    assert!(answer.member.mfa_phone_number_verified);
    is_error(
        sms.send(send(Some("555"))).await,
        400,
        "invalid_phone_number",
    );
    let request = |code: String| SmsRequest {
        organization_id: "initech".to_owned(),
        member_id: lab.member_id("initech", ADA),
        code,
        intermediate_session_token: Some(ist.clone()),
        set_default_mfa: Some(true),
        ..SmsRequest::default()
    };
    is_error(
        sms.authenticate(request("x".to_owned())).await,
        400,
        "invalid_code",
    );
    let member = sms
        .authenticate(request(lab.code("+15555550100")))
        .await
        .expect("a session");
    let session = member.member_session.expect("a session");
    assert_eq!(session.authentication_factors.len(), 2);
}

#[tokio::test]
async fn totp_and_recovery_code_endpoints_work() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab);
    let create = |organization: &str, email: &str| CreateTotpRequest {
        organization_id: organization.to_owned(),
        member_id: lab.member_id(organization, email),
        ..CreateTotpRequest::default()
    };
    let made = sdk.totps.create(create("acme", ADA)).await.expect("an app");
    assert!(made.recovery_codes.len() == 10 && !made.qr_code.is_empty());
    is_error(
        sdk.totps.create(create("initech", CAROL)).await,
        400,
        "active_totp_exists",
    );

    let id = lab.member_id("initech", CAROL);
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    let request = |code: String| TotpRequest {
        organization_id: "initech".to_owned(),
        member_id: id.clone(),
        code,
        intermediate_session_token: Some(ist.clone()),
        ..TotpRequest::default()
    };
    is_error(
        sdk.totps.authenticate(request("x".to_owned())).await,
        400,
        "invalid_code",
    );
    let code = lab.world.totp_code(&id).expect("an app");
    let member = sdk
        .totps
        .authenticate(request(code))
        .await
        .expect("a session");
    assert!(member.member_session.is_some());

    let get = |id: &str| GetRequest {
        organization_id: "initech".to_owned(),
        member_id: id.to_owned(),
    };
    let codes = sdk
        .recovery_codes
        .get(get(&id))
        .await
        .expect("codes")
        .recovery_codes;
    is_error(
        sdk.recovery_codes.get(get("nobody")).await,
        404,
        "member_not_found",
    );
    let recover = |code: &str, session: &str| RecoverRequest {
        organization_id: "initech".to_owned(),
        member_id: id.clone(),
        recovery_code: code.to_owned(),
        session_token: Some(session.to_owned()),
        ..RecoverRequest::default()
    };
    let answer = sdk
        .recovery_codes
        .recover(recover(&codes[3], &member.session_token))
        .await;
    assert_eq!(answer.expect("a session").recovery_codes_remaining, 9);
    let again = sdk
        .recovery_codes
        .recover(recover(&codes[3], &member.session_token))
        .await;
    is_error(again, 401, "unable_to_authenticate_recovery_code");
    let rotate = |organization: &str, email: &str| RotateRequest {
        organization_id: organization.to_owned(),
        member_id: lab.member_id(organization, email),
    };
    let fresh = sdk
        .recovery_codes
        .rotate(rotate("initech", CAROL))
        .await
        .expect("codes");
    assert!(fresh.recovery_codes.len() == 10 && fresh.recovery_codes[0] != codes[0]);
    is_error(
        sdk.recovery_codes
            .rotate(rotate("acme", "ada@acme.example"))
            .await,
        404,
        "totp_not_found",
    );
}

#[tokio::test]
async fn sso_endpoints_work() {
    let lab = Lab::start().await;
    let sso = sdk(&lab).sso;
    let request = SsoRequest {
        sso_token: lab
            .world
            .approve_sso(SAML, "bob@globex.example", None)
            .token,
        ..SsoRequest::default()
    };
    let member = sso.authenticate(request.clone()).await.expect("a session");
    assert!(member.member_authenticated && !member.reset_session);
    is_error(sso.authenticate(request).await, 400, "sso_token_not_found");

    let get = |organization: &str| GetConnectionsRequest {
        organization_id: organization.to_owned(),
    };
    let found = sso
        .get_connections(get("globex"))
        .await
        .expect("connections");
    assert_eq!(
        (found.saml_connections.len(), found.oidc_connections.len()),
        (1, 1)
    );
    assert_eq!(found.saml_connections[0].display_name, "Globex Okta");
    is_error(
        sso.get_connections(get("nowhere")).await,
        404,
        "organization_not_found",
    );
    let delete = DeleteConnectionRequest {
        organization_id: "globex".to_owned(),
        connection_id: OIDC.to_owned(),
    };
    let gone = sso
        .delete_connection(delete.clone())
        .await
        .expect("an answer");
    assert_eq!(gone.connection_id, OIDC);
    is_error(
        sso.delete_connection(delete).await,
        404,
        "sso_connection_not_found",
    );
}
