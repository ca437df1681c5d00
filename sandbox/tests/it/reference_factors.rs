//! Second factors in the reference: adding and using them.

use std::collections::BTreeSet;

use super::reference::{Login, Member, Outcome, Reference};

/// A second factor: the phone number with this sequence number, or the member's authenticator app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Second {
    Phone(usize),
    Totp,
}

/// The session argument of a call: none, or a session or intermediate session by sequence number.
#[derive(Clone, Copy, Debug)]
pub enum With {
    Nothing,
    Session(usize),
    Ist(usize),
}

/// A member's organization and address.
pub type Who = (String, String);

/// The logins and second factors of the session argument.
type Proofs = (Vec<Login>, BTreeSet<Second>);

impl Reference {
    /// `totps.create`: whether the app is created.
    pub fn create_totp(&mut self, who: &Who, with: With) -> bool {
        let until = self.now + 60;
        let Some((_, used)) = self.call(who, with) else {
            return false;
        };
        let member = self.members.get_mut(who).expect("the call found it");
        let good = !member.totp && may_add(member, Second::Totp, &used);
        if good {
            member.prepared_totp_until = Some(until);
        }
        good
    }

    /// `otps.sms.send` with a new number: whether the member gets it.
    pub fn send_to_new(&mut self, who: &Who, with: With, number: usize) -> bool {
        let Some((_, used)) = self.call(who, with) else {
            return false;
        };
        let member = self.members.get_mut(who).expect("the call found it");
        let good = member.phone.is_none() && may_add(member, Second::Phone(number), &used);
        if good {
            member.phone = Some((number, false));
        }
        good
    }

    /// `otps.sms.send` to the member's number: whether a code is sent.
    pub fn send_to_own(&self, who: &Who, with: With) -> bool {
        self.call(who, with).is_some_and(|(_, used)| {
            let member = &self.members[who];
            member.phone.is_some_and(|(number, verified)| {
                verified || may_add(member, Second::Phone(number), &used)
            })
        })
    }

    /// Uses the correct code to the phone number.
    pub fn use_phone(&mut self, who: &Who, with: With, session: usize) -> Outcome {
        if !self.send_to_own(who, with) {
            return Outcome::Refused;
        }
        let (number, _) = self.members[who].phone.expect("a code was sent");
        self.finish(who, with, Second::Phone(number), session)
    }

    /// Uses the correct code of the authenticator app, which may be its first.
    pub fn use_totp(&mut self, who: &Who, with: With, session: usize) -> Outcome {
        let good = self.call(who, with).is_some_and(|(_, used)| {
            let member = &self.members[who];
            let prepared = member.prepared_totp_until.is_some_and(|it| self.now < it);
            member.totp || prepared && may_add(member, Second::Totp, &used)
        });
        if !good {
            return Outcome::Refused;
        }
        self.finish(who, with, Second::Totp, session)
    }

    /// The proofs for a call about the member's second factor; `None` if it is refused.
    fn call(&self, who: &Who, with: With) -> Option<Proofs> {
        let member = self.members.get(who).filter(|it| !it.locked)?;
        let (logins, used) = match with {
            With::Nothing => return Some(Proofs::default()),
            With::Session(number) => {
                let session = self
                    .sessions
                    .get(&number)
                    .filter(|it| self.now < it.good_until && it.who == *who && member.active)?;
                (session.logins.clone(), session.used.clone())
            }
            With::Ist(number) => {
                let ist = self.ists.get(&number);
                let ist = ist.filter(|it| self.now < it.good_until && it.email == who.1)?;
                (ist.logins.clone(), BTreeSet::new())
            }
        };
        let primary = logins.iter().any(|login| self.suffices(&who.0, login));
        primary.then_some((logins, used))
    }

    fn finish(&mut self, who: &Who, with: With, factor: Second, session: usize) -> Outcome {
        let required = self.organizations[&who.0].mfa;
        let logins = match with {
            With::Nothing => return Outcome::Refused,
            With::Session(number) => {
                let session = self.sessions.get_mut(&number).expect("the call found it");
                session.used.insert(factor);
                Vec::new()
            }
            With::Ist(number) => {
                let logins = self.ists.remove(&number).expect("the call found it").logins;
                self.begin(who, &logins, [factor].into(), session);
                logins
            }
        };
        let member = self.members.get_mut(who).expect("the call found it");
        match factor {
            Second::Phone(number) => member.phone = Some((number, true)),
            Second::Totp => member.totp = true,
        }
        member.enrolled |= required;
        if logins.is_empty() {
            Outcome::Added
        } else {
            Outcome::Session
        }
    }
}

/// Whether the member can add this second factor, or use it for the first time. An existing other one must have been
/// used.
fn may_add(member: &Member, factor: Second, used: &BTreeSet<Second>) -> bool {
    let other = match factor {
        Second::Phone(_) => member.totp.then_some(Second::Totp),
        Second::Totp => member
            .phone
            .filter(|(_, verified)| *verified || member.enrolled)
            .map(|(number, _)| Second::Phone(number)),
    };
    other.is_none_or(|other| used.contains(&other))
}
