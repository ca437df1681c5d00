//! Random sequences of calls, compared with the reference: only people whom the rules allow get a session; used and
//! expired tokens and wrong passwords never work; an intermediate session never outlives the login that it led to;
//! adding a second factor requires the existing one; and a deleted SSO connection can't be used. An app that receives
//! webhooks knows the current state of every organization and member.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use stytch_sandbox::{Approval, Flow};

use super::lab::{Lab, Reply, random, text};
use super::passwords::{BETTER, GOOD};
use super::random_sso;
use super::random_steps::{Argument, Change, Factor, Policy, Step, steps};
use super::reference::{Outcome, Reference, domain};
use super::reference_factors::{Who, With};
use super::webhooks::mirror::Mirror;

proptest! {
    #![proptest_config(random(128))]

    #[test]
    fn sessions_follow_the_rules_of_the_reference(steps in prop::collection::vec(steps(), 1..30)) {
        let steps = steps.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        if let Err(reason) = runtime.block_on(run(&steps)) {
            return Err(TestCaseError::fail(reason));
        }
    }
}

/// The sandbox and the reference, with everything that the sandbox issued, in order.
pub struct Pair {
    pub lab: Lab,
    pub reference: Reference,
    pub tokens: Vec<String>,
    pub ists: Vec<String>,
    pub sessions: Vec<String>,
    /// The ids of SSO connections by their names in the reference.
    pub connections: BTreeMap<&'static str, String>,
    made: usize,
    phones: usize,
    wrong_passwords: BTreeMap<Who, usize>,
    deleted: Vec<(String, String)>,
}

async fn run(steps: &[Step]) -> Result<(), String> {
    let lab = Lab::start().await;
    let mut reference = Reference::of_world(&lab.world.state());
    let connections = random_sso::connections(&lab, &mut reference).await;
    let mirror = Mirror::start(&lab).await;
    let mut pair = Pair {
        lab,
        reference,
        connections,
        tokens: Vec::new(),
        ists: Vec::new(),
        sessions: Vec::new(),
        made: 0,
        phones: 0,
        wrong_passwords: BTreeMap::new(),
        deleted: Vec::new(),
    };
    for (number, step) in (1..).zip(steps) {
        let (found, wanted) = pair.take(step).await;
        if found != wanted {
            return Err(format!(
                "step {number}, {step:?}: the sandbox says {found}, the rules say {wanted}"
            ));
        }
    }
    mirror.compare(&pair.lab).await?;
    super::export::again(&pair.lab).await;
    Ok(())
}

/// The index of the one created this many before the newest. Returns `made.len()`, which is not an index, if fewer were
/// created.
pub fn back(made: &[String], number: usize) -> usize {
    made.len().checked_sub(number + 1).unwrap_or(made.len())
}

/// The passwords of [`Step::SetPassword`] by number.
const PASSWORDS: [&str; 2] = [GOOD, BETTER];

/// A token that was never issued.
const NONE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub fn named(made: &[String], index: usize) -> &str {
    made.get(index).map_or(NONE, String::as_str)
}

