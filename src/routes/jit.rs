//! `POST /org/{slug}/jit`: turns joining by email domain on or off, with the member's own permissions.
//!
//! - Needs: [`Stytch`], [`OrganizationCache`], [`Clock`], [`BrowserSession`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain changes the
//!   organization), `detached` (otherwise, after a disconnect, Stytch has the new rule, but pages show the old one),
//!   `replay` (otherwise a double click calls Stytch twice), `one_at_a_time` (otherwise any number of calls run at
//!   once).

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    clock::Clock,
    error::{
        AppError,
        vendor::{self, Field},
    },
    limits::OrganizationCache,
    session::BrowserSession,
    sign_in::{Origin, SignedInMember},
    stytch::{Stytch, organizations::EmailJit},
    views::{self, OrgPage, Shell},
};

/// The desired state. It is not a toggle, so submitting the form in two tabs has the same result.
#[derive(Deserialize)]
pub struct JitForm {
    jit: Wanted,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    On,
    Off,
}

/// Changes the organization with the member's session, so that Stytch checks their roles.
pub async fn switch(
    State(stytch): State<Stytch>,
    State(organizations): State<OrganizationCache>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Path(slug): Path<String>,
    Form(form): Form<JitForm>,
) -> Result<Response, AppError> {
    let member = session.member_now(&slug).await?;
    let (token, id) = (&member.session_token, &member.organization.organization_id);
    if matches!(form.jit, Wanted::On) && !member.jit.can_be_opened_to(member.domain()) {
        // The page was outdated: the current rule already lets these people join, or is unknown. This form could
        // restrict it.
        session.save_jit(&member.jit).await?;
        return Ok(Redirect::to(&member.home()).into_response());
    }
    let change = change(&member, form.jit);
    let updated = stytch
        .organizations()
        .update_email_jit(token, id, &change)
        .await;
    match updated {
        Ok(organization) => {
            organizations.clear();
            session.save_jit(&(&organization).into()).await?;
            Ok(Redirect::to(&member.home()).into_response())
        }
        Err(error) => {
            let Some((Field::JitDomain, words)) = vendor::correction(&error) else {
                let organization = &member.organization;
                let origin = Origin::organization(&organization.organization_slug, None);
                return Err(session.refused_at(error, &origin, organization).await);
            };
            let page = views::render(&OrgPage::new(shell, member, words, clock.now()))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The change to the organization. "On" adds the member's own domain to the list; "off" leaves the list as it is.
fn change(member: &SignedInMember, wanted: Wanted) -> EmailJit {
    if matches!(wanted, Wanted::Off) {
        return EmailJit {
            email_jit_provisioning: "NOT_ALLOWED",
            email_allowed_domains: None,
        };
    }
    let domain = member.domain();
    let mut domains = member.jit.domains.clone();
    let listed = member.jit.lists(domain);
    domains.push(domain.to_owned());
    EmailJit {
        email_jit_provisioning: "RESTRICTED",
        email_allowed_domains: (!listed).then_some(domains),
    }
}
