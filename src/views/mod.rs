//! The pages: one struct per page, with a template of the same name in `templates/`. Askama escapes every value;
//! templates contain no script and no `|safe`.

#![expect(missing_docs, reason = "fields are named after what the page shows")]

pub mod error_page;
pub mod error_words;
mod first;
pub mod initial;
pub mod inside;
mod inspector;
mod later_words;
pub mod list;
pub mod message;
pub mod names;
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

/// What the frame of every page needs.
#[derive(Clone, Debug)]
pub struct Shell {
    pub site: Site,
    pub request_id: String,
    /// What happened so far, if the inspector is on.
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

/// Bytes of a usual page. A longer one costs one allocation more.
const USUAL_PAGE: usize = 8 * 1024;

/// A finished page.
pub fn render(page: &impl Template) -> Result<Html<String>, AppError> {
    let mut html = String::with_capacity(USUAL_PAGE);
    page.render_into(&mut html).map_err(AppError::ours)?;
    Ok(Html(html))
}

/// Random id of one rendering of a form. Submitted twice, the form acts once.
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

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignedOut {
    /// Here and at Stytch.
    Everywhere,
    /// Here; Stytch has not confirmed.
    HereOnly,
    /// There was only a half-done sign-in.
    HalfDone,
}

/// `GET /confirm`
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct ConfirmPage {
    pub shell: Shell,
    pub sign_in: SignIn,
    pub by_link: bool,
    pub token_type: TokenType,
    /// Whether it replaced another one that waited for confirmation.
    pub is_second: bool,
    /// The organization that the link names.
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
    /// Who the visitor is: a member's organization by its slug, or the address.
    pub here: String,
    pub is_member: bool,
    pub offered: OfferedOrganization,
    /// Until when the proof holds; `None` for a member.
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

/// `GET /org/{slug}` for everybody else.
#[derive(Template)]
#[template(path = "org_sign_in.html")]
pub struct OrgSignInPage {
    pub shell: Shell,
    pub organization: OrganizationSummary,
    pub providers: Vec<Provider>,
    pub connections: Vec<SsoConnection>,
    pub by_email: bool,
    /// Signed in somewhere else, or half signed in.
    pub sign_in: SignIn,
    /// Passes on the private page where the sign-in ends; or else empty.
    pub return_query: String,
}

/// Any error.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub shell: Shell,
    pub words: message::Words,
    /// What Stytch answered, if it refused.
    pub refusal: Option<Refusal>,
    /// Providers with which the visitor can sign in and return to the page that was asked for.
    pub return_with: Vec<Provider>,
    /// The organization below whose address that page is.
    pub return_slug: Option<Slug>,
}

// What templates call.

/// What a button does, before an organization's name. A row shows only the first part; both are read aloud.
type Verb = (&'static str, &'static str);

impl LoginPage {
    /// What the button does, before the organization's name.
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
}

impl OfferedOrganization {
    /// The person's relation to it, in words.
    fn relation(&self) -> &'static str {
        match self.kind {
            MembershipKind::ActiveMember => "You are a member",
            MembershipKind::InvitedMember => "You are invited",
            MembershipKind::PendingMember => "You started to join",
            MembershipKind::EligibleToJoinByEmailDomain => "You can join with your email address",
            MembershipKind::EligibleToJoinByOauthTenant => "You can join through your workspace",
            MembershipKind::Other => "Found for you",
        }
    }

    /// What the button does, before the organization's name.
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

    /// The same for a member of another organization.
    fn switching(&self) -> Verb {
        match self.kind {
            MembershipKind::ActiveMember => ("Switch", " to"),
            _ => self.verb(),
        }
    }
}
