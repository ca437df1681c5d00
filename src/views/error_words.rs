//! The text of every error page: what happened, without blame, and the next step.

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
    /// For one of our own errors, at a request for this path.
    pub fn of(error: &AppError, path: &str) -> Self {
        match error {
            AppError::StartAgain(again) => start_again(again),
            AppError::TryLater(later) => later_words::words(later, path),
            AppError::WrongOrganization { asked } => {
                let name = isolated(&asked.organization_name);
                let text = format!(
                    "You asked for {name}, but the sign-in came back for another organization. Nobody was signed in."
                );
                Self::new("That was another organization", text).leading(
                    format!("Sign in to {name}"),
                    format!("/org/{}", asked.organization_slug),
                )
            }
            AppError::OtherTab { here, there } => {
                let name = isolated(&here.organization_name);
                let there = isolated(there);
                let text = format!(
                    "This page belongs to {there}, and you are signed in to {name}. Nothing was changed."
                );
                Self::new("You are in another organization", text).leading(
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
                "There is nothing here",
                "This page or organization does not exist. Check the address for a typing mistake.",
            ),
            AppError::NoOrganization { typed } => Self::new(
                "Organization not found",
                "No organization has this address. Check it for a typing mistake, or ask a colleague for a link.",
            )
            .asking_again(typed),
            AppError::SessionGone => Self::new("You were signed out", "Sign in again to go on."),
            AppError::SignOutUnfinished(_) => Self::new(
                "You are signed out in this browser",
                "We could not end your session on the server, because our session store does not answer. It ends by itself when its time is up.",
            ),
            AppError::Ours(_) => Self::new(
                "Something went wrong on our side",
                "It is not your doing. Trying again may help; if it does not, tell us the number below.",
            ),
        }
    }

    /// A POST from another site.
    pub fn cross_site() -> Self {
        Self::new(
            "That came from another site",
            "A form was sent here from somewhere else, so nothing was done. If it was you, do it again from our own page.",
        )
    }

    /// A request for another host. `received` is its name, `None` if it is not a host name.
    pub fn other_host(app_url: &str, received: Option<&str>) -> Self {
        let address = app_url.trim_end_matches('/');
        let received = match received {
            Some(host) => format!("for {host}"),
            None => "for something that is not a host name".to_owned(),
        };
        let text = format!(
            "You can sign in at {address} only, and this request was {received}. If the link below brings you back to this page, a proxy in front of the app is the cause: it must pass on the Host header unchanged, with the port."
        );
        Self::new("This app has another address", text).leading(format!("Go to {address}"), app_url)
    }

    /// What axum or a layer refused.
    #[rustfmt::skip]
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::of(&AppError::NotFound, ""),
            StatusCode::METHOD_NOT_ALLOWED => Self::new("That does not work here", "This address takes another kind of request. Nothing was done."),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new("That was too much", "The form held more than we take. Go back and shorten it."),
            StatusCode::REQUEST_TIMEOUT => Self::new("That took too long", "Your form did not arrive in time, so nothing was done. Send it again."),
            StatusCode::SERVICE_UNAVAILABLE => Self::new("Not before you click", "A sign-in begins with a click, not with a preview of the page."),
            status if status.is_server_error() => Self::of(&AppError::ours(""), ""),
            _ => Self::new(
                "We could not read that",
                "The request was not in the form that this page sends. Go back and try again.",
            ),
        }
    }
}

fn start_again(again: &StartAgain) -> Words {
    #[rustfmt::skip]
    let (title, text) = match again.reason {
        Reason::TookTooLong => ("Your sign-in took too long", "A sign-in must be finished within ten minutes. Nothing is lost but the time."),
        Reason::NotStarted => ("No sign-in in progress", "This page belongs to a sign-in, and this browser has none in progress. It may have expired or already be finished, or we no longer have it."),
        Reason::NoCookie => ("No sign-in in progress", "Sign-in requires cookies, and your browser sent none for this page. If it blocks cookies, allow them for this site. Then start again."),
        Reason::CookiesBlocked => ("Allow cookies to sign in", "Sign-in requires cookies, and your browser sent none, so nothing was done. Allow cookies for this site, then start again."),
        Reason::Replaced => ("This page is out of date", "Your sign-in has changed since this page was shown, perhaps in another tab, so nothing was done."),
        Reason::SeveralLinks => ("Another sign-in link was opened", "Another sign-in link has been opened in this browser since that page was shown, perhaps by a site that you visited. Neither sign-in was continued. Open the link that you want once more, and check which organization the page names."),
        Reason::SignedOut => ("You are not signed in", "This page is for members."),
        Reason::SessionEnded => ("You were signed out", "Your session has ended: its time was up, or it was ended from elsewhere."),
        Reason::Canceled => ("Sign-in was canceled", "You stopped before the end. Nobody was signed in."),
        Reason::ProviderFailed => ("The provider could not sign you in", "It sent you back without a sign-in. Try again, or take another way in."),
        Reason::ProviderTokenGone => ("There is no token of that provider", "You have not signed in with it here, or its permission has run out. Sign in with it again to get a new one."),
        Reason::TokenSpent | Reason::TokenUnknown => ("This sign-in can't be used anymore", "It works once and only for a short time: it was used already, or it has expired."),
        Reason::NotLatest => ("This sign-in can't be finished here", "A sign-in can be finished only in the browser where it was started, and only until another one is started there or we have to forget it, after ten minutes at the latest. If you have another one open in this browser, finish that one. Otherwise, start again."),
        Reason::BadCallback => ("This is not a sign-in we know", "The link that led here is incomplete or meant for another page. Nobody was signed in."),
    };
    let words = Words::new(title, text);
    match &again.origin {
        None if again.reason == Reason::Replaced => {
            words.leading("Choose an organization", "/organizations")
        }
        Some(origin) => words.leading(again_words(origin), origin.restart_path()),
        None => words,
    }
}

