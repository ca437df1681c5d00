//! The text of every error page: what happened, and what to do next.

use axum::http::StatusCode;

use super::{
    later_words,
    message::{Words, again_words},
    names::isolated,
};
use crate::{
    error::{AppError, NotAllowed, Reason, StartAgain},
    sign_in::OrganizationSummary,
};

impl Words {
    /// The text for an error of this package. `path` is the path of the failed request.
    pub fn of(error: &AppError, path: &str) -> Self {
        match error {
            AppError::StartAgain(again) => start_again(again),
            AppError::TryLater(later) => later_words::words(later, path),
            AppError::WrongOrganization { asked } => {
                let name = isolated(&asked.organization_name);
                let text = format!(
                    "You asked to sign in to {name}, but the sign-in was for another organization. You were not signed in."
                );
                Self::new("The sign-in was for another organization", text).leading(
                    format!("Sign in to {name}"),
                    format!("/org/{}", asked.organization_slug),
                )
            }
            AppError::OtherTab { here, there } => {
                let name = isolated(&here.organization_name);
                let there = isolated(there);
                let text = format!(
                    "This page belongs to {there}, but you are signed in to {name}. Nothing was changed."
                );
                Self::new("You are signed in to another organization", text).leading(
                    format!("Go to {name}"),
                    format!("/org/{}", here.organization_slug),
                )
            }
            AppError::NotAllowed {
                why, organization, ..
            } => {
                not_allowed(*why, organization.as_ref(), path)
            }
            AppError::NotFound => Self::new(
                "Page not found",
                "This page or organization does not exist. Check that the address is correct.",
            ),
            AppError::NoOrganization { typed } => Self::new(
                "Organization not found",
                "No organization has this address. Check the spelling, or ask a colleague for a link.",
            )
            .asking_again(typed),
            AppError::SessionGone => {
                Self::new("You were signed out", "Sign in again to continue.").back_to_sign_in()
            }
            AppError::SignOutUnfinished(_) => Self::new(
                "You are signed out in this browser",
                "We could not end your session on our server. It will expire on its own.",
            )
            .back_to_sign_in(),
            AppError::Ours(_) => Self::new(
                "Something went wrong on our side",
                "This is not your fault. Try again. If that does not help, contact us, and include the request ID from the details below.",
            ),
        }
    }

    /// The text for a form that another site sent.
    pub fn cross_site() -> Self {
        Self::new(
            "The form came from another site",
            "Nothing was changed. If you meant to do this, use the form on our own page.",
        )
    }

    /// The text for a request that names another host. `received` is that host; `None` if it is not a host name.
    pub fn other_host(app_url: &str, received: Option<&str>) -> Self {
        let address = app_url.trim_end_matches('/');
        let received = match received {
            Some(host) => host.to_owned(),
            None => "something that is not a host name".to_owned(),
        };
        let text = format!(
            "You can sign in only at {address}, but you opened {received}. If the link below leads back to this page, a proxy in front of the app changes the Host header. The proxy must pass it on unchanged, including the port."
        );
        Self::new("This is the wrong address", text).leading(format!("Go to {address}"), app_url)
    }

    /// The text for a request that axum or a layer refused with this status.
    #[rustfmt::skip]
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::of(&AppError::NotFound, ""),
            StatusCode::METHOD_NOT_ALLOWED => Self::new("You can't open this page directly", "Nothing was changed. Go back, and use the button or the form."),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new("The form was too long", "You sent more than we can accept. Go back and shorten what you entered."),
            StatusCode::REQUEST_TIMEOUT => Self::new("That took too long", "Your form did not arrive in time, so nothing was changed. Send it again."),
            StatusCode::SERVICE_UNAVAILABLE => Self::new("Click to sign in", "A sign-in starts only when you click, not when a browser or an app loads a page in advance."),
            status if status.is_server_error() => Self::of(&AppError::ours(""), ""),
            _ => Self::new(
                "We could not read your request",
                "It was incomplete. Go back and try again.",
            ),
        }
    }
}

