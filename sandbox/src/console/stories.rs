//! The links on the People page that start a person's sign-in.

use url::form_urlencoded::Serializer;

use crate::{
    model::{Identity, Organization, Person, Provider},
    world::{World, sandbox::Sandbox},
};

/// A link that starts a sign-in.
pub struct Story {
    pub label: String,
    pub url: String,
}

/// Targets of the links: pages of this repository's app or, for any other app, Stytch's start URLs, which finally
/// redirect to the app.
pub enum Stage<'a> {
    App(&'a str),
    StartUrls { public_token: &'a str },
}

impl<'a> Stage<'a> {
    /// The kind of links for this world.
    pub fn of(sandbox: &'a Sandbox, world: &'a World) -> Self {
        let own = world.credentials();
        let is_first = sandbox.world().credentials().project_id == own.project_id;
        if is_first && sandbox.options.is_reference_app {
            Self::App(sandbox.options.app_url.trim_end_matches('/'))
        } else {
            Self::StartUrls {
                public_token: &own.public_token,
            }
        }
    }
}

impl Stage<'_> {
    /// A discovery sign-in with each of the person's accounts.
    pub fn of_person(&self, person: &Person) -> Vec<Story> {
        let story = |identity: &Identity| {
            let word = identity.provider.word();
            let url = match self {
                Stage::App(app) => format!("{app}/start/{word}"),
                Stage::StartUrls { public_token } => start(
                    &format!("{word}/discovery/start"),
                    &[
                        ("public_token", public_token),
                        ("provider_login_hint", &person.email),
                    ],
                ),
            };
            Story {
                label: identity.provider.label().to_owned(),
                url,
            }
        };
        person.identities.iter().map(story).collect()
    }

    pub fn of_organization(&self, organization: &Organization) -> Vec<Story> {
        let slug = organization.slug();
        match self {
            Stage::App(app) => {
                let slug: String = url::form_urlencoded::byte_serialize(slug.as_bytes()).collect();
                vec![Story {
                    label: "Sign in".to_owned(),
                    url: format!("{app}/org/{slug}"),
                }]
            }
            Stage::StartUrls { public_token } => Provider::ALL
                .into_iter()
                .filter(|provider| organization.allows(&provider.method()))
                .map(|provider| Story {
                    label: provider.label().to_owned(),
                    url: start(
                        &format!("{}/start", provider.word()),
                        &[("public_token", public_token), ("slug", slug)],
                    ),
                })
                .collect(),
        }
    }
}

fn start(path: &str, parameters: &[(&str, &str)]) -> String {
    let query = Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("/v1/b2b/public/oauth/{path}?{query}")
}
