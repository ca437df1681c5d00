//! The organizations that a page offers. A person can have very many, so a page shows some and can be searched.

use crate::sign_in::OfferedOrganization;

/// Organizations on one page: a button each, 40 kB of HTML.
pub const MOST_SHOWN: usize = 100;

/// The organizations on a page, and how many there are besides.
pub struct OrganizationList {
    /// The first [`MOST_SHOWN`] of those that were searched for.
    pub shown: Vec<OfferedOrganization>,
    /// How many were found, shown or not.
    pub found: usize,
    /// How many there are to search.
    pub all: usize,
    /// How many others the vendor's list had.
    pub more: usize,
    /// The search; empty for all.
    pub query: String,
}

impl OrganizationList {
    /// Searches name and slug for this text, in any case.
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

    /// Whether there is no organization, searched for or not.
    pub fn is_empty(&self) -> bool {
        self.all == 0 && self.more == 0
    }

    /// Whether the page needs a search form.
    pub fn is_searchable(&self) -> bool {
        self.all > MOST_SHOWN || !self.query.is_empty()
    }
}
