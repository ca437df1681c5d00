//! `GET`+`POST /create_org` — make an organization and become its first member.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::Options;
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{BrowserSession, Choosing},
    state::AppState,
    stytch::{Error, Login},
    views::{self, CreateOrgPage, Shell},
};

/// Either may be left empty: Stytch then derives it from the e-mail address.
#[derive(Deserialize)]
pub struct CreateOrgForm {
    #[serde(default)]
    organization_name: String,
    #[serde(default)]
    organization_slug: String,
    /// For whom the form was shown.
    #[serde(default)]
    email: String,
}

/// What is wrong at which field.
#[derive(Default)]
struct Faults {
    name: String,
    slug: String,
}

/// The form, with proposals.
pub async fn form(session: BrowserSession, shell: Shell) -> Result<Html<String>, AppError> {
    let choosing = session.choosing().await?;
    let proposal = match session.draft(&choosing.email).await? {
        Some(draft) => CreateOrgForm {
            organization_name: draft.organization_name,
            organization_slug: draft.organization_slug,
            email: draft.email,
        },
        None => propose(&choosing.email),
    };
    page(shell, &choosing, proposal, Faults::default())
}

/// Creates it. What Stytch refuses comes back with the typed values and the reason at the field.
pub async fn create(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<CreateOrgForm>,
) -> Result<Response, AppError> {
    let (name, slug) = (form.organization_name.trim(), form.organization_slug.trim());
    // First: whatever goes wrong now, the next try begins with what was typed.
    session.keep_draft(&form.email, name, slug).await?;
    let choosing = session.choosing().await?;
    if choosing.email != form.email {
        // Another tab has begun a sign-in with another address since.
        return Err(StartAgain::plain(Reason::NotBegun));
    }
    let discovery = app.stytch.discovery();
    let created = discovery.create(&choosing.ist, name, slug, &options).await;
    if created.as_ref().err().is_none_or(Error::may_have_happened) {
        app.look_ups.forget();
    }
    match created {
        Ok(Login::SignedIn(member)) => {
            Ok(Redirect::to(&session.sign_in(&member).await?).into_response())
        }
        Ok(Login::StepUp(due)) => {
            session.step_up(*due, choosing.begun).await?;
            Ok(Redirect::to("/step_up").into_response())
        }
        Ok(Login::Mfa(due)) => {
            session.mfa(*due, choosing.begun).await?;
            Ok(Redirect::to("/mfa").into_response())
        }
        Err(error) => match faults(&error) {
            Some(faults) => {
                let page = page(shell, &choosing, form, faults)?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(session.refused(error, &choosing.begun).await),
        },
    }
}

/// The vendor's reasons that a person can mend in this form.
fn faults(error: &Error) -> Option<Faults> {
    let name = |text: &str| {
        Some(Faults {
            name: text.to_owned(),
            ..Faults::default()
        })
    };
    let slug = |text: &str| {
        Some(Faults {
            slug: text.to_owned(),
            ..Faults::default()
        })
    };
    match error.error_type()? {
        "organization_name_missing" => name("Type a name."),
        "invalid_organization_name" => name("A name has 1 to 128 characters."),
        "organization_name_includes_banned_words" => {
            name("This name holds a word that is not allowed. Choose another one.")
        }
        "invalid_organization_slug" => slug(
            "An address has 2 to 128 characters: letters, digits and - . _ ~, with at least one letter or digit.",
        ),
        "organization_slug_already_used" => {
            slug("Another organization has this address. Choose another one.")
        }
        _ => None,
    }
}

fn page(
    shell: Shell,
    choosing: &Choosing,
    form: CreateOrgForm,
    faults: Faults,
) -> Result<Html<String>, AppError> {
    views::render(&CreateOrgPage {
        shell,
        email: choosing.email.clone(),
        until: choosing.until,
        organization_name: form.organization_name,
        name_error: faults.name,
        organization_slug: form.organization_slug,
        slug_error: faults.slug,
        once: views::once(),
    })
}

/// `ada@acme.example` → "Acme", `acme`; `erin@gmail.com` → "Erin", `erin`.
fn propose(email: &str) -> CreateOrgForm {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let company = domain.split('.').next().unwrap_or_default();
    let word = if COMMON_PROVIDERS.contains(&company) {
        local
    } else {
        company
    };
    let slug: String = word
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let mut letters = slug.chars();
    let name = letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str());
    CreateOrgForm {
        organization_name: name.unwrap_or_default(),
        organization_slug: slug,
        email: email.to_owned(),
    }
}

/// Mail providers whose name says nothing about where a person works, by the domain's first part.
const COMMON_PROVIDERS: [&str; 16] = [
    "gmail",
    "googlemail",
    "yahoo",
    "ymail",
    "aol",
    "icloud",
    "me",
    "mac",
    "hotmail",
    "msn",
    "outlook",
    "live",
    "gmx",
    "yandex",
    "freemail",
    "proton",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposals() {
        let both = |email| {
            let form = propose(email);
            (form.organization_name, form.organization_slug)
        };
        assert_eq!(
            both("frank@startup.example"),
            ("Startup".into(), "startup".into())
        );
        assert_eq!(
            both("erin.free@gmail.com"),
            ("Erinfree".into(), "erinfree".into())
        );
        assert_eq!(
            both("x@münchen.example"),
            ("Mnchen".into(), "mnchen".into())
        );
        assert_eq!(both(""), (String::new(), String::new()));
    }
}
