//! The only module that knows what a browser session contains.
//!
//! Handlers move between the states of [`SignIn`] by the methods here. Each change of who the visitor is gets a new
//! session id, is saved before the handler goes on, and fails if the session has vanished meanwhile (signed out in
//! another tab): what is gone is never brought back.

pub mod current_member;
pub mod refresh;
pub mod state;
pub mod store;

use axum::{extract::FromRequestParts, http::request::Parts};
use time::OffsetDateTime;
use tower_sessions::{Expiry, Session, session::Error as StoreError};

use self::state::Kept;
pub use self::{
    current_member::CurrentMember,
    state::{
        Begun, Choosing, Enrolling, Mfa, Offered, OrganizationSummary, Parked, Pending, SignIn,
        SignedInMember, StepUp, TEN_MINUTES, TokenType, Unfinished,
    },
};
use crate::{
    error::{AppError, Reason, StartAgain},
    state::AppState,
    stytch::{
        self, MfaDue, SessionToken, SignedIn, StepUpDue, oauth::Discovered, pkce,
        secret::CallbackToken,
    },
};

const KEY: &str = "browser";

/// The visitor's session. Reading it never writes; an anonymous visitor costs nothing.
#[derive(Clone)]
pub struct BrowserSession {
    session: Session,
    app: AppState,
}

/// What a callback turned out to be.
pub enum Callback {
    /// Begun here: the verifier is ready to be sent along.
    Begun(Pending),
    /// The same token as before: a reload, or "back".
    Again,
    /// Not begun here: ask the visitor.
    Unasked,
}

impl BrowserSession {
    /// Who the visitor is now. What has run out counts as nobody.
    pub async fn sign_in_state(&self) -> Result<SignIn, AppError> {
        let sign_in = self.kept().await?.sign_in;
        let over = sign_in.until().is_some_and(|until| until <= self.now());
        Ok(if over { SignIn::Nobody } else { sign_in })
    }

    /// The choice that the visitor is about to make.
    ///
    /// # Errors
    /// "Start again" when there is none or its ten minutes are over.
    pub async fn choosing(&self) -> Result<Choosing, AppError> {
        match self.kept().await?.sign_in {
            SignIn::Choosing(choosing) if choosing.until > self.now() => Ok(choosing),
            SignIn::Choosing(choosing) => {
                Err(StartAgain::after(Reason::TookTooLong, &choosing.begun))
            }
            _ => Err(StartAgain::plain(Reason::NotBegun)),
        }
    }

    /// The missing first factor. Errors as [`Self::choosing`].
    pub async fn step_up_due(&self) -> Result<StepUp, AppError> {
        match self.kept().await?.sign_in {
            SignIn::StepUp(due) => self.still_open(&due.unfinished).map(|()| due),
            _ => Err(StartAgain::plain(Reason::NotBegun)),
        }
    }

    /// The missing second factor. Errors as [`Self::choosing`].
    pub async fn mfa_due(&self) -> Result<Mfa, AppError> {
        match self.kept().await?.sign_in {
            SignIn::Mfa(due) => self.still_open(&due.unfinished).map(|()| due),
            _ => Err(StartAgain::plain(Reason::NotBegun)),
        }
    }

    fn still_open(&self, unfinished: &Unfinished) -> Result<(), AppError> {
        if unfinished.until > self.now() {
            return Ok(());
        }
        Err(StartAgain::after(Reason::TookTooLong, &unfinished.begun))
    }

    /// Remembers a sign-in that leaves for Stytch now. The last start of a kind wins.
    pub async fn begin(&self, kind: TokenType, pending: Pending) -> Result<(), AppError> {
        let change = |kept: &mut Kept| kept.pending.insert(kind, pending);
        self.write(Rotate::No, change).await.map(drop)
    }

