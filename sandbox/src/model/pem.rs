//! PEM (RFC 7468).

/// The base64 between the first and the last line of a PEM block with this label, without whitespace. `None` if the text
/// is anything else.
pub fn body(pem: &str, label: &str) -> Option<String> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let inside = pem.trim().strip_prefix(&begin)?.strip_suffix(&end)?;
    Some(inside.split_whitespace().collect())
}
