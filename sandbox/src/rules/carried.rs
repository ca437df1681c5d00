//! Which logins of a session count in another organization.

use crate::model::{Login, Member, Proof, Session};

/// The logins that `sessions.exchange` takes to the organization: email links and OAuth, but not SSO, codes and second
/// factors, and not logins with an address that the member no longer has. In the session's own organization, all logins
/// count.
pub fn carried(session: &Session, member: &Member, organization_id: &str) -> Vec<Login> {
    let logins = session.logins().into_iter();
    if session.organization_id == organization_id {
        return logins.collect();
    }
    logins
        .filter(|login| login.email.eq_ignore_ascii_case(member.email()))
        .filter(|login| {
            matches!(
                login.proof,
                Proof::Oauth(_) | Proof::OauthExchange(_) | Proof::MagicLink
            )
        })
        .map(|mut login| {
            login.made_in.get_or_insert(session.organization_id.clone());
            login
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::model::{SsoKind, provider::Provider, session::Factor};

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const EMAIL: &str = "ada@acme.example";

    /// The proofs that a session in `here` takes to the organization, as they count there.
    fn taken(proofs: &[Proof], organization: &str) -> Vec<Proof> {
        let member = Member::new("m", "here", EMAIL, "Ada", NOW);
        let factor = |proof: &Proof| Factor {
            login: Login {
                proves_email: matches!(proof, Proof::MagicLink | Proof::EmailOtp),
                ..Login::by_email(proof.clone(), EMAIL, NOW)
            },
            registration_id: String::new(),
            created_at: NOW,
        };
        let factors = proofs.iter().map(factor).collect();
        let session = Session::new(&member, factors, NOW, 60);
        let logins = carried(&session, &member, organization).into_iter();
        logins
            .map(|login| login.brought_to(organization).proof)
            .collect()
    }

    #[test]
    fn links_and_oauth_are_taken_along() {
        let oauth = Proof::Oauth(Provider::Slack);
        let proofs = [Proof::MagicLink, oauth];
        let expected = [Proof::MagicLink, Proof::OauthExchange(Provider::Slack)];
        assert_eq!(taken(&proofs, "there"), expected);
        assert_eq!(taken(&expected, "there"), expected, "a second time");
    }

    #[test]
    fn all_other_logins_are_left_behind() {
        let connection_id = "saml-connection-test-x".to_owned();
        let proofs = [
            Proof::Sso {
                connection_id,
                kind: SsoKind::Saml,
            },
            Proof::EmailOtp,
            Proof::SmsOtp,
            Proof::Totp,
            Proof::RecoveryCode,
        ];
        assert!(taken(&proofs, "there").is_empty());
        assert_eq!(taken(&proofs, "here"), proofs);
    }
}
