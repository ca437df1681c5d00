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

/// Stands for a phrase that the text lacks, instead of the length of the text before it.
const ABSENT: u8 = 0xFF;

/// Followed by the length of the text before a phrase in two bytes, if it does not fit in one.
const LONG: u8 = 0xFE;

/// A text without its phrases.
#[derive(Clone)]
pub(super) struct CompactText {
    /// Most of the text, in a size that mimalloc has: it rounds sizes up to a quarter of a power of two.
    first: Box<str>,
    /// A byte with the number of phrases, a byte with the size of the lengths, for each phrase the length of the text
    /// before it, and the rest of the text.
    rest: Box<[u8]>,
}

impl CompactText {
    pub(super) fn new(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len());
        let mut lengths = Vec::new();
        let (mut number, mut left) = (0, text);
        for (at, phrase) in (0_u8..).zip(PHRASES) {
            if let Some((before, after)) = left.split_once(phrase)
                && let Ok(length) = u16::try_from(before.len())
            {
                let absent = usize::from(at - number);
                lengths.resize(lengths.len() + absent, ABSENT);
                if let Ok(length @ ..LONG) = u8::try_from(length) {
                    lengths.push(length);
                } else {
                    lengths.push(LONG);
                    lengths.extend(length.to_be_bytes());
                }
                plain.push_str(before);
                (number, left) = (at + 1, after);
            }
        }
        plain.push_str(left);
        let (first, rest) = plain.split_at(plain.floor_char_boundary(without_loss(plain.len())));
        let size = u8::try_from(lengths.len()).expect("three bytes for a phrase at most");
        let rest = [&[number, size], &*lengths, rest.as_bytes()].concat();
        Self {
            first: first.into(),
            rest: rest.into(),
        }
    }

    /// The text as it was.
    pub(super) fn text(&self) -> String {
        let (sizes, rest) = self.rest.split_at(2);
        let [number, size] = [sizes[0], sizes[1]].map(usize::from);
        let (mut lengths, rest) = rest.split_at(size);
        let mut left = [&*self.first, str::from_utf8(rest).expect("UTF-8")];
        let phrases: usize = PHRASES.iter().map(|phrase| phrase.len()).sum();
        let mut text = String::with_capacity(self.len() + phrases);
        for phrase in &PHRASES[..number] {
            let length = match take(&mut lengths) {
                ABSENT => continue,
                LONG => u16::from_be_bytes([take(&mut lengths), take(&mut lengths)]),
                length => length.into(),
            };
            move_text(&mut left, length.into(), &mut text);
            text.push_str(phrase);
        }
        text.extend(left);
        text
    }

    /// Size in bytes.
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }
}

fn take(bytes: &mut &[u8]) -> u8 {
    *bytes.split_off_first().expect("a length")
}

/// Moves the next `length` bytes of the parts to the end of the text.
fn move_text(parts: &mut [&str; 2], mut length: usize, text: &mut String) {
    for part in parts {
        let (now, later) = part.split_at(length.min(part.len()));
        text.push_str(now);
        length -= now.len();
        *part = later;
    }
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
        let compact = 2 + PHRASES.len() + values.concat().len();
        assert_eq!(CompactText::new(&text).len(), compact);
    }

    #[test]
    fn phrases_take_a_byte() {
        let phrases = PHRASES.concat();
        assert!(phrases.len() > 400);
        assert_eq!(CompactText::new(&phrases).len(), 2 + PHRASES.len());
        assert_eq!(CompactText::new(&phrases).text(), phrases);
        assert_eq!(CompactText::new("{}").len(), 2 + 2);
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
