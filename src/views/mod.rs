//! The pages: one struct per page, with a template of the same name in `templates/`. Askama escapes every value;
//! templates contain no script and no `|safe`.

#![expect(missing_docs, reason = "fields are named after what the page shows")]

pub mod error_page;
pub mod error_words;
mod first;
pub mod initial;
pub mod inside;
mod inspector;
mod json;
mod later_words;
pub mod list;
pub mod message;
pub mod names;
mod plain;
pub mod qr;
pub mod unfinished;
pub mod words;

pub use self::{
    inside::{OrgPage, ProviderPage, SwitchPage},
    list::OrganizationList,
    unfinished::{EmailPage, MfaPage, StepUpPage},
};

use askama::Template;
use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::Html,
};
use time::OffsetDateTime;

use crate::{
    crypto,
    error::{AppError, Refusal},
    sign_in::{OfferedOrganization, OrganizationSummary, SignIn, TokenType},
    stytch::{Provider, Slug, discovered::MembershipKind, objects::SsoConnection},
    web::{assets, inspector::Inspection, request_id::RequestId, site::Site},
};

/// Values that the layout of every page (`base.html`) needs.
#[derive(Clone, Debug)]
pub struct Shell {
    pub site: Site,
    pub request_id: String,
    /// The requests and calls so far, if the inspector is on.
    pub inspection: Option<Inspection>,
}

impl<S: Sync> FromRequestParts<S> for Shell
where
    Site: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let id = parts.extensions.get::<RequestId>();
        Ok(Self {
            site: Site::from_ref(state),
            request_id: id.map(|id| id.0.clone()).unwrap_or_default(),
            inspection: parts.extensions.get().cloned(),
        })
    }
}

/// Initial capacity for a rendered page, in bytes. A longer page costs one more allocation.
const USUAL_PAGE: usize = 8 * 1024;

/// Renders a page.
pub fn render(page: &impl Template) -> Result<Html<String>, AppError> {
    let mut html = String::with_capacity(USUAL_PAGE);
    page.render_into(&mut html).map_err(AppError::ours)?;
    Ok(Html(html))
}

/// Random id of one rendered form. [`crate::web::replay`] recognizes a second submission of the form by it.
pub fn form_id() -> String {
    crypto::random()
}

/// `GET /`
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    pub shell: Shell,
    pub providers: Vec<Provider>,
    pub sign_in: SignIn,
    pub signed_out: Option<SignedOut>,
}

/// What the visitor was signed out of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignedOut {
    /// The session here and the member session at Stytch.
    Everywhere,
    /// The session here. Stytch has not confirmed that it ended the member session.
    HereOnly,
    /// A sign-in in progress.
    InProgress,
}

/// `GET /confirm`
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct ConfirmPage {
    pub shell: Shell,
    pub sign_in: SignIn,
    pub by_link: bool,
    pub token_type: TokenType,
    /// Whether the callback replaced another one that was waiting for confirmation.
    pub is_second: bool,
    /// The organization named in the callback URL.
    pub slug: Option<Slug>,
    pub fingerprint: String,
    pub form_id: String,
}

/// `GET /organizations`
#[derive(Template)]
#[template(path = "organizations.html")]
pub struct OrganizationsPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub email: String,
    pub until: OffsetDateTime,
    pub list: OrganizationList,
    pub form_id: String,
}

/// `GET /login/{organization_id}`
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub email: String,
    /// Who the page is for: the slug of a member's organization, or the address of a visitor without one.
    pub here: String,
    pub is_member: bool,
    pub offered: OfferedOrganization,
    /// When the sign-in in progress expires; `None` for a member.
    pub until: Option<OffsetDateTime>,
    pub form_id: String,
}

/// `GET /create_org`
#[derive(Template)]
#[template(path = "create_org.html")]
pub struct CreateOrgPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub email: String,
    pub until: OffsetDateTime,
    pub organization_name: String,
    pub name_error: String,
    pub organization_slug: String,
    pub slug_error: String,
    pub form_id: String,
}

/// `GET /org/{slug}` for visitors who are not signed in there.
#[derive(Template)]
#[template(path = "org_sign_in.html")]
pub struct OrgSignInPage {
    pub shell: Shell,
    pub organization: OrganizationSummary,
    pub providers: Vec<Provider>,
    pub connections: Vec<SsoConnection>,
    pub by_email: bool,
    /// A session of another organization, or a sign-in in progress.
    pub sign_in: SignIn,
    /// Query that returns to the requested private page after the sign-in; empty without one.
    pub return_query: String,
}

/// The page of any error.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub shell: Shell,
    pub words: message::Words,
    /// Stytch's error, if Stytch refused the call.
    pub refusal: Option<Refusal>,
    /// Providers with which the visitor can sign in and return to the requested page.
    pub return_with: Vec<Provider>,
    /// The organization that the requested page belongs to.
    pub return_slug: Option<Slug>,
}

// Methods that templates call.

/// Label of a button, which an organization's name follows. A row shows only the first part; screen readers read both.
type Verb = (&'static str, &'static str);

impl LoginPage {
    /// Label of the button, which the organization's name follows.
    fn verb(&self) -> Verb {
        if self.is_member {
            self.offered.switching()
        } else {
            self.offered.verb()
        }
    }
}

impl ConfirmPage {
    /// The kind of sign-in.
    fn kind(&self) -> &'static str {
        match self.token_type {
            TokenType::DiscoveryOauth | TokenType::Oauth => {
                "a sign-in with a provider, such as Google"
            }
            TokenType::Sso => "a sign-in by single sign-on (SSO)",
            TokenType::Discovery => "a sign-in link from an email",
            TokenType::MultiTenantMagicLinks => "an invitation or a sign-in link from an email",
        }
    }

    fn is_discovery(&self) -> bool {
        matches!(
            self.token_type,
            TokenType::DiscoveryOauth | TokenType::Discovery
        )
    }

    fn is_sso(&self) -> bool {
        self.token_type == TokenType::Sso
    }

    fn is_member(&self) -> bool {
        matches!(self.sign_in, SignIn::Member(_))
    }
}

impl OfferedOrganization {
    /// How the visitor belongs to the organization.
    fn relation(&self) -> &'static str {
        match self.kind {
            MembershipKind::ActiveMember => "You are a member",
            MembershipKind::InvitedMember => "You are invited",
            MembershipKind::PendingMember => "You started to join",
            MembershipKind::EligibleToJoinByEmailDomain => "You can join with your email address",
            MembershipKind::EligibleToJoinByOauthTenant => "You can join through your workspace",
            MembershipKind::Other => "Available to you",
        }
    }

    /// Label of the button, which the organization's name follows.
    fn verb(&self) -> Verb {
        match self.kind {
            MembershipKind::ActiveMember => ("Sign in", " to"),
            MembershipKind::InvitedMember => ("Accept", " the invitation to"),
            MembershipKind::PendingMember => ("Finish", " joining"),
            MembershipKind::EligibleToJoinByEmailDomain
            | MembershipKind::EligibleToJoinByOauthTenant => ("Join", ""),
            MembershipKind::Other => ("Continue", " to"),
        }
    }

    /// The same label, for a member of another organization.
    fn switching(&self) -> Verb {
        match self.kind {
            MembershipKind::ActiveMember => ("Switch", " to"),
            _ => self.verb(),
        }
    }
}
