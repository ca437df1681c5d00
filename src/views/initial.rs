//! An organization's picture on a page: the first letter of its name, in a color that follows from the name.

use std::fmt::Display;

use unicode_segmentation::UnicodeSegmentation;

use super::names::is_disruptive;

/// Colors in the stylesheet: `.hue0` is the default, and `.hue1` to `.hue5` follow.
const HUES: u32 = 6;

/// Longest character that is drawn, in code points. A family of four has seven; a letter can carry any number of marks,
/// which would be drawn over the rows around it.
const LONGEST: usize = 8;

/// The first letter or digit of a name as a capital, or else its first character, as a reader sees it: an emoji of
/// several code points stays whole. Empty for a name without any.
pub fn of(name: impl Display) -> String {
    let name = name.to_string();
    let name: String = name.chars().filter(|c| !is_disruptive(*c)).collect();
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

/// Number of the color, from 0 to 5. The same name always has the same one.
pub fn hue(name: impl Display) -> u32 {
    let name = name.to_string();
    name.bytes()
        .fold(7, |sum, byte| sum * 31 % 1009 + u32::from(byte))
        % HUES
}
