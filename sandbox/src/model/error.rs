//! The vendor's errors: `error_type`, HTTP status and text. See `docs/stytch.md#calls-and-errors`.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// The result of a call of the server API: the fields of the body, or an error.
pub type Reply = Result<Map<String, Value>, ApiError>;

/// An error, which is returned as the vendor's error body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub status: u16,
    pub error_type: Cow<'static, str>,
    pub message: Cow<'static, str>,
}

impl ApiError {
    /// The catalog's entry with this name. A missing entry is a mistake in the sandbox.
    pub fn of(error_type: &'static str) -> Self {
        let (_, status, message) = CATALOG
            .iter()
            .find(|(name, ..)| *name == error_type)
            .unwrap_or_else(|| {
                panic!("`{error_type}` is missing in the sandbox's error catalogue")
            });
        Self {
            status: *status,
            error_type: error_type.into(),
            message: (*message).into(),
        }
    }

    /// An error with its own text, for cases where the text in the catalog does not name the wrong value.
    pub fn new(
        status: u16,
        error_type: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            error_type: error_type.into(),
            message: message.into(),
        }
    }

    /// A `bad_request` error with a text that names the mistake.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "bad_request", message)
    }

    /// The vendor's error for an HTTP status, for faults without a body.
    pub fn of_status(status: u16) -> Self {
        let known = match status {
            401 => "unauthorized_credentials",
            403 => "unauthorized_action",
            404 => "route_not_found",
            405 => "method_not_allowed",
            429 => "too_many_requests",
            503 => "server_unavailable",
            400..=499 => "bad_request",
            _ => "internal_server_error",
        };
        Self {
            status,
            ..Self::of(known)
        }
    }

    /// The body of an error. `error_url` has the path of the B2B reference.
    pub fn body(&self, request_id: &str) -> Value {
        json!({
            "status_code": self.status,
            "request_id": request_id,
            "error_type": self.error_type,
            "error_message": self.message,
            "error_url": format!("https://stytch.com/docs/b2b/api/errors/{}#{}", self.status, self.error_type),
        })
    }
}

