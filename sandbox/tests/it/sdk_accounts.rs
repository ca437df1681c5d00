//! The vendor's unchanged Rust SDK: every endpoint for organizations, members, provider tokens, sessions and roles,
//! each with a success and an error.

use serde_json::json;
use stytch::b2b::discovery_intermediate_sessions::ExchangeRequest as IntermediateRequest;
use stytch::b2b::organizations;
use stytch::b2b::organizations_members as members;
use stytch::b2b::organizations_members_oauth_providers::{
    ProviderInformationRequest, SlackRequest,
};
use stytch::b2b::rbac::{OrgPolicy, PolicyRequest, PolicyRole, PolicyRolePermission};
use stytch::b2b::rbac_organizations::{GetOrgPolicyRequest, SetOrgPolicyRequest};
use stytch::b2b::sessions::{ExchangeRequest, GetRequest as SessionsRequest, RevokeRequest};

use crate::lab::{Lab, text};
use crate::sdk::{is_error, sdk};

#[tokio::test]
async fn organization_endpoints_work() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let create = organizations::CreateRequest {
        organization_name: "Wonka".to_owned(),
        organization_external_id: Some("crm-1".to_owned()),
        trusted_metadata: Some(json!({ "a": 1 })),
        email_allowed_domains: Some(vec!["wonka.example".to_owned()]),
        email_jit_provisioning: Some("RESTRICTED".to_owned()),
        ..organizations::CreateRequest::default()
    };
    let made = sdk
        .organizations
        .create(create.clone())
        .await
        .expect("an organization")
        .organization;
    assert_eq!(made.organization_slug, "wonka");
    is_error(
        sdk.organizations.create(create).await,
        400,
        "organization_external_id_already_used",
    );
    let id = || made.organization_id.clone();

    let update = |name: &str| organizations::UpdateRequest {
        organization_id: id(),
        organization_name: Some(name.to_owned()),
        mfa_policy: Some("REQUIRED_FOR_ALL".to_owned()),
        trusted_metadata: Some(json!({ "a": null, "b": 2 })),
        ..organizations::UpdateRequest::default()
    };
    let updated = sdk
        .organizations
        .update(update("Wonka Ltd"))
        .await
        .expect("an update")
        .organization;
    assert_eq!(
        (
            updated.organization_name.as_str(),
            updated.mfa_policy.as_str()
        ),
        ("Wonka Ltd", "REQUIRED_FOR_ALL")
    );
    assert_eq!(updated.trusted_metadata, Some(json!({ "b": 2 })));
    assert_eq!(updated.email_jit_provisioning, "RESTRICTED");
    is_error(
        sdk.organizations.update(update("")).await,
        400,
        "invalid_organization_name",
    );

    let metrics = |id: &str| organizations::MetricsRequest {
        organization_id: id.to_owned(),
    };
    assert_eq!(
        sdk.organizations
            .metrics(metrics("acme"))
            .await
            .expect("metrics")
            .member_count,
        2
    );
    is_error(
        sdk.organizations.metrics(metrics("nobody")).await,
        404,
        "organization_not_found",
    );

    let external = |id: &str| organizations::DeleteExternalIdRequest {
        organization_id: id.to_owned(),
    };
    let bare = sdk
        .organizations
        .delete_external_id(external("crm-1"))
        .await
        .expect("it is gone")
        .organization;
    assert_eq!(bare.organization_external_id, None);
    is_error(
        sdk.organizations
            .delete_external_id(external("crm-1"))
            .await,
        404,
        "organization_not_found",
    );

    let delete = || organizations::DeleteRequest {
        organization_id: id(),
    };
    assert_eq!(
        sdk.organizations
            .delete(delete())
            .await
            .expect("it is deleted")
            .organization_id,
        id()
    );
    is_error(
        sdk.organizations.delete(delete()).await,
        404,
        "organization_not_found",
    );
}

