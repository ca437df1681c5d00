//! A text in little memory, for the store in memory.
//!
//! A member's record is JSON, in which the names of fields take as much memory as all values except for the tokens.
//! They are the same in every record, so a record needs only their places.

/// Parts of a member's record, in its order. A part that a record lacks costs two bytes.
const PHRASES: [&str; 27] = [
    r#"{"sign_in":{"Member":{"session_token":""#,
    r#"","session_jwt":""#,
    r#"","jwt_until":"#,
    r#","organization":{"organization_id":""#,
    r#"","organization_name":""#,
    r#"","organization_slug":""#,
    r#""},"member":{"member_id":""#,
    r#"","email_address":""#,
    r#"","name":""#,
    r#"","status":"active","roles":["stytch_member""#,
    r#"]},"member_session_id":""#,
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

/// Place of a phrase that the text lacks.
const ABSENT: u16 = u16::MAX;

/// Added to the number of phrases, which is below 64. No UTF-8 text begins with such a byte, so a text without phrases is
/// stored as it is.
const HAS_PHRASES: u8 = 0x80;

/// A text without its phrases: a byte with their number, the length of the text before each phrase in two bytes, and the
/// text between them.
pub(super) struct CompactText {
    /// Most of the bytes, in a size that mimalloc has: it rounds sizes up to a quarter of a power of two.
    first: Box<[u8]>,
    rest: Box<[u8]>,
}

impl CompactText {
    pub(super) fn new(text: &str) -> Self {
        let mut lengths = [ABSENT; PHRASES.len()];
        let (mut others, mut rest) = (String::with_capacity(text.len()), text);
        for (length, phrase) in lengths.iter_mut().zip(PHRASES) {
            if let Some((before, after)) = rest.split_once(phrase)
                && before.len() < usize::from(ABSENT)
            {
                *length = u16::try_from(before.len()).unwrap_or(ABSENT);
                others.push_str(before);
                rest = after;
            }
        }
        others.push_str(rest);
        let mut bytes = Vec::with_capacity(1 + 2 * PHRASES.len() + others.len());
        if let Some(last) = lengths.iter().rposition(|length| *length != ABSENT) {
            let lengths = &lengths[..=last];
            bytes.extend(u8::try_from(lengths.len()).map(|number| HAS_PHRASES + number));
            bytes.extend(lengths.iter().flat_map(|length| length.to_be_bytes()));
        }
        bytes.extend_from_slice(others.as_bytes());
        let (first, rest) = bytes.split_at(without_loss(bytes.len()));
        let [first, rest] = [first, rest].map(Box::from);
        Self { first, rest }
    }

    /// The text as it was.
    pub(super) fn text(&self) -> String {
        let bytes = [&*self.first, &*self.rest].concat();
        let (lengths, others) = match bytes.split_first() {
            Some((number @ HAS_PHRASES..0xC0, after)) => {
                after.split_at(2 * usize::from(number - HAS_PHRASES))
            }
            _ => (&[][..], &*bytes),
        };
        let mut others = std::str::from_utf8(others).expect("UTF-8");
        let phrases: usize = PHRASES.iter().map(|phrase| phrase.len()).sum();
        let mut text = String::with_capacity(others.len() + phrases);
        for (length, phrase) in lengths.chunks_exact(2).zip(PHRASES) {
            let length = u16::from_be_bytes([length[0], length[1]]);
            if length == ABSENT {
                continue;
            }
            let (before, after) = others.split_at(length.into());
            text.push_str(before);
            text.push_str(phrase);
            others = after;
        }
        text.push_str(others);
        text
    }

    /// Size in bytes.
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
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
            "organization-test-1",
            "Acme",
            "acme",
            "member-test-1",
            "ada@acme.example",
            "Ada",
            r#","stytch_admin""#,
            "member-session-test-1",
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
        let compact = 1 + 2 * PHRASES.len() + values.concat().len();
        assert_eq!(CompactText::new(&text).len(), compact);
    }

    #[test]
    fn phrases_take_two_bytes() {
        let phrases = PHRASES.concat();
        assert!(phrases.len() > 400);
        assert_eq!(CompactText::new(&phrases).len(), 1 + 2 * PHRASES.len());
        assert_eq!(CompactText::new(&phrases).text(), phrases);
        assert_eq!(CompactText::new("").len(), 0);
        assert_eq!(CompactText::new("").text(), "");
    }

    #[test]
    fn a_phrase_can_be_far_from_the_last_one() {
        for length in usize::from(ABSENT) - 2..usize::from(ABSENT) + 3 {
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
