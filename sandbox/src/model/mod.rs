//! The plain data of a world. Only [`state`] uses the whole state.

pub mod authorization;
pub mod calls;
pub mod certificates;
pub mod claims;
pub mod clock;
pub mod codes;
pub mod current_call;
pub mod email_update;
pub mod endings;
pub mod error;
pub mod factors;
pub mod faults;
pub mod fields;
pub mod grants;
pub mod held_request;
pub mod ids;
pub mod inbox;
pub mod indexed;
pub mod keys;
pub mod limits;
pub mod links;
pub mod lookup;
pub mod masked;
pub mod member;
pub mod newest;
pub mod open_request;
pub mod organization;
pub mod password;
pub mod password_settings;
pub mod pem;
pub mod people;
pub mod pkce;
pub mod policy;
pub mod project;
pub mod proof;
pub mod provider;
pub mod rates;
pub mod saved_state;
pub mod session;
pub mod settings;
pub mod sso;
pub mod sso_connection;
pub mod sso_request;
pub mod state;
pub mod token_fates;
pub mod totp;
pub mod webhook_secret;
pub mod webhooks;

pub use self::{
    authorization::{Authorization, Flow},
    calls::{Call, CallRoute, LoggedCall},
    clock::Clock,
    codes::{Code, Recipient},
    current_call::CurrentCall,
    error::{ApiError, Reply},
    factors::Factors,
    faults::{Fault, FaultKind, FaultScript},
    grants::{Grant, IssuedToken},
    held_request::HeldRequest,
    inbox::{Channel, Message},
    indexed::{Change, Indexed},
    keys::KeyRing,
    limits::Limits,
    links::{Kind, Link},
    member::Member,
    newest::Newest,
    open_request::OpenRequest,
    organization::Organization,
    password::{DigestAlgorithm, Password, PasswordHash},
    password_settings::{PasswordSettings, StrengthPolicy},
    people::{Identity, Login, Person},
    policy::Policy,
    project::{Credentials, Locks, ProjectSettings, RedirectUrls},
    proof::{Proof, SsoKind},
    provider::Provider,
    rates::Rates,
    session::{Factor, Session},
    sso::{Account, Connection, OidcToken, SsoToken},
    sso_connection::SsoConnection,
    sso_request::SsoRequest,
    state::{Intermediate, OauthToken, State},
    token_fates::{TokenFates, TokenOwners},
    totp::Totp,
    webhook_secret::WebhookSecret,
    webhooks::{Delivery, Event, Webhook, Webhooks},
};
