//! A sample of every page, so that a template that can't render fails here and not before a visitor.

use askama::Template;
use time::OffsetDateTime;

use super::{
    ConfirmPage, CreateOrgPage, ErrorPage, HomePage, LoginPage, MfaPage, OrgPage, OrgSignInPage,
    OrganizationsPage, Shell, SignedOut, StepUpPage, SwitchPage, error::Words,
};
use crate::{
    error::{AppError, Cause, NotAllowed, Reason, StartAgain, TryLater},
    routes::mfa::Fault,
    session::{
        Begun, Choosing, Enrolling, Mfa, Offered, OrganizationSummary, SignIn, SignedInMember,
        StepUp, Unfinished, state::MemberSummary,
    },
    stytch::{
        Provider, SessionJwt, SessionToken,
        objects::{AuthenticationFactor, MembershipKind, OrganizationId, SsoConnection},
        secret::Secret,
    },
};

const NAME: &str = r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#;

fn shell() -> Shell {
    Shell {
        sandbox: Some("http://127.0.0.1:3100".into()),
        request_id: "00000000-0000-4000-8000-000000000000".into(),
    }
}

fn begun() -> Begun {
    Begun {
        provider: Some(Provider::Google),
        organization: Some("oneil".into()),
        connection: None,
    }
}

fn connection() -> SsoConnection {
    SsoConnection {
        connection_id: "saml-connection-test-1".into(),
        display_name: NAME.into(),
    }
}

fn organization() -> OrganizationSummary {
    OrganizationSummary {
        organization_id: OrganizationId::parse("organization-test-1").unwrap(),
        organization_name: NAME.into(),
        organization_slug: "oneil".into(),
    }
}

fn offered(kind: MembershipKind) -> Offered {
    let organization = organization();
    Offered {
        id: organization.organization_id,
        name: organization.organization_name,
        slug: organization.organization_slug,
        kind,
    }
}

fn choosing(offered: Vec<Offered>) -> Choosing {
    Choosing {
        ist: Secret::new("ist"),
        email: "ada@acme.example".into(),
        offered,
        until: OffsetDateTime::UNIX_EPOCH,
        begun: begun(),
    }
}

fn unfinished() -> Unfinished {
    Unfinished {
        ist: Secret::new("ist"),
        email: "ada@acme.example".into(),
        organization: organization(),
        member_id: "member-test-1".into(),
        until: OffsetDateTime::UNIX_EPOCH,
        begun: begun(),
    }
}

fn step_up(methods: &[&str]) -> StepUp {
    StepUp {
        unfinished: unfinished(),
        allowed_auth_methods: methods.iter().map(|&method| method.into()).collect(),
        mfa_due_too: true,
    }
}

fn mfa(phone_ending: &str, has_totp: bool) -> Mfa {
    Mfa {
        unfinished: unfinished(),
        phone_ending: phone_ending.into(),
        has_totp,
        sms_sent_at: Some(OffsetDateTime::UNIX_EPOCH),
        enrolling: None,
    }
}

fn member() -> SignedInMember {
    SignedInMember {
        session_token: SessionToken::new("session token"),
        session_jwt: SessionJwt::new("session jwt"),
        jwt_until: OffsetDateTime::UNIX_EPOCH,
        organization: organization(),
        member: MemberSummary {
            member_id: "member-test-1".into(),
            email_address: "ada@acme.example".into(),
            name: "Ada Lovelace".into(),
            status: "active".into(),
            roles: vec!["stytch_member".into(), "stytch_admin".into()],
        },
        member_session_id: "member-session-test-1".into(),
        started_at: OffsetDateTime::UNIX_EPOCH,
        factors: vec![AuthenticationFactor {
            kind: "oauth".into(),
            delivery_method: "oauth_google".into(),
            last_authenticated_at: Some(OffsetDateTime::UNIX_EPOCH),
        }],
        until: OffsetDateTime::UNIX_EPOCH,
    }
}

/// Renders, and checks what holds for every page.
fn render(page: &impl Template) -> String {
    let html = page.render().unwrap();
    assert!(
        html.starts_with("<!doctype html>") && html.contains("</html>"),
        "{html}"
    );
    assert_eq!(html.matches("<h1>").count(), 1, "one heading: {html}");
    assert!(
        !html.contains("<img") && !html.contains("</script>"),
        "names stay text: {html}"
    );
    assert!(!html.contains("{{") && !html.contains("{%"));
    html
}

#[test]
fn home() {
    let states = [
        SignIn::Nobody,
        SignIn::Choosing(choosing(Vec::new())),
        SignIn::StepUp(step_up(&[])),
        SignIn::Mfa(mfa("", false)),
        SignIn::Member(Box::new(member())),
    ];
    for (sign_in, signed_out) in states.into_iter().zip([
        None,
        Some(SignedOut::Everywhere),
        Some(SignedOut::HereOnly),
        None,
        None,
    ]) {
        let (shell, providers) = (shell(), Provider::ALL.to_vec());
        render(&HomePage {
            shell,
            providers,
            sign_in,
            signed_out,
        });
    }
}

