//! The session of one request. It is read once, and a change is saved only if no other request has changed it
//! meanwhile.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use time::OffsetDateTime;
use tower_sessions::{Expiry, Session, SessionStore, session, session::Id};

use super::{
    context::Context,
    store::{
        DATA, IN_PROGRESS, MEMBER, RANK,
        request::{self, Failure, Refusal},
    },
};
use crate::{
    error::{AppError, Reason, vendor},
    sign_in::{Origin, PendingSignIn, SessionData, SignIn},
    stytch::{PkceVerifier, SessionToken},
};

/// Maximum size of session data, in bytes. A member's usually has three kilobytes, a list of a thousand organizations
/// 150, and that of an anonymous visitor 8 at most.
pub const LARGEST_SESSION: usize = 256 * 1024;

/// Maximum number of attempts to save a change, if other requests change the session at the same time.
const ATTEMPTS: usize = 5;

/// The visitor's session. Reading it never writes, and an anonymous visitor has no record.
#[derive(Clone)]
pub struct BrowserSession {
    session: Session,
    context: Context,
    /// The parsed record, shared by all extractors of this request.
    loaded: Loaded,
    sent_cookie: bool,
    /// Verifier of the pending sign-in that this request completes.
    completes: Arc<OnceLock<PkceVerifier>>,
}

/// The session of this package's own session layer, which an application's own session layer does not replace.
#[derive(Clone)]
pub struct OwnSession(pub Session);

/// Marks a request with a cookie of this package, even an outdated one: this browser stores cookies.
#[derive(Clone, Copy)]
pub struct SentCookie;

#[derive(Clone, Default)]
struct Loaded(Arc<Mutex<Option<Arc<SessionData>>>>);

impl BrowserSession {
    /// Who the visitor is now. If the state has expired, the visitor is anonymous.
    pub async fn sign_in_state(&self) -> Result<SignIn, AppError> {
        let sign_in = &self.data().await?.sign_in;
        let expired = sign_in.until().is_some_and(|until| until <= self.now());
        Ok(if expired {
            SignIn::Anonymous
        } else {
            sign_in.clone()
        })
    }

    /// Signs the visitor out: deletes the record and removes the cookie. Works in every state.
    ///
    /// # Errors
    /// [`AppError::SessionGone`] if another request has deleted the session. The response then does not change the
    /// cookie.
    pub async fn end(&self) -> Result<(), AppError> {
        self.reload().await?;
        self.loaded.set(SessionData::default());
        self.session.flush().await.map_err(failed)
    }

    /// Ends a session at Stytch, in a task that outlives this request.
    pub fn revoke(&self, token: SessionToken) {
        let stytch = self.context.stytch.clone();
        self.context.spawn(async move {
            let revoked = stytch.sessions().revoke(&token).await;
            revoked.inspect_err(vendor::log_setup)
        });
    }

    /// Checks that the browser stores cookies. Call it before an action that a browser without cookies can't complete.
    ///
    /// # Errors
    /// "Allow cookies", with a link to start again from `origin`, if the request has no cookie of this package.
    pub fn require_cookie(&self, origin: &Origin) -> Result<(), AppError> {
        if self.sent_cookie {
            return Ok(());
        }
        Err(AppError::start_again(Reason::CookiesBlocked).with_origin(origin))
    }

    /// The error for a page of a sign-in in progress, if no sign-in is in progress.
    pub(super) fn not_started(&self) -> AppError {
        AppError::start_again(if self.sent_cookie {
            Reason::NotStarted
        } else {
            Reason::NoCookie
        })
    }

    /// Whether the store has a record for this browser. This is known after the session was read.
    pub(super) fn has_record(&self) -> bool {
        self.session.id().is_some()
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.context.clock.now()
    }

    /// The session data as it was when this request first read it, or as this request changed it since.
    pub(super) async fn data(&self) -> Result<Arc<SessionData>, AppError> {
        if let Some(data) = self.loaded.get() {
            return Ok(data);
        }
        let value = self.session.get_value(DATA).await.map_err(failed)?;
        Ok(self
            .loaded
            .set(value.as_ref().map(parse).unwrap_or_default()))
    }

    /// The session data as it is stored now. Another request may have changed it.
    pub(super) async fn reload(&self) -> Result<Arc<SessionData>, AppError> {
        match self.session.id() {
            Some(id) => match self.data_under(&id).await? {
                Some(data) => Ok(self.loaded.set(data)),
                None => Err(AppError::SessionGone),
            },
            None => self.data().await,
        }
    }

    async fn data_under(&self, id: &Id) -> Result<Option<SessionData>, AppError> {
        let record = self.context.store.load(id).await;
        let record = record.map_err(AppError::store)?;
        Ok(record.map(|record| record.data.get(DATA).map(parse).unwrap_or_default()))
    }

    /// Notes which pending sign-in is deleted when this request changes who the visitor is.
    pub(super) fn complete_at_change(&self, verifier: &PkceVerifier) {
        // A request has only one callback, so this is never set twice.
        let _ = self.completes.set(verifier.clone());
    }

