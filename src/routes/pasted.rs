//! Cleans up codes and phone numbers that people type or paste.

/// Longest code or phone number that is sent to Stytch, in bytes. Stytch's recovery codes have 14.
const LONGEST: usize = 64;

/// Whether to send the value to Stytch: it is not empty after cleaning, and not longer than 64 bytes. Stytch treats an
/// empty code as a mistake in our request.
pub fn is_plausible(cleaned: &str) -> bool {
    (1..=LONGEST).contains(&cleaned.len())
}

/// A code of six digits: without spaces, hyphens and invisible characters, in ASCII digits. `123-456` → `123456`.
/// Other characters stay, so that Stytch refuses the code.
pub fn code(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_separator(*c) && !is_hyphen(*c));
    kept.map(ascii_digit).collect()
}

/// A recovery code, whose hyphens belong to it: without spaces and invisible characters, with plain hyphens.
pub fn recovery_code(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_separator(*c));
    kept.map(|c| if is_hyphen(c) { '-' } else { c }).collect()
}

/// A phone number in E.164: `+49 (0)151 23456789` → `+4915123456789`. The `(0)` is dialed only within the country. `00`
/// is the prefix that the ITU recommends for `+`.
pub fn e164(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_separator(*c) && !is_hyphen(*c));
    let kept: String = kept.map(ascii_digit).collect();
    let number = kept.strip_prefix("tel:").unwrap_or(&kept);
    let (plus, number) = match number.strip_prefix('+').or(number.strip_prefix("00")) {
        Some(number) => ("+", number.replacen("(0)", "", 1)),
        None => ("", number.to_owned()),
    };
    let digits = number.chars().filter(|c| !"()./".contains(*c));
    plus.chars().chain(digits).collect()
}

/// White space, and invisible characters that are copied with the text: zero-width characters and direction marks.
fn is_separator(c: char) -> bool {
    let is_invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || is_invisible
}

/// Hyphen-minus, the typographic hyphens and dashes, the minus sign, and the full-width hyphen.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}')
}

/// Digits of keyboards that don't type ASCII ones: full-width, Arabic and Persian. The full-width plus sign too.
fn ascii_digit(c: char) -> char {
    let zero = match c {
        '\u{ff0b}' => return '+',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        _ => return c,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}
