//! Conditions that make a login end in another way than the best: rules of an organization, and faults of Stytch.

use serde_json::json;
use stytch_sandbox::{Fault, FaultKind, HeldRequest};

use super::{columns::Flow, rows::Trouble};
use crate::support::TestApp;

/// Changes an organization's rules so that a login to it leads to a step-up, unless it was by this method.
pub fn want_another_first_factor(app: &TestApp, slug: &str, allowed: &str) {
    let rules = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": [allowed]});
    app.world.patch_organization(slug, rules);
}

/// The same for a second factor.
pub fn want_a_second_factor(app: &TestApp, slug: &str) {
    let rules = json!({"mfa_policy": "REQUIRED_FOR_ALL"});
    app.world.patch_organization(slug, rules);
}

/// Makes the last request of the flow meet this. [`Trouble::Cancel`] and [`Trouble::Query`] are done by the browser.
pub fn arrange(trouble: Trouble, flow: Flow, app: &TestApp) {
    let fault = |kind| {
        app.world.fault(Fault {
            method: "*".into(),
            path: flow.call().into(),
            // Reads are tried twice.
            times: 2,
            kind,
        });
    };
    let says = |status, error_type: &str| {
        fault(FaultKind::Error {
            status,
            error_type: error_type.into(),
            message: "made up".into(),
        });
    };
    match trouble {
        Trouble::Says(status, error_type) => says(status, error_type),
        Trouble::LaterSays(seconds, status, error_type) => {
            app.advance_app(seconds);
            says(status, error_type);
        }
        Trouble::Busy(seconds) => fault(FaultKind::Status {
            status: 429,
            headers: vec![("retry-after".into(), seconds.to_string())],
            body: None,
        }),
        Trouble::Down => fault(FaultKind::Status {
            status: 500,
            headers: Vec::new(),
            body: None,
        }),
        Trouble::Silent => fault(FaultKind::Hold(HeldRequest::new())),
        Trouble::Garbage => fault(FaultKind::Garbage),
        Trouble::Elsewhere => fault(FaultKind::OtherOrganization),
        Trouble::Revoked => app.world.revoke_all_sessions(),
        Trouble::Late(seconds) => app.advance_app(seconds),
        Trouble::Cancel | Trouble::Query(_) => {}
    }
}