fn start_again(again: &StartAgain) -> Words {
    #[rustfmt::skip]
    let (title, text) = match again.reason {
        Reason::TookTooLong => ("Your sign-in has expired", "A sign-in expires after ten minutes. Start again."),
        Reason::NotStarted => ("No sign-in in progress", "This page is part of a sign-in, but this browser does not have one in progress. It may have expired, you may have finished it already, or it may have been lost on our side."),
        Reason::NoCookie => ("No sign-in in progress", "This page is part of a sign-in, and this browser has no sign-in in progress. Start again. If you have just done that, allow cookies for this site first."),
        Reason::CookiesBlocked => ("Allow cookies to sign in", "Signing in requires cookies, and your browser did not send one. Allow cookies for this site, and then start again."),
        Reason::Replaced => ("This page is out of date", "Your sign-in has changed since this page was shown, perhaps in another tab. Nothing was changed."),
        Reason::SeveralLinks => ("Another sign-in link was opened", "Two sign-in links were opened in this browser, perhaps one of them by a site that you visited, so neither sign-in was continued. Open the link that you want again, and check which organization the page names."),
        Reason::SignedOut => ("You are not signed in", "Only members can see this page."),
        Reason::SessionEnded => ("You were signed out", "Your session expired, or it was ended from somewhere else."),
        Reason::Canceled => ("Sign-in was canceled", "The sign-in did not finish. Nothing was changed."),
        Reason::ProviderFailed => ("The provider could not sign you in", "The provider reported an error. Try again, or sign in another way."),
        Reason::ProviderTokenGone => ("No token from that provider", "You have not signed in with that provider here, or its token has expired. Sign in with it to get a new token."),
        Reason::TokenSpent | Reason::TokenUnknown => ("This sign-in has expired or was already used", "You can complete a sign-in only once, and only within a short time. Start a new sign-in."),
        Reason::NotLatest => ("This sign-in can't be finished here", "Finish a sign-in in the browser where you started it, within ten minutes. A newer sign-in replaces an older one, and a sign-in can be lost on our side. If you have a newer one open, finish that one. Otherwise, start again."),
        Reason::BadCallback => ("We do not recognize this sign-in", "The link that led here is incomplete or wrong. Nothing was changed."),
    };
    let words = Words::new(title, text).back_to_sign_in();
    match &again.origin {
        None if again.reason == Reason::Replaced => {
            words.leading("Choose an organization", "/organizations")
        }
        Some(origin) => {
            let path = origin.restart_path();
            let other_ways = may_choose_another_way(again.reason).then(|| origin.start_page());
            Words {
                other_ways: other_ways.filter(|page| *page != path),
                ..words.leading(again_words(origin), path)
            }
        }
        None => words,
    }
}

/// Whether another way to sign in may work better than the same one.
fn may_choose_another_way(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::TookTooLong
            | Reason::Canceled
            | Reason::ProviderFailed
            | Reason::TokenSpent
            | Reason::TokenUnknown
    )
}

