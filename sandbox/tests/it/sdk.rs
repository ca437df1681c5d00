//! The vendor's unchanged Rust SDK with the sandbox: both flows, and an error of each kind of call.

use serde_json::json;
use stytch::Error;
use stytch::b2b::discovery_intermediate_sessions::{ExchangeRequest, ExchangeResponse};
use stytch::b2b::discovery_organizations::{CreateRequest, ListRequest};
use stytch::b2b::oauth::AuthenticateRequest as OAuthRequest;
use stytch::b2b::oauth_discovery::AuthenticateRequest as DiscoveryRequest;
use stytch::b2b::organizations::{GetRequest, SearchQuery, SearchQueryOperator, SearchRequest};
use stytch::b2b::sessions::{
    AuthenticateRequest as SessionRequest, AuthorizationCheck, GetJWKSRequest, RevokeRequest,
};
use stytch::client::Vertical;

use crate::lab::Lab;

/// The SDK's client, created as in its documentation but with another base URL.
pub fn sdk(lab: &Lab, secret: &str) -> stytch::b2b::client::Client {
    let url = lab.url.parse().expect("a URL");
    let project_id = lab.credentials().project_id;
    let http = stytch::client::Client::new_with_base_url(&project_id, secret, url, Vertical::B2B)
        .expect("a client");
    stytch::b2b::client::Client::new_with_http_client(http.clone(), http)
}

#[track_caller]
pub fn is_error<T: std::fmt::Debug>(result: stytch::Result<T>, status: u16, error_type: &str) {
    match result {
        Err(Error::Response(error)) => {
            assert_eq!(
                (error.status_code.as_u16(), error.error_type.as_str()),
                (status, error_type)
            );
            assert!(error.request_id.starts_with("request-id-test-"));
        }
        other => panic!("expected {error_type}, got {other:?}"),
    }
}

#[tokio::test]
async fn discovery_works_from_the_token_to_the_revoked_session() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let request = DiscoveryRequest {
        discovery_oauth_token: lab.discovery_token("google", "ada@acme.example"),
        ..DiscoveryRequest::default()
    };
    let login = sdk
        .oauth
        .discovery
        .authenticate(request.clone())
        .await
        .expect("a login");
    assert_eq!(login.email_address, "ada@acme.example");
    assert_eq!(login.discovered_organizations.len(), 3);
    is_error(
        sdk.oauth.discovery.authenticate(request).await,
        400,
        "oauth_token_not_found",
    );

    let list = ListRequest {
        intermediate_session_token: Some(login.intermediate_session_token.clone()),
        ..ListRequest::default()
    };
    let listed = sdk
        .discovery
        .organizations
        .list(list)
        .await
        .expect("a list");
    assert_eq!(listed.discovered_organizations.len(), 3);
    is_error(
        sdk.discovery
            .organizations
            .list(ListRequest::default())
            .await,
        400,
        "no_session_arguments",
    );

    let exchange = |organization: &str| ExchangeRequest {
        intermediate_session_token: login.intermediate_session_token.clone(),
        organization_id: organization.to_owned(),
        session_duration_minutes: Some(30),
        session_custom_claims: Some(json!({ "team": "blue" })),
        ..ExchangeRequest::default()
    };
    let waiting = sdk
        .discovery
        .intermediate_sessions
        .exchange(exchange("initech"))
        .await
        .expect("an answer");
    assert!(!waiting.member_authenticated && waiting.member_session.is_none());
    let mfa = waiting.mfa_required.expect("MFA");
    assert_eq!(mfa.secondary_auth_initiated.as_deref(), Some("sms_otp"));
    let done = sdk
        .discovery
        .intermediate_sessions
        .exchange(exchange("acme"))
        .await
        .expect("a session");
    assert!(done.member_authenticated);
    assert_eq!(done.organization.organization_slug, "acme");
    let again = sdk
        .discovery
        .intermediate_sessions
        .exchange(exchange("acme"))
        .await;
    is_error(again, 404, "intermediate_session_not_found");

    use_and_revoke(&sdk, done).await;
}

