//! The vendor's rules for sign-ins, joining and rights. All functions that change a world's state are here.

pub mod acting;
pub mod addresses;
pub mod approve;
pub mod approve_sso;
pub mod authorization;
pub mod auto_approve;
pub mod carried;
pub mod codes;
pub mod current;
pub mod discovery;
pub mod due;
pub mod email_updates;
pub mod entry;
pub mod explain;
pub mod grants;
mod id_tokens;
pub mod links;
pub mod locks;
pub mod membership;
pub mod messages;
pub mod naming;
pub mod oidc_tokens;
pub mod password_strength;
pub mod passwords;
pub mod phones;
pub mod policy;
pub mod rate_limits;
pub mod rbac;
mod redirect_match;
pub mod redirect_urls;
pub mod refusal;
pub mod requested_person;
pub mod role_removal;
pub mod role_sessions;
pub mod roles;
pub mod second_factors;
pub mod session_lookup;
pub mod sso;
pub mod sso_request;
pub mod sso_roles;
pub mod texts;
pub mod totp;
pub mod webhooks;

pub use self::{
    acting::{ActingHeaders, Rights},
    approve::{Approval, Approved, Flow},
    due::Asking,
    entry::{Entry, RequestedSession, Way},
    membership::Membership,
    redirect_urls::{Kind, Mismatch, Refused},
};
