//! Ends tokens and sessions of a world. Each end is recorded, so that errors of later calls can be explained.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::model::{
    Intermediate, Session, State,
    token_fates::{Fate, TokenFate},
};

impl State {
    /// Records an issued secret and its project.
    pub fn gave_out(&mut self, token: &str) {
        self.owners.note(token);
        self.minted.push(token.to_owned());
    }

    /// Records all existing tokens, after a start with a state file.
    pub fn gave_out_all(&mut self) {
        let sessions = self.sessions.iter().map(|session| &session.token);
        let others = self.intermediates.keys().chain(self.oauth_tokens.keys());
        for token in sessions.chain(others) {
            self.owners.note(token);
        }
    }

    /// Records what the current call did to a token.
    pub fn end_token(&mut self, token: &str, fate: Fate) {
        let fate = self.by_current_call(fate);
        self.fates.note(token, fate);
    }

    /// Ends the sessions that match.
    pub fn end_sessions(&mut self, ends: impl Fn(&Session) -> bool) {
        let fate = self.by_current_call(Fate::Ended);
        let fates = &mut self.fates;
        self.sessions.retain(|session| {
            let ends = ends(session);
            if ends {
                fates.note(&session.token, fate.clone());
                fates.note(&session.id, fate.clone());
            }
            !ends
        });
    }

    /// Ends the intermediate sessions that match.
    pub fn end_intermediates(&mut self, ends: impl Fn(&str, &Intermediate) -> bool) {
        let fate = self.by_current_call(Fate::Ended);
        let fates = &mut self.fates;
        self.intermediates.retain(|token, intermediate| {
            let ends = ends(token, intermediate);
            if ends {
                fates.note(token, fate.clone());
            }
            !ends
        });
    }

    /// Removes expired sessions and tokens. It goes through all of them, so it runs at most once per second of the
    /// world's time. What expires in between is refused anyway, and removed later.
    pub fn forget_expired(&mut self) {
        let now = self.now();
        let second = now.unix_timestamp();
        let looked = self.looked_for_expired.replace(now);
        if looked.is_some_and(|looked| looked.unix_timestamp() == second) {
            return;
        }
        let fates = &mut self.fates;
        let mut is_live = |token: &str, expires_at: OffsetDateTime| {
            if now >= expires_at {
                fates.note(token, expired(expires_at));
            }
            now < expires_at
        };
        self.oauth_tokens
            .retain(|token, it| is_live(token, it.expires_at));
        self.intermediates
            .retain(|token, it| is_live(token, it.expires_at));
        self.factors
            .sso_tokens
            .retain(|token, it| is_live(token, it.expires_at));
        self.sessions.retain(|session| {
            is_live(&session.id, session.expires_at);
            is_live(&session.token, session.expires_at)
        });
    }

    fn by_current_call(&self, fate: Fate) -> TokenFate {
        TokenFate {
            fate,
            at: self.now(),
            by: Arc::clone(&self.call),
        }
    }
}

/// The fate of a token that expired at this time.
pub fn expired(at: OffsetDateTime) -> TokenFate {
    TokenFate {
        fate: Fate::Expired,
        at,
        by: Arc::default(),
    }
}