#[tokio::test]
async fn members_are_created_and_found() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let sdk = &sdk.organizations.members;
    let create = members::CreateRequest {
        organization_id: "acme".to_owned(),
        email_address: "new@acme.example".to_owned(),
        external_id: Some("crm-1".to_owned()),
        roles: Some(vec!["stytch_admin".to_owned()]),
        ..members::CreateRequest::default()
    };
    let made = sdk.create(create.clone()).await.expect("a member").member;
    assert_eq!((made.status.as_str(), made.is_admin), ("active", true));
    is_error(sdk.create(create).await, 400, "duplicate_member_email");

    let by_email = |email: &str| members::GetRequest {
        organization_id: "acme".to_owned(),
        email_address: Some(email.to_owned()),
        ..members::GetRequest::default()
    };
    let got = sdk
        .get(by_email("new@acme.example"))
        .await
        .expect("the member");
    assert_eq!(got.member_id, made.member_id);
    let by_id = members::GetRequest {
        member_id: Some("crm-1".to_owned()),
        email_address: None,
        ..by_email("")
    };
    assert_eq!(
        sdk.get(by_id).await.expect("the member").member_id,
        made.member_id
    );
    is_error(
        sdk.get(by_email("x@y.example")).await,
        404,
        "member_not_found",
    );

    let search = |organization_ids: &[&str]| members::SearchRequest {
        organization_ids: organization_ids.iter().map(|id| (*id).to_owned()).collect(),
        query: Some(organizations::SearchQuery {
            operator: organizations::SearchQueryOperator::AND,
            operands: vec![
                json!({ "filter_name": "member_roles", "filter_value": ["stytch_admin"] }),
            ],
        }),
        ..members::SearchRequest::default()
    };
    let found = sdk.search(search(&["acme"])).await.expect("a page");
    assert_eq!(
        (
            found.members.len(),
            found.results_metadata.total,
            found.organizations.len()
        ),
        (2, 2, 1)
    );
    is_error(
        sdk.search(search(&[])).await,
        400,
        "member_search_organization_ids_empty",
    );
}

#[tokio::test]
async fn members_are_deleted_and_reactivated() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let sdk = &sdk.organizations.members;
    let id = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    let dangerously = |include_deleted| members::DangerouslyGetRequest {
        member_id: id.clone(),
        include_deleted,
    };
    sdk.dangerously_get(dangerously(None))
        .await
        .expect("the member");
    let row = || (String::from("acme"), id.clone());
    let delete = || {
        let (organization_id, member_id) = row();
        members::DeleteRequest {
            organization_id,
            member_id,
        }
    };
    assert_eq!(
        sdk.delete(delete()).await.expect("it is deleted").member_id,
        id
    );
    is_error(sdk.delete(delete()).await, 404, "member_not_found");
    is_error(
        sdk.dangerously_get(dangerously(Some(false))).await,
        404,
        "member_not_found",
    );
    let deleted = sdk
        .dangerously_get(dangerously(Some(true)))
        .await
        .expect("the row");
    assert_eq!(deleted.member.status, "deleted");
    let again = || {
        let (organization_id, member_id) = row();
        members::ReactivateRequest {
            organization_id,
            member_id,
        }
    };
    assert_eq!(
        sdk.reactivate(again())
            .await
            .expect("back again")
            .member
            .status,
        "active"
    );
    is_error(sdk.reactivate(again()).await, 400, "bad_request");
}

#[tokio::test]
async fn second_factors_are_removed() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let sdk = &sdk.organizations.members;
    let (organization_id, member_id) = (
        String::from("initech"),
        text(&lab.member("initech", "ada@acme.example")["member_id"]),
    );
    let row = || (organization_id.clone(), member_id.clone());

    let phone = || {
        let (organization_id, member_id) = row();
        members::DeleteMFAPhoneNumberRequest {
            organization_id,
            member_id,
        }
    };
    assert_eq!(
        sdk.delete_mfa_phone_number(phone())
            .await
            .expect("it is gone")
            .member
            .mfa_phone_number,
        ""
    );
    is_error(
        sdk.delete_mfa_phone_number(phone()).await,
        404,
        "member_phone_number_not_found",
    );

    lab.world.patch_member(
        "initech",
        "ada@acme.example",
        json!({ "totp_registration_id": "member-totp-test-x" }),
    );
    let totp = || {
        let (organization_id, member_id) = row();
        members::DeleteTOTPRequest {
            organization_id,
            member_id,
        }
    };
    assert_eq!(
        sdk.delete_totp(totp())
            .await
            .expect("it is gone")
            .member
            .totp_registration_id,
        ""
    );
    is_error(sdk.delete_totp(totp()).await, 404, "totp_not_found");
}

