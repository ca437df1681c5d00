//! A sample of every page, because a template that can't render must fail here and not for a visitor.

use std::sync::Arc;

use askama::Template;
use scraper::{Html, Node};
use time::OffsetDateTime;

use stytch_b2b_axum::views::{
    self, ConfirmPage, CreateOrgPage, EmailPage, HomePage, LoginPage, MfaPage, OrgPage,
    OrgSignInPage, OrganizationList, OrganizationsPage, ProviderPage, Shell, SignedOut, StepUpPage,
    SwitchPage, unfinished::Refusals, words::FieldError,
};
use stytch_b2b_axum::{
    sign_in::{
        Choosing, EmailJit, Enrollment, JitRule, Mfa, OfferedOrganization, OrganizationSummary,
        Origin, PartialSession, ProviderTokens, SentEmail, SignIn, SignedInMember, StartMethod,
        StepUp, TokenType, member::MemberSummary,
    },
    stytch::{
        AuthMethod, ConnectionId, MemberId, OrganizationId, Provider, SessionJwt, SessionToken,
        Slug,
        discovered::MembershipKind,
        members::ProviderRegistration,
        objects::{AuthenticationFactor, SsoConnection},
        secret::Secret,
    },
    web::site::Site,
};

/// A name that tries to leave its element, and then its isolation: U+2069 ends the isolation of `<bdi>` early, and
/// U+202E reverses what follows.
pub(super) const NAME: &str =
    "O'Neil & \"Sons\" </script><img src=x onerror=alert(1)>\u{2069}\u{202e}";

pub(super) fn shell() -> Shell {
    Shell {
        site: Site::new(
            url::Url::parse("http://localhost:3000").unwrap(),
            "",
            "/",
            Provider::ALL.to_vec(),
            Some("http://127.0.0.1:3100".into()),
        ),
        request_id: "00000000-0000-4000-8000-000000000000".into(),
        inspection: None,
    }
}

pub(super) fn origin() -> Origin {
    let method = StartMethod::Provider(Provider::Google);
    Origin::organization(&Slug::new("oneil"), Some(method))
}

pub(super) fn connection() -> SsoConnection {
    SsoConnection {
        connection_id: ConnectionId::new("saml-connection-test-1"),
        display_name: NAME.into(),
    }
}

pub(super) fn organization() -> OrganizationSummary {
    OrganizationSummary {
        organization_id: OrganizationId::parse("organization-test-1").unwrap(),
        organization_name: NAME.into(),
        organization_slug: Slug::new("oneil"),
    }
}

fn offered(kind: MembershipKind) -> OfferedOrganization {
    let organization = organization();
    OfferedOrganization {
        id: organization.organization_id,
        name: organization.organization_name,
        slug: organization.organization_slug,
        kind,
        allows_method: true,
    }
}

fn choosing(offered: Vec<OfferedOrganization>) -> Choosing {
    Choosing {
        ist: Secret::new("ist"),
        email: "ada@acme.example".into(),
        offered,
        more: 0,
        until: OffsetDateTime::UNIX_EPOCH,
        origin: origin(),
    }
}

fn partial() -> PartialSession {
    PartialSession {
        ist: Secret::new("ist"),
        email: "ada@acme.example".into(),
        organization: organization(),
        member_id: MemberId::new("member-test-1"),
        until: OffsetDateTime::UNIX_EPOCH,
        origin: origin(),
    }
}

fn step_up(methods: &[AuthMethod]) -> StepUp {
    StepUp {
        partial: partial(),
        allowed_auth_methods: methods.to_vec(),
        mfa_due_too: true,
        again: true,
        code_sent_at: Some(OffsetDateTime::UNIX_EPOCH),
        link_sent_at: Some(OffsetDateTime::UNIX_EPOCH),
    }
}

fn mfa(phone_ending: &str, has_totp: bool) -> Mfa {
    Mfa {
        partial: partial(),
        phone_ending: phone_ending.into(),
        phone_is_new: false,
        typed_phone: String::new(),
        has_totp,
        allows_sms: true,
        allows_totp: true,
        sms_sent_at: Some(OffsetDateTime::UNIX_EPOCH),
        enrollment: None,
    }
}

fn member() -> Arc<SignedInMember> {
    Arc::new(SignedInMember {
        session_token: SessionToken::new("session token"),
        session_jwt: SessionJwt::new("session jwt"),
        jwt_until: OffsetDateTime::UNIX_EPOCH,
        organization: organization(),
        member: MemberSummary {
            member_id: MemberId::new("member-test-1"),
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
        jit: EmailJit {
            rule: JitRule::Domains,
            domains: vec!["acme.example".into()],
        },
        provider_tokens: Some(ProviderTokens {
            provider_type: "Google".into(),
            access: "…1234".into(),
            refresh: String::new(),
            identity: "…5678".into(),
            expires_at: Some(OffsetDateTime::UNIX_EPOCH),
            scopes: vec!["openid".into()],
        }),
        until: OffsetDateTime::UNIX_EPOCH,
    })
}

/// Renders a page, and checks what holds for every page.
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
    assert!(html.matches(" autofocus").count() <= 1, "{html}");
    names_are_isolated(&html);
    html
}

/// W9: a name on a page is in `<bdi>`, a name in a title between isolates, and neither can reverse what follows.
fn names_are_isolated(html: &str) {
    for node in Html::parse_document(html).tree.nodes() {
        let (Node::Text(text), Some(parent)) = (node.value(), node.parent()) else {
            continue;
        };
        let parent = parent.value().as_element().unwrap().name();
        assert!(!text.contains('\u{202e}'), "<{parent}>{}", &**text);
        if text.contains("Sons") {
            let between_isolates = text.contains("\u{2068}O'Neil") && text.contains(")>\u{2069}");
            let is_isolated = parent == "bdi" || (parent == "title" && between_isolates);
            assert!(is_isolated, "<{parent}>{}", &**text);
        }
    }
}

