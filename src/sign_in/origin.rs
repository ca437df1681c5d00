//! How a sign-in was started, and where "start again" leads.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::form_urlencoded::byte_serialize;

use super::member::{ProviderTokens, SignedInMember};
use crate::stytch::{Provider, Slug, objects::SsoConnection};

/// How a sign-in was started. It is stored with the sign-in until the visitor is signed in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// `None` when the sign-in was started elsewhere, such as in an identity provider's portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<StartMethod>,
    /// The organization on whose page it was started; `None` for Discovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Slug>,
    /// Whether it is for the missing first factor of a sign-in in progress.
    #[serde(skip_serializing_if = "is_false")]
    pub step_up: bool,
    /// Start of the session that this sign-in continues, because switching organizations must not extend a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<OffsetDateTime>,
    /// Masked tokens that the provider returned with the first factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_tokens: Option<ProviderTokens>,
    /// The private page that the visitor opened before signing in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_to: Option<ReturnPath>,
    /// The provider that Stytch names in its response. For a sign-in that was started elsewhere, it is the only
    /// information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_provider: Option<Provider>,
    /// Whether the factors so far prove the email address. `None` if the provider or the method determines this.
    pub is_proven: Option<bool>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_false(it: &bool) -> bool {
    !it
}

/// A first factor that this app can start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the undocumented names say it all")]
pub enum StartMethod {
    Provider(Provider),
    /// An identity provider of one organization.
    Connection(SsoConnection),
    Email,
}

/// Whether Google itself provides the mailbox of this address, so that a Google account proves it without a Workspace.
pub fn is_at_gmail(email: &str) -> bool {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let domains = ["gmail.com", "googlemail.com"];
    domains.iter().any(|it| domain.eq_ignore_ascii_case(it))
}

/// Path of a page on this host. It can't lead to another site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// Maximum length of a path, in bytes.
    const LONGEST: usize = 512;

    /// `None` for text that a browser could take for another site's address, such as `//evil.example` or `/\evil`.
    pub fn parse(path: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_graphic() && !"\\?#".contains(c);
        let local = path.starts_with('/') && !path.contains("//");
        (local && path.len() <= Self::LONGEST && path.chars().all(plain))
            .then(|| Self(path.to_owned()))
    }

    /// The path, beginning with one slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Query with which our own pages pass on the path, such as `?return=%2Fsettings`.
    pub fn query(&self) -> String {
        let path: String = byte_serialize(self.0.as_bytes()).collect();
        format!("?return={path}")
    }

    /// Whether the page can belong to this organization: it is not below another one's `/org/{slug}`.
    pub fn fits(&self, slug: &Slug) -> bool {
        let mut segments = self.0.split('/').skip_while(|segment| *segment != "org");
        segments.nth(1).is_none_or(|named| slug == named)
    }
}

impl Origin {
    /// Discovery with a provider.
    pub fn discovery(provider: Provider) -> Self {
        Self {
            method: Some(StartMethod::Provider(provider)),
            ..Self::default()
        }
    }

    /// Discovery with a link or code by email.
    pub fn email() -> Self {
        Self {
            method: Some(StartMethod::Email),
            ..Self::default()
        }
    }

    /// A sign-in to the organization with this slug.
    pub fn organization(slug: &Slug, method: Option<StartMethod>) -> Self {
        Self {
            method,
            organization: Some(slug.clone()),
            ..Self::default()
        }
    }

    /// A switch to the organization with this slug, which continues the member's session.
    pub fn switch(member: &SignedInMember, slug: &Slug) -> Self {
        let methods = || member.factors.iter().map(|factor| &*factor.delivery_method);
        let has_used = |provider: &Provider| {
            let mut used = methods().filter_map(|method| method.strip_prefix("oauth_"));
            used.any(|used| used == provider.slug())
        };
        let used_provider = [Provider::Microsoft, Provider::Google]
            .into_iter()
            .find(has_used);
        let by_email = methods().any(|method| method == "email");
        Self {
            since: Some(member.since),
            used_provider,
            is_proven: (by_email || used_provider.is_none()).then_some(by_email),
            ..Self::organization(slug, None)
        }
    }

    /// Whether the factors of this sign-in prove the email address. With other factors, a stranger can claim an
    /// address.
    pub fn proves_address(&self) -> bool {
        self.is_proven.unwrap_or_else(|| match self.provider() {
            Some(provider) => provider.proves_address(),
            None => self.method.is_some(),
        })
    }

    /// The provider of its last factor; `None` for any other factor, or an unknown one.
    pub fn provider(&self) -> Option<Provider> {
        self.used_provider.or(match &self.method {
            Some(StartMethod::Provider(provider)) => Some(*provider),
            _ => None,
        })
    }

    /// Path that starts the same sign-in again.
    pub fn restart_path(&self) -> String {
        let page = self.start_page();
        let folder = page.trim_end_matches('/');
        match &self.method {
            Some(StartMethod::Provider(provider)) => format!("{folder}/start/{}", provider.slug()),
            Some(StartMethod::Connection(connection)) if self.organization.is_some() => {
                format!("{folder}/sso/{}", connection.connection_id)
            }
            Some(StartMethod::Email) => "/email".to_owned(),
            _ => page,
        }
    }

    /// Path of the page that offers all ways to start this sign-in.
    pub fn start_page(&self) -> String {
        match &self.organization {
            _ if self.step_up => "/step_up".to_owned(),
            Some(slug) => format!("/org/{slug}"),
            None => "/".to_owned(),
        }
    }
}