fn not_allowed(why: NotAllowed, organization: Option<&OrganizationSummary>, path: &str) -> Words {
    let name_or =
        |other: &str| organization.map_or(other.to_owned(), |it| isolated(&it.organization_name));
    let name = name_or("This organization");
    let whom = name_or("your organization");
    let there = name_or("this one");
    let ask = match organization {
        Some(_) => format!("Ask an administrator of {name} to invite you."),
        None => "Ask its administrator to invite you.".to_owned(),
    };
    #[rustfmt::skip]
    let (title, text) = match why {
        NotAllowed::Method => ("Not this way", format!("{name} does not let its members sign in that way. Choose another one on its page, or ask its administrator.")),
        NotAllowed::MfaMethod => ("Not this second factor", format!("{name} does not take that second factor. Choose another one, or ask its administrator.")),
        NotAllowed::UseYours => ("You have a second factor already", format!("You already have a second factor at {name}. Use it, or ask an administrator to reset it.")),
        NotAllowed::NotAMember => ("You are not a member there", format!("{name} has no member with your address. {ask}")),
        NotAllowed::EmailJitClosed => ("You are not a member there", format!("{name} lets nobody join by email domain, so your address alone does not open it. {ask}")),
        NotAllowed::EmailDomain => ("Your email domain does not open it", format!("{name} lets people with certain email domains join by themselves, and yours is not one of them. {ask}")),
        NotAllowed::TenantJitClosed => ("You are not a member there", format!("{name} lets nobody join by their workspace at the provider. {ask}")),
        NotAllowed::Tenant => ("Your workspace does not open it", format!("{name} lets people of certain workspaces at the provider join by themselves, and yours is not one of them. {ask}")),
        NotAllowed::Connection => ("You are not a member there", format!("{name} lets nobody join by this single sign-on. {ask}")),
        NotAllowed::OrganizationGone => ("This organization no longer exists", format!("{name} was deleted after you saw it here. You are not signed in to it.")),
        NotAllowed::NotOffered => ("This organization is not in your list", "It was deleted, or you left it, or the address of this page has a typing mistake. Choose another one.".to_owned()),
        NotAllowed::ConnectionGone => ("This single sign-on no longer exists", format!("{name} removed it after you saw it here. Sign in another way.")),
        NotAllowed::DomainClaimed => ("Your email domain belongs to another organization", format!("People with your address join that one, not {there}. Ask an administrator of yours.")),
        NotAllowed::AddressRetired => ("This address is retired", format!("It was a member's of {whom} once and does not sign in any more. Use the newer address, or ask an administrator.")),
        NotAllowed::Locked => ("Locked for now", format!("There were too many failed tries with this account. Wait a while, or ask an administrator of {whom}.")),
        NotAllowed::Suspended => ("This organization is suspended", format!("Nobody can sign in to {name} at the moment. Ask its administrator.")),
        NotAllowed::OtherAccount => ("That was another account", "The second proof was for another address than the first. Your sign-in is kept: give the proof with the first address.".to_owned()),
        NotAllowed::FactorsStay => ("Sign in there directly", format!("The way you signed in counts in your present organization only. {name} wants a sign-in of its own; you stay signed in until you finish it.")),
        NotAllowed::NoPermission => ("Your roles do not allow that", format!("It takes the right to change settings. {name} has administrators who have it: ask one of them. Nothing was changed.")),
    };
    let words = Words::new(title, text);
    match (why, organization) {
        (NotAllowed::OrganizationGone | NotAllowed::NotOffered, _) => {
            match later_words::page_before(path) {
                Some(list) if list == "/organizations" => words.leading("Your organizations", list),
                _ => words,
            }
        }
        (NotAllowed::OtherAccount, _) => words.leading("Back to the other proof", "/step_up"),
        (NotAllowed::MfaMethod | NotAllowed::UseYours, _) => {
            words.leading("Back to the second factors", "/mfa")
        }
        (NotAllowed::NoPermission, Some(it)) => {
            words.leading("Back", format!("/org/{}", it.organization_slug))
        }
        (NotAllowed::Method, Some(it)) => words.leading(
            "Other ways to sign in",
            format!("/org/{}", it.organization_slug),
        ),
        (_, Some(it)) => words.leading(
            format!("Go to {name}"),
            format!("/org/{}", it.organization_slug),
        ),
        (_, None) => words,
    }
}
