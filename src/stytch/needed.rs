//! The rule for missing values. `null`, empty and blank count as missing, too.
//!
//! - What the next step needs: `#[serde(deserialize_with = "needed")]` without `default`. Without it, the response is
//!   unreadable, so that no page shows an empty value.
//! - All other fields: `#[serde(default, deserialize_with = "or_default")]`.

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny},
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{AuthMethod, ConnectionId, MemberId, OrganizationId, Slug, secret::Secret};

/// A value that can be blank: present, but without information.
pub(super) trait Blank {
    /// Whether the value is blank. Objects never are, because their own fields are checked.
    fn is_blank(&self) -> bool {
        false
    }
}

impl Blank for String {
    fn is_blank(&self) -> bool {
        self.trim().is_empty()
    }
}

impl Blank for bool {}

impl Blank for u16 {}

impl Blank for Map<String, Value> {}

impl Blank for AuthMethod {}

impl<Kind> Blank for Secret<Kind> {
    fn is_blank(&self) -> bool {
        self.expose().trim().is_empty()
    }
}

macro_rules! blank_ids {
    ($($id:ty),+) => { $(
        impl Blank for $id {
            fn is_blank(&self) -> bool {
                self.as_str().trim().is_empty()
            }
        }
    )+ };
}

blank_ids!(OrganizationId, Slug, MemberId, ConnectionId);

/// A value that must not be blank.
pub(super) fn needed<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = T::deserialize(deserializer)?;
    if value.is_blank() {
        return Err(D::Error::custom(EMPTY));
    }
    Ok(value)
}

/// A value that may be missing.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Option::<T>::deserialize(deserializer)?;
    Ok(value.filter(|value| !value.is_blank()).unwrap_or_default())
}

/// Longest name, in characters: the vendor's limit for an organization's.
const LONGEST_NAME: usize = 128;

/// Longest email address, in bytes (RFC 5321 §4.5.3.1: 64, the `@`, and 255).
const LONGEST_ADDRESS: usize = 320;

/// A name that must not be blank. One that is longer than a page can show is shortened.
pub(super) fn needed_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    needed(deserializer).map(cut)
}

/// The same for a name that may be missing.
pub(super) fn name_or_default<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    or_default(deserializer).map(cut)
}

fn cut(name: String) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => name[..end].to_owned(),
        None => name,
    }
}

/// An email address. One that is too long is unreadable, because a shortened one would be a different address.
pub(super) fn needed_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    let address: String = needed(deserializer)?;
    if address.len() > LONGEST_ADDRESS || address.chars().any(char::is_control) {
        return Err(D::Error::custom("not an email address"));
    }
    Ok(address)
}

/// The entry of a list, where one broken entry must not hide the rest: blank if it can't be used.
pub(super) fn usable_or_blank<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(match Entry::deserialize(deserializer)? {
        Entry::Readable(value) => value,
        Entry::Unreadable(IgnoredAny) => T::default(),
    })
}

/// An RFC 3339 time, converted to UTC. A time that can't be converted is refused, because it could not be compared or
/// shown.
pub(super) fn needed_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OffsetDateTime, D::Error> {
    let text: String = needed(deserializer)?;
    time(&text).ok_or_else(|| D::Error::custom("not a time"))
}

fn time(text: &str) -> Option<OffsetDateTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    time.checked_to_offset(UtcOffset::UTC)
}

/// An RFC 3339 time that may be missing.
pub(super) fn time_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    let text: String = or_default(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let time = time(&text);
    time.map(Some).ok_or_else(|| D::Error::custom("not a time"))
}

/// The usable entries of a list, which may be `null`. Others are left out: one broken entry must not hide the rest.
pub(super) fn usable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    entries(deserializer).map(|(usable, _)| usable)
}

/// The same as [`usable`], but a list that has entries must have a usable one. Otherwise, it would look empty.
pub(super) fn usable_if_any<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    match entries(deserializer)? {
        (usable, sent) if usable.is_empty() && sent > 0 => Err(D::Error::custom(EMPTY)),
        (usable, _) => Ok(usable),
    }
}

/// As [`usable`], for a list that must have a usable entry.
pub(super) fn at_least_one<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    match entries(deserializer)? {
        (usable, _) if usable.is_empty() => Err(D::Error::custom(EMPTY)),
        (usable, _) => Ok(usable),
    }
}

pub(super) const EMPTY: &str = "an empty value where the next step needs one";

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry<T> {
    Readable(T),
    Unreadable(IgnoredAny),
}

/// The usable entries, and how many entries were sent.
fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de> + Blank>(
    deserializer: D,
) -> Result<(Vec<T>, usize), D::Error> {
    let sent = Option::<Vec<Entry<T>>>::deserialize(deserializer)?.unwrap_or_default();
    let count = sent.len();
    let usable = sent.into_iter().filter_map(|entry| match entry {
        Entry::Readable(value) => (!value.is_blank()).then_some(value),
        Entry::Unreadable(IgnoredAny) => None,
    });
    Ok((usable.collect(), count))
}
