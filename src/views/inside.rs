//! The pages of a signed-in member.

#![expect(missing_docs, reason = "fields are named after what the page shows")]

use std::sync::Arc;

use askama::Template;
use time::OffsetDateTime;

use super::{OrganizationList, Shell, form_id, initial, names, words};
use crate::{
    sign_in::{JitRule, SignedInMember},
    stytch::{Provider, members::ProviderRegistration},
    web::assets,
};

/// `GET /org/{slug}` for a member of that organization.
#[derive(Template)]
#[template(path = "org.html")]
pub struct OrgPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub member: Arc<SignedInMember>,
    pub providers: Vec<Provider>,
    /// Why people with the member's domain could not be allowed to join; empty without an error.
    pub jit_fault: &'static str,
    pub form_id: String,
}

impl OrgPage {
    /// The page for this member. Links to the tokens of each provider that the member signed in with.
    pub fn new(
        shell: Shell,
        member: Arc<SignedInMember>,
        jit_fault: &'static str,
        now: OffsetDateTime,
    ) -> Self {
        let used = |provider: &Provider| {
            let mut methods = member.factors.iter().map(|it| &it.delivery_method);
            methods.any(|method| method.strip_prefix("oauth_") == Some(provider.slug()))
        };
        let providers = Provider::ALL.into_iter().filter(used).collect();
        Self {
            shell,
            now,
            member,
            providers,
            jit_fault,
            form_id: form_id(),
        }
    }
}

// Methods that templates call.

impl OrgPage {
    /// Whether anyone can join with an email address.
    fn is_open(&self) -> bool {
        let jit = &self.member.jit;
        match jit.rule {
            JitRule::Everyone => true,
            JitRule::Domains => !jit.domains.is_empty(),
            JitRule::Closed | JitRule::Unknown => false,
        }
    }

    /// Whether the member's own domain can be allowed.
    fn can_open(&self) -> bool {
        self.member.jit.can_be_opened_to(self.member.domain())
    }

    /// The other domains in the list, which the same change allows if the rule is off.
    fn other_domains(&self) -> Vec<&String> {
        let is_other = |domain: &&String| !domain.eq_ignore_ascii_case(self.member.domain());
        self.member.jit.domains.iter().filter(is_other).collect()
    }
}

/// `GET /org/{slug}/provider/{provider}`
#[derive(Template)]
#[template(path = "provider.html")]
pub struct ProviderPage {
    pub shell: Shell,
    pub now: OffsetDateTime,
    pub provider: Provider,
    pub registrations: Vec<ProviderRegistration>,
    pub member: Arc<SignedInMember>,
}

/// `GET /organizations` for a signed-in member.
#[derive(Template)]
#[template(path = "switch.html")]
pub struct SwitchPage {
    pub shell: Shell,
    pub member: Arc<SignedInMember>,
    pub list: OrganizationList,
    pub providers: Vec<Provider>,
    pub form_id: String,
}
