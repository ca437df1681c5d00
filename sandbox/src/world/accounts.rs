//! People and their authenticator apps, for tests in this process.

use crate::{model::State, rules::totp::usable, world::World};

impl World {
    /// The current code of the member's authenticator app, by the world's clock: of the active app, or else of the one
    /// that waits for its first use. `None` if the member has neither.
    pub fn totp_code(&self, member_id: &str) -> Option<String> {
        let mut state = self.lock();
        let now = state.now();
        usable(&mut state, member_id)
            .ok()
            .map(|totp| totp.code(now))
    }

    /// Removes a person from the world. The accounts no longer exist at the providers, so their tokens can't be
    /// refreshed. Members stay.
    pub fn remove_person(&self, email: &str) {
        self.lock()
            .people
            .retain(|person| !person.email.eq_ignore_ascii_case(email));
    }

    /// Removes the refresh tokens of every member with this address, as if the person had revoked the app's access. The
    /// provider asks for consent again at the next login.
    pub fn forget_refresh_tokens(&self, email: &str) {
        let mut state = self.lock();
        let State {
            members,
            grants,
            google_consents,
            ..
        } = &mut *state;
        for held in grants {
            let theirs = members
                .iter()
                .any(|it| it.id() == held.member_id && it.email().eq_ignore_ascii_case(email));
            if theirs {
                held.grant.refresh_token = None;
                google_consents.remove(&held.subject);
            }
        }
    }
}
