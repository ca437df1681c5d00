//! The mistakes in a seed.

use std::fmt;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line in the file, from 1; `None` for a seed that was sent over HTTP.
    pub line: Option<usize>,
    /// Path of the field, such as `organizations[2].slug`.
    pub field: String,
    /// What was expected.
    pub expected: String,
}

/// All mistakes of a seed, at least one, sorted by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedMistakes(Vec<Mistake>);

impl SeedMistakes {
    pub(super) fn one(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }

    /// `None` if there are no mistakes.
    pub(super) fn of(mut mistakes: Vec<Mistake>) -> Option<Self> {
        mistakes.sort_by_key(|mistake| mistake.line);
        (!mistakes.is_empty()).then_some(Self(mistakes))
    }

    /// The first mistake.
    pub fn first(&self) -> &Mistake {
        &self.0[0]
    }

    /// All mistakes.
    pub fn all(&self) -> &[Mistake] {
        &self.0
    }
}

impl fmt::Display for SeedMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if let Some(line) = mistake.line {
                write!(f, "line {line}: ")?;
            }
            write!(f, "{} must be {}", mistake.field, mistake.expected)?;
        }
        Ok(())
    }
}

impl std::error::Error for SeedMistakes {}
