//! `GET`+`POST /create_org`: creates an organization, with the visitor as its first member.
//!
//! - Needs: [`Stytch`], [`OrganizationCache`], [`Clock`], [`BrowserSession`], [`Options`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain submits the form),
//!   `detached` (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click signs the visitor
//!   out), `one_at_a_time` (otherwise two tabs create two organizations).

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::options::Options;
use crate::{
    clock::Clock,
    error::{
        AppError, Reason,
        vendor::{self, Field},
    },
    limits::OrganizationCache,
    session::BrowserSession,
    sign_in::{Choosing, OrganizationDraft},
    stytch::{Error, Slug, Stytch},
    views::{self, CreateOrgPage, Shell, names::is_disruptive},
};

/// The form's fields. Name and slug can be empty, and Stytch then derives them from the email address.
#[derive(Deserialize)]
pub struct CreateOrgForm {
    #[serde(default)]
    organization_name: String,
    #[serde(default)]
    organization_slug: String,
    /// The visitor's address when the form was shown.
    #[serde(default)]
    email: String,
}

/// Shows the form, with a suggested name and slug.
pub async fn form(
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let choosing = session.choosing().await?;
    let suggestion = match choosing.draft().await? {
        Some(draft) => draft,
        None => suggest(&choosing.email),
    };
    page(&clock, shell, &choosing, suggestion, None)
}

/// Creates the organization. If Stytch refuses a value, the form is shown again, with the entered values and an error
/// at the field.
pub async fn create(
    State(stytch): State<Stytch>,
    State(organizations): State<OrganizationCache>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<CreateOrgForm>,
) -> Result<Response, AppError> {
    let draft = form.into_draft();
    // Saved first, because the visitor should not have to enter the values again if a later step fails.
    session.save_draft(&draft).await?;
    let choosing = session.choosing().await?;
    if choosing.email != draft.email {
        // Meanwhile, another tab has started a sign-in with another address.
        return Err(AppError::start_again(Reason::Replaced));
    }
    let (name, slug) = (&draft.organization_name, &draft.organization_slug);
    if name.contains(is_disruptive) {
        return refuse(
            &clock,
            shell,
            &choosing,
            draft,
            Field::OrganizationName,
            DISRUPTIVE,
        );
    }
    let discovery = stytch.discovery();
    let created = discovery.create(&choosing.ist, name, slug, &options).await;
    if created.as_ref().err().is_none_or(Error::may_have_happened) {
        organizations.clear();
    }
    match created {
        Ok(login) => Ok(choosing.arrive(login).await?.into_response()),
        Err(error) => match correction(&error) {
            Some((field, text)) => refuse(&clock, shell, &choosing, draft, field, text),
            None => Err(choosing.refused(error).await),
        },
    }
}

/// The field of this form to correct, if the visitor can correct it.
fn correction(error: &Error) -> Option<(Field, &'static str)> {
    let here = [Field::OrganizationName, Field::OrganizationSlug];
    vendor::correction(error).filter(|(field, _)| here.contains(field))
}

/// For a name with control or bidi characters: Stytch accepts it, but it would garble the text around it in every app
/// that shows it.
const DISRUPTIVE: &str = "The name can't contain control characters or characters that change the direction of text. Enter it again without them.";

impl CreateOrgForm {
    fn into_draft(self) -> OrganizationDraft {
        OrganizationDraft {
            email: self.email,
            organization_name: self.organization_name.trim().to_owned(),
            organization_slug: self.organization_slug.trim().to_owned(),
        }
    }
}

/// Shows the form again, with an error.
fn refuse(
    clock: &Clock,
    shell: Shell,
    choosing: &Choosing,
    draft: OrganizationDraft,
    field: Field,
    text: &str,
) -> Result<Response, AppError> {
    let page = page(clock, shell, choosing, draft, Some((field, text)))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn page(
    clock: &Clock,
    shell: Shell,
    choosing: &Choosing,
    draft: OrganizationDraft,
    refused: Option<(Field, &str)>,
) -> Result<Html<String>, AppError> {
    let error_at = |field| match refused {
        Some((at, text)) if at == field => text.to_owned(),
        _ => String::new(),
    };
    views::render(&CreateOrgPage {
        shell,
        now: clock.now(),
        email: choosing.email.clone(),
        until: choosing.until,
        organization_name: draft.organization_name,
        name_error: error_at(Field::OrganizationName),
        organization_slug: draft.organization_slug,
        slug_error: error_at(Field::OrganizationSlug),
        form_id: views::form_id(),
    })
}

/// Suggests a name and a slug for a new organization: `ada@mail.acme.com` → "Acme", `acme`; `erin@gmail.com` → "Erin",
/// `erin`. Suggests nothing if the slug would be too short, as for `a@q.example`.
pub fn suggest(email: &str) -> OrganizationDraft {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let company = company(domain);
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
    let slug = Slug::parse(&slug).map_or_else(String::new, |_| slug);
    let mut letters = slug.chars();
    let name = letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str());
    OrganizationDraft {
        organization_name: name.unwrap_or_default(),
        organization_slug: slug,
        email: email.to_owned(),
    }
}

/// The label of a domain that names the company: the last one before a suffix such as `.com` or `.co.uk`. The visitor
/// can change the suggestion, so the complete list of public suffixes would not be worth its size.
fn company(domain: &str) -> &str {
    let mut labels: Vec<&str> = domain.split('.').collect();
    let country = labels.pop().unwrap_or_default();
    let is_second_level = |label: &&str| SECOND_LEVELS.contains(label) && country.len() == 2;
    if labels.len() > 1 && labels.last().is_some_and(is_second_level) {
        labels.pop();
    }
    labels.pop().unwrap_or(country)
}

/// Second-level domains that many countries use, such as `co` in `.co.uk`.
const SECOND_LEVELS: [&str; 11] = [
    "co", "com", "org", "net", "edu", "ac", "gov", "gob", "go", "or", "ne",
];

/// Labels of email providers, which do not say where a person works.
#[rustfmt::skip]
const COMMON_PROVIDERS: [&str; 16] = [
    "gmail", "googlemail", "yahoo", "ymail", "aol", "icloud", "me", "mac", "hotmail", "msn",
    "outlook", "live", "gmx", "yandex", "freemail", "proton",
];
