//! A small implementation of the rules in `docs/stytch.md#entering-an-organization` that is independent of the sandbox:
//! who gets a session, who must take another step, who is refused, and which tokens and intermediate sessions are
//! valid. Second factors are in [`super::reference_factors`]. Logins added to sessions are not covered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reference_factors::{Second, Who};
use super::reference_sso::Sso;

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Session,
    /// A factor was added to an existing session.
    Added,
    Waiting,
    Refused,
}

/// A person's login with one provider. The cast has one account per provider and person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    pub email: &'static str,
    pub provider: &'static str,
    pub proves: bool,
    pub tenant: Option<&'static str>,
    /// The only organization in which it counts, for SSO and passwords.
    pub only_in: Option<&'static str>,
}

impl Login {
    /// Whether it counts in this organization.
    pub fn counts_in(&self, slug: &str) -> bool {
        self.only_in.is_none_or(|only| only == slug)
    }

    /// Whether it is a login by SSO.
    pub fn is_sso(&self) -> bool {
        self.only_in.is_some() && self.provider != "password"
    }
}

#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// Domains for joining; `None` if it is not allowed.
    pub jit_domains: Option<BTreeSet<String>>,
    pub jit_tenants: Option<BTreeSet<(String, String)>>,
    /// Allowed methods; `None` for all.
    pub methods: Option<BTreeSet<String>>,
    pub mfa: bool,
    pub claimed: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of the vendor's object, each on its own"
)]
pub struct Member {
    pub active: bool,
    pub proven: bool,
    pub locked: bool,
    pub breakglass: bool,
    pub enrolled: bool,
    /// The number of the phone number, and whether it is verified.
    pub phone: Option<(usize, bool)>,
    /// Whether there is an authenticator app that was used.
    pub totp: bool,
    pub prepared_totp_until: Option<u64>,
    /// The number of the member's password.
    pub password: Option<usize>,
}

struct Token {
    login: Login,
    organization: Option<String>,
    good_until: u64,
}

pub struct Ist {
    pub email: &'static str,
    pub logins: Vec<Login>,
    /// The organization in which it was created; `None` for Discovery.
    pub made_in: Option<String>,
    pub good_until: u64,
}

impl Ist {
    /// Whether a login can be added to it in this organization.
    fn is_of_use_in(&self, slug: &str) -> bool {
        self.made_in.as_deref() == Some(slug) || self.logins.iter().any(|it| it.counts_in(slug))
    }
}

pub struct Session {
    pub who: Who,
    pub logins: Vec<Login>,
    pub used: BTreeSet<Second>,
    pub good_until: u64,
}

/// The state for the rules. Organizations are identified by slug, people by address, and everything else by a sequence
/// number. Time is in minutes.
#[derive(Default)]
pub struct Reference {
    pub now: u64,
    pub organizations: BTreeMap<String, Organization>,
    pub members: BTreeMap<(String, String), Member>,
    tokens: BTreeMap<usize, Token>,
    pub ists: BTreeMap<usize, Ist>,
    pub sessions: BTreeMap<usize, Session>,
    pub sso: Sso,
}

