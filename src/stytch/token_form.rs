//! What a token looks like: long, and a mixture of letters and digits, or of capital and small letters.

/// Shortest text that can look like a token, in bytes. Tokens have 128 random bits or more, which is 22 characters of
/// base64.
const SHORTEST_TOKEN: usize = 20;

/// Whether a part of this word looks like a token. The vendor's identifiers don't.
pub(super) fn holds_token(word: &str) -> bool {
    word.split(|c| !is_of_token(c)).any(looks_like_token)
}

/// Base64 in both alphabets, hexadecimal, and what is left of them after percent-encoding.
fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_+=~%".contains(c)
}

fn looks_like_token(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    let (upper, lower) = (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
    let is_mixed = (upper && lower) || ((upper || lower) && has(u8::is_ascii_digit));
    text.len() >= SHORTEST_TOKEN && is_mixed && !is_identifier(text)
}

/// Whether this is one of the vendor's identifiers: words and a UUID, such as `member-test-…`. This does not include
/// the project's secret and tokens of a similar form.
fn is_identifier(text: &str) -> bool {
    const UUID: usize = 36;
    let Some((words, uuid)) = text
        .len()
        .checked_sub(UUID)
        .and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let Some(words) = words.strip_suffix('-') else {
        return false;
    };
    let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
    words
        .split(['-', '_'])
        .all(|word| is_word(word) && !["secret", "token"].contains(&word))
        && groups == [8, 4, 4, 4, 12]
        && uuid
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
