//! Passwords in the reference: who may set one, and what one leads to.

use super::reference::{Ist, Login, Outcome, Reference};

/// A login by the password of this organization.
fn login(slug: &'static str, email: &'static str, proves: bool) -> Login {
    Login {
        email,
        provider: "password",
        proves,
        tenant: None,
        only_in: Some(slug),
    }
}

impl Reference {
    /// `passwords.email.reset`, with a link that was sent just now. `fresh` is the number of the intermediate session that
    /// it may return.
    pub fn set_password(
        &mut self,
        slug: &'static str,
        email: &'static str,
        password: usize,
        fresh: usize,
        session: usize,
    ) -> Outcome {
        let who = (slug.to_owned(), email.to_owned());
        let login = login(slug, email, true);
        let may = self.members.get(&who).is_some_and(|it| !it.locked) && self.may_use(slug, &login);
        if !may {
            return Outcome::Refused;
        }
        // What rests on an earlier password ends, and so do all sessions.
        let rests_on = |it: &Login| it.provider == "password" && it.counts_in(slug);
        self.ists
            .retain(|_, it| it.email != email || !it.logins.iter().any(rests_on));
        self.sessions.retain(|_, it| it.who != who);
        let outcome = self.enter(slug, email, &[login], false, None, session);
        self.keep_waiting(outcome, fresh, email, vec![login]);
        let member = self.members.get_mut(&who).expect("it is there");
        member.password = Some(password);
        outcome
    }

    /// `passwords.authenticate`, with an intermediate session or without.
    pub fn use_password(
        &mut self,
        slug: &'static str,
        email: &'static str,
        password: usize,
        ist: Option<usize>,
        fresh: usize,
        session: usize,
    ) -> Outcome {
        let now = self.now;
        let before = match ist {
            Some(number) => match self.ists.get(&number).filter(|it| now < it.good_until) {
                Some(found) => Some((found.email, found.logins.clone())),
                None => return Outcome::Refused,
            },
            None => None,
        };
        let who = (slug.to_owned(), email.to_owned());
        let right = |it: &super::reference::Member| !it.locked && it.password == Some(password);
        if !self.members.get(&who).is_some_and(right) {
            return Outcome::Refused;
        }
        let login = login(slug, email, false);
        let mut logins = Vec::new();
        if let Some((other, earlier)) = before {
            if other != email || !earlier.iter().any(|it| it.counts_in(slug)) {
                return Outcome::Refused;
            }
            logins = earlier;
            logins.retain(|it| (it.provider, it.only_in) != (login.provider, login.only_in));
        } else if !self.may_use(slug, &login) {
            return Outcome::Refused;
        }
        logins.push(login);
        let number = ist.unwrap_or(fresh);
        let outcome = self.enter(slug, email, &logins, false, Some(number), session);
        self.keep_waiting(outcome, number, email, logins);
        outcome
    }

    fn keep_waiting(
        &mut self,
        outcome: Outcome,
        number: usize,
        email: &'static str,
        logins: Vec<Login>,
    ) {
        if outcome == Outcome::Waiting {
            let good_until = self
                .ists
                .get(&number)
                .map_or(self.now + 10, |it| it.good_until);
            let kept = Ist {
                email,
                logins,
                good_until,
            };
            self.ists.insert(number, kept);
        }
    }
}
