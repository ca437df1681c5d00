//! A time in JSON, as milliseconds since 1970. `time`'s module of the same name reads 128 bits, which takes `serde_json`
//! several times as long.

use serde::{Deserialize, Deserializer, Serializer, de::Error, ser};
use time::OffsetDateTime;

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
    let (seconds, rest) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(D::Error::custom)?;
    let rest = u16::try_from(rest).map_err(D::Error::custom)?;
    at.replace_millisecond(rest).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, Deserialize)]
    struct At(#[serde(with = "super")] OffsetDateTime);

    /// Records that were written with `time`'s module can be read, and the reverse.
    #[test]
    fn times_are_whole_milliseconds() {
        for text in ["0", "-1", "1795783898123", "-62135596800001"] {
            let At(at) = serde_json::from_str(text).unwrap();
            assert_eq!(at.unix_timestamp_nanos() / 1_000_000, text.parse().unwrap());
            assert_eq!(serde_json::to_string(&At(at)).unwrap(), text);
        }
        for text in ["9223372036854775807", "-9223372036854775808", "1.5", "null"] {
            assert!(serde_json::from_str::<At>(text).is_err(), "{text}");
        }
    }
}