#[tokio::test]
async fn members_are_updated() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let sdk = &sdk.organizations.members;
    let organization_id = "oneil".to_owned();
    let member_id = text(&lab.member("oneil", "ada@acme.example")["member_id"]);
    let update = |phone: &str| members::UpdateRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
        name: Some("A. Lovelace".to_owned()),
        mfa_phone_number: Some(phone.to_owned()),
        untrusted_metadata: Some(json!({ "theme": "dark" })),
        email_address: Some("ada2@acme.example".to_owned()),
        external_id: Some("crm-1".to_owned()),
        ..members::UpdateRequest::default()
    };
    let updated = sdk
        .update(update("+15555550123"))
        .await
        .expect("an update")
        .member;
    assert_eq!(
        (updated.name.as_str(), updated.email_address_verified),
        ("A. Lovelace", false)
    );
    assert_eq!(
        updated.retired_email_addresses[0].email_address,
        "ada@acme.example"
    );
    is_error(sdk.update(update("5")).await, 400, "invalid_phone_number");

    let unlink = || members::UnlinkRetiredEmailRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
        email_address: Some("ada@acme.example".to_owned()),
        email_id: None,
    };
    assert!(
        sdk.unlink_retired_email(unlink())
            .await
            .expect("it is gone")
            .member
            .retired_email_addresses
            .is_empty()
    );
    is_error(
        sdk.unlink_retired_email(unlink()).await,
        404,
        "email_not_found",
    );

    let external = || members::DeleteExternalIdRequest {
        organization_id: organization_id.clone(),
        member_id: "crm-1".to_owned(),
    };
    assert_eq!(
        sdk.delete_external_id(external())
            .await
            .expect("it is gone")
            .member
            .external_id,
        None
    );
    is_error(
        sdk.delete_external_id(external()).await,
        404,
        "member_not_found",
    );
}

#[tokio::test]
async fn provider_token_endpoints_work() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let sdk = &sdk.organizations.members.oauth_providers;
    for (provider, email, organization) in [
        ("google", "ada@acme.example", "acme"),
        ("microsoft", "ada@acme.example", "acme"),
        ("github", "dave@hooli.example", "hooli"),
        ("slack", "dave@hooli.example", "hooli"),
        ("hubspot", "dave@hooli.example", "hooli"),
    ] {
        lab.sign_in(provider, email, organization, json!({}))
            .await
            .ok();
    }
    let of = |organization: &str, email: &str| ProviderInformationRequest {
        organization_id: organization.to_owned(),
        member_id: text(&lab.member(organization, email)["member_id"]),
        include_refresh_token: Some(true),
    };
    let (ada, dave) = (
        of("acme", "ada@acme.example"),
        of("hooli", "dave@hooli.example"),
    );
    let google = sdk.google(ada.clone()).await.expect("tokens");
    assert!(google.access_token.is_some() && google.refresh_token.is_some());
    assert!(
        sdk.microsoft(ada.clone())
            .await
            .expect("tokens")
            .access_token_expires_in
            > 3590
    );
    assert_eq!(
        sdk.github(dave.clone())
            .await
            .expect("tokens")
            .registrations[0]
            .provider_tenant_ids,
        ["9001"]
    );
    assert_eq!(
        sdk.hubspot(dave.clone())
            .await
            .expect("tokens")
            .registrations[0]
            .provider_tenant_id,
        "7007"
    );
    let slack = |of: &ProviderInformationRequest| SlackRequest {
        organization_id: of.organization_id.clone(),
        member_id: of.member_id.clone(),
    };
    assert_eq!(
        sdk.slack(slack(&dave)).await.expect("tokens").registrations[0].provider_tenant_id,
        "T-HOOLI"
    );
    let none = "member_oauth_token_not_found";
    is_error(sdk.google(dave.clone()).await, 404, none);
    is_error(sdk.microsoft(dave).await, 404, none);
    is_error(sdk.github(ada.clone()).await, 404, none);
    is_error(sdk.hubspot(ada.clone()).await, 404, none);
    is_error(sdk.slack(slack(&ada)).await, 404, none);
}

