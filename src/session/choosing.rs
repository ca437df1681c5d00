//! The step after Discovery, in which the visitor chooses or creates an organization.

use axum::response::Redirect;
use time::OffsetDateTime;

use super::{browser_session::BrowserSession, browser_session::Rotate, step::Step};
use crate::{
    error::{AppError, NotAllowed, Reason},
    sign_in::{Choosing, OfferedOrganization, OrganizationDraft, Origin, SignIn, TEN_MINUTES},
    stytch::{Error, Login, discovery::Discovered},
};

/// Longest name or slug that a draft keeps, in characters: the vendor's limit.
const LONGEST_NAME: usize = 128;

/// Maximum size of the list that a session keeps, in bytes, as a part of
/// [`LARGEST_SESSION`](super::browser_session::LARGEST_SESSION). The thousand organizations that the client keeps fit,
/// unless their names are very long.
const LONGEST_LIST: usize = 192 * 1024;

impl BrowserSession {
    /// The step in which the visitor chooses an organization.
    ///
    /// # Errors
    /// "Start again" if the visitor is not at this step, or the ten minutes are over.
    pub async fn choosing(&self) -> Result<Step<Choosing>, AppError> {
        let step = self.choosing_or_expired().await?;
        if step.until > self.now() {
            return Ok(step);
        }
        Err(AppError::start_again(Reason::TookTooLong).with_origin(&step.origin))
    }

    /// The choice, and the organization that the visitor chose.
    ///
    /// # Errors
    /// "Not in your list" for an organization that was not offered. "Start again", directly at that organization, when
    /// the ten minutes are over.
    pub async fn chosen(
        &self,
        wanted: &str,
    ) -> Result<(Step<Choosing>, OfferedOrganization), AppError> {
        let step = self.choosing_or_expired().await?;
        let offered = step.offers(wanted).cloned();
        let offered = offered.ok_or(NotAllowed::NotOffered)?;
        if step.until > self.now() {
            return Ok((step, offered));
        }
        Err(AppError::start_again(Reason::TookTooLong).with_origin(&step.origin_at(&offered)))
    }

    async fn choosing_or_expired(&self) -> Result<Step<Choosing>, AppError> {
        match &self.data().await?.sign_in {
            SignIn::Choosing(choosing) => Ok(Step {
                session: self.clone(),
                state: choosing.clone(),
            }),
            _ => Err(self.not_started()),
        }
    }

    /// Stores the result of Discovery. The visitor is not signed in yet. A member who was signed in is signed out.
    pub async fn to_choosing(
        &self,
        found: Discovered,
        origin: Origin,
    ) -> Result<Redirect, AppError> {
        let method = origin.method.as_ref();
        let mut more = found.discovered_organizations.more;
        let offered = found.discovered_organizations.first.into_iter();
        let mut offered: Vec<_> = offered
            .map(|found| OfferedOrganization::new(found, method))
            .collect();
        let fitting = fitting(&offered);
        more += offered.len() - fitting;
        offered.truncate(fitting);
        self.change_to(SignIn::Choosing(Choosing {
            ist: found.intermediate_session_token,
            email: found.email_address,
            offered,
            more,
            until: self.ist_until(found.intermediate_session_token_expires_at),
            origin,
        }))
        .await?;
        Ok(Redirect::to("/organizations"))
    }

    /// Expiry of the intermediate session in the last response, by this machine's clock. It is at most ten minutes from
    /// now.
    pub(super) fn ist_until(&self, expires_at: Option<OffsetDateTime>) -> OffsetDateTime {
        let ten_minutes = self.now() + TEN_MINUTES;
        let Some(expires_at) = expires_at else {
            return ten_minutes;
        };
        let expires_at = expires_at.saturating_add(self.context().clock_ahead());
        expires_at.min(ten_minutes)
    }

    /// Expires the choice, but keeps the record. A request at another instance may have just used up the intermediate
    /// session, and must still be able to store the result.
    ///
    /// # Errors
    /// [`AppError::SessionGone`], if that request has already stored its result. The response redirects to the start
    /// page.
    pub(super) async fn expire_choice(&self) -> Result<(), AppError> {
        let now = self.now();
        self.write(Rotate::No, |data| {
            if let SignIn::Choosing(choosing) = &mut data.sign_in {
                choosing.until = choosing.until.min(now);
            }
        })
        .await
    }

    /// Saves what the visitor entered for a new organization, to fill in the form again. Works even after the ten
    /// minutes.
    pub async fn save_draft(&self, draft: &OrganizationDraft) -> Result<(), AppError> {
        let data = self.data().await?;
        let SignIn::Choosing(choosing) = &data.sign_in else {
            return Ok(());
        };
        if choosing.email != draft.email {
            return Ok(());
        }
        let short = |text: &str| text.chars().take(LONGEST_NAME).collect();
        let draft = OrganizationDraft {
            email: draft.email.clone(),
            organization_name: short(&draft.organization_name),
            organization_slug: short(&draft.organization_slug),
        };
        self.write(Rotate::No, |data| data.draft = Some(draft.clone()))
            .await
    }
}

/// Number of organizations, from the beginning of the list, that fit in a session.
fn fitting(offered: &[OfferedOrganization]) -> usize {
    let mut bytes = 0;
    let fits = |it: &&OfferedOrganization| {
        bytes += serde_json::to_string(it).map_or(0, |text| text.len() + 1);
        bytes <= LONGEST_LIST
    };
    offered.iter().take_while(fits).count()
}

impl Step<Choosing> {
    /// What this visitor entered for an organization that could not be created.
    pub async fn draft(&self) -> Result<Option<OrganizationDraft>, AppError> {
        let data = self.session.data().await?;
        let draft = data.draft.as_ref();
        Ok(draft.filter(|draft| draft.email == self.email).cloned())
    }

    /// Continues with the outcome of the exchange, or of the new organization.
    pub async fn arrive(self, login: Login) -> Result<Redirect, AppError> {
        self.session.arrive(login, self.state.origin).await
    }

    /// The error for the visitor after Stytch refused the call.
    pub async fn refused(&self, error: Error) -> AppError {
        self.session.refused(error, &self.origin).await
    }

    /// The same as [`Self::refused`], for this organization.
    pub async fn refused_at(&self, error: Error, offered: &OfferedOrganization) -> AppError {
        let origin = self.origin_at(offered);
        let organization = offered.organization();
        self.session.refused_at(error, &origin, &organization).await
    }
}