    /// Takes the begun sign-in that a callback belongs to. It is gone from the session before Stytch is called, so
    /// no verifier is ever used twice.
    ///
    /// # Errors
    /// "Start again" when it was begun ten minutes ago or more.
    pub async fn take(&self, kind: TokenType, token: &CallbackToken) -> Result<Callback, AppError> {
        let kept = self.kept().await?;
        let hash = pkce::sha256(token.expose());
        if kept.last_token.as_ref() == Some(&hash) {
            return Ok(Callback::Again);
        }
        if !kept.pending.contains_key(&kind) {
            return Ok(Callback::Unasked);
        }
        let take = |kept: &mut Kept| {
            kept.last_token = Some(hash);
            kept.pending.remove(&kind)
        };
        match self.write(Rotate::No, take).await? {
            Some(pending) if pending.at + TEN_MINUTES > self.now() => Ok(Callback::Begun(pending)),
            Some(pending) => Err(StartAgain::after(Reason::TookTooLong, &pending.begun)),
            None => Err(AppError::SessionGone),
        }
    }

    /// Forgets the begun sign-ins of these kinds, one of which came back without a token, and says how the last of them
    /// began.
    pub async fn cancel(&self, kinds: &[TokenType]) -> Result<Option<Begun>, AppError> {
        let pending = self.kept().await?.pending;
        if !kinds.iter().any(|kind| pending.contains_key(kind)) {
            return Ok(None);
        }
        let take = |kept: &mut Kept| {
            let taken = kinds.iter().filter_map(|kind| kept.pending.remove(kind));
            taken.max_by_key(|pending| pending.at)
        };
        let pending = self.write(Rotate::No, take).await?;
        Ok(pending.map(|pending| pending.begun))
    }

    /// Keeps an unasked callback's token, unspent, until the visitor has answered. Who is signed in stays.
    pub async fn park(&self, token_type: TokenType, token: CallbackToken) -> Result<(), AppError> {
        let at = self.now();
        let parked = Parked {
            token_type,
            token,
            at,
        };
        let change = |kept: &mut Kept| kept.parked = Some(parked);
        self.write(Rotate::No, change).await
    }

    /// The callback that waits for an answer.
    pub async fn parked(&self) -> Result<Parked, AppError> {
        match self.kept().await?.parked {
            Some(parked) if parked.at + TEN_MINUTES > self.now() => Ok(parked),
            Some(_) => Err(StartAgain::plain(Reason::TookTooLong)),
            None => Err(StartAgain::plain(Reason::NotBegun)),
        }
    }

    /// Takes that callback: the visitor said yes. Two who say so at once get it once.
    pub async fn take_parked(&self) -> Result<Parked, AppError> {
        self.parked().await?;
        let take = |kept: &mut Kept| {
            let parked = kept.parked.take()?;
            kept.last_token = Some(pkce::sha256(parked.token.expose()));
            Some(parked)
        };
        let taken = self.write(Rotate::No, take).await?;
        taken.ok_or_else(|| StartAgain::plain(Reason::NotBegun))
    }

    /// Nobody → choosing: an address is proved, nobody is signed in.
    pub async fn choose(&self, found: Discovered, begun: Begun) -> Result<(), AppError> {
        let offered = found.discovered_organizations.into_iter();
        let offered = offered.filter_map(|found| {
            let organization = found.organization?;
            Some(Offered {
                id: organization.organization_id,
                name: organization.organization_name,
                slug: organization.organization_slug,
                kind: found.membership.unwrap_or_default().kind,
            })
        });
        self.change_to(SignIn::Choosing(Choosing {
            ist: found.intermediate_session_token,
            email: found.email_address,
            offered: offered.collect(),
            until: self.ist_end(found.intermediate_session_token_expires_at),
            begun,
        }))
        .await
    }

    /// → another first factor is due. Keeps the intermediate session that came back.
    pub async fn step_up(&self, due: StepUpDue, begun: Begun) -> Result<(), AppError> {
        let until = self.ist_end(due.ist_expires_at);
        self.change_to(SignIn::StepUp(StepUp {
            unfinished: Unfinished::new(due.ist, &due.member, &due.organization, until, begun),
            allowed_auth_methods: due.allowed_auth_methods,
            mfa_due_too: due.mfa_due_too,
        }))
        .await
    }

