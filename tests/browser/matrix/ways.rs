//! The providers through which a flow can go, and the people who use them.

use super::{
    cases::Outcome,
    columns::{Flow, Flow as F},
    rows,
};

/// One way through a flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// The provider's name, or that of what replaces it.
    pub provider: &'static str,
    /// Email address of the person.
    pub person: &'static str,
    /// Slug of the organization that the flow leads to, if it exists already.
    pub slug: &'static str,
    /// Its name, or the part of it that is on a button.
    pub organization: &'static str,
}

const fn way(
    provider: &'static str,
    person: &'static str,
    slug: &'static str,
    organization: &'static str,
) -> Way {
    Way {
        provider,
        person,
        slug,
        organization,
    }
}

const ADA: &str = "ada@acme.example";
const BOB: &str = "bob@globex.example";
const CAROL: &str = "carol@initech.example";
const DAVE: &str = "dave@hooli.example";
const GRACE: &str = "grace@acme.example";
const FRANK: &str = "frank@startup.example";

const BY_PROVIDER: &[Way] = &[
    way("Google", ADA, "acme", "Acme Corp"),
    way("Microsoft", ADA, "acme", "Acme Corp"),
    way("GitHub", DAVE, "hooli", "Hooli"),
    way("Slack", DAVE, "hooli", "Hooli"),
    way("HubSpot", DAVE, "hooli", "Hooli"),
];
const BY_CONNECTION: &[Way] = &[
    way("Globex Okta", BOB, "globex", "Globex"),  // SAML
    way("Globex Entra", BOB, "globex", "Globex"), // OpenID Connect
];
const STEP_UP: &[Way] = &[way("Google", GRACE, "acme", "Acme Corp")];

/// The ways through a flow to an outcome.
pub fn of(flow: Flow, outcome: Outcome) -> Vec<Way> {
    match flow {
        F::Discovery | F::Organization => BY_PROVIDER.to_vec(),
        // No provider takes part any more. Only what it proved before counts.
        F::Choose if matches!(outcome, Outcome::Fine(_)) => BY_PROVIDER.to_vec(),
        F::Choose => vec![BY_PROVIDER[0]],
        F::Create => vec![
            way("Google", FRANK, "", ""),
            way("Microsoft", "", "", ""), // a new person
        ],
        F::Sso | F::Elsewhere | F::StepUpSso => BY_CONNECTION.to_vec(),
        F::StepUpProvider => STEP_UP.to_vec(),
        F::EmailCode => vec![way("email code", ADA, "", "")],
        F::EmailLink => vec![way("email link", ADA, "", "")],
        F::Invitation => vec![way("email link", "nina@acme.example", "acme", "Acme Corp")],
        F::StepUpCode => vec![way("email code", GRACE, "acme", "Acme Corp")],
        F::StepUpLink => vec![way("email link", GRACE, "acme", "Acme Corp")],
        F::Mfa => vec![way("SMS", ADA, "initech", "Initech")],
        F::Totp | F::Recovery => vec![way("authenticator app", CAROL, "initech", "Initech")],
        F::Enrol => vec![way("authenticator app", ADA, "initech", "Initech")],
        F::Switch => vec![way("Google", ADA, "oneil", "O'Neil")],
        F::Provider => vec![
            way("Google", ADA, "acme", "Acme Corp"),
            way("Microsoft", ADA, "acme", "Acme Corp"),
        ],
        F::Jit => vec![way("Google", ADA, "acme", "Acme Corp")],
    }
}

/// Why no browser can reach this outcome in this way, if none can.
pub fn out_of_reach(flow: Flow, way: Way, outcome: Outcome) -> Option<&'static str> {
    let is_step_up = matches!(outcome, Outcome::Fine(rows::STEP_UP));
    match (flow, way.provider) {
        (F::Organization | F::Create, "Microsoft") if is_step_up => {
            Some("Microsoft proves every address, so no factor is missing")
        }
        _ => None,
    }
}