impl Pair {
    /// Performs the step on both sides, and returns the outcomes of the sandbox and of the reference.
    #[expect(clippy::too_many_lines, reason = "one short arm for each kind of step")]
    async fn take(&mut self, step: &Step) -> (String, String) {
        let (ist_made, session_made) = (self.ists.len(), self.sessions.len());
        match step {
            Step::Approve(login, to) => {
                let approval = Approval {
                    flow: if to.is_some() {
                        Flow::Oauth
                    } else {
                        Flow::DiscoveryOauth
                    },
                    provider: login.provider,
                    email: login.email,
                    organization: *to,
                    pkce_code_challenge: None,
                };
                self.reference.approve(self.tokens.len(), *login, *to);
                self.tokens.push(self.lab.world.approve(approval).token);
                same()
            }
            Step::Discover { token } => {
                let token = back(&self.tokens, *token);
                let body = json!({ "discovery_oauth_token": named(&self.tokens, token) });
                let reply = self
                    .lab
                    .post("/v1/b2b/oauth/discovery/authenticate", body)
                    .await;
                if reply.status == 200 {
                    self.ists
                        .push(text(&reply.json()["intermediate_session_token"]));
                }
                let wanted = self.reference.discover(token, ist_made);
                (good(reply.status == 200), good(wanted))
            }
            Step::Exchange { ist, organization } => {
                let ist = back(&self.ists, *ist);
                let token = named(&self.ists, ist).to_owned();
                let reply = self.lab.exchange(&token, organization).await;
                let wanted = self.reference.exchange(ist, organization, session_made);
                (self.outcome(&reply, &token), word(wanted))
            }
            Step::Create { ist } => {
                let ist = back(&self.ists, *ist);
                self.made += 1;
                let slug = format!("made-{}", self.made);
                let token = named(&self.ists, ist).to_owned();
                let reply = self
                    .lab
                    .create(
                        json!({ "intermediate_session_token": token, "organization_slug": slug }),
                    )
                    .await;
                let wanted = self.reference.create(ist, &slug, session_made);
                (self.outcome(&reply, &token), word(wanted))
            }
            Step::Authenticate { token, ist } => {
                let (token, ist) = (
                    back(&self.tokens, *token),
                    ist.map(|it| back(&self.ists, it)),
                );
                let mut body = json!({ "oauth_token": named(&self.tokens, token) });
                let before = ist.map_or("", |it| named(&self.ists, it)).to_owned();
                if ist.is_some() {
                    body["intermediate_session_token"] = json!(before);
                }
                let reply = self.lab.post("/v1/b2b/oauth/authenticate", body).await;
                let wanted = self
                    .reference
                    .authenticate(token, ist, ist_made, session_made);
                (self.outcome(&reply, &before), word(wanted))
            }
            Step::UseSession(session) => {
                let session = back(&self.sessions, *session);
                let body = json!({ "session_token": named(&self.sessions, session) });
                let reply = self.lab.post("/v1/b2b/sessions/authenticate", body).await;
                (
                    good(reply.status == 200),
                    good(self.reference.session_is_good(session)),
                )
            }
            Step::Switch(session, slug) => {
                let session = back(&self.sessions, *session);
                let used = self.reference.sessions.get(&session);
                if used.is_some_and(|it| it.who.0 == *slug) {
                    return same();
                }
                let token = named(&self.sessions, session);
                let body = json!({ "session_token": token, "organization_id": slug });
                let reply = self.lab.post("/v1/b2b/sessions/exchange", body).await;
                let wanted = self.reference.switch(session, slug, ist_made, session_made);
                (self.outcome(&reply, ""), word(wanted))
            }
            Step::Revoke(session) => {
                let session = back(&self.sessions, *session);
                let body = json!({ "session_token": named(&self.sessions, session) });
                let reply = self.lab.post("/v1/b2b/sessions/revoke", body).await;
                (
                    good(reply.status == 200),
                    good(self.reference.revoke(session)),
                )
            }
            Step::Minutes(minutes) => {
                self.lab
                    .world
                    .advance(std::time::Duration::from_secs(minutes * 60));
                self.reference.now += minutes;
                same()
            }
            Step::Policy(slug, policy) => {
                self.set_policy(slug, *policy);
                same()
            }
            Step::Member(slug, email, change) => {
                self.change_member(slug, email, *change);
                same()
            }
            Step::SetPassword(slug, email, password) => {
                self.set_password(slug, email, *password).await
            }
            Step::UsePassword {
                organization,
                email,
                password,
                ist,
            } => {
                let ist = ist.map(|it| back(&self.ists, it));
                self.use_password(organization, email, *password, ist).await
            }
            Step::Second(slug, email, factor, argument) => {
                let who = ((*slug).to_owned(), (*email).to_owned());
                self.second(&who, *factor, *argument).await
            }
            Step::Sso(step) => self.take_sso(step).await,
        }
    }

    /// Sets a password by email. No link is sent to people whom the rules refuse.
    async fn set_password(
        &mut self,
        slug: &'static str,
        email: &'static str,
        password: usize,
    ) -> (String, String) {
        let (ist_made, session_made) = (self.ists.len(), self.sessions.len());
        let wanted = self
            .reference
            .set_password(slug, email, password, ist_made, session_made);
        let started = self.lab.start_reset(slug, email, json!({})).await;
        if started.status != 200 {
            return (word(Outcome::Refused), word(wanted));
        }
        let token = self.lab.link_token(email);
        let reply = self.lab.reset(&token, PASSWORDS[password], json!({})).await;
        (self.outcome(&reply, ""), word(wanted))
    }

