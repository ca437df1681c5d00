//! The only module that knows what a browser session contains.
//!
//! Handlers move between the states of [`SignIn`] by the methods here. Each change of who the visitor is gets a new
//! session id, is saved before the handler goes on, and fails if the session has vanished meanwhile (signed out in
//! another tab): what is gone is never brought back.

pub mod begun;
pub mod callback;
pub mod current_member;
pub mod member;
pub mod refresh;
pub mod renewals;
pub mod state;
pub mod steps;
pub mod store;

use axum::{extract::FromRequestParts, http::request::Parts};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, Session, session::Error as StoreError, session_store::Error as StoreFailure,
};

use self::state::Kept;
pub use self::{
    begun::{Begun, Draft, Emailed, Parked, Pending, TokenType, Way},
    callback::Callback,
    current_member::CurrentMember,
    member::{Brought, Jit, OrganizationSummary, SignedInMember},
    state::{
        Choosing, Enrolling, Mfa, Offered, SignIn, StepUp, TEN_MINUTES, Unfinished, wait_after,
    },
};
use crate::{error::AppError, state::AppState, stytch::SessionToken};

const KEY: &str = "browser";

/// How the text begins that [`KEY`] stands for, when somebody is signed in.
const MEMBER: &str = r#"{"sign_in":{"Member":"#;

/// Whether this part of a record says that somebody is signed in, told without reading all of it.
fn holds_member(key: &str, value: &serde_json::Value) -> bool {
    key == KEY && value.as_str().is_some_and(|text| text.starts_with(MEMBER))
}

/// The visitor's session. Reading it never writes; an anonymous visitor costs nothing.
#[derive(Clone)]
pub struct BrowserSession {
    session: Session,
    app: AppState,
}

impl BrowserSession {
    /// Who the visitor is now. What has run out counts as nobody.
    pub async fn sign_in_state(&self) -> Result<SignIn, AppError> {
        let sign_in = self.kept().await?.sign_in;
        let over = sign_in.until().is_some_and(|until| until <= self.now());
        Ok(if over { SignIn::Nobody } else { sign_in })
    }

    /// → nobody: everything is forgotten and the cookie is removed. Works in every state.
    ///
    /// # Errors
    /// [`AppError::SessionGone`] when another request was faster: its cookie is then left alone.
    pub async fn end(&self) -> Result<(), AppError> {
        self.fresh().await?;
        self.session.flush().await.map_err(store_failed)
    }

    /// Whoever was signed in before is signed out, here and at Stytch.
    async fn change_to(&self, sign_in: SignIn) -> Result<(), AppError> {
        let change = |kept: &mut Kept| {
            kept.emailed = None;
            if matches!(sign_in, SignIn::Member(_)) {
                kept.draft = None;
            }
            std::mem::replace(&mut kept.sign_in, sign_in)
        };
        if let SignIn::Member(before) = self.keep(Rotate::Yes, change).await? {
            self.revoke(before.session_token);
        }
        Ok(())
    }

    /// Ends a session at Stytch, in a task that outlives this request. It would end by itself in time.
    pub fn revoke(&self, token: SessionToken) {
        let stytch = self.app.stytch.clone();
        let task = async move { stytch.sessions().revoke(&token).await };
        self.app.spawn(task);
    }

    fn now(&self) -> OffsetDateTime {
        self.app.clock.now()
    }

    async fn kept(&self) -> Result<Kept, AppError> {
        let text = match self.session.get::<String>(KEY).await {
            Ok(None) => return Ok(Kept::default()),
            Ok(Some(text)) => text,
            Err(StoreError::SerdeJson(_)) => String::new(),
            Err(error) => return Err(store_failed(error)),
        };
        Ok(serde_json::from_str(&text).unwrap_or_else(|_| {
            // Written by another version of this app: nobody, rather than an error at every page.
            tracing::warn!("a session holds what this version can't read");
            Kept::default()
        }))
    }

    /// The stored value as it is *now*, not as it was when the request came: another tab may have written. A record
    /// that was there and is gone is an error, never a new beginning.
    async fn fresh(&self) -> Result<Kept, AppError> {
        let kept = self.kept().await?;
        if self.session.id().is_none() {
            return Ok(kept);
        }
        self.session.load().await.map_err(store_failed)?;
        let kept = self.kept().await?;
        if self.session.id().is_none() {
            return Err(AppError::SessionGone);
        }
        Ok(kept)
    }

    /// Writes what was done at Stytch already: if it can't be kept, the visitor is told so.
    async fn keep<T>(
        &self,
        rotate: Rotate,
        change: impl FnOnce(&mut Kept) -> T,
    ) -> Result<T, AppError> {
        let kept = self.write(rotate, change).await;
        kept.map_err(AppError::after_the_call)
    }

    async fn write<T>(
        &self,
        rotate: Rotate,
        change: impl FnOnce(&mut Kept) -> T,
    ) -> Result<T, AppError> {
        let mut kept = self.fresh().await?;
        let result = change(&mut kept);
        // One text: a tree of JSON values would take four times the room, and as long again to read.
        let text = serde_json::to_string(&kept).map_err(AppError::ours)?;
        self.session.insert(KEY, text).await.map_err(store_failed)?;
        self.session
            .set_expiry(Some(Expiry::AtDateTime(kept.forget_at(self.now()))));
        if rotate == Rotate::Yes
            && let Some(old) = self.session.id()
        {
            store::request::give_up(old);
            self.session.cycle_id().await.map_err(store_failed)?;
        }
        self.session.save().await.map_err(store_failed)?;
        Ok(result)
    }
}

/// Whether the visitor becomes somebody else, which calls for a new session id (against session fixation).
#[derive(PartialEq)]
enum Rotate {
    Yes,
    No,
}

fn store_failed(error: StoreError) -> AppError {
    match error {
        StoreError::Store(StoreFailure::Backend(said)) if said == store::GONE => {
            AppError::SessionGone
        }
        StoreError::Store(StoreFailure::Backend(said)) => AppError::store(said),
        error => AppError::ours(error),
    }
}

impl FromRequestParts<AppState> for BrowserSession {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let session = parts.extensions.get::<Session>().cloned();
        Ok(Self {
            session: session.ok_or_else(|| AppError::ours("the session layer is missing"))?,
            app: state.clone(),
        })
    }
}