    /// → a second factor is due. Keeps the intermediate session that came back.
    pub async fn mfa(&self, due: MfaDue, begun: Begun) -> Result<(), AppError> {
        let until = self.ist_end(due.ist_expires_at);
        self.change_to(SignIn::Mfa(Mfa {
            unfinished: Unfinished::new(due.ist, &due.member, &due.organization, until, begun),
            phone_ending: state::last_four(&due.phone_number),
            has_totp: due.has_totp,
            sms_sent_at: due.sms_sent.then(|| self.now()),
            enrolling: None,
        }))
        .await
    }

    /// The same second factor is due, with more known about it: an SMS was sent, an app is being set up.
    pub async fn mfa_goes_on(&self, due: Mfa) -> Result<(), AppError> {
        let change = |kept: &mut Kept| kept.sign_in = SignIn::Mfa(due);
        self.write(Rotate::No, change).await
    }

    /// → signed in. Answers the organization's page. The intermediate session goes in the same write. A session that
    /// can't be kept is ended at Stytch too.
    pub async fn sign_in(&self, signed_in: &SignedIn) -> Result<String, AppError> {
        let member = SignedInMember::new(signed_in, self.vouched_until(signed_in).await);
        let home = member.home();
        let kept = self.change_to(SignIn::Member(Box::new(member))).await;
        if kept.is_err() {
            self.revoke(signed_in.session_token.clone());
        }
        kept.map(|()| home)
    }

    /// → nobody: everything is forgotten and the cookie is removed. Works in every state.
    ///
    /// # Errors
    /// [`AppError::SessionGone`] when another request was faster: its cookie is then left alone.
    pub async fn end(&self) -> Result<(), AppError> {
        self.fresh().await?;
        self.session.flush().await.map_err(store_failed)
    }

    /// What to tell the visitor after Stytch has refused; ends the sign-in when it can't go on.
    pub async fn refused(&self, error: stytch::Error, begun: &Begun) -> AppError {
        let error = AppError::from(error).beginning_with(begun);
        if let AppError::StartAgain(_) = error
            && let Err(error) = self.end().await
        {
            return error;
        }
        error
    }

    fn ist_end(&self, told: Option<OffsetDateTime>) -> OffsetDateTime {
        let ten_minutes = self.now() + TEN_MINUTES;
        told.map_or(ten_minutes, |told| told.min(ten_minutes))
    }

    /// Whoever was signed in before is signed out, here and at Stytch.
    async fn change_to(&self, sign_in: SignIn) -> Result<(), AppError> {
        let change = |kept: &mut Kept| std::mem::replace(&mut kept.sign_in, sign_in);
        if let SignIn::Member(before) = self.write(Rotate::Yes, change).await? {
            self.revoke(before.session_token);
        }
        Ok(())
    }

    /// Ends a session at Stytch, in a task that outlives this request. It would end by itself in time.
    fn revoke(&self, token: SessionToken) {
        let stytch = self.app.stytch.clone();
        let task = async move { stytch.sessions().revoke(&token).await };
        self.app.tasks.spawn(task);
    }

    fn now(&self) -> OffsetDateTime {
        self.app.clock.now()
    }

    async fn kept(&self) -> Result<Kept, AppError> {
        let kept = self.session.get(KEY).await.map_err(store_failed)?;
        Ok(kept.unwrap_or_default())
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

    async fn write<T>(
        &self,
        rotate: Rotate,
        change: impl FnOnce(&mut Kept) -> T,
    ) -> Result<T, AppError> {
        let mut kept = self.fresh().await?;
        let result = change(&mut kept);
        self.session
            .insert(KEY, &kept)
            .await
            .map_err(store_failed)?;
        self.session
            .set_expiry(Some(Expiry::AtDateTime(kept.forget_at(self.now()))));
        if rotate == Rotate::Yes {
            // Deletes the old record at once, so it comes last before the save.
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
        StoreError::Store(tower_sessions::session_store::Error::Backend(said))
            if said == store::GONE =>
        {
            AppError::SessionGone
        }
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