#[test]
fn the_start_page_renders() {
    let states = [
        SignIn::Anonymous,
        SignIn::Choosing(choosing(Vec::new())),
        SignIn::StepUp(step_up(&[])),
        SignIn::Mfa(mfa("", false)),
        SignIn::Member(member()),
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
fn choosing_pages_render() {
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
        let form_id = "form".into();
        render(&OrganizationsPage {
            shell: shell(),
            now: OffsetDateTime::UNIX_EPOCH,
            email: "ada@acme.example".into(),
            until: OffsetDateTime::UNIX_EPOCH,
            list: OrganizationList::search(offered, 7, ""),
            form_id,
        });
    }
    for kind in kinds {
        let (email, form_id) = ("ada@acme.example".into(), "form".into());
        render(&LoginPage {
            shell: shell(),
            now: OffsetDateTime::UNIX_EPOCH,
            email,
            here: NAME.into(),
            is_member: kind == Kind::ActiveMember,
            until: (kind != Kind::ActiveMember).then_some(OffsetDateTime::UNIX_EPOCH),
            offered: offered(kind),
            form_id,
        });
    }
    for error in ["", "Choose another one."] {
        render(&CreateOrgPage {
            shell: shell(),
            now: OffsetDateTime::UNIX_EPOCH,
            email: "ada@acme.example".into(),
            until: OffsetDateTime::UNIX_EPOCH,
            organization_name: NAME.into(),
            name_error: error.into(),
            organization_slug: NAME.into(),
            slug_error: error.into(),
            form_id: "form".into(),
        });
    }
}

#[test]
fn pages_of_a_sign_in_in_progress_render() {
    let field_error = || FieldError {
        field: "code",
        text: "That code is not correct.",
    };
    let now = OffsetDateTime::UNIX_EPOCH;
    let newer = || AuthMethod::Other("carrier_pigeon".into());
    let all = [
        AuthMethod::EmailOtp,
        AuthMethod::MagicLink,
        AuthMethod::GoogleOauth,
        AuthMethod::Sso,
        newer(),
    ];
    for methods in [&[][..], &[newer(), AuthMethod::Password], &all] {
        let connections = vec![connection()];
        let connections = if methods == all {
            connections
        } else {
            Vec::new()
        };
        let refusal = None;
        let page = StepUpPage::new(
            shell(),
            step_up(methods),
            connections,
            refusal,
            field_error(),
            now,
        );
        let html = render(&page);
        assert!(!html.contains("carrier_pigeon"));
        assert_eq!(
            html.contains("does not offer any of the ways"),
            methods != all
        );
    }
    for is_code in [None, Some(true), Some(false)] {
        let emailed = is_code.map(|is_code| SentEmail {
            code_sent_at: is_code.then_some(now),
            link_sent_at: Some(now),
            ..SentEmail::to(NAME)
        });
        render(&EmailPage::new(shell(), emailed, field_error(), now));
    }
    let mut new = mfa("", false);
    new.enrollment = Some(Enrollment {
        secret: Secret::new("JBSWY3DPEHPK3PXP"),
        recovery_codes: vec![Secret::new("one"), Secret::new("two")],
    });
    for due in [mfa("", false), mfa("0100", true), new] {
        let enrollment = due.enrollment.as_ref();
        let qr = enrollment.and_then(|it| views::qr::otpauth(&due.partial, &it.secret));
        assert_eq!(qr.is_some(), enrollment.is_some());
        render(&MfaPage {
            shell: shell(),
            now: OffsetDateTime::UNIX_EPOCH,
            wait: 0,
            sms_until: Some(OffsetDateTime::UNIX_EPOCH),
            qr,
            form_id: "form".into(),
            due,
            refusals: Refusals::default(),
            field_error: FieldError::default(),
        });
    }
    for sign_in in [SignIn::Anonymous, SignIn::Member(member())] {
        render(&ConfirmPage {
            shell: shell(),
            by_link: matches!(sign_in, SignIn::Anonymous),
            token_type: TokenType::MultiTenantMagicLinks,
            is_second: matches!(sign_in, SignIn::Anonymous),
            slug: Some(Slug::new(NAME)),
            fingerprint: "fingerprint".into(),
            sign_in,
            form_id: "form".into(),
        });
    }
}

#[test]
fn organization_pages_render() {
    let html = render(&OrgPage::new(
        shell(),
        member(),
        "Stytch refuses it.",
        OffsetDateTime::UNIX_EPOCH,
    ));
    assert!(!html.contains("session token") && !html.contains("session jwt"));
    assert!(html.contains("/org/oneil/provider/google"));
    for others in [Vec::new(), vec![offered(MembershipKind::InvitedMember)]] {
        render(&SwitchPage {
            shell: shell(),
            member: member(),
            list: OrganizationList::search(others, 0, ""),
            providers: Provider::ALL.to_vec(),
            form_id: "form".into(),
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
        now: OffsetDateTime::UNIX_EPOCH,
        provider: Provider::Google,
        registrations: vec![registration],
        member: member(),
    });
    assert!(html.contains("…1234") && !html.contains("ya29") && html.contains("1 minute"));
    let member = SignIn::Member(member());
    for (providers, connections, sign_in) in [
        (Vec::new(), Vec::new(), SignIn::Anonymous),
        (Provider::ALL.to_vec(), vec![connection()], member),
    ] {
        render(&OrgSignInPage {
            shell: shell(),
            organization: organization(),
            providers,
            by_email: !connections.is_empty(),
            connections,
            sign_in,
            return_query: String::new(),
        });
    }
}
