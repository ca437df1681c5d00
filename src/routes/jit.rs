//! `POST /org/{slug}/jit` — let colleagues in by their e-mail domain, or stop it, with the member's own rights.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    error::AppError,
    session::{Begun, BrowserSession, SignedInMember},
    state::AppState,
    stytch::{Error, organizations::EmailJit},
    views::{self, OrgPage, Shell},
};

/// What it shall be, not "the other way round": pressed in two tabs, it is the same.
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

/// Changes the organization under the member's session: Stytch decides by their roles whether they may.
pub async fn switch(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Path(slug): Path<String>,
    Form(form): Form<JitForm>,
) -> Result<Response, AppError> {
    let member = session.member_now(&slug).await?;
    let (token, id) = (&member.session_token, &member.organization.organization_id);
    let change = change(&member, form.jit);
    match app
        .stytch
        .organizations()
        .update_email_jit(token, id, &change)
        .await
    {
        Ok(organization) => {
            app.look_ups.forget();
            session.jit_changed((&organization).into()).await?;
            Ok(Redirect::to(&member.home()).into_response())
        }
        Err(error) => {
            let Some(words) = refused_domain(&error) else {
                let error = session.refused(error, &Begun::at(&slug, None)).await;
                return Err(error.at(&member.organization));
            };
            let page = views::render(&OrgPage::new(shell, member, words))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// On adds the member's own domain to those that the organization has; off closes it for all and keeps the list.
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

/// The vendor's reasons against a domain.
fn refused_domain(error: &Error) -> Option<&'static str> {
    Some(match error.error_type()? {
        "organization_settings_domain_too_common" => {
            "Stytch refuses it: everybody can have an address at your domain, so it says nothing about who is a colleague."
        }
        "organization_settings_disposable_domain" => {
            "Stytch refuses it: your domain gives addresses away for a day."
        }
        "organization_settings_invalid_domain" => {
            "Stytch refuses it: your domain is not one that it takes."
        }
        _ => return None,
    })
}
