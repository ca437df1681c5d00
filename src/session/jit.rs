//! A member's change of who can join the organization.

use std::sync::Arc;

use super::browser_session::BrowserSession;
use crate::{
    error::AppError,
    sign_in::{EmailJit, SignIn},
};

impl BrowserSession {
    /// Stores a member's change of who can join the organization.
    pub async fn save_jit(&self, jit: &EmailJit) -> Result<(), AppError> {
        self.update(|data| {
            if let SignIn::Member(member) = &mut data.sign_in {
                Arc::make_mut(member).jit = jit.clone();
            }
        })
        .await
    }
}
