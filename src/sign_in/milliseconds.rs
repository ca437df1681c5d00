//! A time in JSON, as milliseconds since 1970. `time`'s module of the same name reads 128 bits, which takes `serde_json`
//! several times as long.

use serde::{Deserialize, Deserializer, Serializer, de::Error, ser};
use time::{Duration, OffsetDateTime};

pub(super) fn serialize<S: Serializer>(
    at: &OffsetDateTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let milliseconds = (*at - OffsetDateTime::UNIX_EPOCH).whole_milliseconds();
    let milliseconds = i64::try_from(milliseconds).map_err(ser::Error::custom)?;
    serializer.serialize_i64(milliseconds)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OffsetDateTime, D::Error> {
    let milliseconds = i64::deserialize(deserializer)?;
    let since = Duration::milliseconds(milliseconds);
    let at = OffsetDateTime::UNIX_EPOCH.checked_add(since);
    at.ok_or_else(|| D::Error::custom("a time that no calendar has"))
}
