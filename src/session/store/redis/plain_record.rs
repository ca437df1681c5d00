//! The unencrypted form of a session record: its expiry and its other entries as JSON, followed by the session data. The
//! session data is itself JSON. Nesting it as a string would require escaping, which costs more time than the decryption.

use std::collections::HashMap;

use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::session::store::{DATA, session_data};

/// The record without its id.
pub(super) fn write(record: &Record) -> Result<Vec<u8>> {
    let (text, others) = session_data(record);
    let mut plain = serde_json::to_vec(&(record.expiry_date, others))
        .map_err(|error| Error::Encode(error.to_string()))?;
    plain.extend_from_slice(text.as_bytes());
    Ok(plain)
}

/// Reads what [`write`] wrote, for this id.
pub(super) fn read(id: Id, plain: &[u8]) -> Option<Record> {
    let mut values = serde_json::Deserializer::from_slice(plain).into_iter();
    let (expiry_date, mut data): (OffsetDateTime, HashMap<String, Value>) = values.next()?.ok()?;
    let text = str::from_utf8(&plain[values.byte_offset()..]).ok()?;
    if !text.is_empty() {
        data.insert(DATA.to_owned(), Value::from(text));
    }
    Some(Record {
        id,
        data,
        expiry_date,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(data: &Value) -> Record {
        Record {
            id: Id(1),
            data: serde_json::from_value(data.clone()).unwrap(),
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        for data in [
            json!({}),
            json!({ "of_the_host": [1] }),
            json!({ DATA: "{\"a\":\"\u{fffd}\"}", "rank": "member", "of_the_host": "[1]" }),
            json!({ DATA: { "no": "text" } }),
        ] {
            let before = stored(&data);
            let plain = write(&before).unwrap();
            assert_eq!(read(Id(1), &plain), Some(before), "{data}");
            // With a byte missing or added, the same record is never read.
            assert_ne!(read(Id(1), &plain[..plain.len() - 1]), Some(stored(&data)));
            let longer = [&plain[..], &[0xFF]].concat();
            assert_eq!(read(Id(1), &longer), None, "{data}: not UTF-8");
        }
    }

    #[test]
    fn records_of_earlier_versions_are_read() {
        let data = json!({ DATA: "{}", "rank": "member" });
        let earlier = serde_json::to_vec(&(OffsetDateTime::UNIX_EPOCH, &data)).unwrap();
        assert_eq!(read(Id(1), &earlier), Some(stored(&data)));
    }
}
