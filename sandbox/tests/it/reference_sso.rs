//! SSO in the reference: connections, joining, and deletion.

use std::collections::BTreeMap;

use super::reference::{Login, Outcome, Reference, domain};

/// An active connection.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    pub slug: &'static str,
    /// The connection of another organization that an external one leads to.
    pub leads_to: Option<&'static str>,
}

/// The connections through which people can join an organization.
#[derive(Clone, Copy, Debug, Default)]
pub enum Jit {
    #[default]
    Everyone,
    /// Only this connection.
    Only(&'static str),
    Closed,
}

/// The SSO state for the rules. Connections are identified by a name.
#[derive(Default)]
pub struct Sso {
    pub connections: BTreeMap<&'static str, Connection>,
    /// Each organization's default connection.
    pub defaults: BTreeMap<&'static str, &'static str>,
    pub jit: BTreeMap<&'static str, Jit>,
    tokens: BTreeMap<usize, Token>,
}

struct Token {
    login: Login,
    slug: &'static str,
    good_until: u64,
}

impl Sso {
    /// Whether the login is not by SSO, or its connection still exists.
    pub fn is_good(&self, login: &Login) -> bool {
        !login.is_sso() || self.connections.contains_key(login.provider)
    }
}

impl Reference {
    /// Presses a person's button at the IdP. Returns whether it exists.
    pub fn approve_sso(&mut self, token: usize, email: &'static str, name: &'static str) -> bool {
        let Some(connection) = self.sso.connections.get(name) else {
            return false;
        };
        let login = Login {
            email,
            provider: name,
            proves: false,
            tenant: None,
            only_in: Some(connection.slug),
        };
        let made = Token {
            login,
            slug: connection.slug,
            good_until: self.now + 10,
        };
        self.sso.tokens.insert(token, made);
        true
    }

    /// `sso.authenticate`, with or without an intermediate session.
    pub fn authenticate_sso(
        &mut self,
        token: usize,
        ist: Option<usize>,
        fresh: usize,
        session: usize,
    ) -> Outcome {
        let found = self.sso.tokens.get(&token);
        let good = found.is_some_and(|it| self.now < it.good_until);
        if !self.ist_is_good(ist) || !good {
            return Outcome::Refused;
        }
        let spent = self.sso.tokens.remove(&token).expect("it is there");
        if !self.sso.is_good(&spent.login) {
            return Outcome::Refused;
        }
        let (slug, login) = (spent.slug, spent.login);
        let joins = |reference: &Self, _: &[Login]| {
            let mut others = reference.organizations.iter().filter(|(it, _)| *it != slug);
            let claimed = others.any(|(_, it)| it.claimed.contains(domain(login.email)));
            let jit = reference.sso.jit.get(slug).copied().unwrap_or_default();
            let open = match jit {
                Jit::Everyone => true,
                Jit::Only(name) => name == login.provider,
                Jit::Closed => false,
            };
            open && !claimed
        };
        self.log_in(slug, login, ist, fresh, session, joins)
    }

    /// `sso.delete_connection`: whether it is deleted. If there are several, the default one can't be.
    pub fn delete_connection(&mut self, name: &'static str) -> bool {
        let Some(Connection { slug, .. }) = self.sso.connections.get(name).copied() else {
            return false;
        };
        let others = self.sso.connections.values().filter(|it| it.slug == slug);
        if self.sso.defaults.get(slug) == Some(&name) && others.count() > 1 {
            return false;
        }
        self.sso.connections.remove(name);
        self.sessions
            .retain(|_, session| session.logins.iter().all(|it| it.provider != name));
        let leading: Vec<&'static str> = self
            .sso
            .connections
            .iter()
            .filter(|(_, it)| it.leads_to == Some(name))
            .map(|(name, _)| *name)
            .collect();
        for external in leading {
            self.delete_connection(external);
        }
        true
    }
}
