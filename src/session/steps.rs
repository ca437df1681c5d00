//! The steps of a sign-in: each method asks for one state of [`SignIn`], or changes to the next.

use time::OffsetDateTime;

use super::{
    Begun, Brought, BrowserSession, Choosing, Draft, Emailed, Mfa, Offered, Rotate, SignIn,
    SignedInMember, StepUp, TEN_MINUTES, Unfinished,
    state::{self, Kept},
};
use crate::{
    error::{AppError, Reason, StartAgain},
    stytch::{self, MfaDue, SignedIn, StepUpDue, discovery::Discovered},
};

/// More than this is no name, and no reason to keep it.
const LONGEST_NAME: usize = 128;

impl BrowserSession {
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

    /// The choice, and the one that is made.
    ///
    /// # Errors
    /// Not found for what was not offered. "Start again", straight at that organization, when the time is up.
    pub async fn chosen(&self, wanted: &str) -> Result<(Choosing, Offered), AppError> {
        let SignIn::Choosing(choosing) = self.kept().await?.sign_in else {
            return Err(StartAgain::plain(Reason::NotBegun));
        };
        let offered = choosing.offers(wanted).cloned();
        let offered = offered.ok_or(AppError::NotFound)?;
        if choosing.until <= self.now() {
            let begun = choosing.again_at(&offered);
            return Err(StartAgain::after(Reason::TookTooLong, &begun));
        }
        Ok((choosing, offered))
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

    /// The half-done sign-in to the organization with this slug that one more first factor completes; `None` when
    /// there is none, or its time is up.
    pub async fn step_up_at(&self, slug: &str) -> Result<Option<StepUp>, AppError> {
        let SignIn::StepUp(due) = self.sign_in_state().await? else {
            return Ok(None);
        };
        Ok((due.unfinished.organization.organization_slug == slug).then_some(due))
    }

    fn still_open(&self, unfinished: &Unfinished) -> Result<(), AppError> {
        if unfinished.until > self.now() {
            return Ok(());
        }
        Err(StartAgain::after(Reason::TookTooLong, &unfinished.begun))
    }

    /// → choosing: an address is proved, nobody is signed in. A member's session ends by it.
    pub async fn choose(&self, found: Discovered, begun: Begun) -> Result<(), AppError> {
        let offered = found.discovered_organizations.into_iter();
        let offered = offered.filter_map(|found| Offered::new(found, begun.way.as_ref()));
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
        let slug = &due.organization.organization_slug;
        let before = self.step_up_at(slug).await?;
        // Somebody else may have waited here in this browser.
        let before = before.filter(|it| it.unfinished.member_id == due.member.member_id);
        self.change_to(SignIn::StepUp(StepUp {
            unfinished: Unfinished::new(due.ist, &due.member, &due.organization, until, begun),
            allowed_auth_methods: due.allowed_auth_methods,
            mfa_due_too: due.mfa_due_too,
            again: before.is_some(),
            code_sent_at: before.as_ref().and_then(|before| before.code_sent_at),
            link_sent_at: before.and_then(|before| before.link_sent_at),
        }))
        .await
    }

    /// The same first factor is due, and a message is on its way. Changes what is kept now: another tab may have sent
    /// another one meanwhile.
    pub async fn step_up_goes_on(&self, change: impl FnOnce(&mut StepUp)) -> Result<(), AppError> {
        let change = |kept: &mut Kept| {
            if let SignIn::StepUp(due) = &mut kept.sign_in {
                change(due);
            }
        };
        self.keep(Rotate::No, change).await
    }

    /// → a second factor is due. Keeps the intermediate session that came back.
    pub async fn mfa(&self, due: MfaDue, begun: Begun) -> Result<(), AppError> {
        let until = self.ist_end(due.ist_expires_at);
        self.change_to(SignIn::Mfa(Mfa {
            unfinished: Unfinished::new(due.ist, &due.member, &due.organization, until, begun),
            phone_ending: state::last_four(&due.phone_number),
            phone_is_new: false,
            typed_phone: String::new(),
            has_totp: due.has_totp,
            allows_sms: due.organization.allows_mfa("sms_otp", &due.member),
            allows_totp: due.organization.allows_mfa("totp", &due.member),
            sms_sent_at: due.sms_sent.then(|| self.now()),
            enrolling: None,
        }))
        .await
    }

    /// The same second factor is due, with more known about it: an SMS was sent, an app is being set up.
    pub async fn mfa_goes_on(&self, change: impl FnOnce(&mut Mfa)) -> Result<(), AppError> {
        let change = |kept: &mut Kept| {
            if let SignIn::Mfa(due) = &mut kept.sign_in {
                change(due);
            }
        };
        self.keep(Rotate::No, change).await
    }

    /// → signed in. Answers the organization's page. The intermediate session goes in the same write. A session that
    /// can't be kept is ended at Stytch too.
    pub async fn sign_in(&self, signed_in: &SignedIn) -> Result<String, AppError> {
        self.sign_in_with(signed_in, None).await
    }

    /// The same, with what the provider gave along.
    pub async fn sign_in_with(
        &self,
        signed_in: &SignedIn,
        brought: Option<Brought>,
    ) -> Result<String, AppError> {
        let before = match self.sign_in_state().await? {
            SignIn::StepUp(due) => Some(due.unfinished),
            SignIn::Mfa(due) => Some(due.unfinished),
            _ => None,
        };
        let here = &signed_in.organization.organization_id;
        let before = before.filter(|half| &half.organization.organization_id == here);
        let begun = before.map(|half| half.begun).unwrap_or_default();
        let brought = brought.or(begun.brought);
        self.become_member(signed_in, begun.since, brought).await
    }

    /// The same in another organization, for a session that began at `since`: its twelve hours go on.
    pub async fn switch(
        &self,
        signed_in: &SignedIn,
        since: OffsetDateTime,
    ) -> Result<String, AppError> {
        self.become_member(signed_in, Some(since), None).await
    }

    async fn become_member(
        &self,
        signed_in: &SignedIn,
        since: Option<OffsetDateTime>,
        brought: Option<Brought>,
    ) -> Result<String, AppError> {
        let vouched_until = self.vouched_until(signed_in).await;
        let member = SignedInMember {
            brought,
            ..SignedInMember::new(signed_in, vouched_until, since)
        };
        let home = member.home();
        let kept = self.change_to(SignIn::Member(Box::new(member))).await;
        if kept.is_err() {
            self.revoke(signed_in.session_token.clone());
        }
        kept.map(|()| home)
    }

    /// What to tell the visitor after Stytch has refused. Ends the sign-in when Stytch knows it no longer.
    pub async fn refused(&self, error: stytch::Error, begun: &Begun) -> AppError {
        let error = AppError::from(error).beginning_with(begun);
        if let AppError::StartAgain(StartAgain {
            reason: Reason::TookTooLong | Reason::SessionEnded,
            ..
        }) = error
            && let Err(error) = self.end().await
        {
            return error;
        }
        error
    }

    /// The same for a sign-in that is half done.
    pub async fn refused_at(&self, error: stytch::Error, unfinished: &Unfinished) -> AppError {
        let error = self.refused(error, &unfinished.begun).await;
        error.at(&unfinished.organization)
    }

    /// The message that was sent to an address which nobody has proved yet, as long as it counts.
    pub async fn emailed(&self) -> Result<Option<Emailed>, AppError> {
        let emailed = self.kept().await?.emailed;
        Ok(emailed.filter(|it| it.at().is_some_and(|at| at + TEN_MINUTES > self.now())))
    }

    /// Remembers such a message.
    pub async fn remember_email(&self, emailed: Emailed) -> Result<(), AppError> {
        let change = |kept: &mut Kept| kept.emailed = Some(emailed);
        self.keep(Rotate::No, change).await
    }

    /// What this address had typed for a new organization that could not be made.
    pub async fn draft(&self, email: &str) -> Result<Option<Draft>, AppError> {
        let draft = self.kept().await?.draft;
        Ok(draft.filter(|draft| draft.email == email))
    }

    /// Keeps what was typed for a new organization by somebody who is choosing, in time or not, so that the next try
    /// begins with it.
    pub async fn keep_draft(&self, email: &str, name: &str, slug: &str) -> Result<(), AppError> {
        let SignIn::Choosing(choosing) = self.kept().await?.sign_in else {
            return Ok(());
        };
        if choosing.email != email {
            return Ok(());
        }
        let draft = Draft {
            email: choosing.email,
            organization_name: name.chars().take(LONGEST_NAME).collect(),
            organization_slug: slug.chars().take(LONGEST_NAME).collect(),
        };
        let change = |kept: &mut Kept| kept.draft = Some(draft);
        self.write(Rotate::No, change).await
    }

    fn ist_end(&self, told: Option<OffsetDateTime>) -> OffsetDateTime {
        let ten_minutes = self.now() + TEN_MINUTES;
        told.map_or(ten_minutes, |told| told.min(ten_minutes))
    }
}
