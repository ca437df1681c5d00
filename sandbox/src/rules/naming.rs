//! Names and slugs of organizations. See `docs/stytch.md#discovery` and `docs/stytch.md#organizations`.

use crate::model::{
    ApiError, Indexed, Organization, ids, lookup,
    people::{domain, is_common},
};

/// Checks a name: 1 to 128 characters, not blank.
pub fn check_name(name: &str) -> Result<(), ApiError> {
    if name.trim().is_empty() || name.chars().count() > 128 {
        return Err(ApiError::of("invalid_organization_name"));
    }
    Ok(())
}

/// Checks a slug's characters, and that it is free. Slugs that differ only in case count as equal, which is stricter
/// than the vendor's documentation.
pub fn check_slug(slug: &str, organizations: &Indexed<Organization>) -> Result<(), ApiError> {
    check_new_slug(slug, organizations, "")
}

/// The same check for the organization with this id, which can keep its slug.
pub fn check_new_slug(
    slug: &str,
    organizations: &Indexed<Organization>,
    own_id: &str,
) -> Result<(), ApiError> {
    if !is_slug(slug) {
        return Err(ApiError::of("invalid_organization_slug"));
    }
    if is_taken(slug, organizations, own_id) {
        return Err(ApiError::of("organization_slug_already_used"));
    }
    Ok(())
}

/// Whether the text has the length and the characters of a slug.
pub fn is_slug(slug: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    (2..=128).contains(&slug.chars().count())
        && slug.chars().all(allowed)
        && slug.contains(|c: char| c.is_ascii_alphanumeric())
}

/// A name made from the address: `Acme` from `ada@acme.com`. The vendor's spelling is not documented.
pub fn name_from(email: &str) -> String {
    let stem = stem(email);
    let mut letters = stem.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A free slug made from the address: `acme`, or `acme-1f3a` if that is taken.
pub fn slug_from(email: &str, organizations: &Indexed<Organization>) -> String {
    free_slug(stem(email), organizations)
}

/// A free slug made from this name.
pub fn free_slug(name: &str, organizations: &Indexed<Organization>) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(100)
        .collect();
    let mut slug = plain.clone();
    while check_slug(&slug, organizations).is_err() {
        slug = format!("{plain}-{}", ids::four_hex());
    }
    slug
}

/// The name in the domain, or the part before the `@` if the domain is one of a public email provider or of a school.
fn stem(email: &str) -> &str {
    let domain = domain(email);
    if is_common(domain) || domain.to_lowercase().ends_with(".edu") {
        email.split('@').next().unwrap_or(email)
    } else {
        let mut labels: Vec<&str> = domain.split('.').collect();
        labels.pop();
        if labels.len() > 1
            && matches!(
                labels.last(),
                Some(&("co" | "com" | "org" | "net" | "ac" | "gov"))
            )
        {
            labels.pop(); // acme.co.uk gives Acme, not Co
        }
        labels.last().copied().unwrap_or(domain)
    }
}

/// Whether the slug is another organization's slug or external id, because both can be used in place of an id.
fn is_taken(slug: &str, organizations: &Indexed<Organization>, own_id: &str) -> bool {
    let keys = [lookup::slug(slug), lookup::reference(slug)];
    let mut holders = keys.iter().flat_map(|key| organizations.with_key(key));
    holders.any(|organization| {
        organization.id() != own_id
            && (organization.slug().eq_ignore_ascii_case(slug) || organization.answers_to(slug))
    })
}
