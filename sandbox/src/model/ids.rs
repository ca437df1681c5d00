//! Ids and tokens in the vendor's formats. See `docs/stytch.md#ids-tokens-and-lifetimes`.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::rand::{SecureRandom as _, SystemRandom};

/// A new id, `{kind}-test-<uuid>`, for example `organization-test-…`.
pub fn mint(kind: &str) -> String {
    format!("{kind}-test-{}", uuid::Uuid::new_v4())
}

/// A new token: 33 random bytes, as 44 characters of base64url.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<33>())
}

/// A new project secret: `secret-test-<base64url, '=' kept>`.
pub fn secret() -> String {
    format!(
        "secret-test-{}",
        base64::engine::general_purpose::URL_SAFE.encode(random::<32>())
    )
}

/// Four random hexadecimal digits, which make a generated slug unique.
pub fn four_hex() -> String {
    let [a, b] = random::<2>();
    format!("{a:02x}{b:02x}")
}

/// Whether the text has the format of a session token or an intermediate session token. This decides between the errors
/// "malformed" and "not found".
pub fn is_token(text: &str) -> bool {
    text.len() == 44
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
}

/// Whether the text is `{kind}-test-<lowercase uuid>`.
pub fn is_id(kind: &str, text: &str) -> bool {
    text.strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix("-test-"))
        .is_some_and(|uuid| {
            uuid.len() == 36
                && uuid::Uuid::try_parse(uuid).is_ok()
                && uuid.bytes().all(|byte| !byte.is_ascii_uppercase())
        })
}

/// Splits the credentials of an `Authorization: Basic` header's value into user and password.
pub fn basic(encoded: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = plain.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Six random digits.
pub fn six_digits() -> String {
    format!("{:06}", u32::from_le_bytes(random()) % 1_000_000)
}

/// `N` random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system provides randomness");
    bytes
}

/// A new id of a webhook's message in Svix's format: `msg_` and 27 letters and digits.
pub fn message() -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let characters = random::<27>().map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]);
    format!(
        "msg_{}",
        characters.map(char::from).iter().collect::<String>()
    )
}