    /// Signs in by password. There are only a few wrong ones, so no member is locked.
    async fn use_password(
        &mut self,
        slug: &'static str,
        email: &'static str,
        password: usize,
        ist: Option<usize>,
    ) -> (String, String) {
        let who = (slug.to_owned(), email.to_owned());
        let member = self.reference.members.get(&who);
        if member.is_some_and(|it| it.password.is_some_and(|own| own != password)) {
            let wrong = self.wrong_passwords.entry(who).or_default();
            *wrong += 1;
            if *wrong > 5 {
                return same();
            }
        }
        let (ist_made, session_made) = (self.ists.len(), self.sessions.len());
        let before = ist.map_or("", |it| named(&self.ists, it)).to_owned();
        let mut more = json!({});
        if ist.is_some() {
            more["intermediate_session_token"] = json!(before);
        }
        let reply = self
            .lab
            .use_password(slug, email, PASSWORDS[password], more)
            .await;
        let wanted =
            self.reference
                .use_password(slug, email, password, ist, ist_made, session_made);
        (self.outcome(&reply, &before), word(wanted))
    }

    /// Makes a call about a member's second factor. A minute passes first, so that no code is reused.
    async fn second(&mut self, who: &Who, factor: Factor, argument: Argument) -> (String, String) {
        self.lab.world.advance(std::time::Duration::from_mins(1));
        self.reference.now += 1;
        let (mut body, with) = match argument {
            Argument::Nothing => (json!({}), With::Nothing),
            Argument::Session(number) => {
                let number = back(&self.sessions, number);
                let token = named(&self.sessions, number);
                (json!({ "session_token": token }), With::Session(number))
            }
            Argument::Ist(number) => {
                let number = back(&self.ists, number);
                let token = named(&self.ists, number);
                let body = json!({ "intermediate_session_token": token });
                (body, With::Ist(number))
            }
        };
        let member = self.living_member(who);
        let member_id = member.as_ref().map_or(NONE, |it| it.0.as_str()).to_owned();
        body["organization_id"] = json!(who.0);
        body["member_id"] = json!(member_id);
        let session_made = self.sessions.len();
        match factor {
            Factor::NewTotp => {
                let reply = self.lab.post("/v1/b2b/totp", body).await;
                let wanted = self.reference.create_totp(who, with);
                (good(reply.status == 200), good(wanted))
            }
            Factor::NewPhone => {
                self.phones += 1;
                body["mfa_phone_number"] = json!(format!("+1555557{:04}", self.phones));
                let reply = self.lab.post("/v1/b2b/otps/sms/send", body).await;
                let wanted = self.reference.send_to_new(who, with, self.phones);
                (good(reply.status == 200), good(wanted))
            }
            Factor::UsePhone => {
                let sent = self.lab.post("/v1/b2b/otps/sms/send", body.clone()).await;
                if (sent.status == 200) != self.reference.send_to_own(who, with) {
                    return (
                        format!("{} for the text", sent.status),
                        "otherwise".to_owned(),
                    );
                }
                // An automatic code must not help if no code is sent.
                let phone = member.map_or_else(String::new, |it| it.1);
                let messages = self.lab.world.messages_to(Some(&phone), None);
                let Some(code) = messages.first().and_then(|it| it.code.clone()) else {
                    let wanted = self.reference.use_phone(who, with, session_made);
                    return (word(Outcome::Refused), word(wanted));
                };
                body["code"] = json!(code);
                let path = "/v1/b2b/otps/sms/authenticate";
                let reply = self.lab.post(path, body).await;
                let wanted = self.reference.use_phone(who, with, session_made);
                (self.second_outcome(&reply, with), word(wanted))
            }
            Factor::UseTotp => {
                let code = self.lab.world.totp_code(&member_id);
                body["code"] = json!(code.unwrap_or_else(|| "000000".to_owned()));
                let reply = self.lab.post("/v1/b2b/totp/authenticate", body).await;
                let wanted = self.reference.use_totp(who, with, session_made);
                (self.second_outcome(&reply, with), word(wanted))
            }
        }
    }

    /// Id and phone number of the member, unless deleted.
    fn living_member(&self, who: &Who) -> Option<(String, String)> {
        let state = self.lab.world.state();
        let organization = self.lab.organization(&who.0)["organization_id"].clone();
        let members = state["members"].as_array().expect("members");
        let found = members.iter().find(|it| {
            it["organization_id"] == organization
                && it["email_address"] == who.1
                && it["status"] != "deleted"
        })?;
        Some((text(&found["member_id"]), text(&found["mfa_phone_number"])))
    }