/// Name, status and text. If the vendor's text is not known, the text is our own.
#[rustfmt::skip] // a table: one error a line
const CATALOG: &[(&str, u16, &str)] = &[
    // The request itself.
    ("unauthorized_credentials", 401, "Unauthorized credentials."),
    ("invalid_project_id_authentication", 400, "The project ID provided in the basic authentication header is invalid. Please check to make sure the format is correct and there are no trailing whitespaces. To create a new project or confirm an existing project ID please visit the Stytch dashboard here: https://stytch.com/dashboard/api-keys"),
    ("invalid_authorization_header", 400, "The authorization header is not a valid Basic authorization header."),
    ("unauthorized_action", 403, "Unauthorized action."),
    ("route_not_found", 404, "The route provided is not supported."),
    ("method_not_allowed", 405, "The method is not allowed on this route."),
    ("bad_request", 400, "The request is malformed."),
    ("too_many_requests", 429, "Too many requests have been made."),
    ("internal_server_error", 500, "Oops, something seems to have gone wrong, please reach out to support@stytch.com"),
    ("server_unavailable", 503, "The server is unavailable."),
    // Starting OAuth.
    ("no_match_for_provided_oauth_url", 400, "The oauth redirect url in the request did not match any redirect URLs set for this project. Please visit https://stytch.com/dashboard/redirect-urls to update the redirect URLs for this project. For more information on why this validation is necessary please visit https://stytch.com/docs/api/url-validation"),
    ("no_login_redirect_urls_set", 400, "No login redirect URLs are set for this project."),
    ("no_signup_redirect_urls_set", 400, "No signup redirect URLs are set for this project."),
    ("no_discovery_redirect_urls_set", 400, "No discovery redirect URLs are set for this project."),
    ("invalid_login_redirect_url", 400, "The login_redirect_url is not a valid URL."),
    ("invalid_signup_redirect_url", 400, "The signup_redirect_url is not a valid URL."),
    ("invalid_discovery_redirect_url", 400, "The discovery_redirect_url is not a valid URL."),
    ("no_invite_redirect_urls_set", 400, "No invite redirect URLs are set for this project."),
    ("invalid_invite_redirect_url", 400, "The invite_redirect_url is not a valid URL."),
    ("public_token_required", 400, "The public_token query parameter is required."),
    ("invalid_public_token_id", 400, "The public_token format is invalid."),
    ("public_token_not_found", 404, "The public_token could not be found."),
    ("missing_oauth_organization_locator", 400, "One of organization_id and slug is required."),
    ("too_many_oauth_organization_locators", 400, "Only one of organization_id and slug may be given."),
    ("invalid_pkce_code_challenge", 400, "The pkce_code_challenge must be the unpadded base64url text of a SHA-256."),
    ("oauth_state_mismatch", 400, "The state in the cookie doesn't match with the state in the query parameter. Please retry your login flow. If you continue receiving this error, reach out to the application developer for support."),
    ("oauth_state_used", 400, "This authorization request was finished already. Please retry your login flow."),
    ("oauth_invalid_state", 400, "This authorization request is unknown or older than ten minutes. Please retry your login flow."),
    ("oauth_flow_callback_error", 400, "An error was encountered in the callback of the OAuth flow. Please try again."),
    ("oauth_unverified_email", 400, "The OAuth provider has not verified the email address."),
    ("oauth_auth_code_error", 400, "An error was encountered when exchanging the OAuth auth code. Please try again."),
    // OAuth tokens and PKCE.
    ("oauth_token_not_found", 400, "OAuth Token could not be found."),
    ("oauth_non_discovery_flow_callback_error", 400, "The OAuth token is of the organization flow. Use it with oauth.authenticate."),
    ("oauth_discovery_flow_callback_error", 400, "The OAuth token is of the discovery flow. Use it with oauth.discovery.authenticate."),
    ("invalid_pkce_code_verifier", 400, "The pkce_code_verifier may only have the characters of base64url: letters, digits, - and _."),
    ("pkce_mismatch", 400, "The submitted code_verifier does not match the code_challenge sent at the start of the flow."),
    ("pkce_expected_code_verifier", 400, "This flow was started using a code_challenge but the authentication call is missing the corresponding code_verifier."),
    ("pkce_did_not_expect_code_verifier", 400, "This flow was not started using a code_challenge but the authentication call has a code_verifier."),
    // Links and codes. The statuses of the errors about codes are not documented.
    ("no_match_for_provided_magic_link_url", 400, "The magic_link_url in the request did not match any redirect URLs set for this project. Please visit https://stytch.com/dashboard/redirect-urls to update the redirect URLs for this project."),
    ("magic_link_not_found", 404, "The magic link could not be authenticated, try sending another magic link to the user."),
    ("unable_to_auth_magic_link", 401, "The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user."),
    ("invalid_code", 400, "Code format is invalid."),
    ("otp_code_not_found", 404, "The passcode was incorrect and could not be authenticated, try again or send another passcode to the user."),
    ("unable_to_auth_otp_code", 401, "The passcode could not be authenticated because it was either already used or expired. Send another passcode to this user."),
    ("active_totp_exists", 400, "The member has an active TOTP registration already."),
    ("unable_to_authenticate_totp", 401, "The TOTP code could not be authenticated."),
    ("totp_code_already_authenticated", 400, "This TOTP code was used already. Wait for the next one."),
    ("unable_to_authenticate_recovery_code", 401, "The recovery code could not be authenticated."),
    ("totp_code_used_as_recovery_code", 400, "This is a TOTP code, not a recovery code."),
    ("action_available_only_once_primary_authentication_is_met", 400, "You must complete the primary authentication requirements for an organization before completing an MFA flow."),
    ("insufficient_factors", 401, "The member has a second factor already. Authenticate with it before adding another."),
    ("operation_restricted_by_organization_mfa_methods", 403, "The organization does not allow this MFA method."),
    // Passwords. The names and most texts are from the vendor's mobile SDKs; the statuses follow the same rule as the
    // others.
    ("member_password_not_found", 404, "Member password not found."),
    ("member_reset_password", 400, "The member must reset their password."),
    ("password_already_exists", 400, "The member has a password already."),
    ("weak_password", 400, "The password doesn't meet our strength requirements."),
    ("breached_password", 400, "The password appears in a list of breached passwords."),
    ("session_too_old_to_reset_password", 400, "The session has no authentication factor of the last 5 minutes. Authenticate again before setting a password."),
    ("unable_to_auth_password_reset_token", 401, "The password reset token is unknown, was used already, or has expired. Send another email."),
    ("cross_org_passwords_enabled", 400, "The project has passwords across organizations. Use passwords.email.require_reset instead."),
    ("cross_org_passwords_not_enabled", 400, "Cross-organization passwords are not enabled for this project."),
    ("no_password_reset_redirect_url", 400, "No reset password redirect URLs are set for this project."),
    ("invalid_password_reset_redirect_url", 400, "The reset_password_redirect_url is not a valid URL."),
    ("invalid_hash_type", 400, "hash_type must be one of bcrypt, md_5, argon_2i, argon_2id, sha_1, sha_512, scrypt, phpass and pbkdf_2."),
    ("email_verification_required", 400, "The member must have an active and verified email address."),
    // SSO.
    ("no_match_for_provided_sso_url", 400, "The sso redirect url in the request did not match any redirect URLs set for this project. Please visit https://stytch.com/dashboard/redirect-urls to update the redirect URLs for this project."),
    ("missing_sso_connection_locator", 400, "One of connection_id and organization_id is required."),
    ("too_many_sso_connection_locators", 400, "Only one of connection_id and organization_id may be given."),
    ("indeterminate_sso_connection_for_organization", 400, "The organization has several active SSO connections and no default one. Give a connection_id."),
    ("no_sso_connection_exists_for_organization", 400, "The organization has no active SSO connection."),
    ("sso_connection_not_found", 404, "The SSO connection could not be found."),
    ("sso_token_not_found", 400, "SSO Token could not be found."),
    ("invalid_connection_for_jit_provisioning", 400, "The organization does not allow joining through this SSO connection."),
    ("member_oidc_token_not_found", 404, "The member has no login through an OIDC connection."),
    ("saml_connection_not_found", 404, "The SAML connection could not be found."),
    ("oidc_connection_not_found", 404, "The OIDC connection could not be found."),
    ("external_connection_id_not_found", 404, "The external connection could not be found."),
    ("external_connection_not_active", 400, "The connection of the other organization is not active."),
    ("external_organization_id_same_as_organization_id", 400, "The external organization must be another organization."),
    ("cannot_delete_default_sso_connection", 400, "The connection is the organization's default one. Make another connection the default first."),
    ("cannot_delete_last_sso_verification_key", 400, "An active connection needs a verification certificate. Add another one first."),
    ("sso_verification_key_not_found", 404, "The connection has no such verification certificate."),
    ("too_many_sso_verification_certificates", 400, "A connection may have up to 5 verification certificates. Delete one first."),
    ("invalid_x509_certificate", 400, "x509_certificate must be a certificate in PEM."),
    ("invalid_xml_from_saml_metadata_url", 400, "The metadata could not be read. The sandbox opens no connections: it knows only the stand-in IdP, https://<name>.idp.example/metadata."),
    ("saml_connection_attribute_mapping_required", 400, "attribute_mapping must name attributes."),
    ("saml_connection_email_mapping_required", 400, "attribute_mapping must have the key email."),
    ("saml_connection_name_mapping_required", 400, "attribute_mapping must have the key full_name, or first_name and last_name."),
    ("saml_connection_no_nested_keys_in_attribute_mapping", 400, "The values of attribute_mapping must be strings."),
    ("saml_connection_attribute_mapping_missing_groups_key", 400, "Roles by group need the key groups in the attribute_mapping."),
    ("saml_group_role_assignment_does_not_contain_member_group", 400, "A role by group needs a group."),
    ("saml_connection_idp_sso_url_required", 400, "An active connection needs an idp_sso_url."),
    ("saml_connection_idp_sso_url_invalid_format", 400, "idp_sso_url must be a URL."),
    ("saml_connection_idp_sso_url_not_https", 400, "idp_sso_url must begin with https://."),
    ("saml_signing_private_key_format_not_supported", 400, "signing_private_key must be in PEM of PKCS #1: -----BEGIN RSA PRIVATE KEY-----."),
    ("saml_signing_private_key_invalid", 400, "signing_private_key must be an RSA key of at least 2048 bits."),
    ("oidc_connection_issuer_required", 400, "An active connection needs an issuer."),
    ("oidc_connection_client_id_required", 400, "An active connection needs a client_id."),
    ("oidc_connection_client_secret_required", 400, "An active connection needs a client_secret."),
    ("oidc_connection_authorization_url_required", 400, "An active connection needs an authorization_url."),
    ("oidc_connection_token_url_required", 400, "An active connection needs a token_url."),
    ("oidc_connection_userinfo_url_required", 400, "An active connection needs a userinfo_url."),
    ("oidc_connection_jwks_url_required", 400, "An active connection needs a jwks_url."),
    ("oidc_connection_issuer_url_invalid_format", 400, "issuer must be a URL that begins with https://."),
    ("oidc_connection_authorization_url_invalid_format", 400, "authorization_url must be a URL that begins with https://."),
    ("oidc_connection_token_url_invalid_format", 400, "token_url must be a URL that begins with https://."),
    ("oidc_connection_userinfo_url_invalid_format", 400, "userinfo_url must be a URL that begins with https://."),
    ("oidc_connection_jwks_url_invalid_format", 400, "jwks_url must be a URL that begins with https://."),
    // Organizations.
    ("organization_not_found", 404, "The organization you are looking for could not be found."),
    ("invalid_organization_slug", 400, "The organization_slug must be at least 2 characters long and may only contain alphanumerics and the reserved characters '-', '.', '_', or '~'. At least one character must be alphanumeric."),
    ("organization_slug_already_used", 400, "The provided organization_slug is already used in another organization."),
    ("invalid_organization_name", 400, "The organization_name must be between 1 and 128 characters long."),
    ("invalid_organization_external_id", 400, "The organization_external_id may have 1 to 128 alphanumerics, '.', '_', '-' and '|'."),
    ("organization_external_id_already_used", 400, "The provided organization_external_id is already used in another organization."),
    ("organization_logo_url_too_long", 400, "The organization_logo_url is too long."),
    ("organization_settings_domain_too_common", 400, "An email_allowed_domains entry is a common email domain."),
    ("organization_settings_invalid_domain", 400, "An email_allowed_domains entry is not a domain."),
    ("organization_settings_duplicate_domain", 400, "An email_allowed_domains entry is given twice."),
    ("organization_settings_disposable_domain", 400, "The domain gives everybody disposable addresses."),
    ("organization_settings_claimed_domain_too_common", 400, "A claimed_email_domains entry is a common email domain."),
    ("organization_settings_invalid_claimed_domain", 400, "A claimed_email_domains entry is not a domain."),
    ("organization_settings_duplicate_claimed_domain", 400, "A claimed_email_domains entry is given twice."),
    ("organization_name_missing", 400, "organization_name is required."),
    ("invalid_sso_default_connection_id", 400, "The sso_default_connection_id is not an active connection of the organization."),
    ("invalid_restricted_sso_setting", 400, "sso_jit_provisioning_allowed_connections must name active connections for 'RESTRICTED' sso_jit_provisioning."),
    ("invalid_restricted_email_setting", 400, "email_allowed_domains must be set for 'RESTRICTED' email_jit_provisioning and email_invites."),
    ("rbac_invalid_domain", 400, "The domain of an implicit role assignment is not a domain."),
    ("rbac_domain_too_common", 400, "The domain of an implicit role assignment is a common email domain."),
    ("invalid_rbac_role_assignment", 400, "An implicit role assignment needs a domain and a role of the organization."),
    ("metadata_invalid_format", 400, "Metadata must be a JSON object."),
    ("metadata_too_large", 400, "Metadata may have up to 4 KB."),
    ("metadata_too_many_keys", 400, "Metadata may have up to 20 top-level keys."),
    ("allowed_auth_methods_required_for_restricted", 400, "Allowed auth methods must be set for 'RESTRICTED' auth methods"),
    ("allowed_mfa_methods_required_for_restricted", 400, "Allowed MFA methods must be set for 'RESTRICTED' MFA methods"),
    ("invalid_restricted_oauth_tenants_setting", 400, "allowed_oauth_tenants must be set for 'RESTRICTED' oauth_tenant_jit_provisioning."),
    ("invalid_oauth_allowed_tenants_format", 400, "allowed_oauth_tenants must map slack, hubspot or github to lists of tenant ids."),
    ("action_not_allowed_email_domain_is_claimed", 400, "Your email domain is associated with a particular organization."),
    ("organization_search_filter_name_not_recognized", 400, "The organization search operand filter_name was not recognized. Please see https://stytch.com/docs/b2b/api/search-organizations for request schema details and examples."),
    ("organization_search_missing_filter_name", 400, "An organization search operand has no filter_name."),
    ("user_search_invalid_cursor", 400, "The search cursor is invalid."),
    ("user_search_invalid_operator", 400, "The search operator must be AND. OR is deprecated and no longer supported."),
    ("invalid_email", 400, "Email format is invalid."),
    // Members, and joining an organization.
    ("member_not_found", 404, "The member could not be found."),
    ("member_does_not_exist_in_organization", 404, "The member does not exist in the organization."),
    ("invalid_member_get_fields", 400, "Exactly one of member_id and email_address is required."),
    ("duplicate_member_email", 400, "The email address belongs to another member of the organization."),
    ("retired_member_email", 400, "The email address is a retired one of another member of the organization."),
    ("inactive_email", 400, "The email address is marked as inactive."),
    ("duplicate_member_phone_number", 400, "The phone number belongs to another member of the organization."),
    ("duplicate_member_phone_number_for_member", 400, "The member has a phone number already. Delete it first."),
    ("duplicate_member_external_id", 400, "The external_id belongs to another member of the organization."),
    ("invalid_phone_number_country_code", 400, "The project does not send text messages to this country. In the sandbox, \"sms_prefixes\" of a project or seed allows it."),
    ("invalid_phone_number", 400, "Phone number format is invalid. Ensure the phone number is in the E.164 format."),
    ("invalid_mfa_default_method", 400, "default_mfa_method must be sms_otp or totp."),
    ("invalid_role", 400, "The organization has no such role."),
    ("invalid_email_for_invites", 400, "The organization does not allow inviting this email address."),
    ("action_available_only_for_active_members", 400, "You may not attach an MFA factor to a member that is not active."),
    ("member_cannot_update_their_email_address", 403, "Members may not update their own email address."),
    ("email_unverified_for_reactivation", 400, "Only a member with a verified email address can be reactivated."),
    ("reactivation_email_belongs_to_another_member", 400, "Another member of the organization has the email address by now."),
    ("member_phone_number_not_found", 404, "The member has no phone number."),
    ("totp_not_found", 404, "The member has no TOTP registration."),
    ("retired_email_missing_email_identifiers", 400, "One of email_id and email_address is required."),
    ("email_not_found", 404, "The member has no such retired email address."),
    ("member_search_organization_ids_empty", 400, "organization_ids must name at least one organization."),
    ("member_search_filter_name_not_recognized", 400, "The member search operand filter_name was not recognized."),
    ("member_search_missing_filter_name", 400, "A member search operand has no filter_name."),
    ("member_search_filter_name_must_be_string", 400, "The filter_name of a member search operand must be a string."),
    ("member_search_cannot_mix_internal_and_external_member_ids", 400, "member_ids must be all member ids or all external ids."),
    ("search_invalid_status_filter", 400, "A status must be pending, invited, active or deleted."),
    ("member_oauth_token_not_found", 404, "The member has no login with this provider."),
    ("missing_oauth_refresh_token", 400, "The access token has run out and there is no refresh token."),
    ("unable_to_refresh_oauth_token", 400, "The provider refused to refresh the access token."),
    // Roles.
    ("empty_rbac_role_id", 400, "A role needs a role_id."),
    ("invalid_rbac_stytch_role_edit", 400, "The roles of Stytch are not an organization's to change."),
    ("rbac_role_duplicate", 400, "A role_id is given twice."),
    ("rbac_role_missing_permissions", 400, "A role needs permissions."),
    ("empty_rbac_resource_id", 400, "A permission needs a resource_id."),
    ("invalid_rbac_custom_role", 400, "A permission names a resource or an action that the project's policy lacks."),
    ("rbac_permission_missing_actions", 400, "A permission needs actions."),
    ("member_session_member_id_mismatch", 400, "The session belongs to another member."),
    ("user_lock_limit_reached", 429, "The user has been locked out due to too many failed authentication attempts. Please try again later."),
    ("operation_restricted_by_organization_auth_methods", 403, "The organization does not allow this authentication method."),
    ("email_jit_provisioning_not_allowed", 400, "The organization does not allow joining by email domain."),
    ("invalid_email_for_jit_provisioning", 400, "The organization does not allow joining with this email domain."),
    ("oauth_tenant_jit_provisioning_not_allowed", 400, "The organization does not allow joining by OAuth tenant."),
    ("invalid_oauth_tenant_for_jit_provisioning", 400, "The organization does not allow joining with this OAuth tenant."),
    // Sessions.
    ("session_not_found", 404, "Session could not be found."),
    ("invalid_session_token", 400, "Session token format is invalid."),
    ("no_session_arguments", 400, "A session argument is required."),
    ("too_many_session_arguments", 400, "Only one session argument may be given."),
    ("no_session_revoke_arguments", 400, "One of member_session_id, session_token, session_jwt and member_id is required."),
    ("too_many_session_revoke_arguments", 400, "Only one of member_session_id, session_token, session_jwt and member_id may be given."),
    ("unable_to_parse_session_jwt", 400, "The session_jwt could not be parsed."),
    ("jwt_invalid_issuer", 400, "The session_jwt has another issuer."),
    ("jwt_invalid_audience", 400, "The session_jwt has another audience."),
    ("intermediate_session_not_found", 404, "Intermediate session could not be found."),
    ("invalid_intermediate_session_token_for_organization", 400, "The intermediate session belongs to another organization."),
    ("session_authorization_tenancy_error", 403, "OrganizationID in AuthorizationCheck request does not match session's Organization ID"),
    ("session_authorization_error", 403, "The Member is not authorized to perform the requested action on that resource."),
    ("custom_claims_too_large", 400, "The session's custom claims may have up to 4 KB."),
    ("stytch_claims_in_custom_claims", 400, "Custom claims may not begin with https://stytch.com/."),
    ("invalid_session_duration_minutes", 400, "session_duration_minutes is invalid, should be between 5 to 527040 minutes."),
];