/// Checks the session by its JWT with a permission, and revokes it.
async fn use_and_revoke(sdk: &stytch::b2b::client::Client, done: ExchangeResponse) {
    let by_jwt = SessionRequest {
        session_jwt: Some(done.session_jwt),
        ..SessionRequest::default()
    };
    let session = sdk.sessions.authenticate(by_jwt).await.expect("a session");
    assert_eq!(session.session_token, done.session_token);
    assert_eq!(
        session.member_session.custom_claims,
        Some(json!({ "team": "blue" }))
    );
    let checked = SessionRequest {
        session_token: Some(done.session_token.clone()),
        authorization_check: Some(AuthorizationCheck {
            organization_id: done.organization.organization_id,
            resource_id: "stytch.organization".to_owned(),
            action: "update.info.name".to_owned(),
        }),
        ..SessionRequest::default()
    };
    let verdict = sdk
        .sessions
        .authenticate(checked.clone())
        .await
        .expect("a session")
        .verdict;
    assert!(verdict.expect("a verdict").authorized);

    let revoke = RevokeRequest {
        session_token: Some(done.session_token),
        ..RevokeRequest::default()
    };
    sdk.sessions.revoke(revoke.clone()).await.expect("revoked");
    is_error(sdk.sessions.revoke(revoke).await, 404, "session_not_found");
    is_error(
        sdk.sessions.authenticate(checked).await,
        404,
        "session_not_found",
    );
}

#[tokio::test]
async fn a_login_to_an_organization_works() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let request = |provider: &str, email: &str, organization: &str| OAuthRequest {
        oauth_token: lab.oauth_token(provider, email, organization),
        ..OAuthRequest::default()
    };
    for (provider, email, organization) in [
        ("google", "ada@acme.example", "acme"),
        ("microsoft", "ada@acme.example", "oneil"),
        ("github", "dave@hooli.example", "hooli"),
        ("slack", "dave@hooli.example", "hooli"),
        ("hubspot", "dave@hooli.example", "hooli"),
    ] {
        let answer = sdk
            .oauth
            .authenticate(request(provider, email, organization))
            .await
            .expect("a session");
        assert!(answer.member_authenticated && !answer.reset_sessions);
        assert_eq!(answer.organization.organization_slug, organization);
        let session = answer.member_session.expect("a session");
        assert_eq!(session.member_id, answer.member_id);
        assert_eq!(session.authentication_factors.len(), 1);
        assert!(
            answer
                .provider_values
                .expect("values")
                .access_token
                .is_some()
        );
    }
    let refused = sdk
        .oauth
        .authenticate(request("google", "bob@globex.example", "vandelay"))
        .await;
    is_error(refused, 400, "email_jit_provisioning_not_allowed");
}

#[tokio::test]
async fn an_organization_is_created() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let ist = lab.ist("google", "frank@startup.example").await;
    let create = |slug: &str| CreateRequest {
        intermediate_session_token: ist.clone(),
        organization_name: Some("Start Up".to_owned()),
        organization_slug: Some(slug.to_owned()),
        ..CreateRequest::default()
    };
    is_error(
        sdk.discovery.organizations.create(create("acme")).await,
        400,
        "organization_slug_already_used",
    );
    let made = sdk
        .discovery
        .organizations
        .create(create("start-up"))
        .await
        .expect("an organization");
    assert!(made.member_authenticated && made.member.is_admin);
    assert_eq!(made.organization.organization_slug, "start-up");
}

#[tokio::test]
async fn organizations_are_found() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let search = |filter: &str| SearchRequest {
        query: Some(SearchQuery {
            operator: SearchQueryOperator::AND,
            operands: vec![json!({ "filter_name": filter, "filter_value": ["globex"] })],
        }),
        ..SearchRequest::default()
    };
    let found = sdk
        .organizations
        .search(search("organization_slugs"))
        .await
        .expect("a page");
    assert_eq!(
        (found.organizations.len(), found.results_metadata.total),
        (1, 1)
    );
    let refused = sdk.organizations.search(search("colour")).await;
    is_error(
        refused,
        400,
        "organization_search_filter_name_not_recognized",
    );

    let get = |reference: &str| GetRequest {
        organization_id: reference.to_owned(),
    };
    let globex = sdk
        .organizations
        .get(get("globex"))
        .await
        .expect("an organization")
        .organization;
    assert_eq!(
        globex.organization_id,
        found.organizations[0].organization_id
    );
    assert_eq!(globex.sso_active_connections.len(), 2);
    is_error(
        sdk.organizations.get(get("nowhere")).await,
        404,
        "organization_not_found",
    );
}

#[tokio::test]
async fn keys_and_credentials_are_checked() {
    let lab = Lab::start().await;
    let request = || GetJWKSRequest {
        project_id: lab.credentials().project_id,
    };
    let keys = sdk(&lab, &lab.credentials().secret)
        .sessions
        .get_jwks(request())
        .await
        .expect("keys")
        .keys;
    assert_eq!((keys.len(), keys[0].alg.as_str()), (1, "RS256"));

    let wrong = sdk(&lab, "secret-test-wrong");
    let get = GetRequest {
        organization_id: "acme".to_owned(),
    };
    is_error(
        wrong.organizations.get(get).await,
        401,
        "unauthorized_credentials",
    );
}