#[tokio::test]
async fn session_endpoints_work() {
    let lab = Lab::start().await;
    let sdk = sdk(&lab, &lab.credentials().secret);
    let ist = lab.ist("google", "ada@acme.example").await;
    let request = IntermediateRequest {
        intermediate_session_token: ist,
        organization_id: "acme".to_owned(),
        ..IntermediateRequest::default()
    };
    let login = sdk
        .discovery
        .intermediate_sessions
        .exchange(request)
        .await
        .expect("a session");
    let get = |organization: &str| SessionsRequest {
        organization_id: organization.to_owned(),
        member_id: login.member_id.clone(),
    };
    let listed = sdk
        .sessions
        .get(get("acme"))
        .await
        .expect("sessions")
        .member_sessions;
    assert_eq!(listed.len(), 1);
    is_error(
        sdk.sessions.get(get("globex")).await,
        404,
        "member_not_found",
    );

    let exchange = |organization: &str| ExchangeRequest {
        organization_id: organization.to_owned(),
        session_token: Some(login.session_token.clone()),
        ..ExchangeRequest::default()
    };
    let there = sdk
        .sessions
        .exchange(exchange("oneil"))
        .await
        .expect("another session");
    assert!(there.member_authenticated && there.session_token != login.session_token);
    let more = sdk
        .sessions
        .exchange(exchange("initech"))
        .await
        .expect("an answer");
    assert!(
        !more.member_authenticated
            && more.mfa_required.is_some()
            && !more.intermediate_session_token.is_empty()
    );
    is_error(
        sdk.sessions.exchange(exchange("globex")).await,
        404,
        "member_does_not_exist_in_organization",
    );

    let revoke = RevokeRequest {
        member_session_id: Some(listed[0].member_session_id.clone()),
        ..RevokeRequest::default()
    };
    sdk.sessions
        .revoke(revoke.clone())
        .await
        .expect("it is ended");
    is_error(sdk.sessions.revoke(revoke).await, 404, "session_not_found");
    let all = RevokeRequest {
        member_id: Some(there.member_id),
        ..RevokeRequest::default()
    };
    sdk.sessions.revoke(all).await.expect("they are ended");
    is_error(
        sdk.sessions.revoke(RevokeRequest::default()).await,
        400,
        "no_session_revoke_arguments",
    );
}

#[tokio::test]
async fn role_endpoints_work() {
    let lab = Lab::start().await;
    lab.world.set_rbac_policy(&super::rbac::documents());
    let good = sdk(&lab, &lab.credentials().secret);
    let policy = good
        .rbac
        .policy(PolicyRequest {})
        .await
        .expect("a policy")
        .policy
        .expect("a policy");
    assert_eq!(policy.roles.len(), 2);
    let wrong = sdk(&lab, "secret-test-wrong");
    is_error(
        wrong.rbac.policy(PolicyRequest {}).await,
        401,
        "unauthorized_credentials",
    );

    let set = |role_id: &str| SetOrgPolicyRequest {
        organization_id: "acme".to_owned(),
        org_policy: OrgPolicy {
            roles: vec![PolicyRole {
                role_id: role_id.to_owned(),
                description: "Writes".to_owned(),
                permissions: vec![PolicyRolePermission {
                    resource_id: "documents".to_owned(),
                    actions: vec!["write".to_owned()],
                }],
            }],
        },
    };
    let sdk = &good.rbac.organizations;
    assert_eq!(
        sdk.set_org_policy(set("editor"))
            .await
            .expect("a policy")
            .org_policy
            .roles[0]
            .role_id,
        "editor"
    );
    is_error(
        sdk.set_org_policy(set("stytch_admin")).await,
        400,
        "invalid_rbac_stytch_role_edit",
    );
    let get = |id: &str| GetOrgPolicyRequest {
        organization_id: id.to_owned(),
    };
    assert_eq!(
        sdk.get_org_policy(get("acme"))
            .await
            .expect("a policy")
            .org_policy
            .roles[0]
            .role_id,
        "editor"
    );
    is_error(
        sdk.get_org_policy(get("nobody")).await,
        404,
        "organization_not_found",
    );
}
