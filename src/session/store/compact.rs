//! A text in little memory, for the store in memory.
//!
//! Two thirds of a member's record are the session JWT, which is base64: four characters for three bytes. Long runs of
//! base64 are stored as these bytes, and become the same characters again when the text is read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Marks a decoded run: its length in two bytes follows, then its bytes. No UTF-8 text contains this byte.
const RUN: u8 = 0xFF;

/// Shortest run that is decoded, in characters. Decoding a shorter one, such as a word, saves next to nothing.
const SHORTEST_RUN: usize = 64;

/// Longest run with one mark, in characters. The length of its bytes fits in the mark.
const LONGEST_RUN: usize = 64 * 1024;

/// A text as literal parts and decoded runs.
pub(super) struct CompactText {
    /// Most of the bytes, in a size that mimalloc has: it rounds sizes up to a quarter of a power of two.
    first: Box<[u8]>,
    rest: Box<[u8]>,
}

impl CompactText {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        let parts = text.as_bytes();
        for part in parts.chunk_by(|one, next| is_base64(*one) == is_base64(*next)) {
            // Four characters are 24 bits, so any four of them decode, and only to what encodes to them.
            let in_fours = match part {
                [first, ..] if is_base64(*first) && part.len() >= SHORTEST_RUN => {
                    part.len() / 4 * 4
                }
                _ => 0,
            };
            let (run, literal) = part.split_at(in_fours);
            for run in run.chunks(LONGEST_RUN) {
                push_run(&mut bytes, run);
            }
            bytes.extend_from_slice(literal);
        }
        let (first, rest) = bytes.split_at(without_loss(bytes.len()));
        let [first, rest] = [first, rest].map(Box::from);
        Self { first, rest }
    }

    /// The text as it was.
    pub(super) fn text(&self) -> String {
        let bytes = [&*self.first, &*self.rest].concat();
        let mut text = String::with_capacity(bytes.len() * 4 / 3);
        let mut left = bytes.as_slice();
        while let Some(mark) = left.iter().position(|byte| *byte == RUN) {
            push_literal(&mut text, &left[..mark]);
            let length = usize::from(u16::from_be_bytes([left[mark + 1], left[mark + 2]]));
            let (run, after) = left[mark + 3..].split_at(length);
            URL_SAFE_NO_PAD.encode_string(run, &mut text);
            left = after;
        }
        push_literal(&mut text, left);
        text
    }

    /// Size in bytes.
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn push_run(bytes: &mut Vec<u8>, run: &[u8]) {
    let decoded = URL_SAFE_NO_PAD.decode(run).expect("base64 in fours");
    let length = u16::try_from(decoded.len()).expect("a run of at most 48 KiB");
    bytes.push(RUN);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&decoded);
}

fn push_literal(text: &mut String, literal: &[u8]) {
    // The bytes between two runs are whole characters: a run has only ASCII.
    text.push_str(std::str::from_utf8(literal).expect("UTF-8"));
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

    #[test]
    fn a_session_jwt_takes_three_quarters_of_its_length() {
        let segment = URL_SAFE_NO_PAD.encode([7; 900]);
        let jwt = format!("{segment}.{segment}");
        assert!(CompactText::new(&jwt).len() <= jwt.len() * 3 / 4 + 8);
        assert_eq!(CompactText::new(&jwt).text(), jwt);
    }

    #[test]
    fn runs_longer_than_one_mark_are_split() {
        for more in 0..5 {
            let text = "Zz".repeat(LONGEST_RUN) + &"_".repeat(more);
            assert_eq!(CompactText::new(&text).text(), text);
        }
    }

    proptest! {
        /// Also runs whose last character has bits that no encoder would set, and characters beside them that are
        /// not ASCII.
        #[test]
        fn every_text_comes_back(parts in prop::collection::vec("[a-zA-Z0-9_-]{0,200}|\\PC{0,9}", 0..9)) {
            let text = parts.concat();
            prop_assert_eq!(CompactText::new(&text).text(), text);
        }
    }
}
