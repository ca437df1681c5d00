//! `organizations.members.start_email_update`.

use crate::{
    api::{
        magic_links::redirect_url,
        member_fields,
        members::target,
        recipient::{check_email_locale, member_fields as answer},
    },
    http::ApiRequest,
    model::{ApiError, Channel, Kind, Link, Login, Proof, Recipient, Reply, State},
    rules::{
        codes, due::may_use, email_updates, links, locks, messages::send_code, redirect_urls,
        texts::Text,
    },
};

/// `POST …/members/{member_id}/start_email_update`: takes a new address and sends a link or code to it.
/// `magic_links.authenticate` or `otps.email.authenticate` completes the change within five minutes.
pub fn start(state: &mut State, request: &ApiRequest) -> Reply {
    let (organization_id, id) = target(state, request, "update.info.email")?;
    let locale = check_email_locale(request)?;
    let proof = match request.text("delivery_method")? {
        None | Some("EMAIL_MAGIC_LINK") => Proof::MagicLink,
        Some("EMAIL_OTP") => Proof::EmailOtp,
        Some(_) => {
            let message = "delivery_method must be EMAIL_MAGIC_LINK or EMAIL_OTP.";
            return Err(ApiError::bad_request(message));
        }
    };
    let email = new_address(state, request, &organization_id, &id, &proof)?;
    let organization = state.need_organization(&organization_id)?;
    let subject = Text::NewAddress(organization.name()).written(locale);
    let slug = organization.slug().to_owned();
    let wanted = redirect_urls::Kind::Login;
    let redirect_url = redirect_url(state, request, "login_redirect_url", wanted)?;

    email_updates::begin(state, &id, &email);
    if proof == Proof::EmailOtp {
        let recipient = Recipient::Email(id.clone());
        let code = codes::make(state, recipient, &email, email_updates::LIVES);
        send_code(state, Channel::Email, &email, "login_otp", subject, code);
    } else {
        let link = Link {
            kind: Kind::Login,
            email,
            member_id: Some(id.clone()),
            redirect_url,
            slug,
            pkce_code_challenge: None,
            expires_at: state.now() + email_updates::LIVES,
            used: false,
        };
        links::send(state, link, subject);
    }
    Ok(answer(state, &id))
}

/// The new address, if the member may have it and the organization allows this way to prove it.
fn new_address(
    state: &State,
    request: &ApiRequest,
    organization_id: &str,
    id: &str,
    proof: &Proof,
) -> Result<String, ApiError> {
    let organization = state.need_organization(organization_id)?;
    let member = state.need_member(id)?;
    locks::check(state, id)?;
    if member.status() != "active" {
        return Err(ApiError::of("action_available_only_for_active_members"));
    }
    if !member.is("email_address_verified") {
        return Err(ApiError::of("email_verification_required"));
    }
    let email = member_fields::email(state, organization, request, id)?.to_lowercase();
    if email.eq_ignore_ascii_case(member.email()) {
        return Err(ApiError::of("duplicate_member_email"));
    }
    let login = Login::by_email(proof.clone(), &email, state.now());
    if !may_use(organization, Some(member), &login) {
        return Err(ApiError::of(
            "operation_restricted_by_organization_auth_methods",
        ));
    }
    Ok(email)
}
