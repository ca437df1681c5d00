//! The pages of a signed-in member.

use askama::Template;

use super::{Shell, form_id, words};
use crate::{
    sign_in::{OfferedOrganization, SignedInMember},
    stytch::{Provider, members::ProviderRegistration},
    web::assets,
};

/// `GET /org/{slug}` when signed in there.
#[derive(Template)]
#[template(path = "org.html")]
pub struct OrgPage {
    /// The frame.
    pub shell: Shell,
    /// Who, where, how.
    pub member: SignedInMember,
    /// The OAuth providers among the factors.
    pub providers: Vec<Provider>,
    /// Why the organization could not be opened to the member's domain; empty when nothing is wrong.
    pub jit_fault: &'static str,
    /// Makes a second submission a duplicate.
    pub form_id: String,
}

impl OrgPage {
    /// Of this member.
    pub fn new(shell: Shell, member: SignedInMember, jit_fault: &'static str) -> Self {
        let used = |provider: &Provider| {
            let name = format!("oauth_{}", provider.slug());
            let mut factors = member.factors.iter();
            factors.any(|factor| factor.delivery_method == name)
        };
        let providers = Provider::ALL.into_iter().filter(used).collect();
        Self {
            shell,
            member,
            providers,
            jit_fault,
            form_id: form_id(),
        }
    }
}

/// `GET /org/{slug}/provider/{provider}`
#[derive(Template)]
#[template(path = "provider.html")]
pub struct ProviderPage {
    /// The frame.
    pub shell: Shell,
    /// Whose tokens.
    pub provider: Provider,
    /// One for each account, workspace or hub.
    pub registrations: Vec<ProviderRegistration>,
    /// Who, and what the sign-in itself brought along.
    pub member: SignedInMember,
}

/// `GET /organizations` when signed in.
#[derive(Template)]
#[template(path = "switch.html")]
pub struct SwitchPage {
    /// The frame.
    pub shell: Shell,
    /// Who is signed in.
    pub member: SignedInMember,
    /// Where else they may go.
    pub others: Vec<OfferedOrganization>,
    /// What to sign in again with.
    pub providers: Vec<Provider>,
    /// Makes a second submission a duplicate.
    pub form_id: String,
}
