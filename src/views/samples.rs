//! A sample of every page, so that a template that can't render fails here and not before a visitor.

use askama::Template;
use time::OffsetDateTime;

use super::{
    ConfirmPage, CreateOrgPage, EmailPage, HomePage, LoginPage, MfaPage, OrgPage, OrgSignInPage,
    OrganizationsPage, ProviderPage, Shell, SignedOut, StepUpPage, SwitchPage,
};
use crate::{
    routes::code::Fault,
    session::{
        Begun, Brought, Choosing, Emailed, Enrolling, Jit, Mfa, Offered, OrganizationSummary,
        SignIn, SignedInMember, StepUp, Unfinished, Way, member::MemberSummary,
    },
    stytch::{
        Provider, SessionJwt, SessionToken,
        members::ProviderRegistration,
        objects::{AuthenticationFactor, MembershipKind, OrganizationId, SsoConnection},
        secret::Secret,
    },
};

pub(super) const NAME: &str = r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#;

pub(super) fn shell() -> Shell {
    Shell {
        sandbox: Some("http://127.0.0.1:3100".into()),
        request_id: "00000000-0000-4000-8000-000000000000".into(),
    }
}

pub(super) fn begun() -> Begun {
    Begun::at("oneil", Some(Way::Provider(Provider::Google)))
}

fn connection() -> SsoConnection {
    SsoConnection {
        connection_id: "saml-connection-test-1".into(),
        display_name: NAME.into(),
    }
}

pub(super) fn organization() -> OrganizationSummary {
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
        takes_way: true,
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
        again: true,
        code_sent_at: Some(OffsetDateTime::UNIX_EPOCH),
        link_sent_at: Some(OffsetDateTime::UNIX_EPOCH),
    }
}

fn mfa(phone_ending: &str, has_totp: bool) -> Mfa {
    Mfa {
        unfinished: unfinished(),
        phone_ending: phone_ending.into(),
        phone_is_new: false,
        typed_phone: String::new(),
        has_totp,
        allows_sms: true,
        allows_totp: true,
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
        since: OffsetDateTime::UNIX_EPOCH,
        factors: vec![AuthenticationFactor {
            kind: "oauth".into(),
            delivery_method: "oauth_google".into(),
            last_authenticated_at: Some(OffsetDateTime::UNIX_EPOCH),
        }],
        jit: Jit {
            open: true,
            domains: vec!["acme.example".into()],
        },
        brought: Some(Brought {
            provider_type: "Google".into(),
            access: "…1234".into(),
            refresh: String::new(),
            identity: "…5678".into(),
            expires_at: Some(OffsetDateTime::UNIX_EPOCH),
            scopes: vec!["openid".into()],
        }),
        until: OffsetDateTime::UNIX_EPOCH,
    }
}

/// Renders, and checks what holds for every page.
pub(super) fn render(page: &impl Template) -> String {
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
            here: NAME.into(),
            is_member: kind == Kind::ActiveMember,
            until: (kind != Kind::ActiveMember).then_some(OffsetDateTime::UNIX_EPOCH),
            offered: offered(kind),
            once,
        });
    }
    for error in ["", "Choose another one."] {
        render(&CreateOrgPage {
            shell: shell(),
            email: "ada@acme.example".into(),
            until: OffsetDateTime::UNIX_EPOCH,
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
    let fault = || Fault {
        at: "code",
        words: "That is not the code.",
    };
    let now = OffsetDateTime::UNIX_EPOCH;
    let all = [
        "email_otp",
        "magic_link",
        "google_oauth",
        "sso",
        "carrier_pigeon",
    ];
    for methods in [&[][..], &["carrier_pigeon", "password"], &all] {
        let connections = vec![connection()];
        let connections = if methods == all {
            connections
        } else {
            Vec::new()
        };
        let page = StepUpPage::new(
            shell(),
            step_up(methods),
            connections,
            &Provider::ALL,
            fault(),
            now,
        );
        let html = render(&page);
        assert!(!html.contains("carrier_pigeon"));
        assert_eq!(html.contains("no other way in"), methods != all);
    }
    for is_code in [None, Some(true), Some(false)] {
        let emailed = is_code.map(|is_code| Emailed {
            code_sent_at: is_code.then_some(now),
            link_sent_at: Some(now),
            ..Emailed::to(NAME)
        });
        render(&EmailPage::new(shell(), emailed, fault(), now));
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
            by_link: matches!(sign_in, SignIn::Nobody),
            which: "which".into(),
            sign_in,
            once: "once".into(),
        });
    }
}

#[test]
fn organization_pages() {
    let html = render(&OrgPage::new(shell(), member(), "Stytch refuses it."));
    assert!(!html.contains("session token") && !html.contains("session jwt"));
    assert!(html.contains("/org/oneil/provider/google"));
    for others in [Vec::new(), vec![offered(MembershipKind::InvitedMember)]] {
        render(&SwitchPage {
            shell: shell(),
            member: member(),
            others,
            providers: Provider::ALL.to_vec(),
            once: "once".into(),
        });
    }
    let registration = ProviderRegistration {
        provider_subject: NAME.into(),
        access_token: Secret::new("ya29.a0ARrdaM-abcdefgh1234"),
        access_token_expires_in: Some(90),
        ..ProviderRegistration::default()
    };
    let html = render(&ProviderPage {
        shell: shell(),
        provider: Provider::Google,
        registrations: vec![registration],
        member: member(),
    });
    assert!(html.contains("…1234") && !html.contains("ya29") && html.contains("1 minute"));
    let member = SignIn::Member(Box::new(member()));
    for (providers, connections, sign_in) in [
        (Vec::new(), Vec::new(), SignIn::Nobody),
        (Provider::ALL.to_vec(), vec![connection()], member),
    ] {
        render(&OrgSignInPage {
            shell: shell(),
            organization: organization(),
            providers,
            by_email: !connections.is_empty(),
            connections,
            sign_in,
        });
    }
}
