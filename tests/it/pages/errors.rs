//! Every error page, with and without its optional values.

use stytch_b2b_axum::{
    error::{AppError, NotAllowed, Outage, Reason},
    sign_in::{Origin, StartMethod},
    stytch::Slug,
    views::{ErrorPage, message::Words},
};

use super::samples::{NAME, connection, organization, origin, render, shell};

#[test]
fn error_pages_render() {
    let reasons = [
        Reason::TookTooLong,
        Reason::NotStarted,
        Reason::NoCookie,
        Reason::CookiesBlocked,
        Reason::Replaced,
        Reason::SeveralLinks,
        Reason::SignedOut,
        Reason::SessionEnded,
        Reason::Canceled,
        Reason::ProviderFailed,
        Reason::ProviderTokenGone,
        Reason::TokenSpent,
        Reason::TokenUnknown,
        Reason::NotLatest,
        Reason::BadCallback,
    ];
    let mut errors: Vec<AppError> = reasons
        .map(|reason| AppError::start_again(reason).with_origin(&origin()))
        .to_vec();
    for outage in [
        Outage::Slow,
        Outage::Down,
        Outage::Store,
        Outage::Busy(std::time::Duration::from_secs(7)),
    ] {
        errors.push(AppError::from(outage).after_the_call());
        errors.push(AppError::from(outage).with_origin(&origin()));
    }
    for why in [
        NotAllowed::Method,
        NotAllowed::MfaMethod,
        NotAllowed::UseYours,
        NotAllowed::NotAMember,
        NotAllowed::EmailJitClosed,
        NotAllowed::EmailDomain,
        NotAllowed::TenantJitClosed,
        NotAllowed::Tenant,
        NotAllowed::Connection,
        NotAllowed::OrganizationGone,
        NotAllowed::NotOffered,
        NotAllowed::ConnectionGone,
        NotAllowed::DomainClaimed,
        NotAllowed::AddressRetired,
        NotAllowed::Locked,
        NotAllowed::Suspended,
        NotAllowed::OtherAccount,
        NotAllowed::FactorsStay,
        NotAllowed::NoPermission,
    ] {
        errors.push(AppError::from(why));
        errors.push(AppError::from(why).at(&organization()));
    }
    errors.extend([
        AppError::WrongOrganization {
            asked: organization(),
        },
        AppError::OtherTab {
            here: organization(),
            there: Slug::new(NAME),
        },
        AppError::start_again(Reason::TookTooLong).with_origin(&Origin::organization(
            &Slug::new("oneil"),
            Some(StartMethod::Connection(connection())),
        )),
        AppError::NotFound,
        AppError::ours("a bug"),
        AppError::store("down").while_signing_out(),
    ]);
    let paths = [
        "/discovery",
        "/mfa/sms",
        "/confirm",
        "/org/oneil/jit",
        "/login/o",
    ];
    for (error, path) in errors.iter().flat_map(|it| paths.map(|path| (it, path))) {
        let status = error.status();
        assert!(
            status.is_client_error() || status.is_server_error(),
            "{error:?}"
        );
        render(&page(Words::of(error, path)));
    }
    render(&page(Words::cross_site()));
    render(&page(Words::other_host(
        "http://localhost:3000/",
        Some("localhost"),
    )));
}

fn page(words: Words) -> ErrorPage {
    ErrorPage {
        shell: shell(),
        words,
        refusal: None,
        return_with: Vec::new(),
        return_slug: None,
    }
}