impl Reference {
    /// Copies the organizations and members of the world.
    pub fn of_world(state: &Value) -> Self {
        let mut reference = Self::default();
        let texts = |list: &Value| -> BTreeSet<String> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|it| it.as_str().map(str::to_owned))
                .collect()
        };
        let mut slugs = BTreeMap::new();
        for it in state["organizations"].as_array().expect("organizations") {
            let slug = it["organization_slug"].as_str().expect("a slug").to_owned();
            slugs.insert(it["organization_id"].to_string(), slug.clone());
            let tenants = it["allowed_oauth_tenants"].as_object().expect("an object");
            let tenants = tenants
                .iter()
                .flat_map(|(word, list)| texts(list).into_iter().map(|it| (word.clone(), it)));
            let organization = Organization {
                jit_domains: (it["email_jit_provisioning"] == "RESTRICTED")
                    .then(|| texts(&it["email_allowed_domains"])),
                jit_tenants: (it["oauth_tenant_jit_provisioning"] == "RESTRICTED")
                    .then(|| tenants.collect()),
                methods: (it["auth_methods"] == "RESTRICTED")
                    .then(|| texts(&it["allowed_auth_methods"])),
                mfa: it["mfa_policy"] == "REQUIRED_FOR_ALL",
                claimed: texts(&it["claimed_email_domains"]),
            };
            reference.organizations.insert(slug, organization);
        }
        for it in state["members"].as_array().expect("members") {
            let slug = slugs[&it["organization_id"].to_string()].clone();
            let email = it["email_address"].as_str().expect("text").to_owned();
            let member = Member {
                active: it["status"] == "active",
                proven: it["email_address_verified"] == true,
                locked: false,
                breakglass: false,
                enrolled: it["mfa_enrolled"] == true,
                phone: (it["mfa_phone_number"] != "")
                    .then_some((0, it["mfa_phone_number_verified"] == true)),
                totp: it["totp_registration_id"] != "",
                prepared_totp_until: None,
                password: None,
            };
            reference.members.insert((slug, email), member);
        }
        reference
    }

    /// A consent, whose token is valid for ten minutes.
    pub fn approve(&mut self, token: usize, login: Login, organization: Option<&str>) {
        let made = Token {
            login,
            organization: organization.map(str::to_owned),
            good_until: self.now + 10,
        };
        self.tokens.insert(token, made);
    }

    /// `oauth.discovery.authenticate`: whether it returns an intermediate session.
    pub fn discover(&mut self, token: usize, ist: usize) -> bool {
        let now = self.now;
        let good = self
            .tokens
            .get(&token)
            .is_some_and(|it| now < it.good_until && it.organization.is_none());
        if good && let Some(spent) = self.tokens.remove(&token) {
            let made = Ist {
                email: spent.login.email,
                logins: vec![spent.login],
                made_in: None,
                good_until: now + 10,
            };
            self.ists.insert(ist, made);
        }
        good
    }

    /// `discovery.intermediate_sessions.exchange`.
    pub fn exchange(&mut self, ist: usize, slug: &str, session: usize) -> Outcome {
        let now = self.now;
        let Some(found) = self.ists.get(&ist).filter(|it| now < it.good_until) else {
            return Outcome::Refused;
        };
        let (email, logins) = (found.email, found.logins.clone());
        // Discovery accepts no login that counts in one organization only.
        if logins.iter().all(|it| it.only_in.is_some()) {
            return Outcome::Refused;
        }
        let joins = self.may_join(slug, email, &logins, true);
        self.enter(slug, email, &logins, joins, Some(ist), session)
    }

    /// `discovery.organizations.create`, with this slug.
    pub fn create(&mut self, ist: usize, slug: &str, session: usize) -> Outcome {
        let now = self.now;
        let Some(found) = self.ists.get(&ist).filter(|it| now < it.good_until) else {
            return Outcome::Refused;
        };
        let (email, logins) = (found.email, found.logins.clone());
        let claimed = |it: &Organization| it.claimed.contains(domain(email));
        if logins.iter().all(|it| it.only_in.is_some()) {
            return Outcome::Refused;
        }
        if self.organizations.values().any(claimed) {
            return Outcome::Refused;
        }
        self.organizations
            .insert(slug.to_owned(), Organization::default());
        self.members
            .insert((slug.to_owned(), email.to_owned()), Member::default());
        self.enter(slug, email, &logins, true, Some(ist), session)
    }

    /// `sessions.exchange` with another organization, where first factors count and second ones do not. `fresh` is the
    /// number of the intermediate session that it may return.
    pub fn switch(&mut self, session: usize, slug: &str, fresh: usize, new: usize) -> Outcome {
        let now = self.now;
        let Some(found) = self.sessions.get(&session).filter(|it| now < it.good_until) else {
            return Outcome::Refused;
        };
        let good = |who: &Who| self.members.get(who).is_some_and(|it| !it.locked);
        let (who, mut logins) = (found.who.clone(), found.logins.clone());
        let there = (slug.to_owned(), who.1.clone());
        if !good(&who) || !good(&there) || !self.members[&who].active {
            return Outcome::Refused;
        }
        let email = logins[0].email;
        logins.retain(|it| it.only_in.is_none());
        let outcome = self.enter(slug, email, &logins, false, None, new);
        self.keep_waiting(outcome, fresh, slug, email, logins);
        outcome
    }

    /// `oauth.authenticate`, with or without an intermediate session. `fresh` is the number of the one that it may
    /// return.
    pub fn authenticate(
        &mut self,
        token: usize,
        ist: Option<usize>,
        fresh: usize,
        session: usize,
    ) -> Outcome {
        let now = self.now;
        if !self.ist_is_good(ist) {
            return Outcome::Refused;
        }
        let good = self.tokens.get(&token);
        if !good.is_some_and(|it| now < it.good_until && it.organization.is_some()) {
            return Outcome::Refused;
        }
        let spent = self.tokens.remove(&token).expect("it is there");
        let (slug, login) = (spent.organization.expect("it is there"), spent.login);
        let joins = |reference: &Self, logins: &[Login]| {
            reference.may_join(&slug, login.email, logins, false)
        };
        self.log_in(&slug, login, ist, fresh, session, joins)
    }

    /// Whether there is no intermediate session, or a valid one.
    pub fn ist_is_good(&self, ist: Option<usize>) -> bool {
        ist.is_none_or(|number| {
            let found = self.ists.get(&number);
            found.is_some_and(|it| self.now < it.good_until)
        })
    }

    /// A primary login to an organization, alone or added to a valid intermediate session.
    pub fn log_in(
        &mut self,
        slug: &str,
        login: Login,
        ist: Option<usize>,
        fresh: usize,
        session: usize,
        joins: impl Fn(&Self, &[Login]) -> bool,
    ) -> Outcome {
        let mut logins = Vec::new();
        if let Some(before) = ist.map(|number| &self.ists[&number]) {
            if before.email != login.email || !before.is_of_use_in(slug) {
                return Outcome::Refused;
            }
            logins.clone_from(&before.logins);
            logins.retain(|it| (it.provider, it.only_in) != (login.provider, login.only_in));
        }
        logins.push(login);
        if ist.is_none() && !self.may_use(slug, &login) {
            return Outcome::Refused;
        }
        let number = ist.unwrap_or(fresh);
        let joins = joins(self, &logins);
        let outcome = self.enter(slug, login.email, &logins, joins, Some(number), session);
        self.keep_waiting(outcome, number, slug, login.email, logins);
        outcome
    }

    /// Keeps the logins in the intermediate session with this number if a step is missing.
    pub fn keep_waiting(
        &mut self,
        outcome: Outcome,
        number: usize,
        slug: &str,
        email: &'static str,
        logins: Vec<Login>,
    ) {
        if outcome != Outcome::Waiting {
            return;
        }
        let fresh = Ist {
            email,
            logins: Vec::new(),
            made_in: Some(slug.to_owned()),
            good_until: self.now + 10,
        };
        self.ists.entry(number).or_insert(fresh).logins = logins;
    }

    /// `sessions.authenticate`: whether the session is valid.
    pub fn session_is_good(&self, session: usize) -> bool {
        self.sessions.get(&session).is_some_and(|session| {
            self.now < session.good_until
                && self
                    .members
                    .get(&session.who)
                    .is_some_and(|it| it.active && !it.locked)
        })
    }

    /// `sessions.revoke`: whether the session existed.
    pub fn revoke(&mut self, session: usize) -> bool {
        let there = self.sessions.get(&session).is_some_and(|session| {
            self.now < session.good_until
                && self.members.get(&session.who).is_some_and(|it| it.active)
        });
        self.sessions.remove(&session);
        there
    }

    /// Enters the organization. `joins` says whether a new member can join.
    pub fn enter(
        &mut self,
        slug: &str,
        email: &str,
        logins: &[Login],
        joins: bool,
        ist: Option<usize>,
        session: usize,
    ) -> Outcome {
        let who = (slug.to_owned(), email.to_owned());
        if !self.members.contains_key(&who) && !joins {
            return Outcome::Refused;
        }
        if self.members.get(&who).is_some_and(|it| it.locked) {
            return Outcome::Refused;
        }
        self.members.entry(who.clone()).or_default();
        let primary = logins.iter().any(|login| self.suffices(slug, login));
        let organization = &self.organizations[slug];
        let member = &self.members[&who];
        if !primary || organization.mfa || member.enrolled {
            return Outcome::Waiting;
        }
        if let Some(ist) = ist {
            self.ists.remove(&ist);
        }
        self.begin(&who, logins, BTreeSet::new(), session);
        Outcome::Session
    }

    /// Begins a session of the member.
    pub fn begin(&mut self, who: &Who, logins: &[Login], used: BTreeSet<Second>, session: usize) {
        let logins: Vec<Login> = logins
            .iter()
            .filter(|it| it.counts_in(&who.0) && self.sso.is_good(it))
            .copied()
            .collect();
        let member = self.members.get_mut(who).expect("the caller found it");
        member.active = true;
        member.proven |= logins.iter().any(|it| it.proves);
        let begun = Session {
            who: who.clone(),
            logins,
            used,
            good_until: self.now + 60,
        };
        self.sessions.insert(session, begun);
    }

    /// Deletes the member, and ends the sessions.
    pub fn delete(&mut self, who: &Who) {
        self.members.remove(who);
        self.sessions.retain(|_, session| session.who != *who);
    }

    /// Whether the person can join by tenant or domain. No one can join if another organization claims the domain. In
    /// Discovery, joining by domain requires a member with a verified address in it.
    fn may_join(&self, slug: &str, email: &str, logins: &[Login], discovery: bool) -> bool {
        let mut others = self.organizations.iter().filter(|(it, _)| *it != slug);
        if others.any(|(_, it)| it.claimed.contains(domain(email))) {
            return false;
        }
        let proven_there = self
            .members
            .iter()
            .any(|((at, other), it)| at == slug && it.proven && domain(other) == domain(email));
        let open = self.organizations[slug].jit_domains.as_ref();
        logins.iter().any(|it| self.tenant_is_open(slug, it))
            || (proven_there || !discovery) && open.is_some_and(|it| it.contains(domain(email)))
    }

    fn tenant_is_open(&self, slug: &str, login: &Login) -> bool {
        let open = self.organizations[slug].jit_tenants.as_ref();
        login.tenant.is_some_and(|tenant| {
            open.is_some_and(|it| it.contains(&(login.provider.to_owned(), tenant.to_owned())))
        })
    }

    pub fn may_use(&self, slug: &str, login: &Login) -> bool {
        let member = self.members.get(&(slug.to_owned(), login.email.to_owned()));
        let method = match login.provider {
            "password" => "password".to_owned(),
            _ if login.is_sso() => "sso".to_owned(),
            provider => format!("{provider}_oauth"),
        };
        member.is_some_and(|it| it.breakglass)
            || self.organizations[slug]
                .methods
                .as_ref()
                .is_none_or(|it| it.contains(&method))
    }

    /// Whether the login suffices without another first factor.
    pub fn suffices(&self, slug: &str, login: &Login) -> bool {
        let member = &self.members[&(slug.to_owned(), login.email.to_owned())];
        let known = member.proven && login.provider == "password" && member.password.is_some();
        login.counts_in(slug)
            && self.may_use(slug, login)
            && self.sso.is_good(login)
            && (login.proves || login.is_sso() || known || self.tenant_is_open(slug, login))
    }
}

/// The part after the `@`.
pub fn domain(email: &str) -> &str {
    email.rsplit_once('@').map_or("", |(_, domain)| domain)
}
