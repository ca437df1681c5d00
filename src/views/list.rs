//! The list of organizations on a page. A person can have thousands, so a page shows the first ones and a search form.

use crate::sign_in::OfferedOrganization;

/// Maximum number of organizations on one page. With a button for each, the page has about 40 kB of HTML.
pub const MOST_SHOWN: usize = 100;

/// The organizations on a page, and the number of those that it does not show.
pub struct OrganizationList {
    /// The first [`MOST_SHOWN`] that match the query.
    pub shown: Vec<OfferedOrganization>,
    /// Number of organizations that match the query.
    pub found: usize,
    /// Number of organizations that the query searches.
    pub all: usize,
    /// Number of organizations in Stytch's list that the session has no room for.
    pub more: usize,
    /// The query; empty to show all.
    pub query: String,
}

impl OrganizationList {
    /// Searches names and slugs for the query, ignoring case. `more` is passed on.
    pub fn search(offered: Vec<OfferedOrganization>, more: usize, query: &str) -> Self {
        let wanted = query.trim().to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&wanted);
        let all = offered.len();
        let mut shown = offered;
        shown.retain(|it| holds(&it.name) || holds(it.slug.as_str()));
        let found = shown.len();
        shown.truncate(MOST_SHOWN);
        Self {
            shown,
            found,
            all,
            more,
            query: query.trim().to_owned(),
        }
    }

    /// Whether the person has no organization at all.
    pub fn is_empty(&self) -> bool {
        self.all == 0 && self.more == 0
    }

    /// Whether the page needs a search form.
    pub fn is_searchable(&self) -> bool {
        self.all > MOST_SHOWN || !self.query.is_empty()
    }
}