fn not_allowed(why: NotAllowed, organization: Option<&OrganizationSummary>, path: &str) -> Words {
    let name_or =
        |other: &str| organization.map_or(other.to_owned(), |it| isolated(&it.organization_name));
    let name = name_or("This organization");
    let whom = name_or("your organization");
    let there = name_or("this one");
    let ask = match organization {
        Some(_) => format!("Ask an administrator of {name} to invite you."),
        None => "Ask an administrator to invite you.".to_owned(),
    };
    #[rustfmt::skip]
    let (title, text) = match why {
        NotAllowed::Method => ("You can't sign in this way", format!("{name} does not let its members sign in that way. Choose another way, or ask an administrator.")),
        NotAllowed::MfaMethod => ("This second factor is not allowed", format!("{name} does not accept that second factor. Choose another one, or ask an administrator.")),
        NotAllowed::UseYours => ("You already have a second factor", format!("You already have a second factor at {name}. Use it, or ask an administrator to reset it.")),
        NotAllowed::NotAMember => ("You are not a member of this organization", format!("{name} has no member with your email address. {ask}")),
        NotAllowed::EmailJitClosed => ("You are not a member of this organization", format!("{name} does not let people join by email domain. {ask}")),
        NotAllowed::EmailDomain => ("You can't join with this email address", format!("{name} does not let people with your email domain join without an invitation. {ask}")),
        NotAllowed::TenantJitClosed => ("You are not a member of this organization", format!("{name} does not let people join through a workspace at the provider. {ask}")),
        NotAllowed::Tenant => ("Your workspace is not allowed", format!("Only people from certain workspaces at the provider can join {name} without an invitation, and yours is not one of them. {ask}")),
        NotAllowed::Connection => ("You are not a member of this organization", format!("{name} does not let people join through this single sign-on connection. {ask}")),
        NotAllowed::OrganizationGone => ("This organization no longer exists", format!("{name} was deleted after you opened the page. You were not signed in to it.")),
        NotAllowed::NotOffered => ("This organization is not in your list", "It may have been deleted, you may have left it, or the address of this page may be wrong. Choose another one.".to_owned()),
        NotAllowed::ConnectionGone => ("This single sign-on connection no longer exists", format!("{name} removed it after you opened the page. Sign in another way.")),
        NotAllowed::DomainClaimed => ("Your email domain belongs to another organization", format!("People with your email domain can join that organization, but not {there}. Ask an administrator of your organization.")),
        NotAllowed::AddressRetired => ("This email address is no longer in use", format!("It belonged to a member of {whom}, but you can't sign in with it anymore. Use your new email address, or ask an administrator.")),
        NotAllowed::Locked => ("This account is locked for now", format!("There were too many failed attempts. Try again later, or ask an administrator of {whom}.")),
        NotAllowed::Suspended => ("This organization is suspended", format!("Members can't sign in to {name} at the moment. Ask an administrator for help.")),
        NotAllowed::OtherAccount => ("That was another account", "That account has a different email address. Your sign-in is still in progress. Go back, and use the email address that you started with.".to_owned()),
        NotAllowed::FactorsStay => ("A separate sign-in is required", format!("{name} does not accept your current sign-in. You stay signed in until you finish the new one.")),
        NotAllowed::NoPermission => ("You do not have permission", format!("Your roles do not let you change settings. Ask an administrator of {name}. Nothing was changed.")),
    };
    let words = Words::new(title, text).back_to_sign_in();
    match (why, organization) {
        (NotAllowed::OrganizationGone | NotAllowed::NotOffered, _) => {
            match later_words::page_before(path) {
                Some(list) if list == "/organizations" => words.leading("Your organizations", list),
                _ => words,
            }
        }
        (NotAllowed::OtherAccount, _) => words.leading("Back to your sign-in", "/step_up"),
        (NotAllowed::MfaMethod | NotAllowed::UseYours, _) => {
            words.leading("Back to the second factors", "/mfa")
        }
        (NotAllowed::NoPermission, Some(it)) => words.leading(
            format!("Back to {name}"),
            format!("/org/{}", it.organization_slug),
        ),
        (NotAllowed::Method, Some(it)) => words.leading(
            "Other ways to sign in",
            format!("/org/{}", it.organization_slug),
        ),
        // A page that leads back to the sign-in page must not promise the organization.
        (
            NotAllowed::NotAMember
            | NotAllowed::EmailJitClosed
            | NotAllowed::EmailDomain
            | NotAllowed::TenantJitClosed
            | NotAllowed::Tenant
            | NotAllowed::Connection
            | NotAllowed::DomainClaimed
            | NotAllowed::AddressRetired
            | NotAllowed::Locked,
            Some(it),
        ) => words.leading(
            format!("Use another account for {name}"),
            format!("/org/{}", it.organization_slug),
        ),
        (_, Some(it)) => words.leading(
            format!("Go to {name}"),
            format!("/org/{}", it.organization_slug),
        ),
        (_, None) => words,
    }
}