    /// Changes who the visitor is, under a new session id (against session fixation). A member who was signed in
    /// before is signed out here and at Stytch.
    pub(super) async fn change_to(&self, sign_in: SignIn) -> Result<(), AppError> {
        let change = |data: &mut SessionData| {
            data.sent_email = None;
            if let Some(verifier) = self.completes.get() {
                let is_other = |it: &PendingSignIn| it.verifier.expose() != verifier.expose();
                data.pending_sign_ins.retain(is_other);
            }
            if matches!(sign_in, SignIn::Member(_)) {
                data.draft = None;
            }
            std::mem::replace(&mut data.sign_in, sign_in.clone())
        };
        let before = self.write(Rotate::Yes, change).await;
        if let SignIn::Member(before) = before.map_err(AppError::after_the_call)? {
            self.revoke(before.session_token.clone());
        }
        Ok(())
    }

    /// Changes the session data after a call to Stytch: if it can't be stored, the visitor is told so.
    pub(super) async fn update<T>(
        &self,
        change: impl FnMut(&mut SessionData) -> T,
    ) -> Result<T, AppError> {
        let changed = self.write(Rotate::No, change).await;
        changed.map_err(AppError::after_the_call)
    }

    /// Applies the change and saves. If another request has changed the session since it was read, applies the change
    /// to what is stored now, so that neither change is lost.
    pub(super) async fn write<T>(
        &self,
        rotate: Rotate,
        mut change: impl FnMut(&mut SessionData) -> T,
    ) -> Result<T, AppError> {
        let mut data = SessionData::clone(&*self.data().await?);
        let old = self.session.id();
        for _ in 0..ATTEMPTS {
            let result = change(&mut data);
            match self.save(rotate, old, &data).await {
                Ok(()) => {
                    self.loaded.set(data);
                    return Ok(result);
                }
                Err(error) => match (request::refusal(), old) {
                    (Some(Refusal::Gone), _) => return Err(AppError::SessionGone),
                    (Some(Refusal::Changed), Some(old)) => {
                        let stored = self.data_under(&old).await?;
                        data = stored.ok_or(AppError::SessionGone)?;
                    }
                    _ => return Err(failed(error)),
                },
            }
        }
        Err(AppError::store("other requests kept changing the session"))
    }

    async fn save(
        &self,
        rotate: Rotate,
        old: Option<Id>,
        data: &SessionData,
    ) -> Result<(), session::Error> {
        // Stored as one text, because a tree of JSON values takes four times the memory.
        let text = serde_json::to_string(data)?;
        if text.len() > LARGEST_SESSION {
            request::failed(Failure::Refused(Refusal::TooLarge));
            return Err(session::Error::SerdeJson(too_large(text.len())));
        }
        self.session.insert(DATA, text).await?;
        match data.sign_in {
            SignIn::Anonymous => drop(self.session.remove_value(RANK).await?),
            SignIn::Member(_) => self.session.insert(RANK, MEMBER).await?,
            _ => self.session.insert(RANK, IN_PROGRESS).await?,
        }
        let expiry = Expiry::AtDateTime(data.delete_at(self.now()));
        self.session.set_expiry(Some(expiry));
        if rotate == Rotate::Yes
            && let Some(old) = old
            && self.session.id() == Some(old)
        {
            // The store replaces the old record with the new one in one step, so a failure can't sign the visitor out.
            request::replace(old);
            self.session.cycle_id().await?;
        }
        self.session.save().await
    }
}

/// Whether the visitor's identity changes, which requires a new session id.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rotate {
    Yes,
    No,
}

impl Loaded {
    fn get(&self) -> Option<Arc<SessionData>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, data: SessionData) -> Arc<SessionData> {
        let data = Arc::new(data);
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *loaded = Some(Arc::clone(&data));
        data
    }
}

fn parse(value: &serde_json::Value) -> SessionData {
    let text = value.as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| {
        // Another version of this app wrote it: the visitor counts as anonymous, and pages keep working.
        tracing::warn!("session data could not be read; ignoring it");
        SessionData::default()
    })
}

/// A fault of our own, as opposed to an outage of the store.
fn too_large(bytes: usize) -> serde_json::Error {
    serde::ser::Error::custom(format!(
        "session data of {bytes} bytes, which is more than {LARGEST_SESSION}, is not stored"
    ))
}

fn failed(error: session::Error) -> AppError {
    match error {
        session::Error::Store(error) => AppError::store(error),
        error @ session::Error::SerdeJson(_) => AppError::ours(error),
    }
}

impl<S: Sync> FromRequestParts<S> for BrowserSession
where
    Context: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let session = parts.extensions.get().cloned();
        let OwnSession(session) =
            session.ok_or_else(|| AppError::ours("the session layer is missing"))?;
        Ok(Self {
            session,
            context: Context::from_ref(state),
            loaded: parts.extensions.get_or_insert_default::<Loaded>().clone(),
            sent_cookie: parts.extensions.get::<SentCookie>().is_some(),
            completes: Arc::default(),
        })
    }
}
