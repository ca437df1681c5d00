//! `sessions.exchange` (fact sheet §5.8, §6.5, §7.3).

use crate::{
    api::session_arguments::optional_session,
    http::ApiRequest,
    model::{
        ApiError, Intermediate, Login, Member, Proof, Reply, Session, State, clock::TEN_MINUTES,
    },
    rules::{Entry, Way, entry::enter, locks, texts::SMS_LOCALES},
};

/// `POST /v1/b2b/sessions/exchange`: a session and another organization in, the common authentication response of
/// that organization out. It accepts an invitation; nobody joins by it. The session given stays good.
///
/// What is still missing is answered with a new intermediate session, which is of use for any organization.
pub fn exchange(state: &mut State, request: &ApiRequest) -> Reply {
    let mut requested = request.requested_session()?;
    requested.locale = Some(request.locale(&SMS_LOCALES)?);
    let id =
        optional_session(state, request)?.ok_or_else(|| ApiError::of("no_session_arguments"))?;
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let organization_id = organization.id().to_owned();
    let session = state.session(&id);
    let session = session.ok_or_else(|| ApiError::of("session_not_found"))?;
    locks::check(state, &session.member_id)?;
    let source = state.need_member(&session.member_id)?;
    let target = state
        .member_by_email(&organization_id, source.email())
        .ok_or_else(|| ApiError::of("member_does_not_exist_in_organization"))?;
    let logins = carried(session, source, target);
    if logins.iter().all(|login| login.proof.is_second()) {
        return Err(ApiError::of("insufficient_factors_for_session_exchange"));
    }

    let (email, way) = (
        source.email().to_owned(),
        Way::Member(target.id().to_owned()),
    );
    let token = state.mint_token();
    let intermediate = Intermediate {
        email: email.clone(),
        logins: logins.clone(),
        organization_id: None,
        expires_at: state.now() + TEN_MINUTES,
    };
    state.intermediates.insert(token.clone(), intermediate);
    let entry = Entry {
        organization_id,
        way,
        email,
        logins,
        intermediate_session_token: Some(token.clone()),
        session_id: None,
        requested,
    };
    enter(state, entry).inspect_err(|_| {
        state.intermediates.remove(&token);
    })
}

/// The session's logins as they count for the target member. SSO stays where it was; a login that speaks of an
/// address that the member no longer has proves nothing elsewhere.
fn carried(session: &Session, source: &Member, target: &Member) -> Vec<Login> {
    let logins = session.logins().into_iter();
    if source.organization_id() == target.organization_id() {
        return logins.collect();
    }
    logins
        .filter(|login| login.email.eq_ignore_ascii_case(source.email()))
        .filter_map(|mut login| {
            match login.proof {
                // A login that does not prove the address is marked as brought from elsewhere (§6.5).
                Proof::Oauth(provider) if !login.proves_email => {
                    login.proof = Proof::OauthExchange(provider);
                }
                Proof::SmsOtp if same_proven_phone(&login, source, target) => {
                    login.only_in = Some(target.organization_id().to_owned());
                }
                Proof::Oauth(_) | Proof::OauthExchange(_) | Proof::MagicLink | Proof::EmailOtp => {}
                _ => return None,
            }
            Some(login)
        })
        .collect()
}

/// A code by SMS counts for both members if both have proved the number that it went to.
fn same_proven_phone(login: &Login, source: &Member, target: &Member) -> bool {
    [source, target].iter().all(|member| {
        member.is("mfa_phone_number_verified") && member.text("mfa_phone_number") == login.subject
    })
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::model::{provider::Provider, session::Factor};

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn member(organization: &str, phone_proven: bool) -> Member {
        let mut member = Member::new("m", organization, "ada@acme.example", "Ada", NOW);
        member.set("mfa_phone_number", "+15555550100");
        member.set("mfa_phone_number_verified", phone_proven);
        member
    }

    fn login(proof: Proof, subject: &str) -> Login {
        Login {
            subject: subject.to_owned(),
            proves_email: false,
            ..Login::by_email(proof, "ada@acme.example", NOW)
        }
    }

    fn taken(logins: Vec<Login>, source: &Member, target: &Member) -> Vec<Proof> {
        let factor = |login| Factor {
            login,
            registration_id: String::new(),
            created_at: NOW,
        };
        let factors = logins.into_iter().map(factor).collect();
        let session = Session::new(source, factors, NOW, 60);
        let carried = carried(&session, source, target);
        carried.into_iter().map(|login| login.proof).collect()
    }

    #[test]
    fn sso_stays_in_its_organization() {
        let connection_id = "saml-connection-test-x".to_owned();
        let sso = || {
            login(
                Proof::Sso {
                    connection_id: connection_id.clone(),
                },
                "ada",
            )
        };
        let here = member("here", false);
        assert!(taken(vec![sso()], &here, &member("there", false)).is_empty());
        assert_eq!(taken(vec![sso()], &here, &member("here", false)).len(), 1);
    }

    #[test]
    fn a_text_counts_where_both_proved_the_number() {
        let text = || login(Proof::SmsOtp, "+15555550100");
        let (here, there) = (member("here", true), member("there", true));
        assert_eq!(taken(vec![text()], &here, &there), [Proof::SmsOtp]);
        assert!(taken(vec![text()], &here, &member("there", false)).is_empty());
        assert!(taken(vec![text()], &member("here", false), &there).is_empty());
        let other = login(Proof::SmsOtp, "+15555550199");
        assert!(taken(vec![other], &here, &there).is_empty());
    }

    #[test]
    fn other_second_factors_stay_and_unproven_logins_are_marked() {
        let logins = vec![
            login(Proof::Totp, "t"),
            login(Proof::RecoveryCode, "r"),
            login(Proof::Oauth(Provider::Slack), "U1"),
            login(Proof::EmailOtp, "ada@acme.example"),
        ];
        let (here, there) = (member("here", true), member("there", true));
        let expected = [Proof::OauthExchange(Provider::Slack), Proof::EmailOtp];
        assert_eq!(taken(logins, &here, &there), expected);
    }
}
