//! Passwords in the reference: setting and using them.

use super::reference::{Login, Outcome, Reference};

/// A login by password to this organization.
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
    /// `passwords.email.reset` with a new link. `fresh` is the number of the intermediate session that it may return.
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
        // Intermediate sessions with an earlier password and all sessions end.
        let rests_on = |it: &Login| it.provider == "password" && it.counts_in(slug);
        self.ists
            .retain(|_, it| it.email != email || !it.logins.iter().any(rests_on));
        self.sessions.retain(|_, it| it.who != who);
        let outcome = self.enter(slug, email, &[login], false, None, session);
        self.keep_waiting(outcome, fresh, slug, email, vec![login]);
        let member = self.members.get_mut(&who).expect("it is there");
        member.password = Some(password);
        outcome
    }

    /// `passwords.authenticate`, with or without an intermediate session.
    pub fn use_password(
        &mut self,
        slug: &'static str,
        email: &'static str,
        password: usize,
        ist: Option<usize>,
        fresh: usize,
        session: usize,
    ) -> Outcome {
        if !self.ist_is_good(ist) {
            return Outcome::Refused;
        }
        let who = (slug.to_owned(), email.to_owned());
        let right = |it: &super::reference::Member| !it.locked && it.password == Some(password);
        if !self.members.get(&who).is_some_and(right) {
            return Outcome::Refused;
        }
        let login = login(slug, email, false);
        self.log_in(slug, login, ist, fresh, session, |_, _| false)
    }
}