    /// Reads the response to a second factor's code, and keeps the new session.
    fn second_outcome(&mut self, reply: &Reply, with: With) -> String {
        if reply.status != 200 {
            return word(Outcome::Refused);
        }
        let token = text(&reply.json()["session_token"]);
        if let With::Session(number) = with {
            assert_eq!(token, self.sessions[number], "another session");
            return word(Outcome::Added);
        }
        self.sessions.push(token);
        word(Outcome::Session)
    }

    /// Reads the response, and keeps the new session or intermediate session. `before` is the given one.
    pub fn outcome(&mut self, reply: &Reply, before: &str) -> String {
        if reply.status != 200 {
            return word(Outcome::Refused);
        }
        let body = reply.json();
        if body["member_authenticated"] == true {
            self.sessions.push(text(&body["session_token"]));
            return word(Outcome::Session);
        }
        assert_eq!(body["session_token"], "", "no session, but a token");
        assert_eq!(body["member_session"], Value::Null);
        let kept = text(&body["intermediate_session_token"]);
        if before.is_empty() {
            self.ists.push(kept);
        } else {
            assert_eq!(
                kept, before,
                "another intermediate session than the one given"
            );
        }
        word(Outcome::Waiting)
    }

    fn set_policy(&mut self, slug: &str, policy: Policy) {
        let organization = self
            .reference
            .organizations
            .get_mut(slug)
            .expect("one of the cast");
        let patch = match policy {
            Policy::JoinByDomainOf(email) => {
                organization.jit_domains = Some([domain(email).to_owned()].into());
                json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": [domain(email)] })
            }
            Policy::JoinByInvitationOnly => {
                (organization.jit_domains, organization.jit_tenants) = (None, None);
                json!({ "email_jit_provisioning": "NOT_ALLOWED", "oauth_tenant_jit_provisioning": "NOT_ALLOWED" })
            }
            Policy::JoinByGithub9001 => {
                organization.jit_tenants = Some([("github".to_owned(), "9001".to_owned())].into());
                json!({ "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": { "github": ["9001"] } })
            }
            Policy::OnlyGoogle => {
                organization.methods = Some(["google_oauth".to_owned()].into());
                json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["google_oauth"] })
            }
            Policy::OnlyGithub => {
                organization.methods = Some(["github_oauth".to_owned()].into());
                json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["github_oauth"] })
            }
            Policy::OnlyPassword => {
                organization.methods = Some(["password".to_owned()].into());
                json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"] })
            }
            Policy::AllMethods => {
                organization.methods = None;
                json!({ "auth_methods": "ALL_ALLOWED" })
            }
            Policy::Mfa(required) => {
                organization.mfa = required;
                json!({ "mfa_policy": if required { "REQUIRED_FOR_ALL" } else { "OPTIONAL" } })
            }
            Policy::ClaimDomainOf(email) => {
                organization.claimed = [domain(email).to_owned()].into();
                json!({ "claimed_email_domains": [domain(email)] })
            }
            Policy::ClaimNothing => {
                organization.claimed.clear();
                json!({ "claimed_email_domains": [] })
            }
        };
        self.lab.world.patch_organization(slug, patch);
    }

    /// Changes a member, if there is one. A person with two member rows, deleted and new, is left unchanged.
    fn change_member(&mut self, slug: &str, email: &str, change: Change) {
        let who = (slug.to_owned(), email.to_owned());
        let Some(member) = self.reference.members.get_mut(&who) else {
            return;
        };
        if self.deleted.contains(&who) {
            return;
        }
        let patch = match change {
            Change::Lock(locked) => {
                member.locked = locked;
                json!({ "is_locked": locked })
            }
            Change::Breakglass(breakglass) => {
                member.breakglass = breakglass;
                json!({ "is_breakglass": breakglass })
            }
            Change::Unproven => {
                member.proven = false;
                json!({ "email_address_verified": false })
            }
            Change::Delete => {
                self.reference.delete(&who);
                self.deleted.push(who);
                json!({ "status": "deleted" })
            }
        };
        self.lab.world.patch_member(slug, email, patch);
    }
}

pub fn same() -> (String, String) {
    (String::new(), String::new())
}

pub fn good(good: bool) -> String {
    if good { "good" } else { "refused" }.to_owned()
}

pub fn word(outcome: Outcome) -> String {
    format!("{outcome:?}").to_lowercase()
}
