//! A text in little memory, for the store in memory.
//!
//! A member's record is JSON, in which the names of fields take as much memory as all values except for the tokens.
//! They are the same in every record, so a record needs only their places.

/// Parts of a member's record, in its order. A part that a record lacks costs a byte.
const PHRASES: [&str; 27] = [
    r#"{"sign_in":{"Member":{"session_token":""#,
    r#"","session_jwt":""#,
    r#"","jwt_until":"#,
    r#","organization":{"organization_id":"organization-"#,
    r#"","organization_name":""#,
    r#"","organization_slug":""#,
    r#""},"member":{"member_id":"member-"#,
    r#"","email_address":""#,
    r#"","name":""#,
    r#"","status":"active","roles":["stytch_member""#,
    r#"]},"member_session_id":"member-session-"#,
    r#"","started_at":"#,
    r#","since":"#,
    r#","factors":[{"type":""#,
    r#"","delivery_method":""#,
    r#"","last_authenticated_at":""#,
    r#""}],"jit":{"rule":""#,
    r#"","domains":[""#,
    r#""]},"provider_tokens":"#,
    r#"{"provider_type":""#,
    r#"","access":""#,
    r#"","refresh":""#,
    r#"","identity":""#,
    r#"","expires_at":"#,
    r#","scopes":[""#,
    r#","until":"#,
    r#"}},"last_token":""#,
];

/// Added to the number of phrases, which is below 64. No UTF-8 text begins with such a byte, so a text without phrases is
/// stored as it is.
const HAS_PHRASES: u8 = 0x80;

/// Stands for a phrase that the text lacks, instead of the length of the text before it.
const ABSENT: u8 = 0xFF;

/// Followed by the length of the text before a phrase in two bytes, if it does not fit in one.
const LONG: u8 = 0xFE;

/// A text without its phrases: a byte with their number, then for each phrase the length of the text before it, and that
/// text.
#[derive(Clone)]
pub(super) struct CompactText {
    /// Most of the bytes, in a size that mimalloc has: it rounds sizes up to a quarter of a power of two.
    first: Box<[u8]>,
    rest: Box<[u8]>,
}

impl CompactText {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        let (mut number, mut rest) = (0, text);
        for (at, phrase) in (0_u8..).zip(PHRASES) {
            if let Some((before, after)) = rest.split_once(phrase)
                && let Ok(length) = u16::try_from(before.len())
            {
                let absent = usize::from(at - number);
                bytes.resize(bytes.len() + absent, ABSENT);
                if let Ok(length @ ..LONG) = u8::try_from(length) {
                    bytes.push(length);
                } else {
                    bytes.push(LONG);
                    bytes.extend(length.to_be_bytes());
                }
                bytes.extend_from_slice(before.as_bytes());
                (number, rest) = (at + 1, after);
            }
        }
        if number > 0 {
            bytes.insert(0, HAS_PHRASES + number);
        }
        bytes.extend_from_slice(rest.as_bytes());
        let (first, rest) = bytes.split_at(without_loss(bytes.len()));
        let [first, rest] = [first, rest].map(Box::from);
        Self { first, rest }
    }

    /// The text as it was.
    pub(super) fn text(&self) -> String {
        let bytes = [&*self.first, &*self.rest].concat();
        let (number, mut left) = match bytes.split_first() {
            Some((number @ HAS_PHRASES..0xC0, left)) => (number - HAS_PHRASES, left),
            _ => (0, &*bytes),
        };
        let phrases: usize = PHRASES.iter().map(|phrase| phrase.len()).sum();
        let mut text = Vec::with_capacity(left.len() + phrases);
        for phrase in &PHRASES[..number.into()] {
            let length = match take(&mut left) {
                ABSENT => continue,
                LONG => u16::from_be_bytes([take(&mut left), take(&mut left)]),
                length => length.into(),
            };
            let (before, after) = left.split_at(length.into());
            text.extend_from_slice(before);
            text.extend_from_slice(phrase.as_bytes());
            left = after;
        }
        text.extend_from_slice(left);
        String::from_utf8(text).expect("UTF-8")
    }

    /// Size in bytes.
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }
}

fn take(bytes: &mut &[u8]) -> u8 {
    *bytes.split_off_first().expect("a length")
}

/// The largest size of mimalloc's that is at most this one.
fn without_loss(size: usize) -> usize {
    let quarter = size.checked_ilog2().map_or(1, |log| (1_usize << log) / 4);
    size - size % quarter.max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sign_in::SessionData;

    /// Fails if the fields of a member are renamed or reordered, and the phrases are not.
    #[test]
    fn a_members_record_is_made_of_the_phrases() {
        let values = [
            "token",
            "jwt",
            "1",
            "test-1",
            "Acme",
            "acme",
            "test-2",
            "ada@acme.example",
            "Ada",
            r#","stytch_admin""#,
            "test-3",
            "2",
            "3",
            "oauth",
            "oauth_google",
            "2026-11-27T10:51:38Z",
            "Domains",
            "acme.example",
            "",
            "Google",
            "…1234",
            "…5678",
            "",
            "null",
            r#"openid"]}"#,
            "4",
            r#"hash"}"#,
        ];
        let pairs = PHRASES.into_iter().zip(values);
        let text: String = pairs.flat_map(|(phrase, value)| [phrase, value]).collect();
        let record: SessionData = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
        let compact = 1 + PHRASES.len() + values.concat().len();
        assert_eq!(CompactText::new(&text).len(), compact);
    }

    #[test]
    fn phrases_take_a_byte() {
        let phrases = PHRASES.concat();
        assert!(phrases.len() > 400);
        assert_eq!(CompactText::new(&phrases).len(), 1 + PHRASES.len());
        assert_eq!(CompactText::new(&phrases).text(), phrases);
        assert_eq!(CompactText::new("{}").len(), 2);
    }

    #[test]
    fn a_phrase_can_be_far_from_the_last_one() {
        for length in [253, 254, 255, 256, 65_534, 65_535, 65_536] {
            let text = "ü".repeat(length / 2) + &"u".repeat(length % 2) + PHRASES[3] + PHRASES[5];
            assert_eq!(CompactText::new(&text).text(), text);
        }
    }

    proptest! {
        /// Phrases in any order and number, and any text between them.
        #[test]
        fn every_text_comes_back(
            parts in prop::collection::vec(("\\PC{0,9}", prop::sample::select(&PHRASES[..])), 0..9),
            last in "\\PC{0,9}",
        ) {
            let text: String = parts.into_iter().map(|(before, phrase)| before + phrase).collect();
            let text = text + &last;
            prop_assert_eq!(CompactText::new(&text).text(), text);
        }
    }
}