#[test]
fn choosing_pages() {
    use MembershipKind as Kind;
    let kinds = [
        Kind::ActiveMember,
        Kind::InvitedMember,
        Kind::PendingMember,
        Kind::EligibleToJoinByEmailDomain,
        Kind::EligibleToJoinByOauthTenant,
        Kind::Other,
    ];
    let all = kinds.clone().map(offered).to_vec();
    for offered in [all, Vec::new()] {
        let once = "once".into();
        render(&OrganizationsPage {
            shell: shell(),
            choosing: choosing(offered),
            once,
        });
    }
    for kind in kinds {
        let (email, once) = ("ada@acme.example".into(), "once".into());
        render(&LoginPage {
            shell: shell(),
            email,
            offered: offered(kind),
            once,
        });
    }
    for error in ["", "Choose another one."] {
        render(&CreateOrgPage {
            shell: shell(),
            email: "ada@acme.example".into(),
            organization_name: NAME.into(),
            name_error: error.into(),
            organization_slug: NAME.into(),
            slug_error: error.into(),
            once: "once".into(),
        });
    }
}

#[test]
fn unfinished_pages() {
    for methods in [&[][..], &["email_otp", "carrier_pigeon"]] {
        let html = render(&StepUpPage {
            shell: shell(),
            due: step_up(methods),
        });
        assert!(!html.contains("carrier_pigeon"));
    }
    let mut new = mfa("", false);
    new.enrolling = Some(Enrolling {
        secret: Secret::new("JBSWY3DPEHPK3PXP"),
        recovery_codes: vec![Secret::new("one"), Secret::new("two")],
    });
    for due in [mfa("", false), mfa("0100", true), new] {
        let enrolling = due.enrolling.as_ref();
        let qr = enrolling.and_then(|it| super::qr::otpauth(&due.unfinished, &it.secret));
        assert_eq!(qr.is_some(), enrolling.is_some());
        render(&MfaPage {
            shell: shell(),
            wait: 0,
            sms_until: Some(OffsetDateTime::UNIX_EPOCH),
            qr,
            once: "once".into(),
            due,
            fault: Fault::default(),
        });
    }
    for sign_in in [SignIn::Nobody, SignIn::Member(Box::new(member()))] {
        render(&ConfirmPage {
            shell: shell(),
            sign_in,
            once: "once".into(),
        });
    }
}

#[test]
fn organization_pages() {
    let html = render(&OrgPage {
        shell: shell(),
        member: member(),
    });
    assert!(!html.contains("session token") && !html.contains("session jwt"));
    render(&SwitchPage {
        shell: shell(),
        member: member(),
        providers: Provider::ALL.to_vec(),
    });
    let member = SignIn::Member(Box::new(member()));
    for (providers, connections, sign_in) in [
        (Vec::new(), Vec::new(), SignIn::Nobody),
        (Provider::ALL.to_vec(), vec![connection()], member),
    ] {
        render(&OrgSignInPage {
            shell: shell(),
            organization: organization(),
            providers,
            connections,
            sign_in,
        });
    }
}

#[test]
fn error_pages() {
    let reasons = [
        Reason::TookTooLong,
        Reason::NotBegun,
        Reason::SignedOut,
        Reason::SessionEnded,
        Reason::Cancelled,
        Reason::TokenSpent,
        Reason::BegunElsewhere,
        Reason::BadCallback,
    ];
    let mut errors: Vec<AppError> = reasons
        .map(|reason| StartAgain::after(reason, &begun()))
        .to_vec();
    for cause in [
        Cause::Slow,
        Cause::Down,
        Cause::Busy(std::time::Duration::from_secs(7)),
    ] {
        errors.push(AppError::TryLater(TryLater {
            cause,
            may_have_happened: true,
        }));
    }
    for why in [
        NotAllowed::Method,
        NotAllowed::NotAMember,
        NotAllowed::DomainClaimed,
        NotAllowed::Locked,
        NotAllowed::Suspended,
    ] {
        errors.push(AppError::from(why));
        errors.push(AppError::from(why).beginning_with(&begun()));
    }
    errors.extend([
        AppError::WrongOrganization {
            asked: organization(),
        },
        AppError::NotFound,
        AppError::Ours,
    ]);
    for error in errors {
        let status = error.status();
        assert!(
            status.is_client_error() || status.is_server_error(),
            "{error:?}"
        );
        render(&ErrorPage {
            shell: shell(),
            words: Words::of(&error),
        });
    }
    render(&ErrorPage {
        shell: shell(),
        words: Words::cross_site(),
    });
    render(&ErrorPage {
        shell: shell(),
        words: Words::other_host("http://localhost:3000/"),
    });
}
