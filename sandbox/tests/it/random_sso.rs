//! Random SSO steps for [`super::properties`], on both sides.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::control::steer;
use super::lab::{Lab, text};
use super::properties::{Pair, back, good, named, same, word};
use super::reference::Reference;
use super::reference_sso::{Connection, Jit};
use super::sso::{OIDC, SAML};

/// The connections by name, each with its organization: two of the seed, one that is created through the API, and one
/// that leads to the first.
const CONNECTIONS: [(&str, &str); 4] = [
    ("saml", "globex"),
    ("oidc", "globex"),
    ("made", "acme"),
    ("external", "hooli"),
];

const PEOPLE: [&str; 5] = [
    "bob@globex.example",
    "ada@acme.example",
    "grace@acme.example",
    "hal@hooli.example",
    "mallory@evil.example",
];

/// A step about SSO. Numbers count back from the newest.
#[derive(Clone, Debug)]
pub enum SsoStep {
    /// A person's button at the IdP of a connection.
    Approve(&'static str, &'static str),
    Authenticate {
        token: usize,
        ist: Option<usize>,
    },
    Jit(&'static str, Jit),
    /// The organization allows no other method.
    OnlySso(&'static str),
    Delete(&'static str),
}

/// Creates the connections, adds every person to their identity providers, and returns the ids by name.
pub async fn connections(lab: &Lab, reference: &mut Reference) -> BTreeMap<&'static str, String> {
    let made = text(&lab.active_saml("acme").await["connection_id"]);
    let body = json!({ "external_organization_id": "globex", "external_connection_id": SAML });
    let external = lab.post("/v1/b2b/sso/external/hooli", body).await.ok();
    let external = text(&external["connection"]["connection_id"]);
    for (name, slug) in CONNECTIONS {
        let leads_to = (name == "external").then_some("saml");
        let connections = &mut reference.sso.connections;
        connections.insert(name, Connection { slug, leads_to });
    }
    reference.sso.defaults.insert("globex", "saml");
    let ids = [SAML.to_owned(), OIDC.to_owned(), made, external];
    for id in &ids[..3] {
        for email in PEOPLE {
            lab.world.add_to_idp(id, "Somebody", email);
        }
    }
    let names = CONNECTIONS.map(|(name, _)| name);
    names.into_iter().zip(ids).collect()
}

fn number() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0usize), 2 => Just(1), 1 => 2..5usize]
}

/// Several steps together: a complete sign-in, or sometimes a single step.
pub fn steps() -> impl Strategy<Value = Vec<SsoStep>> {
    let names = || select(&CONNECTIONS[..]).prop_map(|(name, _)| name);
    let slugs = || select(&["globex", "acme", "hooli"][..]);
    let people = || select(&PEOPLE[..]);
    let sign_in = (people(), names(), prop::option::of(number())).prop_map(|(who, name, ist)| {
        let token = 0;
        vec![
            SsoStep::Approve(who, name),
            SsoStep::Authenticate { token, ist },
        ]
    });
    let jit = prop_oneof![
        Just(Jit::Everyone),
        names().prop_map(Jit::Only),
        Just(Jit::Closed)
    ];
    let alone = prop_oneof![
        2 => (people(), names()).prop_map(|(who, name)| SsoStep::Approve(who, name)),
        2 => (number(), prop::option::of(number())).prop_map(|(token, ist)| SsoStep::Authenticate { token, ist }),
        2 => (slugs(), jit).prop_map(|(slug, jit)| SsoStep::Jit(slug, jit)),
        1 => slugs().prop_map(SsoStep::OnlySso),
        1 => names().prop_map(SsoStep::Delete),
    ];
    prop_oneof![3 => sign_in, 2 => alone.prop_map(|it| vec![it])]
}

impl Pair {
    /// Performs the step on both sides, and returns the outcomes of the sandbox and of the reference.
    pub async fn take_sso(&mut self, step: &SsoStep) -> (String, String) {
        let (ist_made, session_made) = (self.ists.len(), self.sessions.len());
        match step {
            SsoStep::Approve(email, name) => {
                let body = json!({ "flow": "sso", "connection_id": self.connections[name], "email": email });
                let reply = steer(&self.lab, "approve", body).await;
                let wanted = self.reference.approve_sso(self.tokens.len(), email, name);
                if reply.status == 200 {
                    self.tokens.push(text(&reply.json()["token"]));
                }
                (good(reply.status == 200), good(wanted))
            }
            SsoStep::Authenticate { token, ist } => {
                let token = back(&self.tokens, *token);
                let ist = ist.map(|it| back(&self.ists, it));
                let before = ist.map_or("", |it| named(&self.ists, it)).to_owned();
                let mut more = json!({});
                if ist.is_some() {
                    more["intermediate_session_token"] = json!(before);
                }
                let reply = self.lab.spend_sso(named(&self.tokens, token), more).await;
                let wanted = self
                    .reference
                    .authenticate_sso(token, ist, ist_made, session_made);
                (self.outcome(&reply, &before), word(wanted))
            }
            SsoStep::Jit(slug, jit) => {
                let (setting, allowed) = match jit {
                    Jit::Everyone => ("ALL_ALLOWED", json!([])),
                    Jit::Only(name) => ("RESTRICTED", json!([self.connections[name]])),
                    Jit::Closed => ("NOT_ALLOWED", json!([])),
                };
                let patch = json!({ "sso_jit_provisioning": setting, "sso_jit_provisioning_allowed_connections": allowed });
                self.lab.world.patch_organization(slug, patch);
                self.reference.sso.jit.insert(slug, *jit);
                same()
            }
            SsoStep::OnlySso(slug) => {
                let patch =
                    json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] });
                self.lab.world.patch_organization(slug, patch);
                let organization = self.reference.organizations.get_mut(*slug);
                organization.expect("one of the cast").methods = Some(["sso".to_owned()].into());
                same()
            }
            SsoStep::Delete(name) => {
                let slug = CONNECTIONS
                    .iter()
                    .find(|it| it.0 == *name)
                    .expect("one of them")
                    .1;
                let id = &self.connections[name];
                let path = format!("/v1/b2b/sso/{slug}/connections/{id}");
                let reply = self.lab.delete(&path).await;
                let wanted = self.reference.delete_connection(name);
                (good(reply.status == 200), good(wanted))
            }
        }
    }
}
