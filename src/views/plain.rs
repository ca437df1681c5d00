//! Which texts are the same in HTML. Most names are, and checking that is cheaper than escaping them.

/// Whether the text needs no change in HTML: it is printable ASCII without characters that have a meaning there.
pub(super) fn is_plain(text: &str) -> bool {
    let has_meaning = |byte| matches!(byte, b'"' | b'&' | b'\'' | b'<' | b'>');
    all_bytes(text, |byte| is_printable(byte) && !has_meaning(byte))
}

/// Whether the character is visible, or a space, and is written from left to right or has no direction.
pub(super) fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Looks at every byte, even after one without the property: the compiler then looks at many at once.
pub(super) fn all_bytes(text: &str, has_property: impl Fn(u8) -> bool) -> bool {
    text.bytes()
        .fold(true, |all, byte| all & has_property(byte))
}
