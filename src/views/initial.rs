//! The picture of an organization on a page: the first letter of its name, in a color derived from the name.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::names::is_disruptive;

/// Number of colors in the stylesheet: `.hue0` (the default) to `.hue5`.
const HUES: u32 = 6;

/// Maximum length of a character that is drawn completely, in code points. An emoji of a family of four has seven. A
/// letter can have any number of combining marks, which would cover the rows around it.
const LONGEST: usize = 8;

/// The first letter or digit of a name, in upper case, or else its first character. An emoji of several code points
/// stays whole. Empty if the name has no visible character.
pub fn of(name: impl AsRef<str>) -> String {
    let mut name = Cow::from(name.as_ref());
    if name.contains(is_disruptive) {
        name = name.replace(is_disruptive, "").into();
    }
    let mut characters = name.graphemes(true).filter(|it| !it.trim().is_empty());
    let first = characters.clone().next();
    let letter = characters.find(|it| it.starts_with(char::is_alphanumeric));
    let Some(initial) = letter.or(first) else {
        return String::new();
    };
    if initial.chars().nth(LONGEST).is_some() {
        return initial
            .chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .collect();
    }
    initial.to_uppercase()
}

/// Number of the color, from 0 to 5. The same name always gets the same color.
pub fn hue(name: impl AsRef<str>) -> u32 {
    name.as_ref()
        .bytes()
        .fold(7, |sum, byte| sum * 31 % 1009 + u32::from(byte))
        % HUES
}
